// The large view of a patch, and the list of keys.
import { GLYPHS, WORDS, absolute, element, facts } from './patch_cells.js';
import { KEYS } from './label_keys.js';

/** Both dialogs; at most one is open. */
export function patchDialogs() {
  const view = makeDialog('view', 'Patch');
  const picture = element('img');
  picture.alt = 'The patch, enlarged';
  const label = element('p', 'verdict');
  const list = element('dl');
  const about = element('div', 'about');
  about.append(element('h2', '', 'Patch'), label, list);
  about.append(element('p', 'note', 'The keys p, n, s, u and the arrows work here too.'));
  view.append(picture, about, closer(view));

  const help = makeDialog('help', 'Keys');
  help.append(element('h2', '', 'Keys'), keyList(), element(
    'p', 'note', 'A click on a patch makes it positive, a second click negative.',
  ), closer(help));

  return {
    elements: [view, help],
    isOpen: () => view.open,
    close() { view.close(); help.close(); },
    toggleHelp() { toggle(help, view); },
    toggleView() { toggle(view, help); },
    /** Show this patch in the large view, whether or not that is open. */
    fill(patch, said, place, count) {
      picture.src = absolute(patch.thumbnail);
      about.querySelector('h2').textContent = `Patch ${place + 1} of ${count}`;
      label.dataset.label = said;
      label.textContent = said ? `${GLYPHS[said]} ${WORDS[said]}` : 'not labelled yet';
      list.replaceChildren(...facts(patch).flatMap(([name, value]) => [
        element('dt', '', name), element('dd', '', value),
      ]));
    },
  };
}

function makeDialog(name, title) {
  const dialog = element('dialog', name);
  dialog.setAttribute('aria-label', title);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close(); // beside its content
  });
  return dialog;
}

function closer(dialog) {
  const button = element('button', 'close', 'Close');
  button.type = 'button';
  button.addEventListener('click', () => dialog.close());
  return button;
}

function toggle(one, other) {
  other.close();
  if (one.open) one.close();
  else one.showModal();
}

function keyList() {
  const list = element('dl');
  for (const [key, meaning] of KEYS) {
    const name = element('dt');
    name.append(element('kbd', '', key));
    list.append(name, element('dd', '', meaning));
  }
  return list;
}
