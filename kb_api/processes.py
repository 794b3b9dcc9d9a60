"""What every process beside the serving one does first."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """In a worker: end when the serving process is gone, however it went."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "called in a worker"

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
