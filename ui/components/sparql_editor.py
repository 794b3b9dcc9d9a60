"""A SPARQL editor in the browser, which completes our own names."""

import param
from panel.custom import JSComponent


class SparqlEditor(JSComponent):
    """Text of a query; Control and Enter run it, an error is marked at its place.

    For tests the editor's element carries data-ready and data-error (line:column).
    """

    bundle = param.String(doc="Address of the browser side.")
    value = param.String(doc="The query.")
    runs = param.Integer(0, doc="Counts how often the keys asked to run it.")
    error = param.Dict({}, doc="message, and line and column from 1; empty: none.")
    vocabulary = param.List(
        [], item_type=dict, doc="label, type and detail of each completion."
    )

    _esm = """
    export async function render({model, el}) {
      const address = new URL(model.bundle, document.baseURI).href;
      const { drawSparqlEditor } = await import(address);
      drawSparqlEditor({model, el});
    }
    """
