"""A service on a free loopback port, and Debian's chromium to visit it."""

import re
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from rdflib import Graph

from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from ontology.files import inferred_graph, schemes_graph
from ui.app import mount_ui
from ui.components.bundles import ASSETS

sys.path.append(str(Path(__file__).parent))

BUNDLE = ASSETS / "geo_map.js"
_ROOT = Path(__file__).parents[2]
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-domain-reliability",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without chromium or bundles, browser tests are skipped and say why."""
    reason = None
    if shutil.which("chromium") is None:
        reason = "no chromium on this machine; make test installs it when run as root"
    elif not BUNDLE.is_file():
        reason = "the browser bundles are not built; run make setup"
    for item in items:
        if reason and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any],
) -> dict[str, Any]:
    """Debian's chromium, quiet."""
    return {
        **browser_type_launch_args,
        "executable_path": shutil.which("chromium"),
        "args": _FLAGS,
    }


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a service over the small base, stopped at the end."""
    folder = tmp_path_factory.mktemp("pictures")
    for run in ("a1", "b2"):
        draw_picture(folder / f"{run}-before.png", (96, 128, 72))
        draw_picture(folder / f"{run}-after.png", (136, 124, 84))
    app = create_app(small_store(), version="0", quicklook_folder=folder)
    mount_ui(app)
    with serving(app) as address:
        yield address


def small_store() -> EmbeddedStore:
    """A store in memory with the hand-made base, our schemes and their hierarchy."""
    store = EmbeddedStore()
    facts = Graph().parse(_ROOT / "tests" / "small_base.ttl")
    meaning = schemes_graph() + inferred_graph()
    store.put_graphs(
        {
            "https://lucerna.example/graph/small": ("small base", ntriples(facts)),
            "https://lucerna.example/graph/schemes": ("schemes", ntriples(meaning)),
        }
    )
    return store


def ntriples(graph: Graph) -> bytes:
    """A graph without blank nodes as N-Triples."""
    return graph.serialize(format="nt", encoding="utf-8")


def draw_picture(path: Path, ground: tuple[int, int, int]) -> None:
    """A field pattern of one ground colour."""
    picture = Image.new("RGB", (350, 330), ground)
    pen = ImageDraw.Draw(picture)
    for step in range(0, 350, 14):
        shade = tuple(max(0, one - step % 40) for one in ground)
        pen.rectangle((step, 0, step + 6, 330), fill=shade)
    picture.save(path)


class serving:
    """One uvicorn in a thread on a free loopback port, as a context."""

    def __init__(self, app: Any) -> None:  # noqa: ANN401
        self._listener = socket.socket(proto=socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="warning", ws="websockets-sansio")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}
        )

    def __enter__(self) -> str:
        """Start, and wait until the service says that it is well."""
        self._thread.start()
        address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{address}/api/v1/health").json()["ok"]:
                    return address
            except httpx.TransportError:
                time.sleep(0.05)
        self.__exit__()
        raise TimeoutError("the service did not start within 30 s")

    def __exit__(self, *_: object) -> None:
        """Stop, and wait until the thread has ended."""
        self._server.should_exit = True
        self._thread.join(10)
        self._listener.close()


@pytest.fixture(scope="session")
def serve() -> type[serving]:
    """Serves an app: a context that gives its address."""
    return serving


@pytest.fixture
def visit(page: Page, service: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A browser page at the service that fails on foreign requests and page errors.

    Its screenshot is kept under screenshots/ when the test fails.
    """
    foreign: list[str] = []
    failed: list[str] = []
    errors: list[str] = []
    local = (service, service.replace("http", "ws", 1), "data:", "blob:")

    def asked(one: Any) -> None:  # noqa: ANN401
        if not one.url.startswith(local):
            foreign.append(one.url)

    def answered(one: Any) -> None:  # noqa: ANN401
        if one.status >= 400:
            failed.append(f"{one.status} {one.url}")

    page.on("request", asked)
    page.on("websocket", asked)
    page.on("response", answered)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_viewport_size({"width": 1280, "height": 800})
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    yield page
    report = getattr(request.node, "call_report", None)
    if report is None or report.failed or foreign or failed or errors:
        folder = _ROOT / "screenshots"
        folder.mkdir(exist_ok=True)
        name = re.sub(r"\W+", "-", request.node.name)
        page.screenshot(path=folder / f"{name}.png")
    assert not foreign, f"requests to other hosts: {foreign}"
    assert not failed, f"responses with errors: {failed}"
    assert not errors, f"errors in the page: {errors}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[None]:
    """Keep the report of the call, so that fixtures know how the test went."""
    report = yield
    if report.when == "call":
        item.call_report = report
    return report
