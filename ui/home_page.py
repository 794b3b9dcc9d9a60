"""The first page: three ways in, questions to ask, and what the base holds."""

import asyncio
import datetime
import html
import urllib.parse
from collections.abc import Sequence
from typing import Any

import panel as pn
import param

from ui.api_records import Overview, Question, Value
from ui.client import API, ApiClient, ApiProblem
from ui.navigation import navigation, simulated_badge

WAYS = (
    (
        "Domain expert",
        "Ask where, when and what changed on the ground, and see the answer "
        "on a map and in a table.",
        "search",
        "Search",
    ),
    (
        "Annotator",
        "Show the machine what you mean: mark a few patches by key, and it finds "
        "the others like them.",
        "label",
        "Label",
    ),
    (
        "Insurer",
        "Upload your parcels and get a damage report for each one, with the evidence "
        "it rests on.",
        "damage",
        "Damage",
    ),
)
COUNTS = (
    ("scenes", "scene", "scenes"),
    ("changeResults", "change result", "change results"),
    ("classifications", "land-cover map", "land-cover maps"),
    ("observations", "observation of a unit", "observations of units"),
    ("stations", "weather station", "weather stations"),
    ("labelledPatches", "labelled patch", "labelled patches"),
    ("reports", "damage report", "damage reports"),
)
RECENT = 3
"""Most reports that are listed."""
EMPTY = (
    "The base holds no images and no results yet. Fill it on the command line: "
    "<code>lucerna demo</code> makes a simulated one, <code>lucerna lift</code> loads "
    "your own results."
)
_STYLE = """
:host {
  color: var(--mui-palette-text-primary, #1b1b1b);
  font: 16px/1.55 Roboto, system-ui, sans-serif;
  max-width: 1120px; margin: 0 auto; padding: 30px 24px 40px; box-sizing: border-box;
}
h1 { font-size: 32px; line-height: 1.2; margin: 0 0 8px; font-weight: 600; }
h2 { font-size: 20px; line-height: 1.3; margin: 30px 0 12px; font-weight: 600; }
.lead { margin: 0 0 28px; max-width: 64ch; font-size: 17px; }
.soft, .lead { color: var(--mui-palette-text-secondary, #5a5a5a); }
.ways { display: grid; grid-template-columns: repeat(auto-fit, minmax(230px, 1fr)); }
.ways { gap: 20px; }
.way {
  display: flex; flex-direction: column; padding: 22px 22px 20px; border-radius: 10px;
  border: 1px solid var(--mui-palette-divider, #0000001f);
  background: var(--mui-palette-background-paper, #ffffff);
}
.way h2 { margin: 0 0 8px; }
.way p { margin: 0 0 20px; flex: 1; }
a { color: var(--mui-palette-primary-main, #0B5394); }
a:focus-visible { outline: 3px solid #00838f; outline-offset: 2px; }
a.go {
  align-self: start; padding: 8px 20px; border-radius: 6px; font-weight: 600;
  background: #0B5394; color: #ffffff; text-decoration: none;
}
a.go:hover { background: #08406f; }
.counts { display: flex; flex-wrap: wrap; gap: 14px 24px; list-style: none; }
.counts { margin: 0 0 16px; padding: 0; }
.counts strong { display: block; font-size: 28px; line-height: 1.2; font-weight: 600; }
.counts strong { font-variant-numeric: tabular-nums; }
p { margin: 0 0 8px; }
p.last { margin-top: 26px; }
ul.links { columns: 2 380px; column-gap: 36px; margin: 0; padding: 0 0 0 20px; }
ul.links li { margin: 0 0 7px; break-inside: avoid; }
.simulated { border-left: 4px solid #E69F00; padding-left: 10px; }
.none { color: var(--mui-palette-text-secondary, #5a5a5a); }
code {
  font: 600 14px/1.5 ui-monospace, monospace; padding: 1px 6px; border-radius: 4px;
  background: #8a8a8a33;
}
@media (max-width: 640px) { :host { padding: 20px 14px; } h1 { font-size: 26px; } }
"""


