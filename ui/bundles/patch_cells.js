// The grid of patches: one cell each, painted by its label, one of them current.
export const WORDS = { positive: 'positive', negative: 'negative', skip: 'skipped' };
export const GLYPHS = { positive: '✓', negative: '✕', skip: '○' };
export const COLUMNS = 6;

/** An element with a class and, where given, a text; never markup. */
export function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function absolute(url) {
  return new URL(url, document.baseURI).href;
}

/** Where a patch lies and what the model says, in words. */
export function facts(patch) {
  const told = [];
  if (patch.probability !== null) {
    told.push(['Model', `positive with probability ${patch.probability.toFixed(2)}`]);
  }
  told.push(
    ['Place', `${degrees(patch.lat, 'N', 'S')}, ${degrees(patch.lon, 'E', 'W')}`],
    ['Scene', patch.scene],
    ['Patch', patch.id],
  );
  return told;
}

function degrees(value, above, below) {
  return `${Math.abs(value).toFixed(5)}° ${value < 0 ? below : above}`;
}

/** The grid; `chosen` is told of a click on a cell. */
export function patchCells(chosen) {
  const grid = element('div', 'cells');
  grid.setAttribute('role', 'grid');
  let cells = [];
  let patches = [];
  let current = 0;

  function makeCell(patch, place) {
    const cell = element('div', 'cell');
    cell.setAttribute('role', 'gridcell');
    cell.tabIndex = -1;
    cell.dataset.patch = patch.id;
    const picture = element('img');
    picture.alt = '';
    picture.draggable = false;
    picture.src = absolute(patch.thumbnail);
    cell.append(picture);
    if (patch.probability !== null) {
      const score = element('span', 'score', patch.probability.toFixed(2));
      score.title = 'Probability of positive, by the model';
      cell.append(score);
    }
    cell.append(element('span', 'label'));
    cell.addEventListener('click', () => chosen(place));
    return cell;
  }

  function paint(place, label) {
    const cell = cells[place];
    const said = WORDS[label] || 'unlabelled';
    cell.dataset.label = label;
    cell.querySelector('.label').textContent = label ? `${GLYPHS[label]} ${said}` : '';
    const score = patches[place].probability;
    const model = score === null ? '' : `, model ${score.toFixed(2)}`;
    cell.setAttribute('aria-label', `Patch ${place + 1} of ${cells.length}: ${said}${model}`);
  }

  function move(to, focus = true) {
    if (!cells.length) return;
    cells[current]?.classList.remove('current');
    if (cells[current]) cells[current].tabIndex = -1;
    current = Math.min(Math.max(0, to), cells.length - 1);
    cells[current].tabIndex = 0;
    cells[current].classList.add('current');
    if (focus) cells[current].focus({ preventScroll: true });
    cells[current].scrollIntoView({ block: 'nearest' });
  }

  return {
    element: grid,
    paint,
    move,
    current: () => current,
    /** Columns as they stand: fewer on a narrow page. */
    columns: () => getComputedStyle(grid).gridTemplateColumns.split(' ').length,
    /** Show other patches; done when their pictures are there. */
    async show(batch, name) {
      patches = batch;
      cells = patches.map(makeCell);
      const rows = [];
      for (let first = 0; first < cells.length; first += COLUMNS) {
        const row = element('div', 'row');
        row.setAttribute('role', 'row');
        row.append(...cells.slice(first, first + COLUMNS));
        rows.push(row);
      }
      grid.replaceChildren(...rows);
      grid.setAttribute('aria-label', name);
      current = 0;
      const pictures = cells.map((cell) => cell.querySelector('img').decode());
      await Promise.allSettled(pictures);
    },
  };
}
