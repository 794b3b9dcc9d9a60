"""Stores label events for a test and never comes to acknowledge them."""

import json
import sys

from lucerna.labelling.service import LabelService
from lucerna.workers import Workers


def main() -> None:
    """Store the events of standard input, say so, and wait to be killed."""
    url, annotator = sys.argv[1:]
    with Workers(1) as workers:
        service = LabelService(url, workers, lambda _: None)
        category = service.add_category("Wet places", None)["name"]
        session = service.open_session(category, annotator, "diverse")["session"]
        patches = [one["id"] for one in service.batch(session)["patches"]]
        told = {"session": session, "category": category, "patches": patches}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        service.record(session, json.loads(sys.stdin.readline()))
        sys.stdout.write("stored\n")
        sys.stdout.flush()
        sys.stdin.readline()


if __name__ == "__main__":
    main()
