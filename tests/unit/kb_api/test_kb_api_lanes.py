"""Two lanes: what takes long is moved, and in nobody's way until both are full."""

import contextlib
import threading
import time

from kb_api.endpoint.lanes import Lanes

SOON = 30.0


def test_a_place_is_free_as_soon_as_one_is_given_back() -> None:
    lanes = Lanes(1, 0, 0, 9)
    with lanes.place(time.monotonic()) as first:
        assert first is not None
        with lanes.place(time.monotonic()) as second:
            assert second is None
    with lanes.place(time.monotonic()) as third:
        assert third is not None


def test_the_longest_held_is_moved_and_told_when_somebody_waits() -> None:
    lanes = Lanes(2, 1, 0, 9)
    moved: list[str] = []
    with contextlib.ExitStack() as stack:
        first, second = (
            stack.enter_context(lanes.place(time.monotonic())) for _ in range(2)
        )
        assert first is not None
        assert second is not None
        first.on_slow(lambda: moved.append("first"))
        third = stack.enter_context(lanes.place(time.monotonic()))
        assert third is not None
        assert (first.slow, second.slow, third.slow) == (True, False, False)
        assert moved == ["first"]
        # Both lanes are full now.
        assert stack.enter_context(lanes.place(time.monotonic())) is None
        # Told late, it is done at once.
        first.on_slow(lambda: moved.append("again"))
        assert moved == ["first", "again"]


def test_who_waits_goes_on_when_the_while_is_over_or_the_slow_lane_is_left() -> None:
    lanes = Lanes(1, 1, 0.2, 9)
    begun = time.monotonic()
    release, has_place = threading.Event(), threading.Event()

    def hold() -> None:
        with lanes.place(begun + SOON) as place:
            if place is not None:
                has_place.set()
            release.wait(SOON)

    with lanes.place(begun) as first:
        assert first is not None
        with lanes.place(begun + SOON) as second:
            assert second is not None
            assert first.slow
            assert time.monotonic() - begun >= 0.2
            third = threading.Thread(target=hold)
            third.start()
    assert has_place.wait(SOON)  # both others have left
    release.set()
    third.join(SOON)
    assert not third.is_alive()


def test_one_client_gets_only_some_of_the_places() -> None:
    lanes = Lanes(3, 3, 0, 2)
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            assert stack.enter_context(lanes.place(time.monotonic(), "one")) is not None
        assert stack.enter_context(lanes.place(time.monotonic(), "one")) is None
        for client in ("other", "", "", ""):
            held = stack.enter_context(lanes.place(time.monotonic(), client))
            assert held is not None
        assert stack.enter_context(lanes.place(time.monotonic(), "")) is None
    with lanes.place(time.monotonic(), "one") as again:
        assert again is not None
