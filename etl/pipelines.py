"""The whole walks: what the command and the jobs call."""

import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from shapely.geometry.base import BaseGeometry

from etl.findings import picture_name
from etl.graphs import (
    agent_graphs,
    change_graphs,
    place_graphs,
    result_graphs,
    weather_graphs,
)
from etl.iris import Iris
from etl.load import GraphSink, Loaded, load
from etl.observations import assessable
from etl.outputs import check_outputs
from etl.pair_coverage import pair_coverage
from etl.scheme import least_score_of, level_scheme
from etl.territory import Territory, statistics_by_unit, units_met
from etl.weather.reading import WeatherFiles, read_weather
from etl.weather.records import Weather
from imagery.context import ContextRaster, read_context
from imagery.files import uninterrupted
from imagery.grid import ground_resolution_m
from imagery.quicklook import picture_bands, read_picture, write_quicklook
from imagery.result_record import held_record
from imagery.scene import files_sha256, open_scene, pixel_files
from imagery.scene_record import scene_record
from imagery.stac import sidecar
from mining.change.pair_offset import for_pair
from mining.change.raster import (
    change_raster,
    check_comparable,
    check_different,
    check_pair,
    compared_bands,
    find_method,
    warn_of_offsets,
)
from mining.change.record import (
    KIND,
    ChangeRecord,
    read_record,
    run_identifier,
    write_record,
)
from mining.change.regions import Region, find_regions
from mining.units import Unit
from mining.zonal.change import UnitStatistics, zonal_statistics

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lifted:
    """What a lift brought into the knowledge base.

    Attributes:
        result: IRI of the change result.
        regions: Number of regions found.
        units: Territory to number of units that meet the raster.
        not_assessable: How many of those have too few valid or too many cloudy pixels.
        weather: What weather came with it.
        coverage: Whether it is known how much of each unit either image shows.
        station_m: Least and greatest distance of those units to their nearest station;
            None without weather.
        loaded: The graphs, and which of them changed.
    """

    result: str
    regions: int
    units: dict[str, int]
    not_assessable: int
    weather: Weather
    coverage: bool
    station_m: tuple[float, float] | None
    loaded: Loaded


def detect_change(
    before: Path,
    after: Path,
    out: Path,
    *,
    method: str,
    beside: Sequence[Path] = (),
    progress: Callable[[int, int], None] | None = None,
) -> ChangeRecord:
    """Compare two scenes; write scores, quality, pictures and the record beside them.

    Where `out` already holds the same run, nothing is written.

    Args:
        before: The earlier product: a SAFE folder, or a described raster.
        after: The later product.
        out: The raster of scores, `.tif`; the others get its stem.
        method: Name of a change method.
        beside: Files that the caller writes next; they may replace nothing either.
        progress: Called with windows done and windows in all.

    Raises:
        ImageryError: A product cannot be read, the two are no pair, or nothing in
            them can be compared.
    """
    first, second = open_scene(before), open_scene(after)
    check_pair(first, second)
    inputs = (before, after, *pixel_files(first, second))
    check_outputs(out, _named(out)[1:], beside, inputs, KIND)
    found = find_method(method)
    bands = compared_bands(first, second, found)
    warn_of_offsets(first, second, bands)
    for scene in (first, second):
        picture_bands(scene)
    check_different(first, second, bands)
    chosen = for_pair(found, first, second, bands)
    parameters = chosen.parameters(bands)
    code_version = version("lucerna-eo")
    run = run_identifier(parameters, first, second, code_version)
    if (held := _finished(out, run)) is not None:
        _log.info("%s already holds run %s", out, run)
        return held
    masked = (first.classification is not None, second.classification is not None)
    started = datetime.now(UTC)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".lucerna-") as folder:
        parts = _named(Path(folder) / out.name)
        grid = change_raster(
            first, second, *parts[:2], method=chosen, bands=bands, progress=progress
        )
        check_comparable(parts[0], first, second)
        bounds = write_quicklook(first, grid, parts[2])
        write_quicklook(second, grid, parts[3])
        record = ChangeRecord(
            run=run,
            parameters=parameters,
            clouds_known=all(masked),
            masked=masked,
            before=scene_record(first),
            after=scene_record(second),
            started=started,
            ended=datetime.now(UTC),
            code_version=code_version,
            change=parts[0],
            quality=parts[1],
            sha256=files_sha256(parts[:1]),
            quality_sha256=files_sha256(parts[1:2]),
            quicklooks=parts[2:],
            quicklook_bounds=bounds,
            resolution_m=ground_resolution_m(grid),
        )
        item = write_record(record)
        wholes = _named(out)
        with uninterrupted():
            for part, whole in zip(
                (*parts, item), (*wholes, sidecar(out)), strict=True
            ):
                part.replace(whole)
    return replace(record, change=wholes[0], quality=wholes[1], quicklooks=wholes[2:])


def regions_of(change: Path, level: str | None = None) -> list[Region]:
    """The regions of a change raster under the threshold scheme in use.

    Args:
        change: A raster of scores.
        level: Weakest change level, one of `LEVEL_WORDS`, whose pixels belong to
            a region; the scheme's own where none is named.
    """
    scheme = level_scheme()
    least = scheme.region_from if level is None else least_score_of(level)
    return find_regions(change, least_score=least, min_area_m2=scheme.region_area_m2)


