"""Ctrl-C and SIGTERM: what they do to a command, in time and in one line."""

import contextlib
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from types import FrameType

_STOPS = (signal.SIGINT, signal.SIGTERM)
_said = threading.Event()


def say_interrupted() -> None:
    """Tell on stderr that the command was stopped, and what it left: nothing."""
    _said.set()
    sys.stderr.write("interrupted; nothing half-written was kept\n")


@contextlib.contextmanager
def stopping() -> Iterator[list[int]]:
    """Numbers of the signals that stopped the block; ignored ones stay ignored."""
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt

    before = {
        one: signal.signal(one, stop)
        for one in _STOPS
        if signal.getsignal(one) is not signal.SIG_IGN
    }
    try:
        yield received
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextlib.contextmanager
def ended_within(grace_s: float) -> Iterator[None]:
    """The process ends this long after Ctrl-C or SIGTERM, even inside a library.

    A query that runs in the store hears no signal; so this is for blocks that leave
    nothing half-written when they are cut off.
    """
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    done = threading.Event()

    def watch() -> None:
        with receiver:
            number = int.from_bytes(receiver.recv(1))
        if number in _STOPS:
            end_within(grace_s, number, done)

    threading.Thread(target=watch, daemon=True).start()
    before = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        done.set()
        sender.close()


def end_within(grace_s: float, number: int, done: threading.Event) -> None:
    """Wait for `done`; end the process and its workers if that takes too long.

    Args:
        grace_s: How long to wait.
        number: The signal that was received; decides the exit code.
        done: Set by what ends in time.
    """
    if not done.wait(grace_s):
        for child in multiprocessing.active_children():
            child.kill()
        if not _said.is_set():
            say_interrupted()
        os._exit(128 + number)
