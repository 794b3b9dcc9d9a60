"""Tests of pages run where no loop runs, as callbacks of a page do."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ui.search.page import SearchPage

sys.path.append(str(Path(__file__).parent))

from search_answers import answers, client


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    """Run the test in a thread of its own: browser tests leave a loop in this one.

    With a loop, what a changed parameter sets off would wait until the test is over.
    """
    names = pyfuncitem._fixtureinfo.argnames
    values = {name: pyfuncitem.funcargs[name] for name in names}
    with ThreadPoolExecutor(1) as pool:
        pool.submit(pyfuncitem.obj, **values).result()
    return True


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> SearchPage:
    """A page over an API that answers from this file; the bundle needs no build."""
    for name in ("map", "query_panel"):
        address = f"ui.search.{name}.bundle_address"
        monkeypatch.setattr(address, lambda name: "assets/none.js")
    return SearchPage(client(answers))
