"""The address of the page: written without loading it anew, followed back and forth."""

import param
from panel.custom import JSComponent


class AddressBar(JSComponent):
    """Keeps the query part of the address, and tells when the browser goes back.

    Also tells when Enter is pressed in a field of the page's form, which no widget
    does for all of them.
    """

    search = param.String(doc="The query part that the address has, with its ?.")
    push = param.Boolean(True, doc="Whether the next one is a step of its own.")
    visited = param.String(doc="The query part that the browser went back to.")
    visits = param.Integer(0, doc="Counts the steps back and forth.")
    entered = param.Integer(0, doc="Counts Enter in the form.")

    _esm = """
    export function render({model, el}) {
      el.hidden = true;
      const show = () => {
        if (!model.search || model.search === window.location.search) return;
        const address = window.location.pathname + model.search;
        if (model.push) window.history.pushState({}, '', address);
        else window.history.replaceState(window.history.state, '', address);
      };
      const follow = () => {
        model.visited = window.location.search;
        model.visits += 1;
      };
      const enter = (event) => {
        if (event.key !== 'Enter' || event.defaultPrevented) return;
        const path = event.composedPath();
        const field = path[0];
        if (field.tagName !== 'INPUT' || field.type === 'checkbox') return;
        if (!path.some((one) => one.classList?.contains('search-form'))) return;
        // The field tells its value on the same key; that goes first.
        setTimeout(() => { model.entered += 1; }, 60);
      };
      model.on('search', show);
      window.addEventListener('popstate', follow);
      document.addEventListener('keydown', enter);
      model.on('remove', () => {
        window.removeEventListener('popstate', follow);
        document.removeEventListener('keydown', enter);
      });
    }
    """
