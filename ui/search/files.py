"""The answer as files: plain links to the API."""

import html
from collections.abc import Mapping

_STYLE = (
    "color: var(--mui-palette-primary-main, #0b5394); margin-right: 14px; "
    "font: 500 14px/1.5 Roboto, system-ui, sans-serif;"
)


def file_links(links: Mapping[str, str], count: int) -> str:
    """A link for each kind of file; nothing where there are no rows."""
    if not count:
        return ""
    return "".join(
        f'<a style="{_STYLE}" href="{html.escape(address)}" download>{kind}</a>'
        for kind, address in links.items()
    )