class HomePage(pn.viewable.Viewer):
    """The state of one visit: the numbers of the base."""

    problem = param.String(doc="Why there are no numbers, in one line; empty: none.")

    def __init__(self, client: ApiClient, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._client = client
        self._badge = simulated_badge()
        self._body = pn.pane.HTML(
            page_html(None), stylesheets=[_STYLE], sizing_mode="stretch_width"
        )

    def header(self) -> list[Any]:
        """What stands in the app bar."""
        return [*navigation("Home"), self._badge]

    def sidebar(self) -> list[Any]:
        """What stands in the drawer: nothing."""
        return []

    def main(self) -> list[Any]:
        """What stands below the app bar."""
        return [self._body]

    def start(self) -> None:
        """Fill in the numbers when the page is loaded."""
        pn.state.onload(self.open)

    async def open(self) -> None:
        """Show what the base holds now."""
        try:
            overview, questions, reports = await asyncio.gather(
                self._client.overview(),
                self._client.questions(),
                self._client.damage_reports(),
            )
        except ApiProblem as error:
            self.problem = str(error)
            self._body.object = page_html(None, self.problem)
            return
        self._badge.visible = overview["simulated"]
        self._body.object = page_html(overview, questions=questions, reports=reports)


def page_html(
    overview: Overview | None,
    problem: str = "",
    questions: Sequence[Question] = (),
    reports: Sequence[dict[str, Value]] = (),
) -> str:
    """The page; None while the numbers are not there."""
    ways = "".join(
        f'<section class="way"><h2>{role}</h2><p>{what}</p>'
        f'<a class="go" href="{address}">{word}</a></section>'
        for role, what, address, word in WAYS
    )
    if problem:
        held = f'<p role="alert">No numbers: {html.escape(problem)}</p>'
    elif overview is None:
        held = '<p class="soft">Counting …</p>'
    else:
        held = holdings(overview)
    return (
        "<h1>What changed, where, and what it means</h1>"
        '<p class="lead">Lucerna turns Sentinel images into facts with a place, a time '
        "and a source, and answers questions about them.</p>"
        f'<div class="ways">{ways}</div>'
        f'<h2>What the base holds</h2><div class="held">{held}</div>'
        f"{_links('Questions you can ask', question_links(questions))}"
        f"{_links('Recent damage reports', report_links(reports))}"
        f'<p class="soft last">For programs: SPARQL at <a href="sparql?query='
        'SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%2010"><code>/sparql</code>'
        f'</a>, REST described at <a href="{API[1:]}/openapi.json">'
        f"<code>{API}/openapi.json</code></a>.</p>"
    )


def question_links(questions: Sequence[Question]) -> list[str]:
    """A link to each question that can be asked as it stands."""
    return [
        f'<a href="search?question={html.escape(one["name"])}">'
        f"{html.escape(one['title'])}</a>"
        for one in questions
        if all(
            each["default"] or "empty: " in each["description"]
            for each in one["parameters"]
        )
    ]


def report_links(reports: Sequence[dict[str, Value]]) -> list[str]:
    """A link to each of the newest reports, with its day and number of parcels."""
    links = []
    for one in reports[:RECENT]:
        address = urllib.parse.urlencode({"report": str(one["id"])})
        title = html.escape(str(one["title"] or one["peril"]))
        made = _day(str(one["issued"]))
        about = f"{one['parcels']:,} parcels, made on {made}"
        links.append(f'<a href="damage?{address}">{title}</a>: {about}')
    return links


def holdings(overview: Overview) -> str:
    """What the base holds, in numbers with words.

    >>> holdings({"scenes": 0, "changeResults": 0, "classifications": 0, "stations": 0,
    ...           "observations": 0, "labelledPatches": 0, "reports": 0, "units": {},
    ...           "triples": 9, "begins": None, "ends": None, "weatherBegins": None,
    ...           "weatherEnds": None, "simulated": False})[:39]
    '<p>The base holds no images and no resu'
    """
    numbers = [
        (int(overview[key]), one, many)  # type: ignore[literal-required]
        for key, one, many in COUNTS
    ]
    units = overview["units"]
    for level in sorted(units, key=lambda name: units[name]):
        words = level.replace("-", " ")
        numbers.insert(2, (units[level], words, f"{words}s"))
    if not any(count for count, _, _ in numbers):
        return f"<p>{EMPTY}</p>"
    items = "".join(
        _item(count, one if count == 1 else many) for count, one, many in numbers
    )
    facts = [f"{overview['triples']:,} triples"]
    if overview["weatherBegins"] and overview["weatherEnds"]:
        weather = span(overview["weatherBegins"], overview["weatherEnds"])
        facts.insert(0, f"Weather from {weather}")
    if overview["begins"] and overview["ends"]:
        facts.insert(0, f"Images from {span(overview['begins'], overview['ends'])}")
    simulated = '<p class="simulated">Some of it is simulated, and marked so.</p>'
    last = simulated if overview["simulated"] else ""
    return f'<ul class="counts">{items}</ul><p>{" · ".join(facts)}</p>{last}'


def span(begins: str, ends: str) -> str:
    """A time span in days.

    >>> span("2017-04-19T10:56:21Z", "2017-04-29T10:56:51Z")
    '19 April 2017 to 29 April 2017'
    >>> span("2017-04-19T10:56:21Z", "2017-04-19T10:56:51Z")
    '19 April 2017'
    >>> span("2016-01", "2017-12")
    'January 2016 to December 2017'
    """
    days = list(dict.fromkeys(_day(one) for one in (begins, ends)))
    return " to ".join(days)


def _links(title: str, links: Sequence[str]) -> str:
    if not links:
        return ""
    items = "".join(f"<li>{one}</li>" for one in links)
    return f'<h2>{title}</h2><ul class="links">{items}</ul>'


def _item(count: int, word: str) -> str:
    kind = "" if count else " class=none"
    return f"<li{kind}><strong>{count:,}</strong>{html.escape(word)}</li>"


def _day(moment: str) -> str:
    if len(moment) == len("2017-04"):
        return f"{datetime.date.fromisoformat(f'{moment}-01'):%B %Y}"
    day = datetime.date.fromisoformat(moment[:10])
    return f"{day.day} {day:%B %Y}"
