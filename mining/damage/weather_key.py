"""Whether a peril occurred at a parcel, by the nights of the nearest station."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyproj import Geod

from mining.damage.assessment import (
    MET,
    NOT_APPLICABLE,
    NOT_MET,
    NOT_OBSERVED,
    Event,
    NightRecord,
    WeatherRule,
)
from mining.damage.parcels import Parcel

_WGS84 = Geod(ellps="WGS84")
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class WeatherKey:
    """Whether the peril occurred, by a station.

    Attributes:
        key: `met`, `notMet`, `notObserved` or `notApplicable`.
        told: Why, in one sentence.
        night: The night that decides; None where no night does.
        km: Distance of its station over the ground.
        variable: Of the rule that decides.
        value: What the variable was in that night.
    """

    key: str
    told: str
    night: NightRecord | None = None
    km: float | None = None
    variable: str | None = None
    value: float | None = None


def nights_of(event: Event, nights: Iterable[NightRecord]) -> list[NightRecord]:
    """The nights, noon to noon UTC, that meet the time of the event."""

    def meets(night: NightRecord) -> bool:
        noon = datetime.datetime.combine(night.night, datetime.time(12), datetime.UTC)
        return noon - _DAY < event.ends and noon > event.begins

    return [one for one in nights if meets(one)]


def weather_key(
    parcel: Parcel, rules: Sequence[WeatherRule], nights: Sequence[NightRecord]
) -> WeatherKey:
    """What the nearest station that measured says of the peril at a parcel.

    The first rule that is met decides, else the first whose variable was measured near
    enough. Of a station's nights the one decides that meets the rule by most, else
    comes nearest to it.

    Args:
        parcel: Its centroid is measured from.
        rules: One that is met suffices; none: the peril asks for no weather.
        nights: Those of the event.
    """
    if not rules:
        told = "The rules name no weather for this peril."
        return WeatherKey(NOT_APPLICABLE, told)
    found = [_by_rule(parcel, one, nights) for one in rules]
    order = (MET, NOT_MET, NOT_OBSERVED)
    return min(found, key=lambda one: order.index(one.key))


def _by_rule(
    parcel: Parcel, rule: WeatherRule, nights: Sequence[NightRecord]
) -> WeatherKey:
    measured = [one for one in nights if getattr(one, rule.variable) is not None]
    if not measured:
        told = f"No station measured the {rule.label} during the event."
        return WeatherKey(NOT_OBSERVED, told)
    place = parcel.geometry.centroid
    stations = {one.station: one for one in measured}
    distances = {
        iri: _WGS84.inv(place.x, place.y, one.lon, one.lat)[2] / 1000
        for iri, one in stations.items()
    }
    nearest = min(distances, key=lambda iri: (distances[iri], iri))
    km = round(distances[nearest], 3)
    if km > rule.max_distance_km:
        name = stations[nearest].station_name
        return WeatherKey(
            NOT_OBSERVED,
            f"The nearest station that measured the {rule.label}, {name}, is "
            f"{km:.1f} km away, farther than {rule.max_distance_km:g} km.",
        )
    own = [one for one in measured if one.station == nearest]
    sign = 1.0 if rule.below is not None else -1.0
    night = min(
        own,
        key=lambda one: (
            not _occurred(one, rule),
            sign * _value(one, rule),
            one.night,
        ),
    )
    value = _value(night, rule)
    return WeatherKey(
        MET if _occurred(night, rule) else NOT_MET,
        f"{night.station_name}, {km:.1f} km away, measured a {rule.label} of "
        f"{value:g} {rule.unit} in the night to {night.night.day} "
        f"{night.night:%B %Y}; the peril asks for {rule.asked}.",
        night,
        km,
        rule.variable,
        value,
    )


def _value(night: NightRecord, rule: WeatherRule) -> float:
    return float(getattr(night, rule.variable))


def _occurred(night: NightRecord, rule: WeatherRule) -> bool:
    value = _value(night, rule)
    return (
        (rule.below is None or value < rule.below)
        and (rule.above is None or value > rule.above)
        and (rule.hours is None or (night.hours_below_zero or 0) >= rule.hours)
    )
