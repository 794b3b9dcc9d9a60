"""What a form sends for a damage report: parcels checked, an event understood."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagery.errors import ImageryError
from ontology.errors import KnowledgeError, QueryRejected

if TYPE_CHECKING:
    from mining.damage.assessment import Event

LONGEST_TITLE = 200


def event_of(told: Mapping[str, str]) -> "Event":
    """The event that a form tells: `peril`, `begins`, `ends`, `title`.

    Raises:
        QueryRejected: A time is none, has no zone, or the end lies before the begin; or
            there are no rules for the peril.
    """
    from etl.damage.rules import damage_rules
    from etl.keys import slug
    from imagery.scene_record import aware_time
    from mining.damage.assessment import Event

    times = {}
    for key in ("begins", "ends"):
        try:
            times[key] = aware_time(told.get(key, ""))
        except ValueError as error:
            raise QueryRejected(
                f"{key}={told.get(key, '')!r}: give a time in UTC such as "
                "2017-04-26T18:00:00Z"
            ) from error
    if times["ends"] < times["begins"]:
        raise QueryRejected("the event ends before it begins; correct its times")
    peril = told.get("peril", "")
    try:
        damage_rules(peril)
    except KnowledgeError as error:
        raise QueryRejected(str(error)) from error
    title = shown(told.get("title", ""), "", LONGEST_TITLE)
    name = slug(f"{peril}-{times['begins'].date().isoformat()}")
    return Event(name, peril, times["begins"], times["ends"], title or None)


def checked_upload(path: Path, name: str) -> tuple[dict[str, Any], bytes]:
    """What is wrong with a file of parcels, and its parcels as GeoJSON.

    Raises:
        InvalidUnits: The file as a whole cannot be used.
    """
    import shapely

    from mining.damage.parcels import check_parcels

    try:
        found = check_parcels(path)
    except ImageryError as error:
        told = str(error).replace(str(path), name).replace(path.name, name)
        raise type(error)(told) from None
    features = ",".join(
        f'{{"type":"Feature","id":{json.dumps(one.id)},'
        f'"geometry":{shapely.to_geojson(one.geometry)},'
        f'"properties":{json.dumps({"identifier": one.id, "name": one.name})}}}'
        for one in found.parcels
    )
    left_out = {one.row for one in found.problems if one.action == "left out"}
    told_of = {
        "name": name,
        "rows": found.rows,
        "parcels": len(found.parcels),
        "left_out": len(left_out),
        "crops": sorted({one.crop for one in found.parcels if one.crop}),
        "problems": [vars(one) for one in found.problems],
    }
    outlines = f'{{"type":"FeatureCollection","features":[{features}]}}'
    return told_of, outlines.encode()


def shown(text: str, otherwise: str, longest: int) -> str:
    r"""Text without control characters, cut to a length.

    >>> shown("a\tb ", "nothing", 3), shown("\n", "nothing", 3)
    ('a b', 'nothing')
    """
    plain = "".join(one if one.isprintable() else " " for one in text).strip()
    return plain[:longest] or otherwise
