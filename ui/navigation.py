"""What stands in the app bar of each page: links to the others, and a notice."""

from typing import Any

import panel as pn
import panel_material_ui as pmui

PAGES = {"Home": "./", "Search": "search", "Label": "label", "Damage": "damage"}
"""Name and address, relative to each other, of every page."""

_STYLE = """
nav { display: flex; gap: 2px; }
a {
  padding: 5px 12px; border-radius: 5px;
  font: 500 15px/1.4 Roboto, system-ui, sans-serif;
  color: #ffffff; text-decoration: none; white-space: nowrap;
}
a:hover { background: #ffffff26; }
a:focus-visible { outline: 2px solid #ffffff; outline-offset: 1px; }
a[aria-current] { background: #ffffff33; box-shadow: inset 0 -3px 0 #ffffff; }
@media (max-width: 640px) {
  :host { margin: 0 2px !important; }
  nav { gap: 0; }
  a { padding: 5px 4px; font-size: 13px; }
}
@media (max-width: 360px) { a { padding: 5px 3px; font-size: 12px; } }
"""
_NARROW = "@media (max-width: 640px)"
_BADGE = {
    _NARROW: {
        "height": "auto",
        "& .MuiChip-label": {
            "whiteSpace": "normal",
            "fontSize": "11px",
            "lineHeight": 1.2,
            "padding": "3px 8px",
        },
    },
    "@media (max-width: 380px)": {"maxWidth": "72px"},
}
_BESIDE = f"{_NARROW} {{ :host {{ margin: 0 2px !important; }} }}"


def navigation(current: str) -> list[Any]:
    """Links to all pages for the app bar.

    Args:
        current: Name of the page that the links stand on.
    """
    links = " ".join(
        f'<a href="{address}"{_marked(name == current)}>{name}</a>'
        for name, address in PAGES.items()
    )
    text = f'<nav aria-label="Pages">{links}</nav>'
    return [pn.pane.HTML(text, stylesheets=[_STYLE], align="center", margin=(0, 16))]


def simulated_badge() -> pmui.Chip:
    """The notice that the base rests on simulated images, not shown yet.

    On a small telephone it has two lines, so that it is seen whole.
    """
    return pmui.Chip(
        label="Simulated data",
        color="warning",
        visible=False,
        margin=(10, 10),
        align="center",
        sx=_BADGE,
        stylesheets=[_BESIDE],
    )


def _marked(current: bool) -> str:
    return ' aria-current="page"' if current else ""
