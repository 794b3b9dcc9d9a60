// What stands around the grid: keys as buttons, what waits, the last decisions.
import { GLYPHS, WORDS, absolute, element } from './patch_cells.js';

const BUTTONS = [
  ['p', 'positive'], ['n', 'negative'], ['s', 'skip'], ['u', 'undo'],
  [' ', 'large view'], ['?', 'help'],
];
export const REMEMBERED = 10;

/** The bar above the grid; `press` is told the key of a button. */
export function labelBar(press) {
  const bar = element('div', 'bar');
  const keys = element('div', 'keys');
  keys.setAttribute('role', 'toolbar');
  keys.setAttribute('aria-label', 'Label the current patch');
  for (const [key, word] of BUTTONS) keys.append(keyButton(key, word, press));
  const count = element('span', 'count');
  const badge = element('span', 'waiting');
  badge.hidden = true;
  const next = keyButton('Enter', 'next batch', press);
  next.classList.add('next');
  bar.append(keys, badge, count, next);
  return {
    element: bar,
    showCount(number, labelled, total) {
      count.textContent = total ? `Batch ${number}: ${labelled} of ${total}` : '';
      next.classList.toggle('due', total > 0 && labelled === total);
    },
    /** How many events wait, and why where the server cannot be reached. */
    showWaiting(size, trouble) {
      badge.hidden = !size;
      badge.classList.toggle('lost', Boolean(trouble));
      const what = size === 1 ? '1 label' : `${size} labels`;
      badge.textContent = trouble ? `⚠ ${what} waiting` : `↑ ${what}`;
      badge.title = trouble
        ? 'The service does not answer. They are kept in this browser and sent again.'
        : 'On the way to the service';
    },
    setBusy(busy) { next.disabled = busy; },
  };
}

function keyButton(key, word, press) {
  const button = element('button');
  button.type = 'button';
  button.append(element('kbd', '', key === ' ' ? 'Space' : key), ` ${word}`);
  button.addEventListener('click', () => press(key));
  return button;
}

/** The strip of the last decisions; `undo` is told the identity of one. */
export function labelHistory(thumbnail, undo) {
  const strip = element('div', 'history');
  const list = element('ol');
  strip.append(element('h2', '', 'Last decisions'), list);
  return {
    element: strip,
    show(recent) {
      strip.hidden = !recent.length;
      list.replaceChildren(...recent.map((one) => historyItem(one, thumbnail, undo)));
    },
  };
}

function historyItem(one, thumbnail, undo) {
  const item = element('li');
  const button = element('button');
  button.type = 'button';
  button.dataset.label = one.action;
  button.dataset.event = one.id;
  const said = WORDS[one.action];
  const picture = element('img');
  picture.alt = '';
  picture.src = absolute(thumbnail(one.patch));
  button.append(picture, element('span', 'glyph', GLYPHS[one.action]));
  if (one.undone) {
    button.disabled = true;
    button.title = `${said}, undone`;
  } else {
    button.append(element('span', 'undo', '↶'));
    button.title = `${said}: click to undo`;
    button.addEventListener('click', () => undo(one.id));
  }
  button.setAttribute('aria-label', one.undone ? `${said}, undone` : `Undo ${said}`);
  item.append(button);
  return item;
}
