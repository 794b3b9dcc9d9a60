"""A panel beside the page's content that opens, closes, and hands focus back."""

import param
from panel.custom import JSComponent
from panel.viewable import Children

_STYLE = """
:host { position: relative; }
aside {
  position: absolute; inset: 0; overflow: auto; padding: 4px 14px 14px;
  color: var(--mui-palette-text-primary, #1b1b1b);
  --paper: var(--mui-palette-background-paper, #ffffff);
  /* A shadow at the foot, as long as there is more below. */
  background:
    linear-gradient(var(--paper), var(--paper)) bottom / 100% 18px no-repeat local,
    linear-gradient(to top, #77777799, #77777700) bottom / 100% 18px no-repeat scroll,
    var(--paper);
  border-left: 1px solid var(--mui-palette-divider, #0000001f);
}
@media (max-width: 699px) {
  :host { position: absolute; width: 0 !important; min-width: 0 !important; }
  aside { position: fixed; inset: 60px 0 0 0; z-index: 1000; border: 0; }
}
header {
  position: sticky; top: -4px; z-index: 2; display: flex; align-items: center;
  gap: 10px; padding: 8px 0; background: var(--paper);
}
h2 { flex: 1; margin: 0; font: 600 18px/1.3 Roboto, system-ui, sans-serif; }
h2:focus-visible, button:focus-visible {
  outline: 3px solid var(--mui-palette-primary-main, #0b5394); outline-offset: 2px;
}
button {
  flex: none; width: 32px; height: 32px; border: 0; border-radius: 50%; padding: 0;
  cursor: pointer; font: 22px/1 system-ui, sans-serif; color: inherit; background: none;
}
button:hover { background: var(--mui-palette-action-hover, #0000000d); }
"""


class SidePanel(JSComponent):
    """A titled panel as high as its neighbours; Escape in it and its button close it.

    On a narrow screen it covers the page. Its heading takes the focus when it opens at
    the wish of the user; on closing, focus goes back to where it was. For tests the
    panel carries data-open.
    """

    title = param.String(doc="Heading of the panel.")
    open = param.Boolean(False, doc="Whether it is shown.")
    openings = param.Integer(0, doc="Counts the wishes to read it: focus goes to it.")
    content = Children(doc="What stands in it.")

    _stylesheets = [_STYLE]  # noqa: RUF012
    _esm = """
    export function render({model, el}) {
      const panel = document.createElement('aside');
      const head = document.createElement('header');
      const title = document.createElement('h2');
      const close = document.createElement('button');
      const body = document.createElement('div');
      title.tabIndex = -1;
      title.id = 'title';
      panel.setAttribute('aria-labelledby', 'title');
      close.type = 'button';
      close.textContent = '\\u00D7';
      close.setAttribute('aria-label', 'Close');
      head.append(title, close);
      panel.append(head, body);
      el.append(panel);
      body.append(...model.get_child('content'));

      let opener = null;
      const focused = () => {
        let one = document.activeElement;
        while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
        return one;
      };
      const show = () => {
        panel.hidden = !model.open;
        panel.style.display = model.open ? '' : 'none';
        panel.dataset.open = model.open ? 1 : 0;
      };
      const name = () => { title.textContent = model.title; };
      const leave = () => {
        model.open = false;
        show();
        if (opener?.isConnected) opener.focus();
        opener = null;
      };
      close.addEventListener('click', leave);
      panel.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        leave();
      });
      model.on('open', show);
      model.on('title', name);
      model.on('openings', () => {
        show();
        if (!panel.contains(el.getRootNode().activeElement)) opener = focused();
        title.focus();
      });
      name();
      show();
    }
    """
