// A field that finds places by name while one types: only those that fit come to the browser.
const WAIT_MS = 120;

export function drawPlaceInput({ model, el }) {
  const field = document.createElement('div');
  field.className = 'field';
  const label = document.createElement('label');
  label.htmlFor = 'place';
  label.textContent = model.label;
  const input = document.createElement('input');
  Object.assign(input, { id: 'place', type: 'text', placeholder: model.placeholder, autocomplete: 'off', spellcheck: false });
  for (const [name, value] of Object.entries({
    role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': 'places',
    'aria-description': model.description,
  })) input.setAttribute(name, value);
  const clear = document.createElement('button');
  Object.assign(clear, { type: 'button', textContent: '×', title: 'Clear' });
  clear.setAttribute('aria-label', `Clear ${model.label}`);
  const list = document.createElement('ul');
  list.id = 'places';
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', `Places that fit ${model.label}`);
  const told = document.createElement('p');
  told.setAttribute('role', 'status');
  field.append(label, input, clear, list, told);
  el.append(field);

  let found = [];
  let active = -1;
  let turn = 0;
  let timer = 0;

  // Also what is being asked for opens no list any more.
  function close() {
    clearTimeout(timer);
    turn += 1;
    list.hidden = true;
    told.hidden = true;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function choose(place) {
    input.value = nameOf(place);
    clear.hidden = false;
    close();
    model.text = input.value;
    model.value = place.iri;
  }

  function mark(at) {
    active = at;
    [...list.children].forEach((one, i) => one.setAttribute('aria-selected', String(i === at)));
    if (at < 0) return input.removeAttribute('aria-activedescendant');
    input.setAttribute('aria-activedescendant', list.children[at].id);
    list.children[at].scrollIntoView({ block: 'nearest' });
    return undefined;
  }

  function show(count) {
    list.replaceChildren(...found.map((place, i) => {
      const item = document.createElement('li');
      item.id = `place-${i}`;
      item.setAttribute('role', 'option');
      const name = document.createElement('b');
      name.textContent = nameOf(place);
      const about = document.createElement('span');
      about.textContent = aboutOf(place);
      item.append(name, about);
      item.addEventListener('pointerdown', (event) => { event.preventDefault(); choose(place); });
      return item;
    }));
    list.hidden = !found.length;
    input.setAttribute('aria-expanded', String(found.length > 0));
    told.textContent = !found.length ? 'No place of the base has that name'
      : count > found.length ? `${found.length} of ${count.toLocaleString('en')}; type more of the name` : '';
    told.hidden = !told.textContent;
    mark(-1);
  }

  async function ask() {
    const text = input.value.trim();
    const now = ++turn;
    if (!text) return close();
    const address = new URL(model.address, document.baseURI);
    address.searchParams.set('text', text);
    address.searchParams.set('limit', '8');
    try {
      const answer = await fetch(address);
      const body = await answer.json();
      if (now !== turn) return undefined;
      if (!answer.ok) throw new Error(body.detail || answer.statusText);
      found = body.places;
      show(body.count);
    } catch (error) {
      if (now !== turn) return undefined;
      found = [];
      show(0);
      told.textContent = `Places could not be asked for: ${error.message}`;
    }
    return undefined;
  }

  // Text that was not chosen from the list is asked as it stands: a name or identifier.
  function settle() {
    const text = input.value.trim();
    if (text !== model.text) { model.text = text; model.value = text; }
    close();
  }

  input.addEventListener('input', () => {
    clear.hidden = !input.value;
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener('blur', settle);
  input.addEventListener('keydown', (event) => {
    const open = !list.hidden;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!open) { ask(); return; }
      const step = event.key === 'ArrowDown' ? 1 : -1;
      mark((active + step + found.length + (active < 0 && step < 0 ? 1 : 0)) % found.length);
    } else if (event.key === 'Enter') {
      if (open && active >= 0) { event.preventDefault(); choose(found[active]); } else settle();
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  clear.addEventListener('click', () => {
    input.value = '';
    clear.hidden = true;
    settle();
    input.focus();
  });

  function follow() {
    if (el.getRootNode().activeElement !== input) input.value = model.text;
    clear.hidden = !input.value;
  }
  model.on('text', follow);
  follow();
  close();
}

function nameOf(place) {
  return place.name || place.identifier;
}

function aboutOf(place) {
  const parts = [place.level.replaceAll('-', ' ')];
  if (place.name && place.name !== place.identifier) parts.push(place.identifier);
  if (place.wider) parts.push(`in ${place.wider}`);
  return parts.join(' · ');
}
