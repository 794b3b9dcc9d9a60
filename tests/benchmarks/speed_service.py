"""Measures `lucerna serve`: questions of many clients, a hostile one beside them."""

import contextlib
import http.client
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import numpy as np
import speed_units

CLIENTS = 8
HOSTILE = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?i) }"
_WAIT_S = 120
_WINDOW = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX luc: <https://w3id.org/lucerna/ont#>
SELECT ?unit ?level { ?unit luc:unitLevel ?level ; geo:hasDefaultGeometry ?g .
  ?g geo:asWKT ?w FILTER(geof:sfIntersects(?w, "%s"^^geo:wktLiteral)) }"""


@dataclass(frozen=True)
class Pace:
    """How fast a service answered.

    Attributes:
        requests: How many.
        seconds: In which time.
        errors: Answers other than 200.
        p50_s: Half of them took no longer.
        p95_s: Of twenty, nineteen took no longer.
    """

    requests: int
    seconds: float
    errors: int
    p50_s: float
    p95_s: float


@contextlib.contextmanager
def served(kb: Path) -> Iterator[str]:
    """`lucerna serve` as users start it, on a free port; host and port."""
    command = [sys.executable, "-m", "lucerna", "serve", "--kb", str(kb), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            line = ""
            while not (found := re.search(r"http://[\d.]+:\d+/", line)):
                line = process.stderr.readline()
                assert line, "lucerna serve ended before it served"
            yield urlsplit(found[0]).netloc
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=_WAIT_S)


@contextlib.contextmanager
def connected(
    address: str, number: int
) -> Iterator[Callable[[str, bytes | None], int]]:
    """Sends requests over one connection that is kept; the status of each answer.

    Each client has an address of its own, as clients have.
    """
    connection = _connection(address, number)

    def send(path: str, body: bytes | None) -> int:
        headers = {"Content-Type": "application/sparql-query"} if body else {}
        connection.request("POST" if body else "GET", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    with contextlib.closing(connection):
        yield send


def mix(copies: int, number: int) -> list[tuple[str, bytes | None]]:
    """Each question of the library, and as many windows, in places of its own.

    Args:
        copies: Of the small base, as `speed_units.write` tells.
        number: Of the client, who asks about other places than the others.
    """
    chance = random.Random(number)
    made: list[tuple[str, bytes | None]] = []
    for name, values in _questions(chance, copies):
        path = f"/api/v1/questions/{name}?{urlencode({**values, 'limit': 50})}"
        window = _WINDOW % speed_units.window(chance.randrange(copies))
        made += [(path, None), ("/sparql", window.encode())]
    chance.shuffle(made)
    return made


def _questions(chance: random.Random, copies: int) -> list[tuple[str, dict[str, str]]]:
    def unit() -> dict[str, str]:
        return {"unit": speed_units.parcel(chance.randrange(copies))}

    def place() -> dict[str, str]:
        return {"place": speed_units.commune(chance.randrange(copies))}

    shape = {"shape": speed_units.window(chance.randrange(copies))}
    return [
        ("changed_units", shape),
        ("changed_units", place()),
        ("rank_units", {"level": chance.choice(["lvl:low", "lvl:middle", "lvl:high"])}),
        ("unit_record", unit()),
        ("scenes_of_unit", unit()),
        ("best_pair", {**unit(), "day": f"2017-04-{chance.randint(20, 28)}"}),
        ("land_cover_of_change", place()),
        ("image_pairs", {}),
        ("not_assessable", place()),
        ("labelled_patches", shape),
        ("assessed_parcels", {}),
        ("weather_before_change", {"days": str(chance.randint(1, 5))}),
        ("changed_without_weather", {"days": str(chance.randint(5, 15))}),
        ("land_cover_of_units", {"kind": "clc:3"}),
        ("low_vegetation", {**place(), **_PERIODS}),
    ]


_PERIODS = {
    "since": "2017-04-01",
    "until": "2017-04-30",
    "reference_since": "2016-04-01",
    "reference_until": "2016-04-30",
}


def pace(address: str, copies: int, seconds: float) -> Pace:
    """How fast clients are answered that all ask at once, again and again."""
    taken: list[float] = []
    errors: list[str] = []
    until = time.monotonic() + seconds

    def client(number: int) -> None:
        requests = mix(copies, number)
        with connected(address, number) as send:
            turn = 0
            while not turn or time.monotonic() < until:
                path, body = requests[turn % len(requests)]
                began = time.perf_counter()
                status = send(path, body)
                taken.append(time.perf_counter() - began)
                if status != 200:
                    errors.append(f"{status} {path}")
                turn += 1

    _together([lambda one=one: client(one) for one in range(CLIENTS)])
    p50, p95 = np.percentile(taken, [50, 95])
    for one in sorted(set(errors)):
        sys.stderr.write(f"  not answered: {one}\n")
    return Pace(len(taken), seconds, len(errors), float(p50), float(p95))


@contextlib.contextmanager
def hostile(address: str) -> Iterator[None]:
    """While one client asks for all facts times all facts, again and again.

    At the end it hangs up.
    """
    connection = _connection(address, CLIENTS)
    connection.connect()
    headers = {"Content-Type": "application/sparql-query"}

    def ask() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                connection.request("POST", "/sparql", HOSTILE.encode(), headers)
                answer = connection.getresponse()
                assert answer.status == 503, "it came to an end"
                answer.read()

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        assert thread.is_alive(), "no hostile query stood beside the others"
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
        thread.join()
        connection.close()


def _connection(address: str, number: int) -> http.client.HTTPConnection:
    source = f"127.0.1.{number + 1}", 0
    return http.client.HTTPConnection(address, timeout=_WAIT_S, source_address=source)


def _together(works: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=one) for one in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
