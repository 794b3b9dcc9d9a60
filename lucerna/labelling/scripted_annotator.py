"""An annotator who knows the answers: labels batches of a session by a rule."""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import rasterio
from pyproj import Transformer

from imagery.scene_record import iso_time
from kb_api.labelling import Labelling

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Rule = Callable[[Mapping[str, Any]], Literal["positive", "negative"]]


def label_batches(
    service: Labelling,
    session: str,
    rule: Rule,
    *,
    batches: int,
    settle: Callable[[str], None],
) -> Counter[str]:
    """Label whole batches, waiting for each next one; how often which answer.

    Args:
        service: Where the session is.
        session: Its identifier.
        rule: What the annotator says of a patch of a batch.
        batches: How many to label at most.
        settle: Waits until the next batch is prepared.
    """
    given: Counter[str] = Counter()
    identifiers = _event_ids()
    batch = service.batch(session)
    for _ in range(batches):
        if not batch["patches"]:
            break
        answers = {one["id"]: rule(one) for one in batch["patches"]}
        moment = iso_time(datetime.now(UTC))
        events = [
            {
                "id": next(identifiers),
                "patch": patch,
                "action": answer,
                "undoes": None,
                "at": moment,
            }
            for patch, answer in answers.items()
        ]
        service.record(session, events)
        given.update(answers.values())
        settle(session)
        batch = service.next_batch(session)
    return given


def shows_class(raster: Path, value: int, *, least_share: float) -> Rule:
    """A rule: positive where a class raster has the class on enough of a patch.

    The share is that of a 9 x 9 lattice over 300 m around the middle of the patch.
    """
    with rasterio.open(raster) as dataset:
        classes = dataset.read(1)
        place = ~dataset.transform
        to_raster = Transformer.from_crs("OGC:CRS84", dataset.crs, always_xy=True)
    height, width = classes.shape

    def answer(patch: Mapping[str, Any]) -> Literal["positive", "negative"]:
        x, y = to_raster.transform(patch["lon"], patch["lat"])
        seen = []
        for step_x in range(-4, 5):
            for step_y in range(-4, 5):
                column, row = place @ (x + step_x * 37.5, y + step_y * 37.5)
                if 0 <= row < height and 0 <= column < width:
                    seen.append(int(classes[int(row), int(column)]) == value)
        enough = bool(seen) and sum(seen) / len(seen) >= least_share
        return "positive" if enough else "negative"

    return answer


def _event_ids() -> Iterator[str]:
    """ULIDs, each greater than the one before.

    References:
        ULID specification: 48 bits of milliseconds, 80 random bits, in Crockford's
        base 32.
    """
    number = (time.time_ns() // 10**6 << 80) + secrets.randbits(79)
    while True:
        yield "".join(_DIGITS[number >> 5 * place & 31] for place in range(25, -1, -1))
        number += 1
