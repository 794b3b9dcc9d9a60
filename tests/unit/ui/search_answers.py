"""What an API answers to the Search page, written here, and ways to wait for it."""

import asyncio
import urllib.parse
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx

from ui.client import ApiClient

T = TypeVar("T")

COLUMNS = [
    {"name": "unit", "unit": "iri", "description": "unit"},
    {"name": "identifier", "unit": "text", "description": "identifier"},
    {"name": "result", "unit": "iri", "description": "result"},
]
QUESTION = {
    "name": "changed_units",
    "title": "Changed units",
    "number": 1,
    "description": "which",
    "parameters": [
        {"name": "shape", "type": "wkt", "default": None, "description": "empty: all"},
        {
            "name": "least",
            "type": "number",
            "default": "0.3",
            "description": "least share",
        },
    ],
    "columns": COLUMNS,
}
ROWS = [
    {"unit": f"https://x/{name}", "identifier": name, "result": f"https://x/{run}"}
    for name, run in [("P1", "r2"), ("P1", "r1"), ("P2", "r1")]
]
ROWS += [
    {"unit": f"https://x/Q{n}", "identifier": f"Q{n}", "result": "https://x/r1"}
    for n in range(6)
]
JSON_RESULTS = {"content-type": "application/sparql-results+json"}
OWN = {
    "head": {"vars": ["patch", "n", "wkt"]},
    "results": {
        "bindings": [
            {
                "patch": {"type": "uri", "value": f"https://x/{n}"},
                "n": {
                    "type": "literal",
                    "value": str(n),
                    "datatype": "http://www.w3.org/2001/XMLSchema#integer",
                },
                "wkt": {
                    "type": "literal",
                    "value": f"POINT({n} 45)",
                    "datatype": "http://www.opengis.net/ont/geosparql#wktLiteral",
                },
            }
            for n in range(60)
        ]
    },
}
OWN_SHAPES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            # One row has a shape that is none, such as POINT EMPTY.
            "geometry": {"type": "Point", "coordinates": [n, 45]} if n else None,
            "properties": {"patch": f"https://x/{n}", "n": n},
        }
        for n in range(60)
    ],
}
MANY = [
    {"unit": f"https://x/M{n}", "identifier": f"M{999 - n}", "result": "https://x/r1"}
    for n in range(120)
]


def result(name: str) -> dict[str, Any]:
    return {
        "iri": f"https://x/{name}",
        "method": "spectral-angle",
        "beginsAt": "2017-04-19T10:56:21Z",
        "endsAt": "2017-04-29T10:56:51Z",
        "simulated": name == "r2",
        "quicklookBefore": "b.png",
        "quicklookAfter": "a.png",
        "bounds3857": [0, 0, 1, 1],
        "unitLevels": ["https://w3id.org/lucerna/scheme/unit-level/parcel"],
    }


def complete(work: Coroutine[Any, Any, T]) -> T:
    """What the work gives, in a thread: browser tests leave a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def client(answer: Callable[[httpx.Request], Any]) -> ApiClient:
    transport = httpx.MockTransport(answer)
    return ApiClient(httpx.AsyncClient(transport=transport, base_url="http://here"))


def answers(request: httpx.Request) -> httpx.Response:
    match request.url.path.removeprefix("/api/v1"):
        case "/questions":
            return httpx.Response(200, json=[QUESTION])
        case "/concepts":
            return httpx.Response(200, json=[])
        case "/results":
            return httpx.Response(200, json=[result("r1"), result("r2")])
        case "/questions/changed_units/sparql":
            return httpx.Response(200, text=f"# {request.url.params}")
        case "/sparql":
            query = urllib.parse.parse_qs(request.content.decode())["query"][0]
            if "{" not in query:
                told = "the query does not parse: error at 2:5: expected {"
                return httpx.Response(400, json={"detail": told})
            if request.headers["accept"] == "application/geo+json":
                return httpx.Response(200, json=OWN_SHAPES)
            return httpx.Response(200, json=OWN, headers=JSON_RESULTS)
        case "/questions/changed_units":
            least = float(request.url.params["least"])
            if least > 0.9:
                return httpx.Response(400, json={"detail": "least is too much"})
            every = MANY if least < 0.1 else ROWS if least < 0.5 else []
            asked = request.url.params
            rows = sorted(every, key=lambda one: one["identifier"])
            rows = rows if asked.get("sort") else every
            first, limit = int(asked.get("offset", 0)), int(asked["limit"])
            found = {"question": "changed_units", "columns": COLUMNS}
            part = {"rows": rows[first : first + limit], "count": len(rows)}
            return httpx.Response(200, json={**found, **part})
    raise AssertionError(request.url)
