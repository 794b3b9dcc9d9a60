"""Units, regions, footprints and stations of the walk: which meet, by command line."""

from acceptance_overlaps import assert_overlaps
from acceptance_walk import Walk


def test_what_meets_is_what_the_shapes_give(walk: Walk) -> None:
    meet, within, shared = assert_overlaps(walk.sparql)
    kinds = {"region/": 0, "station/": 0, "unit/parcel/": 0, "unit/commune/": 0}
    for finer, _ in meet:
        for kind in kinds:
            kinds[kind] += f"/{kind}" in finer
    assert all(count > 3 for count in kinds.values()), kinds
    assert len(within) > 50
    assert len(shared) > 10
