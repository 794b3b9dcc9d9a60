"""Light or dark, kept from page to page and from visit to visit."""

import panel as pn
import param
from panel.custom import JSComponent

COOKIE = "lucerna-theme"
"""Holds `dark` or `default`; it is no secret, and the only cookie that pages read."""


class ThemeKeeper(JSComponent):
    """Writes down in the browser which theme the visitor chose."""

    dark = param.Boolean(False, doc="Whether the page is dark.")

    _esm = f"""
    export function render({{model, el}}) {{
      el.hidden = true;
      const path = new URL('.', document.baseURI).pathname;
      model.on('dark', () => {{
        const theme = model.dark ? 'dark' : 'default';
        const kept = 'max-age=31536000; SameSite=Lax';
        document.cookie = `{COOKIE}=${{theme}}; path=${{path}}; ${{kept}}`;
      }});
    }}
    """


def take_theme() -> bool:
    """Give this visit the theme that its cookie names; whether it is dark."""
    dark = pn.state.cookies.get(COOKIE) == "dark"
    pn.config.theme = "dark" if dark else "default"  # type: ignore[misc]
    return dark
