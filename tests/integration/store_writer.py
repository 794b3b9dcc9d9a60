"""Writes into a store, or copies a base, until a test kills it; tells what is done."""

import itertools
import sys
from pathlib import Path

from kb_api import writing
from kb_api.store import EmbeddedStore

FACTS = 300
GRAPH = "https://kb.example/graph/"
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
        else:
            store.put_graphs({f"{GRAPH}0": ("same", content("0", number))})
        _say(number)


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
