"""Units and regions of a result as GeoJSON (RFC 7946), in CRS84."""

import json
from collections.abc import Iterable, Mapping

import pyoxigraph as ox
import shapely
from fastapi import APIRouter, HTTPException, Response

from kb_api.lookups import named_node, rows
from kb_api.store import Store
from kb_api.terms import Value
from kb_api.wkt import shape_of

GEOJSON = "application/geo+json"

_LEVEL = "https://w3id.org/lucerna/scheme/unit-level/"


def router(store: Store) -> APIRouter:
    """`/units.geojson` and `/regions.geojson` over a store."""
    routes = APIRouter(tags=["features"])

    @routes.get("/units.geojson", response_class=Response)
    def units(result: str, unit_level: str = "parcel") -> Response:
        """The units of a level with the hectares of each change level."""
        level = unit_level if ":" in unit_level else _LEVEL + unit_level
        found = rows(
            store,
            "units",
            result=_result(store, result),
            unit_level=named_node(level),
        )
        word = level.rpartition("/")[2]
        properties = ({**_shares(row), "level": word} for row in found)
        return Response(collection(found, "unit", properties), media_type=GEOJSON)

    @routes.get("/regions.geojson", response_class=Response)
    def regions(result: str) -> Response:
        """The regions found, with their area and score."""
        found = rows(store, "regions", result=_result(store, result))
        return Response(collection(found, "region", found), media_type=GEOJSON)

    return routes


def collection(
    found: Iterable[Mapping[str, Value]],
    identity: str,
    properties: Iterable[Mapping[str, Value]],
) -> bytes:
    """A FeatureCollection. Memory: all features.

    Args:
        found: One row a feature, with its shape as `wkt` in CRS84; None, or what cannot
            be read: no place.
        identity: The column whose IRI becomes the feature's id.
        properties: The properties of each feature; `identity` and `wkt` are left out.
    """
    features = []
    for row, values in zip(found, properties, strict=True):
        wkt = row["wkt"]
        shape = shape_of(None if wkt is None else str(wkt))
        place = "null" if shape is None else shapely.to_geojson(shape)
        kept = {k: v for k, v in values.items() if k not in (identity, "wkt")}
        features.append(
            f'{{"type":"Feature","id":{json.dumps(row[identity])},'
            f'"geometry":{place},"properties":{json.dumps(kept)}}}'
        )
    body = ",".join(features)
    return f'{{"type":"FeatureCollection","features":[{body}]}}'.encode()


def _shares(row: Mapping[str, Value]) -> dict[str, Value]:
    """The row with the share of its observed area at level high, 0 to 1."""
    observed_ha, high_ha = row["observed_ha"], row["high_ha"]
    assert isinstance(observed_ha, int | float), row
    assert isinstance(high_ha, int | float), row
    share = round(high_ha / observed_ha, 4) if observed_ha > 0 else None
    return {**row, "high_share": share}


def _result(store: Store, iri: str) -> ox.NamedNode:
    node = named_node(iri)
    if not rows(store, "is_result", result=node):
        raise HTTPException(404, f"no change result {iri}; /api/v1/results lists them")
    return node
