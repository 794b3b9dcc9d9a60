// Keys of the label page: one function a key, none while the user types in a field.
const FIELDS = ['INPUT', 'TEXTAREA', 'SELECT'];
const OWN_ROLES = [
  'combobox', 'listbox', 'option', 'menu', 'menuitem', 'slider', 'spinbutton',
  'textbox', 'searchbox', 'tab', 'radio', 'tree', 'treeitem',
];
const PRESSED = ['Enter', ' '];
const REPEATED = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'];

export const KEYS = [
  ['p', 'positive: the patch shows the category'],
  ['n', 'negative: it does not'],
  ['s', 'skip: cannot be told'],
  ['u', 'undo the last decision'],
  ['← ↑ → ↓', 'move to another patch'],
  ['Enter', 'next batch'],
  ['Space', 'large view of the patch with its facts'],
  ['?', 'this list'],
  ['Esc', 'close the view or the list'],
];

/**
 * Listen to the keys of the whole page; returns what stops it.
 * `actions` holds a function for each key; `own` tells whether an element is ours.
 */
export function listenToKeys(actions, own) {
  function onKey(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = actions[key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.defaultPrevented || event.isComposing) return;
    if (event.repeat && !REPEATED.includes(key)) return;
    if (isBusyElsewhere(event.composedPath(), key, own)) return;
    event.preventDefault();
    action();
  }
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

// Whether what has the focus has its own use for the key.
function isBusyElsewhere(path, key, own) {
  if (FIELDS.includes(path[0].tagName) || path[0].isContentEditable) return true;
  for (const one of path) {
    if (!one.getAttribute) continue;
    if (own(one)) return PRESSED.includes(key) && isButton(path[0]);
    if (OWN_ROLES.includes(one.getAttribute('role'))) return true;
    if (PRESSED.includes(key) && isButton(one)) return true;
  }
  return false;
}

function isButton(one) {
  return ['BUTTON', 'A', 'SUMMARY'].includes(one.tagName)
    || ['button', 'link', 'switch', 'checkbox'].includes(one.getAttribute('role'));
}
