"""Blocks of land between tracks, and the fields cut out of them."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi
from shapely import Polygon, affinity
from shapely.geometry.base import BaseGeometry

from imagery.simulation.place import NORTH_M, SIDE_M, WEST_M

_TRACK_M = 4.0


def blocks(rng: np.random.Generator, per_side: int) -> list[Polygon]:
    """Convex polygons that tile the area without gaps, with shared corners.

    Cells of a Voronoi diagram of jittered points; the points are mirrored at the four
    sides, so that the sides of the area are edges of the diagram.

    Args:
        rng: Source of randomness.
        per_side: Number of blocks along a side, about.
    """
    step = 1.0 / per_side
    grid = (np.arange(per_side) + 0.5) * step
    x, y = (axis.ravel() for axis in np.meshgrid(grid, grid))
    points = np.column_stack([x, y])
    points += rng.uniform(-0.42, 0.42, points.shape) * step
    mirrored = [points]
    for axis in (0, 1):
        for side in (0.0, 1.0):
            copy = points.copy()
            copy[:, axis] = 2 * side - copy[:, axis]
            mirrored.append(copy)
    diagram = Voronoi(np.concatenate(mirrored))
    corners = np.clip(diagram.vertices, 0.0, 1.0) * SIDE_M
    corners = np.round(corners + np.array([WEST_M, NORTH_M - SIDE_M]), 1)
    return [
        _around(corners[diagram.regions[diagram.point_region[number]]])
        for number in range(len(points))
    ]


def cut(
    block: Polygon, angle_deg: float, target_m2: float, rng: np.random.Generator
) -> list[Polygon]:
    """Fields of a block: long shapes along one direction, no two alike.

    Args:
        block: Polygon in metres.
        angle_deg: Direction of the rows, counted from east against the clock.
        target_m2: Area of a field, on average.
        rng: Source of randomness.
    """
    origin = block.centroid
    waiting = [affinity.rotate(block, -angle_deg, origin=origin)]
    done: list[Polygon] = []
    while waiting:
        piece = waiting.pop()
        west, south, east, north = piece.bounds
        if piece.area < target_m2 * rng.uniform(0.6, 1.7):
            done.append(piece)
            continue
        long_enough = (east - west) > rng.uniform(1.3, 2.6) * (north - south)
        turn = rng.uniform(-5, 5) + (90 if long_enough else 0)
        share = rng.uniform(0.36, 0.64)
        through = (west + share * (east - west), south + share * (north - south))
        waiting.extend(halves(piece, through, turn))
    return [affinity.rotate(piece, angle_deg, origin=origin) for piece in done]


def halves(
    polygon: Polygon, through: tuple[float, float], angle_deg: float
) -> list[Polygon]:
    """The two parts of a convex polygon on both sides of a line."""
    x, y = through
    reach = 4 * SIDE_M
    upper = shapely.box(x - reach, y, x + reach, y + reach)
    lower = shapely.box(x - reach, y - reach, x + reach, y)
    sides = (
        affinity.rotate(side, angle_deg, origin=through) for side in (upper, lower)
    )
    parts = (polygon.intersection(side) for side in sides)
    return [part for part in parts if isinstance(part, Polygon) and not part.is_empty]


def corner_of(field: Polygon, angle_deg: float, area_m2: float) -> Polygon | None:
    """A compact piece of about that area at one end of a field, or None."""
    origin = field.centroid
    turned = affinity.rotate(field, -angle_deg, origin=origin)
    west, south, _, _ = turned.bounds
    low, high = 0.0, 4 * float(np.sqrt(area_m2))
    piece: BaseGeometry = turned
    for _ in range(30):
        side = (low + high) / 2
        reached = shapely.box(west, south, west + side, south + side)
        found = turned.intersection(reached)
        low, high = (side, high) if found.area < area_m2 else (low, side)
        piece = found
    if not isinstance(piece, Polygon) or abs(piece.area - area_m2) > 0.1 * area_m2:
        return None
    return affinity.rotate(piece, angle_deg, origin=origin)


def without_margin(field: BaseGeometry) -> Polygon:
    """A field without the strip of grass along its track; its largest part."""
    inner = field.buffer(-_TRACK_M, join_style="mitre")
    parts = [part for part in shapely.get_parts(inner) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area, default=Polygon())


def wobbly_disc(
    rng: np.random.Generator, x: float, y: float, radius_m: float
) -> Polygon:
    """A closed organic outline around a point."""
    turns = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    radius = np.full(turns.shape, radius_m)
    for wave in range(2, 7):
        phase = rng.uniform(0, 2 * np.pi)
        radius += radius_m * rng.normal(0, 0.28 / wave) * np.cos(wave * turns + phase)
    return Polygon(
        np.column_stack([x + radius * np.cos(turns), y + radius * np.sin(turns)])
    )


def _around(corners: NDArray[np.float64]) -> Polygon:
    middle = corners.mean(axis=0)
    angle = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    return Polygon(corners[np.argsort(angle)])
