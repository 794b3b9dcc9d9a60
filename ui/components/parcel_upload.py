"""A file that goes from the browser straight to the API."""

import param
from panel.custom import JSComponent

STYLE = """
:host { display: block; --blue: var(--mui-palette-primary-main, #0b5394); }
label {
  display: block; padding: 12px 10px; text-align: center; cursor: pointer;
  border: 2px dashed var(--blue); border-radius: 6px; color: var(--blue);
  font: 500 14.5px/1.4 Roboto, system-ui, sans-serif; overflow-wrap: anywhere;
}
label:hover, label.over { background: var(--mui-palette-action-hover, #eceff1); }
input { position: absolute; opacity: 0; width: 1px; height: 1px; }
input:focus-visible + label { outline: 3px solid #00838f; outline-offset: 2px; }
label.busy { opacity: 0.6; cursor: progress; }
"""


class ParcelUpload(JSComponent):
    """A button that sends one file; the answer of the API comes to the session.

    The file itself does not pass through the session's socket.
    """

    address = param.String(doc="Where the file is sent, relative to the page.")
    accept = param.String(doc="Suffixes that the file dialog offers.")
    most_bytes = param.Integer(0, doc="Largest file that is sent; 0: no limit.")
    answer = param.Dict({}, doc="What the API answered last; empty: nothing yet.")
    trouble = param.String(doc="Why the last file was refused; empty: it was not.")
    count = param.Integer(0, doc="Counts the files sent and answered.")

    _esm = """
    export function render({model, el}) {
      const input = document.createElement('input');
      input.type = 'file';
      input.id = 'parcels';
      input.accept = model.accept;
      const label = document.createElement('label');
      label.htmlFor = 'parcels';
      const ask = 'Choose a file of parcels, or drop it here';
      label.textContent = ask;
      el.append(input, label);

      async function send(file) {
        if (!file || label.classList.contains('busy')) return;
        label.classList.add('busy');
        label.textContent = `Checking ${file.name} …`;
        let answer = {};
        let trouble = '';
        try {
          if (model.most_bytes && file.size > model.most_bytes) {
            const megabytes = Math.round(model.most_bytes / 2 ** 20);
            throw new Error(`${file.name} is larger than ${megabytes} MB; split it`);
          }
          const form = new FormData();
          form.append('file', file);
          const address = new URL(model.address, document.baseURI).href;
          const reply = await fetch(address, { method: 'POST', body: form });
          const body = await reply.json();
          if (!reply.ok) throw new Error(body.detail || reply.statusText);
          answer = body;
        } catch (error) {
          trouble = error.message;
        }
        label.classList.remove('busy');
        label.textContent = answer.name ? `${answer.name} (choose another)` : ask;
        input.value = '';
        model.answer = answer;
        model.trouble = trouble;
        model.count += 1;
      }

      input.addEventListener('change', () => send(input.files[0]));
      label.addEventListener('dragover', (event) => {
        event.preventDefault();
        label.classList.add('over');
      });
      label.addEventListener('dragleave', () => label.classList.remove('over'));
      label.addEventListener('drop', (event) => {
        event.preventDefault();
        label.classList.remove('over');
        send(event.dataTransfer.files[0]);
      });
    }
    """
