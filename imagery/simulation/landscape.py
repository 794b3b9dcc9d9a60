"""Terrain, river, villages, forest, communes and fields of one seed."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.ndimage import gaussian_filter, zoom
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from imagery.simulation.fields import (
    blocks,
    corner_of,
    cut,
    without_margin,
    wobbly_disc,
)
from imagery.simulation.place import (
    EAST_M,
    NORTH_M,
    SIDE_M,
    SIZE_PX,
    TRANSFORM,
    WEST_M,
    Plane,
    generator,
    pixel_centres,
    smooth_noise,
    smoothstep,
)


class Cover(IntEnum):
    """What grows or stands on a pixel."""

    MARGIN = 0
    VINEYARD = 1
    MEADOW = 2
    ARABLE = 3
    FOREST = 4
    VILLAGE = 5
    WATER = 6
    HEDGE = 7
    ROAD = 8


@dataclass(frozen=True)
class Field:
    """One field: outline in UTM metres, what grows on it, direction of its rows."""

    polygon: Polygon
    cover: Cover
    angle_deg: float
    commune: int


@dataclass(frozen=True)
class Landscape:
    """The ground before anything happens to it.

    Attributes:
        seed: Seed it was made from.
        elevation_m: (y, x) height above sea level in metres.
        cover: (y, x) uint8 of `Cover`.
        field_number: (y, x) int32, number of the field from 1; 0 outside fields.
        fields: All fields; number n is item n - 1.
        communes: Outlines in UTM metres; they tile the area.
        villages: Easting and northing of the village of each commune.
    """

    seed: int
    elevation_m: Plane
    cover: NDArray[np.uint8]
    field_number: NDArray[np.int32]
    fields: tuple[Field, ...]
    communes: tuple[Polygon, ...]
    villages: tuple[tuple[float, float], ...]


def build_landscape(seed: int) -> Landscape:
    """The landscape of a seed, 6 km a side at 10 m."""
    river = _river(generator(seed, "river"))
    elevation = _elevation(generator(seed, "elevation"), river)
    villages = _villages(generator(seed, "villages"), river)
    ground = blocks(generator(seed, "blocks"), per_side=15)
    owner = _nearest_village(ground, villages)
    communes = tuple(
        Polygon(
            shapely.get_exterior_ring(
                shapely.coverage_union_all(
                    [
                        b
                        for b, number in zip(ground, owner, strict=True)
                        if number == own
                    ]
                )
            )
        )
        for own in range(len(villages))
    )
    rng = generator(seed, "outlines")
    built = [wobbly_disc(rng, x, y, rng.uniform(170, 300)) for x, y in villages]
    groves = [
        wobbly_disc(
            rng,
            float(rng.uniform(WEST_M, EAST_M)),
            float(rng.uniform(NORTH_M - SIDE_M, NORTH_M)),
            float(rng.uniform(40, 130)),
        )
        for _ in range(22)
    ]
    water = river.buffer(36)
    taken = shapely.union_all([water, *built, *groves]).buffer(25)
    forest, fields = _use(seed, ground, owner, taken)
    hedges, roads = _lines(generator(seed, "lines"), ground, villages)
    number = _burn([(f.polygon, n) for n, f in enumerate(fields, 1)])
    cover = _burn(
        [
            *((line.buffer(7), Cover.HEDGE) for line in hedges),
            *((field.polygon, field.cover) for field in fields),
            *((line.buffer(6), Cover.ROAD) for line in roads),
            *((wood, Cover.FOREST) for wood in (*forest, *groves)),
            (river.buffer(66), Cover.FOREST),
            *((outline, Cover.VILLAGE) for outline in built),
            (water, Cover.WATER),
        ],
    ).astype(np.uint8)
    number[~np.isin(cover, [Cover.VINEYARD, Cover.MEADOW, Cover.ARABLE])] = 0
    return Landscape(seed, elevation, cover, number, fields, communes, villages)


def distance_to(line: LineString, step_px: int = 10) -> Plane:
    """Distance in metres, (y, x), of each pixel to a line, from a coarse grid."""
    x, y = pixel_centres()
    half = step_px // 2
    points = shapely.points(
        x[half::step_px, half::step_px], y[half::step_px, half::step_px]
    )
    coarse = shapely.distance(points, line)
    fine: Plane = zoom(coarse, step_px, order=1, mode="nearest", grid_mode=True)
    return fine


def _river(rng: np.random.Generator) -> LineString:
    along = np.linspace(-0.1, 1.1, 240)
    across = 0.26 + 0.05 * (along - 0.5)
    for waves, size in ((1.6, 0.055), (3.1, 0.035), (5.3, 0.014)):
        across += size * np.sin(2 * np.pi * (waves * along + rng.uniform()))
    return LineString(
        np.column_stack([WEST_M + along * SIDE_M, NORTH_M - SIDE_M + across * SIDE_M])
    )


def _elevation(rng: np.random.Generator, river: LineString) -> Plane:
    away = distance_to(river)
    rise = smoothstep((away - 250) / 2300)
    height = 7 + 0.004 * away + 78 * rise
    for start in rng.uniform(0.15, 0.85, 3):
        bend = rng.uniform(-0.18, 0.18)
        foot = river.interpolate(start, normalized=True)
        head = (foot.x + bend * SIDE_M, foot.y + rng.uniform(0.45, 0.65) * SIDE_M)
        middle = ((foot.x + head[0]) / 2 + 250, (foot.y + head[1]) / 2)
        valley = distance_to(LineString([(foot.x, foot.y), middle, head]))
        height -= 34 * rise * np.exp(-((valley / 330) ** 2))
    height += (2.0 + 7.0 * rise) * smooth_noise(rng, 75)
    height += 1.2 * smooth_noise(rng, 22)
    smoothed: Plane = gaussian_filter(height, 5)
    return np.maximum(smoothed, 3.0)


def _villages(
    rng: np.random.Generator, river: LineString
) -> tuple[tuple[float, float], ...]:
    places: list[tuple[float, float]] = []
    for row, column in np.ndindex(2, 3):
        x = WEST_M + SIDE_M * (column + rng.uniform(0.3, 0.7)) / 3
        y = NORTH_M - SIDE_M * (row + rng.uniform(0.3, 0.7)) / 2
        away = river.distance(shapely.Point(x, y))
        if away < 450:
            nearest = river.interpolate(river.project(shapely.Point(x, y)))
            up = 1.0 if y >= nearest.y else -1.0
            y = nearest.y + up * 450.0
        places.append((float(x), float(y)))
    return tuple(places)


def _nearest_village(
    ground: list[Polygon], villages: tuple[tuple[float, float], ...]
) -> list[int]:
    centres = shapely.points([(b.centroid.x, b.centroid.y) for b in ground])
    ways = [shapely.distance(centres, shapely.Point(place)) for place in villages]
    return [int(number) for number in np.argmin(ways, axis=0)]


def _use(
    seed: int, ground: list[Polygon], owner: list[int], taken: BaseGeometry
) -> tuple[list[Polygon], tuple[Field, ...]]:
    """Blocks of forest, and the fields of all others, clear of river and villages."""
    rng = generator(seed, "use")
    wooded = smooth_noise(generator(seed, "forest"), 85)
    wild = smooth_noise(generator(seed, "crops"), 90)
    forest: list[Polygon] = []
    fields: list[Field] = []
    for block, commune in zip(ground, owner, strict=True):
        row, column = _pixel_of(block)
        if wooded[row, column] > 1.15:
            forest.append(block)
            continue
        angle = float(rng.uniform(0, 180))
        target_m2 = float(rng.choice([9_000, 18_000, 36_000], p=[0.3, 0.4, 0.3]))
        for piece in cut(block, angle, target_m2, rng):
            outline = without_margin(piece.difference(taken))
            if not 1_200 <= outline.area <= 59_000:
                continue
            cover = _crop(rng, float(wild[row, column]))
            if outline.area > 5_000 and rng.uniform() < 0.06:
                small = corner_of(outline, angle, float(rng.uniform(810, 960)))
                if small is not None:
                    rest = without_margin(outline.difference(small.buffer(2)))
                    fields.append(Field(small, Cover.VINEYARD, angle, commune))
                    outline = rest
            fields.append(Field(outline, cover, angle, commune))
    woods = shapely.union_all(forest).buffer(-45).buffer(38)
    return list(shapely.get_parts(woods)), tuple(fields)


def _crop(rng: np.random.Generator, wild: float) -> Cover:
    draw = rng.uniform() - 0.10 * wild
    if draw < 0.68:
        return Cover.VINEYARD
    return Cover.MEADOW if draw < 0.84 else Cover.ARABLE


def _lines(
    rng: np.random.Generator,
    ground: list[Polygon],
    villages: tuple[tuple[float, float], ...],
) -> tuple[list[LineString], list[LineString]]:
    """Hedges along some block edges, roads from village to village."""
    edges = [
        LineString(pair)
        for block in ground
        for pair in zip(
            block.exterior.coords[:-1], block.exterior.coords[1:], strict=True
        )
    ]
    hedges = [edge for edge in edges if rng.uniform() < 0.22 and edge.length > 60]
    roads = []
    for number, (x, y) in enumerate(villages):
        for other in (number + 1, number + 3):
            if other >= len(villages) or (other == number + 1 and other % 3 == 0):
                continue
            ahead = np.linspace(0, 1, 9)[1:-1]
            bend = rng.normal(0, 60, (len(ahead), 2))
            goal = np.array(villages[other])
            between = np.array([x, y]) + ahead[:, None] * (goal - [x, y]) + bend
            roads.append(LineString([(x, y), *between.tolist(), tuple(goal)]))
    return hedges, roads


def _pixel_of(block: Polygon) -> tuple[int, int]:
    column, row = ~TRANSFORM @ (block.centroid.x, block.centroid.y)
    return int(np.clip(row, 0, SIZE_PX - 1)), int(np.clip(column, 0, SIZE_PX - 1))


def _burn(shapes: list[tuple[BaseGeometry, int]]) -> NDArray[np.int32]:
    burnt: NDArray[np.int32] = rasterize(
        ((geometry, int(value)) for geometry, value in shapes),
        out_shape=(SIZE_PX, SIZE_PX),
        transform=TRANSFORM,
        dtype=np.int32,
    )
    return burnt
