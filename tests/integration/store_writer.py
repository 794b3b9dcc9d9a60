"""Writes into a store, or copies a base, until a test kills it; tells what is done."""

import itertools
import sys
from pathlib import Path

from kb_api import writing
from kb_api.embedded_store import EmbeddedStore

FACTS = 300
GRAPH = "https://kb.example/graph/"
_LUC = "https://w3id.org/lucerna/ont#"
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_WKT = "http://www.opengis.net/ont/geosparql#"


def content(name: str, value: int, facts: int = FACTS) -> bytes:
    """Facts of one graph: all but one have this value, one is a point."""
    lines = [
        f'<https://kb.example/{name}/{i}> <https://kb.example/p> "{value}" .\n'
        for i in range(facts - 1)
    ]
    point = f'"POINT({value % 90} 0)"^^<{_WKT}wktLiteral>'
    lines.append(f"<https://kb.example/{name}/g> <{_WKT}asWKT> {point} .\n")
    return "".join(lines).encode()


def fields(number: int) -> dict[str, tuple[str, bytes]]:
    """A scene of this number, and three in four times the fields that it shows anew."""
    graphs = {f"{GRAPH}scene/{number}": ("a scene", _scene(number))}
    if number % 4:
        graphs[f"{GRAPH}fields"] = (
            "fields",
            b"".join(map(_field, range(number % 7 + 1))),
        )
    return graphs


def _scene(number: int) -> bytes:
    scene = f"<https://kb.example/scene/{number}>"
    shows = "<http://www.w3.org/ns/sosa/hasFeatureOfInterest>"
    foot = f"<https://kb.example/foot/{number}>"
    lines = f"{scene} {_TYPE} <{_LUC}Scene> .\n{scene} {shows} {foot} .\n".encode()
    return lines + _square(foot, 0.35 + number % 5)


def _field(number: int) -> bytes:
    field = f"<https://kb.example/field/{number}>"
    level = f"<{_LUC}unitLevel> <https://kb.example/level/parcel>"
    return f"{field} {level} .\n".encode() + _square(field, 0.7 * number)


def _square(thing: str, west: float) -> bytes:
    shape = f"POLYGON(({west} 0, {west + 1} 0, {west + 1} 1, {west} 1, {west} 0))"
    geometry = f"{thing[:-1]}/geometry>"
    return (
        f"{thing} <{_WKT}hasDefaultGeometry> {geometry} .\n"
        f'{geometry} <{_WKT}asWKT> "{shape}"^^<{_WKT}wktLiteral> .\n'
    ).encode()


def main() -> None:
    """Do it again and again; a line of stdout for each time that it is done."""
    verb, folder, first = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if verb == "backup":
        from lucerna.backup import back_up

        for number in itertools.count(first):
            back_up(folder, folder.with_name(f"backup-{number}"))
            _say(number)
    store = EmbeddedStore(folder)
    for number in itertools.count(first):
        if verb == "load":
            writing.BULK = FACTS if number % 2 else 2 * FACTS
            name = f"{GRAPH}{number}"
            store.put_graphs({name: ("one", content(str(number), number))})
        elif verb == "meet":
            writing.BULK = 2 if number % 8 else 100
            store.put_graphs(fields(number))
        elif verb == "entail":
            store.put_graphs({f"{GRAPH}0": ("same", content("0", number))})
            store.make_ready("rdfs", 60)
        else:
            store.put_graphs({f"{GRAPH}0": ("same", content("0", number))})
        _say(number)


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
