"""The links between the pages, in the app bar of each."""

from typing import Any

import panel as pn

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
@media (max-width: 640px) { nav { gap: 0; } a { padding: 5px; font-size: 13px; } }
"""


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


def _marked(current: bool) -> str:
    return ' aria-current="page"' if current else ""
