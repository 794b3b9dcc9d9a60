"""A field for a place, which asks the API for names while one types."""

import param
from panel.custom import JSComponent

_STYLE = """
:host { display: block; }
.field { position: relative; font: 14px/1.4 Roboto, system-ui, sans-serif; }
label {
  position: absolute; left: 9px; top: -8px; padding: 0 4px; font-size: 12px;
  color: var(--mui-palette-text-secondary, #555);
  background: var(--mui-palette-background-paper, #fff);
}
input {
  box-sizing: border-box; width: 100%; height: 40px; padding: 8px 32px 8px 12px;
  font: inherit; border-radius: 4px; border: 1px solid #8a8a8a;
  color: var(--mui-palette-text-primary, #1b1b1b);
  background: var(--mui-palette-background-paper, #fff);
}
input::placeholder { color: var(--mui-palette-text-secondary, #666); opacity: 1; }
input:hover { border-color: var(--mui-palette-text-primary, #1b1b1b); }
input:focus {
  border-color: var(--mui-palette-primary-main, #0b5394); outline: none;
  box-shadow: inset 0 0 0 1px var(--mui-palette-primary-main, #0b5394);
}
button {
  position: absolute; right: 4px; top: 6px; width: 28px; height: 28px; border: 0;
  border-radius: 50%; background: none; cursor: pointer; font-size: 18px;
  color: var(--mui-palette-text-secondary, #555);
}
button:hover { background: var(--mui-palette-action-hover, #eceff1); }
button:focus-visible { outline: 2px solid var(--mui-palette-primary-main, #0b5394); }
ul {
  position: absolute; z-index: 20; left: 0; right: 0; top: 42px; margin: 0;
  padding: 4px 0; max-height: 290px; overflow: auto; list-style: none;
  border-radius: 4px; box-shadow: 0 2px 10px #0008;
  color: var(--mui-palette-text-primary, #1b1b1b);
  background: var(--mui-palette-background-paper, #fff);
}
li { padding: 5px 12px; cursor: pointer; overflow-wrap: anywhere; }
li b { display: block; font-weight: 500; }
li span { font-size: 12px; color: var(--mui-palette-text-secondary, #555); }
li:hover, li[aria-selected="true"] {
  background: var(--mui-palette-action-hover, #e3edf7);
  box-shadow: inset 3px 0 0 var(--mui-palette-primary-main, #0b5394);
}
p { margin: 2px 4px; font-size: 12px; color: var(--mui-palette-text-secondary, #555); }
[hidden] { display: none; }
"""


class PlaceInput(JSComponent):
    """A combobox of places: what is typed is found, what is chosen is an IRI."""

    bundle = param.String(doc="Address of the browser side.")
    address = param.String("api/v1/places", doc="Where names are asked for.")
    label = param.String("Place", doc="Name of the field.")
    placeholder = param.String(doc="What an empty field means.")
    description = param.String(doc="What the field is for, for screen readers.")
    text = param.String(doc="What stands in the field.")
    value = param.String(doc="IRI of the place chosen, or the text typed.")

    _stylesheets = [_STYLE]  # noqa: RUF012
    _esm = """
    export async function render({model, el}) {
      const address = new URL(model.bundle, document.baseURI).href;
      const { drawPlaceInput } = await import(address);
      drawPlaceInput({model, el});
    }
    """
