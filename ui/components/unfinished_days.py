"""Which days of a form are half typed; the fields themselves tell of whole ones."""

import param
from panel.custom import JSComponent


class UnfinishedDays(JSComponent):
    """Watches the fields for days in the page's form."""

    names = param.List([], doc="Names of the fields that are typed in part.")

    _esm = """
    export function render({model, el}) {
      el.hidden = true;
      const fields = new Set();
      const half = (field) => {
        const parts = [...field.querySelectorAll('[role="spinbutton"]')];
        const typed = parts.filter((one) => one.hasAttribute('aria-valuenow'));
        return typed.length > 0 && typed.length < parts.length;
      };
      const nameOf = (field) => {
        const label = field.parentElement?.querySelector('label');
        return (label?.textContent || 'the day').trim();
      };
      const tell = () => {
        for (const one of fields) if (!one.isConnected) fields.delete(one);
        const names = [...fields].filter(half).map(nameOf);
        if (names.join() !== model.names.join()) model.names = names;
      };
      // A field follows a key when it is drawn anew; what it shows then counts.
      const watcher = new MutationObserver(tell);
      const look = (event) => {
        const path = event.composedPath();
        const field = path.find(
          (one) => one.classList?.contains('MuiPickersInputBase-root'),
        );
        const ours = path.some((one) => one.classList?.contains('search-form'));
        if (field && ours && !fields.has(field)) {
          fields.add(field);
          watcher.observe(field, { subtree: true, attributeFilter: ['aria-valuenow'] });
        }
        if (fields.size) tell();
      };
      const kinds = ['keyup', 'focusin', 'focusout', 'click'];
      for (const kind of kinds) document.addEventListener(kind, look);
      model.on('remove', () => {
        watcher.disconnect();
        for (const kind of kinds) document.removeEventListener(kind, look);
      });
    }
    """
