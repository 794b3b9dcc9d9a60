"""Units, regions, footprints and stations of the walk: which meet, by command line."""

from collections import Counter

import pytest
from acceptance_overlaps import assert_overlaps
from acceptance_walk import Walk, told


def test_what_meets_is_what_the_shapes_give(walk: Walk) -> None:
    meet, within, shared = assert_overlaps(walk.sparql)
    kinds = {"region/": 0, "station/": 0, "unit/parcel/": 0, "unit/commune/": 0}
    for finer, _ in meet:
        for kind in kinds:
            kinds[kind] += f"/{kind}" in finer
    assert all(count > 3 for count in kinds.values()), kinds
    assert len(within) > 50
    assert len(shared) > 10


def test_regions_of_units_are_looked_up(walk: Walk) -> None:
    meet, within, shared = assert_overlaps(walk.sparql)
    regions = [(a, b) for a, b in meet if "/region/" in a]
    holding = Counter(b for a, b in regions if "/commune/" in b and (a, b) in within)
    crossed = Counter(b for a, b in regions if "/parcel/" in b and (a, b) in shared)
    for counted in (holding, crossed):
        ((unit, most),) = counted.most_common(1)
        assert most > 1
        rows = told(walk.run("ask", "regions_of_unit", f"unit={unit}", "--json"))
        found = {row["region"]: row for row in rows}
        assert len(found) == len(rows)
        held = {a for a, b in regions if b == unit and (b, a) in within}
        lying = {a for a, b in regions if b == unit and (a, b) in within}
        crossing = {a for a, b in regions if b == unit and (a, b) in shared}
        assert found.keys() == held | lying | crossing
        for region in lying:
            assert found[region]["shared_ha"] == found[region]["region_ha"] > 0
            assert found[region]["share"] == 1
        for region in crossing:
            area_ha = shared[region, unit] / 10_000
            got = found[region]
            assert got["shared_ha"] == pytest.approx(area_ha, rel=1e-3, abs=6e-5)
            part = got["shared_ha"] / got["region_ha"]
            assert got["share"] == pytest.approx(part, abs=0.01)
