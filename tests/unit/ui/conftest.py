"""Tests of pages run where no loop runs, as callbacks of a page do."""

from concurrent.futures import ThreadPoolExecutor

import pytest


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
