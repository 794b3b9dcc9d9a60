"""What a query gave: results, errors inside functions, help of the index."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pyoxigraph as ox

from ontology.errors import QueryRejected

QueryResult: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Function: TypeAlias = Callable[..., Term | None]

Regime: TypeAlias = Literal["simple", "rdfs", "rdfs+rewrite"]
"""What a query sees: facts as they stand; also what RDFS entails of them; also what
GeoSPARQL's query rewriting (OGC 22-047r1, Query Rewrite Extension) adds."""

REGIMES: dict[Regime, str] = {
    "simple": "the facts as they stand",
    "rdfs": "the facts, and what RDFS and the axioms of GeoSPARQL entail of them",
    "rdfs+rewrite": "the same, and relations of GeoSPARQL that the geometries have",
}
"""Each regime with a label."""

_TOLD = 100


def regime_named(name: str) -> Regime:
    """The regime of a name; a space stands for the plus, as it does in addresses.

    Raises:
        QueryRejected: There is none of that name.
    """
    for regime in REGIMES:
        if name.replace(" ", "+") == regime:
            return regime
    raise QueryRejected(
        f"there is no regime {name[:50]!r}; choose one of {', '.join(REGIMES)}"
    )


@dataclass
class Faults:
    """Errors inside functions, of which SPARQL itself only says "unbound".

    They are complete when all rows are read.

    Attributes:
        count: How many there were.
        told: Function and message of the first kinds of them, with their numbers.
    """

    count: int = 0
    told: Counter[str] = field(default_factory=Counter)

    def note(self, name: str, error: Exception, times: int = 1) -> None:
        """Count an error inside a function."""
        self.count += times
        message = f"{name}: {error}"
        if message in self.told or len(self.told) < _TOLD:
            self.told[message] += times


@dataclass(frozen=True)
class Prepared:
    """A query as the engine runs it.

    Attributes:
        text: With the answers of the index written into it.
        indexed: Whether there are any.
        asked: As it was asked, where the text differs; of two that are refused, this
            one tells the error at its place.
        lasting: Whether the text as asked would leave out answers.
        unread: How many literals that cannot be read a join of the index leaves out.
    """

    text: str
    indexed: bool = False
    asked: str | None = None
    lasting: bool = False
    unread: int = 0


@dataclass(frozen=True)
class Outcome:
    """The answer of the engine to a query.

    Attributes:
        results: Rows, truth value or triples; read once.
        faults: Errors inside functions, complete when the results are read.
        indexed: Whether the spatial index answered a part.
    """

    results: QueryResult
    faults: Faults
    indexed: bool = False
