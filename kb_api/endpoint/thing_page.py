"""A thing of the base as a page for people: what is said of it, what points to it."""

import functools
import itertools
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass

import jinja2
import pyoxigraph as ox

from kb_api.binding import bind_values
from kb_api.loads import CATALOGUE
from kb_api.lookups import query_text
from kb_api.store import Store
from ontology import LUC, PREFIXES

MOST_SAYS, MOST_SAID = 500, 50
"""Facts on a page in each direction; a link leads to the rest."""

_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_SIMULATED = f"ASK {{ ?any <{LUC.simulated}> true }}"


@dataclass(frozen=True)
class Shown:
    """A term as a page shows it.

    Attributes:
        text: Its name, prefixed name, IRI or value.
        href: Where a click leads; None for values and what the base does not describe.
        note: Prefixed name, language or datatype; may be empty.
    """

    text: str
    href: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Facts:
    """A property and what it leads to."""

    property: Shown
    others: list[Shown]


@dataclass(frozen=True)
class ThingPage:
    """What a page shows.

    Attributes:
        iri: Of the thing.
        title: Its name, else its IRI.
        kinds: Its classes.
        graphs: Those that speak of it.
        says: Facts of it.
        said: Facts that point to it.
        says_more: Address of all facts, where the page has not all; else None.
        said_more: The same of what points to it.
        simulated: Whether the base holds simulated data.
    """

    iri: str
    title: str
    kinds: str
    graphs: list[Shown]
    says: list[Facts]
    said: list[Facts]
    says_more: str | None
    said_more: str | None
    simulated: bool


class Addresses:
    """Where the things of a base have their pages.

    Args:
        root: Path of the service, without a slash at its end.
        iri_base: Beginning of the IRIs that have an address of their own.
    """

    def __init__(self, root: str, iri_base: str) -> None:
        self._root = root
        self._base = iri_base

    def page(self, iri: str) -> str:
        """The address of the page of a thing.

        >>> Addresses("", "https://kb.example/").page("https://kb.example/unit/A%201")
        '/things/unit/A%201'
        >>> Addresses("", "https://kb.example/").page("urn:a?b")
        '/things?iri=urn%3Aa%3Fb'
        """
        rest = iri.removeprefix(self._base)
        if rest != iri and rest and rest.isascii() and not set(rest) & set("?#"):
            return f"{self._root}/things/{rest}"
        return f"{self._root}/things?iri={urllib.parse.quote(iri, safe='')}"

    def query(self, text: str) -> str:
        """The address of the answer to a query."""
        return f"{self._root}/sparql?query={urllib.parse.quote(text, safe='')}"


def thing_page(
    store: Store, iri: ox.NamedNode, addresses: Addresses
) -> ThingPage | None:
    """What the page of a thing shows; None where the base does not speak of it."""
    says = _rows(store, "thing_says", iri)
    said = _rows(store, "thing_said", iri)
    if not says and not said:
        return None
    graphs = [row["graph"] for row in _rows(store, "thing_graphs", iri)]
    kinds = [
        _shown(row["other"], row["other_name"], addresses).text
        for row in _each_once(says)
        if row["property"].value == _RDF_TYPE
    ]
    return ThingPage(
        iri=iri.value,
        title=_title(says) or short(iri.value),
        kinds=", ".join(kinds) or "Thing",
        graphs=[
            Shown(short(one.value))
            if one == CATALOGUE
            else _shown(one, None, addresses)
            for one in graphs
        ],
        says=_facts(says, MOST_SAYS, addresses),
        said=_facts(said, MOST_SAID, addresses),
        says_more=addresses.query(
            f"SELECT ?property ?value {{ {iri} ?property ?value }}"
        )
        if len(_each_once(says)) > MOST_SAYS
        else None,
        said_more=addresses.query(
            f"SELECT ?thing ?property {{ ?thing ?property {iri} }}"
        )
        if len(_each_once(said)) > MOST_SAID
        else None,
        simulated=bool(store.query(_SIMULATED)),
    )


def render_thing(page: ThingPage) -> bytes:
    """The page as HTML that stands alone, without scripts."""
    return _templates().get_template("thing.html.j2").render(page=page).encode()


def short(iri: str) -> str:
    """An IRI with one of the prefixes of the ontology, where one fits.

    >>> short("https://w3id.org/lucerna/ont#Parcel")
    'luc:Parcel'
    >>> short("https://w3id.org/lucerna/ont#a/b")
    'https://w3id.org/lucerna/ont#a/b'
    """
    for prefix, space in PREFIXES.items():
        local = iri.removeprefix(space)
        if local != iri and local.replace("_", "").replace("-", "").isalnum():
            return f"{prefix}:{local}"
    return iri


Row = ox.QuerySolution


def _rows(store: Store, name: str, thing: ox.NamedNode) -> list[Row]:
    found = store.query(bind_values(query_text(name), {"thing": thing}))
    assert isinstance(found, ox.QuerySolutions), f"{name}.rq selects rows"
    return list(found)


def _each_once(rows: Iterable[Row]) -> list[Row]:
    """Each fact once, with the first of its names."""
    found: dict[tuple[object, object], Row] = {}
    for row in rows:
        found.setdefault((row["property"], row["other"]), row)
    return list(found.values())


def _facts(rows: Iterable[Row], most: int, addresses: Addresses) -> list[Facts]:
    """The facts by property, as the page shows them."""
    once = _each_once(rows)[:most]
    return [
        Facts(
            _property(held[0], addresses),
            [_shown(row["other"], row["other_name"], addresses) for row in held],
        )
        for _, group in itertools.groupby(once, lambda row: row["property"])
        if (held := list(group))
    ]


def _property(row: Row, addresses: Addresses) -> Shown:
    """A property; it has a page where the base names it."""
    iri, name = row["property"].value, row["property_name"]
    if name is None:
        return Shown(short(iri))
    return Shown(name.value, addresses.page(iri), short(iri))


def _shown(term: object, name: ox.Literal | None, addresses: Addresses) -> Shown:
    if isinstance(term, ox.NamedNode):
        brief = short(term.value)
        if name is None:
            return Shown(brief, addresses.page(term.value))
        return Shown(name.value, addresses.page(term.value), brief)
    if isinstance(term, ox.Literal):
        kind = term.datatype.value
        return Shown(
            term.value,
            None,
            term.language or (short(kind) if kind != _XSD_STRING else ""),
        )
    return Shown(str(term))


def _title(rows: Iterable[Row]) -> str | None:
    """The first of the names that the base has of the thing."""
    found = {
        short(row["property"].value): row["other"].value for row in reversed(list(rows))
    }
    names = ("rdfs:label", "skos:prefLabel", "tsn:hasName", "dct:title")
    return next((found[one] for one in names if found.get(one)), None)


@functools.cache
def _templates() -> jinja2.Environment:
    folders = ("kb_api.endpoint", "kb_api.reports")  # the look is that of a report
    return jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(one) for one in folders]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