def lift(
    change: Path,
    territories: Sequence[Territory],
    open_sink: Callable[[], AbstractContextManager[GraphSink]],
    *,
    iri_base: str,
    land_cover: Path | None = None,
    weather: WeatherFiles | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Lifted:
    """Turn a change raster and its context into facts, and load them whole.

    Args:
        change: A raster made by `detect_change`, its record beside it.
        territories: Units that get facts; those off the raster get none.
        open_sink: Opens the knowledge base that the graphs go into.
        iri_base: Beginning of every minted IRI.
        land_cover: Raster of classes to cross the change levels with.
        weather: Files of stations, with their mapping.
        progress: Called with units done and units in all.

    Raises:
        ImageryError: A raster cannot be used, or no unit meets it.
        KnowledgeError: Weather that cannot be read, or facts that break a shape.
    """
    record, iris = read_record(change), Iris(iri_base)
    code_version = version("lucerna-eo")
    context = None if land_cover is None else read_context(land_cover)
    held = Weather()
    if weather is not None:
        units = _shown(record, territories)
        held = read_weather(weather, units, record.before.begins, record.after.ends)
    if context is not None:
        _warn_of(context, record)
    regions = regions_of(change)
    seen = _statistics(record, territories, context, progress)
    graphs = (
        result_graphs(iris, record, regions)
        | agent_graphs(iris, code_version)
        | place_graphs(iris, territories, held.nearest)
        | change_graphs(iris, record.run, seen, context, code_version)
        | weather_graphs(iris, held)
        | pair_coverage(iris, record, territories)
    )
    with tempfile.TemporaryDirectory(prefix="lucerna-") as folder:
        evidence = _evidence(record, Path(folder))
        loaded = load(open_sink, graphs, _pictures(record), evidence)
    return Lifted(
        result=str(iris.result(record.run)),
        regions=len(regions),
        units=units_met(seen),
        not_assessable=sum(
            not assessable(one) for units in seen.values() for one in units.values()
        ),
        weather=held,
        coverage=record.masked is not None,
        station_m=_station_m(seen, held),
        loaded=loaded,
    )


def _station_m(
    seen: Mapping[str, Mapping[Unit, UnitStatistics]], weather: Weather
) -> tuple[float, float] | None:
    """Least and greatest distance of the units on the raster to their station."""
    units = [unit for one in seen.values() for unit in one if unit in weather.nearest]
    if not units:
        return None
    near = [weather.nearest[unit].distance_m for unit in units]
    return min(near), max(near)


def _shown(record: ChangeRecord, territories: Sequence[Territory]) -> list[Unit]:
    """The units that meet what both images show; all where none does."""
    both = record.before.footprint.intersection(record.after.footprint)
    everything = [unit for territory in territories for unit in territory.units]
    return [one for one in everything if one.geometry.intersects(both)] or everything


def _statistics(
    record: ChangeRecord,
    territories: Sequence[Territory],
    context: ContextRaster | None,
    progress: Callable[[int, int], None] | None,
) -> dict[str, dict[Unit, UnitStatistics]]:
    """For each territory the units with a pixel centre on the raster."""

    def measured(polygons: Sequence[BaseGeometry]) -> list[UnitStatistics]:
        return zonal_statistics(
            polygons,
            record.change,
            record.quality,
            bounds=level_scheme().bounds,
            classes=context,
            progress=progress,
        )

    return statistics_by_unit(territories, record.change, measured)


def _warn_of(context: ContextRaster, record: ChangeRecord) -> None:
    """Say what a class raster may be wrong about."""
    if not sidecar(context.path).exists():
        _log.warning(
            "%s is not described: its classes and date are unknown, and what its "
            "header calls no data has no class; `lucerna describe` can tell more",
            context.path,
        )
    if context.begins and context.begins > record.before.ends:
        _log.warning(
            "%s shows the land after the first image of %s: what changed may have "
            "another class there than before",
            context.path,
            record.change,
        )


def _pictures(record: ChangeRecord) -> dict[str, bytes]:
    return {
        picture_name(record, which): read_picture(path)
        for which, path in zip(("before", "after"), record.quicklooks, strict=True)
    }


def _evidence(record: ChangeRecord, folder: Path) -> dict[str, Path]:
    """Raster, quality and record under the names of the run, to be kept."""
    scores = folder / f"{record.run}.tif"
    quality = scores.with_name(f"{record.run}-quality.tif")
    item = write_record(record, kept_as=scores)
    return {
        scores.name: record.change,
        quality.name: record.quality,
        item.name: item,
    }


def _finished(out: Path, run: str) -> ChangeRecord | None:
    """The record of `out` when it holds this run already and nothing is missing."""
    record = held_record(out, run, read_record)
    whole = record is not None and all(one.exists() for one in record.quicklooks)
    return record if whole else None


def _named(out: Path) -> tuple[Path, Path, Path, Path]:
    """Scores, quality and both pictures, named after the raster of scores."""
    return (
        out,
        out.with_name(f"{out.stem}-quality.tif"),
        out.with_name(f"{out.stem}-before.png"),
        out.with_name(f"{out.stem}-after.png"),
    )
