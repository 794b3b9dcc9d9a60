"""Rows that each question must have, from the head comments and the expected facts.

Parameters have the names and meaning of the head comments. Rows are mappings of all
columns; their order is not that of the answer.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import shapely
from expected_facts import Facts
from expected_units import LEVELS, Seen, Unit

Row = dict[str, Any]
ALL_LAND = "all land"
SCHEME = "https://w3id.org/lucerna/scheme/threshold/change-score/1"


class Expected:
    """The expected rows of one knowledge base.

    Attributes:
        facts: What the sample's files say.
        base: Beginning of every IRI.
        results: Method to the IRI of its result, as the command tells it.
    """

    def __init__(self, facts: Facts, base: str, results: Mapping[str, str]) -> None:
        self.facts, self.base, self.results = facts, base, results
        self.begins, self.ends = facts.before.begins, facts.after.ends
        self.interval = {
            "begins": facts.before.begins_text,
            "ends": facts.after.ends_text,
        }

    def unit_iri(self, unit: Unit) -> str:
        """The IRI of a version that holds from the first day of a year."""
        year = str(unit.properties["valid_from"]).removesuffix("-01-01")
        return f"{self.base}unit/{unit.level}/{unit.id}@{year}"

    def changed_units(
        self,
        shape: str = "",
        kind: str = "2",
        level: str = "high",
        least: float = 0.3,
        unit_level: str = "parcel",
        place: str = "",
        since: str = "",
        until: str = "",
        least_clear: float = 0.0,
        include_unassessable: bool = False,
    ) -> list[Row]:
        """Question 1: units with a share of a kind of land at a level or above."""
        if since and self.begins.date() < date.fromisoformat(since):
            return []
        if until and self.ends.date() > date.fromisoformat(until):
            return []
        asked = shapely.from_wkt(shape) if shape else None
        rows = []
        for method, unit, seen in self._observed(unit_level):
            if not seen.assessable and not include_unassessable:
                continue
            if seen.valid < least_clear * seen.total:
                continue
            commune = self.facts.commune(unit)
            if place not in ("", unit.id, commune.id if commune else ""):
                continue
            if asked is not None and not unit.geometry.intersects(asked):
                continue
            for label, hectares in self._land(seen, kind):
                level_ha, observed_ha = _at_least(hectares, level), sum(hectares)
                if observed_ha > 0 and level_ha / observed_ha >= least:
                    rows.append(
                        {
                            **self._named(unit),
                            "kind_label": label,
                            "level_ha": level_ha,
                            "observed_ha": observed_ha,
                            "share": level_ha / observed_ha,
                            **self.interval,
                            "valid_pixels": seen.valid,
                            "clear": seen.valid / seen.total,
                            "assessable": seen.assessable,
                            "method": method,
                            "result": self.results[method],
                        }
                    )
        return rows

    def rank_units(
        self,
        kind: str = "22",
        level: str = "middle",
        unit_level: str = "commune",
        after: str = "",
    ) -> list[Row]:
        """Question 3: units by hectares of a kind of land at a level or above."""
        if after and self.ends.date() <= date.fromisoformat(after):
            return []
        rows = []
        for method, unit, seen in self._observed(unit_level):
            land = [hectares for _, hectares in self._land(seen, kind)]
            changed = sum(_at_least(hectares, level) for hectares in land)
            observed = sum(sum(hectares) for hectares in land)
            if changed > 0:
                rows.append(
                    {
                        **self._named(unit),
                        "hectares": changed,
                        "observed_ha": observed,
                        "share": changed / observed,
                        "assessable": seen.assessable,
                        "method": method,
                        **self.interval,
                        "result": self.results[method],
                    }
                )
        return rows

    def image_pairs(
        self,
        agent: str,
        ended: Mapping[str, str],
        method: str = "",
        since: str = "",
        until: str = "",
    ) -> list[Row]:
        """Question 7: the pairs behind the results."""
        if since and self.begins.date() < date.fromisoformat(since):
            return []
        if until and self.ends.date() > date.fromisoformat(until):
            return []
        before, after = self.facts.before, self.facts.after
        return [
            {
                "result": result,
                "method": name,
                "method_version": "1",
                "before_product": before.product_id,
                "after_product": after.product_id,
                "before_time": before.ends_text,
                "after_time": after.ends_text,
                "agent": f"{self.base}agent/{agent}",
                "ended": ended[name],
                "scheme": SCHEME,
                "simulated": True,
            }
            for name, result in self.results.items()
            if method in ("", name)
        ]

    def weather_before_change(
        self,
        unit_level: str = "parcel",
        level: str = "high",
        least: float = 0.3,
        days: int = 3,
    ) -> list[Row]:
        """Question 8: the nights before the later image at the nearest station."""
        last = self.ends.date()
        asked = [last - timedelta(days=back) for back in range(days)]
        rows = []
        for method, unit, seen in self._observed(unit_level):
            level_ha, observed_ha = _at_least(seen.hectares, level), sum(seen.hectares)
            if not seen.assessable or level_ha / observed_ha < least:
                continue
            station, distance_m = self.facts.nearest(unit)
            for night in self.facts.nights:
                if night.station == station.id and night.day in asked:
                    rows.append(
                        {
                            **self._named(unit),
                            "level_ha": level_ha,
                            "share": level_ha / observed_ha,
                            "method": method,
                            **self.interval,
                            "station": station.name,
                            "station_km": distance_m / 1000,
                            "night": str(night.day),
                            "ground_minimum_c": night.ground_minimum_c,
                            "air_minimum_c": night.air_minimum_c,
                            "hours_below_zero": night.hours_below_zero,
                            "rain_mm": night.rain_mm,
                            "gust_ms": night.gust_ms,
                        }
                    )
        return rows

    def _observed(self, unit_level: str) -> Iterator[tuple[str, Unit, Seen]]:
        for method, units in self.facts.seen.items():
            for unit, seen in units.items():
                if unit.level == unit_level:
                    yield method, unit, seen

    def _land(self, seen: Seen, kind: str) -> list[tuple[str, tuple[float, ...]]]:
        """The strata of a CLC code: digits of a class begin with its parent's."""
        if not kind:
            return [(ALL_LAND, seen.hectares)]
        return [
            (self.facts.labels[value], hectares)
            for value, hectares in seen.strata.items()
            if str(value).startswith(kind)
        ]

    def _named(self, unit: Unit) -> Row:
        name = {"identifier": unit.id, "name": unit.name}
        return {"unit": self.unit_iri(unit), **name}


def _at_least(hectares: tuple[float, ...], level: str) -> float:
    return sum(hectares[LEVELS.index(level) :])
