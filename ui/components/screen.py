"""How wide the visitor's screen is."""

import param
from panel.custom import JSComponent


class Screen(JSComponent):
    """Tells once whether the screen is narrow, such as a telephone's."""

    narrow = param.Boolean(False, doc="Whether the drawer would cover the page.")

    _esm = """
    export function render({model, el}) {
      el.hidden = true;
      if (window.innerWidth >= 700) return;
      const tell = () => { model.narrow = true; };
      // What the session answers before the page is drawn would be lost.
      const page = window.Bokeh.documents.at(-1);
      if (page.is_idle) tell();
      else page.idle.connect(() => setTimeout(tell, 0));
    }
    """
