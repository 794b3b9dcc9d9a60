"""A grid of patches that an annotator labels by key, in the browser."""

import param
from panel.custom import JSComponent


class PatchGrid(JSComponent):
    """The current batch of a label session; the browser speaks the API itself.

    Labels are painted at once, sent after, and kept in the browser until they are
    acknowledged. For styles and tests the frame carries data-ready (number of the
    batch whose pictures are drawn), data-batch, data-waiting (events that are not
    acknowledged) and data-preloaded; each cell data-patch and data-label.
    """

    bundle = param.String(doc="Address of the browser side.")
    api = param.String("api/v1/labelling", doc="Address of the label sessions.")
    session = param.String(doc="The session shown; empty: none.")
    waiting = param.Integer(0, doc="Events that the service has not acknowledged.")
    state = param.Dict({}, doc="Of the session, as the API gave it last.")

    _esm = """
    export async function render({model, el}) {
      const address = new URL(model.bundle, document.baseURI).href;
      const { drawPatchGrid } = await import(address);
      drawPatchGrid({model, el});
    }
    """
