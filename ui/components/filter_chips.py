"""What bounds an answer, as chips that are taken away by a click or a key."""

import param
from panel.custom import JSComponent

_STYLE = """
:host { display: block; }
ul { display: flex; flex-wrap: wrap; gap: 6px; list-style: none; }
ul { margin: 0; padding: 0; }
li {
  display: flex; align-items: center; border-radius: 14px; min-height: 27px;
  padding: 0 11px; font: 13px/1.4 Roboto, system-ui, sans-serif; overflow: hidden;
  color: var(--mui-palette-text-primary, #1b1b1b);
  background: var(--mui-palette-action-selected, #e3e6e8);
}
li.free { padding-right: 3px; }
span { overflow-wrap: anywhere; }
button {
  margin-left: 5px; width: 22px; height: 22px; flex: none; border: 0; padding: 0;
  border-radius: 50%; cursor: pointer; font: 17px/1 system-ui, sans-serif;
  color: inherit; background: none;
}
button:hover { background: var(--mui-palette-action-focus, #cfd4d8); }
button:focus-visible {
  outline: 2px solid var(--mui-palette-primary-main, #0b5394); outline-offset: -1px;
}
"""


class FilterChips(JSComponent):
    """One chip a filter; one that can be taken away has a button.

    Delete and Backspace on the button do the same as a click.
    """

    chips = param.List([], item_type=dict, doc="name, text and removable of each.")
    removed = param.String(doc="Name of the filter that was taken away last.")
    removals = param.Integer(0, doc="Counts the filters taken away.")

    _stylesheets = [_STYLE]  # noqa: RUF012
    _esm = """
    export function render({model, el}) {
      const list = document.createElement('ul');
      list.setAttribute('aria-label', 'Active filters');
      el.append(list);
      const remove = (name) => {
        model.removed = name;
        model.removals += 1;
      };
      const show = () => {
        list.replaceChildren(...model.chips.map(({ name, text, removable }) => {
          const chip = document.createElement('li');
          chip.dataset.filter = name;
          const words = document.createElement('span');
          words.textContent = text;
          chip.append(words);
          if (removable) {
            chip.className = 'free';
            const cross = document.createElement('button');
            cross.type = 'button';
            cross.textContent = '\\u00D7';
            cross.setAttribute('aria-label', `Remove filter ${text}`);
            cross.addEventListener('click', () => remove(name));
            cross.addEventListener('keydown', (event) => {
              if (['Delete', 'Backspace'].includes(event.key)) remove(name);
            });
            chip.append(cross);
          }
          return chip;
        }));
      };
      model.on('chips', show);
      show();
    }
    """
