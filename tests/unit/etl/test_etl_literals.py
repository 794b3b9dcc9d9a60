"""One spelling for each number, time and shape."""

import datetime
from decimal import Decimal

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import from_wkt
from shapely.geometry import Point, box

from etl.literals import decimal, moment, rounded, wkt_literal

XSD_DECIMAL = ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.00001, "0"),
        (1.0, "1"),
        (1.05, "1.05"),
        (0.00005, "0"),
        (0.00015, "0.0002"),
        (123456.78999, "123456.79"),
        (Decimal("10.5000"), "10.5"),
        (100.0, "100"),
    ],
)
def test_decimals(number: float, text: str) -> None:
    assert str(decimal(number)) == text


@given(st.floats(-1e6, 1e6))
def test_the_store_keeps_a_decimal_as_we_write_it(number: float) -> None:
    written = str(decimal(number))
    store = ox.Store()
    subject = ox.NamedNode("https://kb.example/a")
    store.add(ox.Quad(subject, subject, ox.Literal(written, datatype=XSD_DECIMAL)))
    (quad,) = store
    assert quad.object.value == written
    assert abs(Decimal(written) - Decimal(number)) <= Decimal("0.00005")


def test_times_become_utc_and_end_in_z() -> None:
    paris = datetime.timezone(datetime.timedelta(hours=2))
    time = datetime.datetime(2017, 4, 29, 12, 56, 51, tzinfo=paris)
    assert str(moment(time)) == "2017-04-29T10:56:51Z"
    assert str(moment(time.replace(microsecond=26_000))) == "2017-04-29T10:56:51.026Z"
    assert str(moment(time.replace(microsecond=740_000))) == "2017-04-29T10:56:51.74Z"
    assert str(moment(time.replace(second=50))) == "2017-04-29T10:56:50Z"


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        moment(datetime.datetime(2017, 4, 29))


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_wkt_round_trips_to_a_centimetre(lon: float, lat: float) -> None:
    back = from_wkt(str(wkt_literal(Point(lon, lat))))
    assert (back.x, back.y) == pytest.approx((lon, lat), abs=6e-8)


def test_swapped_axes_are_a_bug() -> None:
    with pytest.raises(AssertionError, match="latitude out of range"):
        wkt_literal(box(44, 170, 45, 171))


def test_rounding_is_half_even() -> None:
    assert rounded(0.00025) == Decimal("0.0002")
