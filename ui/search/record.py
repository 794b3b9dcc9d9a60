"""Everything known of a unit as text: records with values, times and sources."""

import html
import itertools
import re
from collections.abc import Iterable, Sequence

from ui.api_records import Value

STYLE = """
:host {
  display: block; color: var(--mui-palette-text-primary, #1b1b1b);
  font: 13.5px/1.45 Roboto, system-ui, sans-serif;
}
details { border-top: 1px solid var(--mui-palette-divider, #0000001f); padding: 6px 0; }
summary { cursor: pointer; font-weight: 600; padding: 3px 0; }
summary:focus-visible {
  outline: 2px solid var(--mui-palette-primary-main, #0b5394); outline-offset: 2px;
}
h4 { margin: 8px 0 2px; font-size: 13.5px; font-weight: 600; }
.soft { color: var(--mui-palette-text-secondary, #5a5a5a); font-weight: 400; }
dl { display: grid; grid-template-columns: minmax(120px, 46%) 1fr; margin: 2px 0; }
dl { gap: 1px 14px; }
dt { color: var(--mui-palette-text-secondary, #5a5a5a); }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
p { margin: 2px 0 4px; overflow-wrap: anywhere; font-size: 12px; }
"""
Row = dict[str, Value]

_TIME = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)T(?P<minute>\d\d:\d\d):\d\d(?:\.\d+)?Z")
_CLOSED = ("change by land cover", "night", "day", "month")
"""Records that are long, and folded at first."""


def record_html(rows: Sequence[Row]) -> str:
    """The rows of the question on one unit, a part that folds for each record."""
    parts = []
    for record, found in itertools.groupby(rows, lambda row: str(row["record"])):
        held = list(found)
        groups = list(_things(held))
        opened = "" if record in _CLOSED else " open"
        count = f' <span class="soft">({len(groups)})</span>' if len(groups) > 1 else ""
        body = "".join(_thing(group, record) for group in groups)
        title = html.escape(record[:1].upper() + record[1:])
        parts.append(
            f"<details{opened}><summary>{title}{count}</summary>{body}</details>"
        )
    return "".join(parts)


def said(value: Value) -> str:
    """A value as people read it.

    >>> said(327.4527), said(True), said("2017-04-19T10:56:21.026Z"), said(0.97512)
    ('327.4527', 'yes', '2017-04-19 10:56 UTC', '0.9751')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    text = str(value)
    time = _TIME.fullmatch(text)
    return f"{time['day']} {time['minute']} UTC" if time else text


def _things(rows: Iterable[Row]) -> Iterable[list[Row]]:
    """The rows of each thing that a record is about."""
    keys = ("about", "begins", "ends", "source")
    for _, found in itertools.groupby(rows, lambda row: [row[key] for key in keys]):
        yield list(found)


def _thing(rows: Sequence[Row], record: str) -> str:
    first = rows[0]
    about = str(first["about"] or "") if record != "unit" else ""
    days = [str(first[key])[:10] for key in ("begins", "ends") if first[key]]
    when = " to ".join(dict.fromkeys(days))
    head = f"{html.escape(about)} <span class='soft'>{when}</span>"
    lines = "".join(
        f"<dt>{html.escape(str(row['property']))}</dt>"
        f"<dd>{html.escape(said(row['value']))}</dd>"
        for row in rows
    )
    source = html.escape(str(first["source"] or ""))
    title = f"<h4>{head}</h4>" if about or when else ""
    return f'{title}<dl>{lines}</dl><p class="soft">Source: {source}</p>'
