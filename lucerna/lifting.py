"""Any raster that a verb made, lifted by what its record says it is."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from etl.load import GraphSink
from etl.territory import Territory
from etl.weather.reading import WeatherFiles, weather_files
from imagery.errors import ImageryError
from imagery.stac import made_as
from lucerna.console import Progress
from ontology.errors import KnowledgeError


def lift_rasters(
    rasters: Sequence[Path],
    territories: Sequence[Territory],
    open_sink: Callable[[], AbstractContextManager[GraphSink]],
    *,
    iri_base: str,
    land_covers: Sequence[Path],
    weather: WeatherFiles | None,
    progress: Progress | None,
) -> list[dict[str, Any]]:
    """Lift rasters one after another, each whole or not at all; what to tell of each.

    Args:
        rasters: As of `lift_raster`.
        territories: Units that get facts.
        open_sink: Opens the knowledge base that the graphs go into.
        iri_base: Beginning of every minted IRI.
        land_covers: Class rasters: none, one for all, or one for each raster.
        weather: Files of stations, with their mapping; None without any.
        progress: Called with units done and units in all.

    Raises:
        ImageryError: A raster cannot be used; those before it are lifted.
        KnowledgeError: Weather or facts are refused; likewise.
    """
    if len(land_covers) > 1 and len(land_covers) != len(rasters):
        raise ImageryError(
            f"lift: {len(rasters)} rasters and {len(land_covers)} of --land-cover; "
            "give one for all, or one for each in their order"
        )
    covers: list[Path | None] = [*land_covers] or [None]
    if len(covers) < len(rasters):
        covers *= len(rasters)
    return [
        lift_raster(
            raster,
            territories,
            open_sink,
            iri_base=iri_base,
            land_cover=cover,
            weather=weather,
            progress=progress,
        )
        for raster, cover in zip(rasters, covers, strict=True)
    ]


def lift_raster(
    raster: Path,
    territories: Sequence[Territory],
    open_sink: Callable[[], AbstractContextManager[GraphSink]],
    *,
    iri_base: str,
    land_cover: Path | None,
    weather: WeatherFiles | None,
    progress: Progress | None,
) -> dict[str, Any]:
    """Lift a change raster, a class raster or a scene; what to tell of it.

    Args:
        raster: Made by `lucerna change` or `lucerna classify`, its record beside it;
            or a product: SAFE, or a described raster of a sensor.
        territories: Units that get facts.
        open_sink: Opens the knowledge base that the graphs go into.
        iri_base: Beginning of every minted IRI.
        land_cover: Class raster to cross change levels with; None without one.
        weather: Files of stations, with their mapping; None without any.
        progress: Called with units done and units in all.

    Raises:
        ImageryError: The raster cannot be used, or context is given for a class
            raster or a scene, which take none.
        KnowledgeError: Weather or facts are refused.
    """
    made = made_as(raster)
    if made == "change":
        from etl.pipelines import lift
        from lucerna.facts import lift_facts

        lifted = lift(
            raster,
            territories,
            open_sink,
            iri_base=iri_base,
            land_cover=land_cover,
            weather=weather,
            progress=progress,
        )
        return lift_facts(lifted) | unit_facts(territories, lifted.units)
    if land_cover is not None or weather is not None:
        kind = "scene" if made is None else "class raster"
        raise ImageryError(
            f"{raster} is a {kind}: it is lifted without --land-cover and "
            "--weather; give those when you lift a change raster"
        )
    if made is None:
        from etl.scene_lift import lift_scene
        from lucerna.facts import coverage_facts

        scene = lift_scene(
            raster, territories, open_sink, iri_base=iri_base, progress=progress
        )
        return coverage_facts(scene) | unit_facts(territories, scene.units)
    from etl.land_cover.lift import lift_classification
    from lucerna.facts import land_cover_facts

    classes = lift_classification(
        raster, territories, open_sink, iri_base=iri_base, progress=progress
    )
    return land_cover_facts(classes) | unit_facts(territories, classes.units)


def wanted_weather(
    path: Path | None,
    mapping: str | None,
    since: datetime | None,
    until: datetime | None,
) -> WeatherFiles | None:
    """The weather that the options of `lift` ask for; None without any.

    Args:
        path: Folder or file of weather.
        mapping: Mapping file, or name of a ready one.
        since: First day that is wanted.
        until: Last day that is wanted.

    Raises:
        KnowledgeError: The mapping or the days make no sense, or there is no weather
            for them.
    """
    if path is None:
        if mapping or since or until:
            raise KnowledgeError(
                "lift: --weather-mapping, --weather-since and --weather-until speak of "
                "files that --weather names; name them, or leave those out"
            )
        return None
    first, last = (None if one is None else one.date() for one in (since, until))
    return weather_files(path, mapping, first, last)


def unit_facts(
    territories: Sequence[Territory], met: Mapping[str, int]
) -> dict[str, Any]:
    """What to tell of units that were mended, or that the raster does not show.

    Args:
        territories: All units.
        met: Territory to number of units that the raster shows.
    """
    units = [unit for territory in territories for unit in territory.units]
    repaired = [unit.id for unit in units if unit.repaired]
    off = len(units) - sum(met.values())
    told: dict[str, Any] = {"units off the raster": off} if off else {}
    if repaired:
        told |= {"repaired outlines": len(repaired), "repaired": repaired}
    return told
