"""A service killed between storing an event and saying so: nothing lost, none twice."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

from imagery.synthetic import Sample
from lucerna.database import open_catalogue
from lucerna.labelling.service import LabelService
from lucerna.workers import Workers
from mining.catalogue.filling import add_scenes
from mining.labelling.label_store import published_labels

WRITER = Path(__file__).parent / "label_writer.py"


def event(number: int, patch: str, action: str) -> dict[str, str | None]:
    return {
        "id": f"01JZ{number:022}",
        "patch": patch,
        "action": action,
        "undoes": None,
        "at": f"2026-05-01T09:30:{number:02}Z",
    }


def test_an_event_stored_but_not_acknowledged_is_there_once(
    database_url: str, sample: Sample
) -> None:
    with open_catalogue(database_url) as catalogue:
        add_scenes(catalogue, [sample.before], size=64)
    with subprocess.Popen(
        [sys.executable, str(WRITER), database_url, "Anna"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        told = json.loads(writer.stdout.readline())
        sent = [
            event(1, told["patches"][0], "positive"),
            event(2, told["patches"][1], "negative"),
        ]
        writer.stdin.write(json.dumps(sent) + "\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == "stored\n"
        writer.kill()
        # Ends when no process holds the pipe: the writer's workers are gone as well.
        writer.communicate(timeout=60)

    with (
        Workers(1) as workers,
        contextlib.closing(
            LabelService(database_url, workers, lambda _: None)
        ) as label,
        open_catalogue(database_url) as catalogue,
    ):
        state = label.open_session(told["category"], "Anna", "diverse")
        assert state["session"] == told["session"]
        batch = label.batch(told["session"])["patches"]
        assert [one["id"] for one in batch] == told["patches"]
        assert [one["label"] for one in batch[:3]] == ["positive", "negative", None]
        again = label.record(told["session"], [*sent, event(3, batch[2]["id"], "skip")])
        assert again["accepted"] == [f"01JZ{number:022}" for number in (1, 2, 3)]
        stored = published_labels(catalogue, told["category"]).labels
        assert [one.id for one in stored] == again["accepted"]
        label.settle(told["session"])
