"""The pictures of docs/pages.md: each page of a served demo, in light and dark.

    python tests/pictures/take_pictures.py DEMO docs/pictures

DEMO is the folder of `lucerna demo`; it is made where it is missing. No picture is
larger than 200 kB.
"""

import io
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import httpx
from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

LARGEST = 200_000
_COLOURS = (256, 192, 128, 96, 64)
_FLAGS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
_COMMAND = str(Path(sys.executable).with_name("lucerna"))


def show_home(page: Page, address: str) -> None:
    """The first page with its numbers."""
    page.goto(f"{address}/")
    page.get_by_text("triples").wait_for()


def show_search(page: Page, address: str) -> None:
    """An answer on the map and in the table."""
    page.goto(f"{address}/search?kind=clc:221&least=0.3")
    page.locator(".map[data-ready]").wait_for()
    page.locator(".tabulator-row").first.wait_for()


def show_unit(page: Page, address: str) -> None:
    """All about the first unit of the answer."""
    show_search(page, address)
    page.locator(".tabulator-row").first.click()
    page.locator(".map[data-selected*='/unit/']").wait_for()
    page.get_by_role("button", name="All about this unit").click()
    page.locator("aside canvas").last.wait_for()
    page.mouse.move(1, 1)


def show_query(page: Page, address: str) -> None:
    """The SPARQL of the answer, opened below it."""
    show_search(page, address)
    page.get_by_role("button", name="Show the SPARQL of this answer").click()
    editor = page.locator("[data-ready] .cm-content, .cm-content").first
    editor.wait_for()
    editor.scroll_into_view_if_needed()
    page.mouse.move(800, 500)
    page.mouse.wheel(0, 2000)


def show_label(page: Page, address: str) -> None:
    """A session of an annotator with its first batch of patches."""
    page.goto(f"{address}/label")
    page.get_by_role("combobox", name="Category").click()
    page.get_by_role("menuitem").first.click()
    page.get_by_label("Your name").fill("visitor")
    page.get_by_role("button", name="Start or resume").click()
    page.locator('.frame[data-ready="1"]').wait_for()


def show_damage(page: Page, address: str) -> None:
    """The newest damage report on the map and in the table."""
    reports = httpx.get(f"{address}/api/v1/damage/reports").json()
    page.goto(f"{address}/damage?report={reports[0]['id']}")
    page.locator(".map[data-ready]").wait_for()
    page.locator(".tabulator-row").first.wait_for()


Theme = Literal["light", "dark"]

PICTURES: dict[str, tuple[Callable[[Page, str], None], tuple[Theme, ...]]] = {
    "home": (show_home, ("light", "dark")),
    "search": (show_search, ("light",)),
    "search-unit": (show_unit, ("light", "dark")),
    "search-query": (show_query, ("light",)),
    "label": (show_label, ("light", "dark")),
    "damage": (show_damage, ("light", "dark")),
}
"""What each picture shows, and in which themes."""


def take_pictures(demo: Path, folder: Path) -> list[Path]:
    """The pictures, taken anew from the served demo.

    Raises:
        RuntimeError: A page did not come to rest, or a picture is too large.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with serving(demo) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=_FLAGS
        )
        for name, (show, themes) in PICTURES.items():
            for theme in themes:
                context = browser.new_context(
                    viewport=ViewportSize(width=1440, height=900), color_scheme=theme
                )
                page = context.new_page()
                show(page, address)
                path = folder / f"{name}-{theme}.png"
                path.write_bytes(small(at_rest(page)))
                taken.append(path)
                context.close()
        browser.close()
    return taken


def at_rest(page: Page) -> bytes:
    """The page as it looks when two pictures in a row are the same."""
    last = b""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        page.wait_for_timeout(700)
        now = page.screenshot(animations="disabled", caret="hide")
        if now == last:
            return now
        last = now
    raise RuntimeError(f"{page.url} does not come to rest within 20 s")


def small(png: bytes) -> bytes:
    """The picture in as many colours as fit into `LARGEST` bytes."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in _COLOURS:
        packed = io.BytesIO()
        picture.quantize(
            colours, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
        ).save(packed, "PNG", optimize=True)
        if packed.tell() <= LARGEST:
            return packed.getvalue()
    raise RuntimeError(f"a picture is larger than {LARGEST} bytes; make less of it")


@contextmanager
def serving(demo: Path) -> Iterator[str]:
    """Address of the demo, served on a free loopback port until the end."""
    if not (demo / "kb").is_dir():
        subprocess.run([_COMMAND, "demo", str(demo), "--no-serve"], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [_COMMAND, "serve", "--kb", str(demo / "kb"), "--port", str(port)]
    server = subprocess.Popen(command)
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{address}/api/v1/health").raise_for_status()
                break
            except httpx.HTTPError:
                if server.poll() is not None:
                    raise RuntimeError("the service has ended; see above") from None
                time.sleep(0.2)
        else:
            raise RuntimeError(f"{address} does not answer within 60 s")
        yield address
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    for written in take_pictures(Path(sys.argv[1]), Path(sys.argv[2])):
        sys.stderr.write(f"{written} {written.stat().st_size // 1000} kB\n")
