"""What a damage report speaks of: events, rules, nights, assessed parcels."""

import datetime
from dataclasses import dataclass

from imagery.errors import ImageryError
from mining.damage.parcels import Parcel

NOT_ASSESSED = "notAssessed"
NO_VISIBLE_DAMAGE = "noVisibleDamage"
MET, NOT_MET = "met", "notMet"
NOT_OBSERVED, NOT_APPLICABLE = "notObserved", "notApplicable"

_FIRST_YEAR, _LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class Event:
    """What happened, and when; where it did damage is what a report finds out.

    Attributes:
        id: Short name of letters, digits and hyphens, such as `frost-2017-04-27`.
        peril: Local name of its concept, such as `frost`.
        begins: When it can have begun, UTC.
        ends: When it was over, UTC.
        title: For people; None where none was given.
    """

    id: str
    peril: str
    begins: datetime.datetime
    ends: datetime.datetime
    title: str | None = None

    def __post_init__(self) -> None:
        """Refuse times that no image can bracket.

        Raises:
            ImageryError: The event begins or ends outside the years 1900 to 2100.
        """
        for moment in (self.begins, self.ends):
            if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
                raise ImageryError(
                    f"the event lies in the year {moment.year}; give a time between "
                    f"{_FIRST_YEAR} and {_LAST_YEAR}"
                )


@dataclass(frozen=True)
class WeatherRule:
    """What a night must have measured for a peril to have occurred.

    Attributes:
        variable: A field of `NightRecord`, such as `ground_minimum_c`.
        label: What people call it.
        unit: Symbol of its unit.
        below: The value must lie below this; None: no such bound.
        above: The value must lie above this; None: no such bound.
        hours: Least `hours_below_zero` of the night; None: any.
        max_distance_km: A station farther away says nothing of a parcel.
    """

    variable: str
    label: str
    unit: str
    below: float | None
    above: float | None
    hours: float | None
    max_distance_km: float

    @property
    def asked(self) -> str:
        """The bounds in words.

        >>> rule = WeatherRule("gust_ms", "strongest gust", "m/s", None, 25, None, 30)
        >>> rule.asked
        'above 25 m/s'
        """
        parts = []
        if self.below is not None:
            parts.append(f"below {self.below:g} {self.unit}")
        if self.above is not None:
            parts.append(f"above {self.above:g} {self.unit}")
        if self.hours is not None:
            parts.append(f"at least {self.hours:g} h below 0 °C")
        return " and ".join(parts)


@dataclass(frozen=True)
class DamageRules:
    """How a peril is graded: thresholds are data of the ontology.

    Attributes:
        iri: Of the rule set; another cut is another IRI.
        peril: Local name of the peril.
        affected_from: Lowest change score, 0 to 100, of an affected pixel.
        grades: Word and least affected share, 0 to 1, strongest first; under the last
            of them no damage is visible.
        least_valid_share: Least share of a parcel's pixels that must be valid.
        least_valid_pixels: Least number of valid pixels.
        crop_share: Affected share from which the crop key is met.
        max_days_before: Days that the earlier image may lie before the event.
        max_days_after: Days that the later image may lie after the event's begin.
        weather: What a night must have measured, one of them sufficing, the first that
            decides first; empty where the peril asks for none.
    """

    iri: str
    peril: str
    affected_from: float
    grades: tuple[tuple[str, float], ...]
    least_valid_share: float
    least_valid_pixels: int
    crop_share: float
    max_days_before: float
    max_days_after: float
    weather: tuple[WeatherRule, ...]


@dataclass(frozen=True)
class NightRecord:
    """What a station measured in one night, and where it stands (CRS84).

    Attributes:
        station: IRI of the station.
        station_name: For people.
        lon: Longitude of the station.
        lat: Latitude of the station.
        night: The day on whose noon UTC the night ends.
        ground_minimum_c: Lowest temperature near the ground.
        air_minimum_c: Lowest air temperature.
        hours_below_zero: Hours with air under 0 degrees Celsius.
        rain_mm: Rain of the night.
        gust_ms: Strongest gust.
    """

    station: str
    station_name: str
    lon: float
    lat: float
    night: datetime.date
    ground_minimum_c: float | None = None
    air_minimum_c: float | None = None
    hours_below_zero: float | None = None
    rain_mm: float | None = None
    gust_ms: float | None = None


@dataclass(frozen=True)
class Assessment:
    """What a report says of one parcel.

    Attributes:
        parcel: The parcel.
        grade: Local name of the grade: one of the rules', or `notAssessed`.
        weather_key: `met`, `notMet`, `notObserved` or `notApplicable`.
        crop_key: `met`, `notMet` or `notObserved`: what the images show.
        area_ha: Geodesic area of the parcel, hectares.
        observed_ha: Ground area of its valid pixels.
        affected_ha: Ground area of valid pixels with a score at or above the rules'.
        share: `affected_ha / observed_ha`, 0 to 1; None where nothing was observed.
        level_ha: Ground area in each change level, weak to strong.
        mean_score: Mean score of the valid pixels, 0 to 1; None without any.
        valid_pixels: Pixels compared on both dates.
        cloudy_pixels: Pixels under cloud or shadow on either date.
        total_pixels: All pixels of the parcel, also those off the raster.
        station: IRI of the station that speaks for the parcel.
        station_name: Its name.
        station_km: Its distance over the ground, kilometres.
        night: The night that decides the weather key.
        night_variable: Variable of the rule that decides it.
        night_value: What the variable was then.
        reason: Why grade and keys are what they are, in plain sentences.
    """

    parcel: Parcel
    grade: str
    weather_key: str
    crop_key: str
    area_ha: float
    observed_ha: float
    affected_ha: float
    share: float | None
    level_ha: tuple[float, ...]
    mean_score: float | None
    valid_pixels: int
    cloudy_pixels: int
    total_pixels: int
    station: str | None
    station_name: str | None
    station_km: float | None
    night: datetime.date | None
    night_variable: str | None
    night_value: float | None
    reason: str
