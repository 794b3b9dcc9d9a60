"""`lucerna serve` in a process of its own, and an annotator who speaks its API."""

import datetime
import os
import re
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from acceptance_walk import COMMAND, plain_environment

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@contextmanager
def served(kb: Path) -> Iterator[httpx.Client]:
    """The service of a knowledge base on a free port, ended by SIGINT."""
    arguments = [str(COMMAND), "serve", "--kb", str(kb), "--port", "0"]
    process = subprocess.Popen(
        arguments, env=plain_environment(), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said: list[str] = []
    address = None
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"http://[\d.]+:\d+/", line):
            address = found[0]
            break
    assert address, "".join(said)
    rest = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
    rest.start()
    try:
        with httpx.Client(base_url=f"{address}api/v1", timeout=60) as client:
            yield client
    finally:
        os.kill(process.pid, signal.SIGINT)
        process.wait(30)
        rest.join(10)


def ulid() -> str:
    """A fresh identity; later ones are greater."""
    number = (time.time_ns() // 10**6 << 80) + secrets.randbits(79)
    return "".join(DIGITS[number >> 5 * place & 31] for place in range(25, -1, -1))


def event(patch: str, action: str) -> dict[str, Any]:
    """An event as the page sends it."""
    at = datetime.datetime.now(datetime.UTC).isoformat()
    return {"id": ulid(), "patch": patch, "action": action, "undoes": None, "at": at}


def label(
    client: httpx.Client,
    category: str,
    strategy: str,
    truth: Callable[[str], bool],
    batches: int,
) -> dict[str, Any]:
    """Label whole batches, each when it is prepared; the state at the end."""
    told = {"category": category, "annotator": f"{category} {strategy}"}
    opened = client.post("/labelling/sessions", json=told | {"strategy": strategy})
    assert opened.status_code < 300, opened.text
    session = f"/labelling/sessions/{opened.json()['session']}"
    answer = client.get(f"{session}/batch")
    assert answer.status_code == 200, answer.text
    batch = answer.json()
    for _ in range(batches):
        events = [
            event(one["id"], "positive" if truth(one["id"]) else "negative")
            for one in batch["patches"]
        ]
        done = client.post(f"{session}/events", json={"events": events})
        assert done.json()["accepted"] == [one["id"] for one in events], done.text
        settled(client, session)
        number = {"number": batch["number"]}
        batch = client.post(f"{session}/batch", json=number).json()
    return settled(client, session)


def settled(client: httpx.Client, session: str) -> dict[str, Any]:
    """The state once no batch is being prepared."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state: dict[str, Any] = client.get(session).json()
        if not state["pending"]:
            return state
        time.sleep(0.1)
    raise TimeoutError(f"{session} is still being prepared")
