"""Which things meet, pair by pair, and the ground that they share."""

from collections.abc import Sequence

import geopandas
import pandas as pd

EQUAL_AREA = "EPSG:6933"
LINKED = {
    ("Station", "Unit"), ("Station", "Footprint"), ("Patch", "Region"),
    ("Patch", "Unit"), ("Patch", "Footprint"), ("Region", "Unit"),
    ("Region", "Footprint"), ("Unit", "Footprint"),
}  # fmt: skip

Pair = tuple[str, str]
Row = tuple[str, str, str, str]
"""Name of a thing, its kind, its group (of units), its WKT in CRS84."""


def overlaps(rows: Sequence[Row]) -> tuple[set[Pair], set[Pair], dict[Pair, float]]:
    """What meets what, what lies within what, and square metres that others share.

    The finer thing of a pair stands first, of two units the smaller one; units of one
    group are no pair.
    """
    table = pd.DataFrame(rows, columns=["name", "kind", "group", "wkt"])
    shapes = geopandas.GeoSeries.from_wkt(table.pop("wkt"), crs="OGC:CRS84")
    things = geopandas.GeoDataFrame(table, geometry=shapes)
    joined = things.sjoin(things, predicate="intersects")
    meet, within, common = set(), set(), {}
    for i, j in zip(joined.index, joined["index_right"], strict=True):
        one, other = things.loc[i], things.loc[j]
        if one["kind"] == other["kind"] == "Unit":
            order = (shapes[i].area, one["name"]) < (shapes[j].area, other["name"])
            linked = order and one["group"] != other["group"]
        else:
            linked = (one["kind"], other["kind"]) in LINKED
        if linked:
            pair = one["name"], other["name"]
            meet.add(pair)
            inside, around = shapes[i].within(shapes[j]), shapes[j].within(shapes[i])
            within |= ({pair} if inside else set()) | (
                {pair[::-1]} if around else set()
            )
            if not inside and not around:
                common[pair] = shapes[i].intersection(shapes[j])
    shared = geopandas.GeoSeries(common, crs=shapes.crs).to_crs(EQUAL_AREA).area
    return meet, within, {pair: float(m) for pair, m in shared.items() if m > 0}
