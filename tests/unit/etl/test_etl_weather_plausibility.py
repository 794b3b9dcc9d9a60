"""Weather that cannot be, and weather that is only odd."""

import datetime

import numpy as np
import pandas as pd
import pytest

from etl.weather.mapping import parse_mapping
from etl.weather.plausibility import plausible
from ontology.errors import KnowledgeError

NOW = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def check(
    unit: str = "°C", resolution: str = "day", **values: list[float]
) -> pd.DataFrame:
    """Values of one station from 1 May 2018 on, declared in a unit of temperature."""
    elements = "".join(
        f'[[element]]\nvariable = "{one}"\ncolumn = "{one}"\n'
        f'unit = "{ {"rain": "mm", "gust": "m/s"}.get(one, unit) }"\n'
        for one in values
    )
    text = f'resolution = "{resolution}"\n[time]\ncolumns = ["t"]\n'
    mapping = parse_mapping("m", f'{text}[station]\ncolumn = "s"\n{elements}')
    times = {
        "hour": pd.date_range("2018-05-01", periods=400, freq="h", tz="UTC"),
        "day": pd.date_range("2018-05-01", periods=400, freq="D"),
        "month": pd.date_range("2000-05-01", periods=100, freq="MS"),
    }[resolution]
    rows = [
        {"station": "S", "when": when, "variable": name, "value": value, "file": "f"}
        for name, series in values.items()
        for when, value in zip(times, series, strict=False)
    ]
    return plausible(pd.DataFrame(rows), mapping, NOW)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"air_mean": [290.0, 270.5]}, '05-01: air mean is 290 °C, .* unit = "K"'),
        ({"air_mean": [20.0, 68.0, 77.0]}, '2018-05-02: .*68 °C.* unit = "°F"'),
        ({"air_mean": [193.0, -21.0]}, '193 °C, .* looks like 0.1 °C: .*"0.1 °C"'),
        (
            {"air_mean": [12.0, -99.0]},
            r'-99 °C, which cannot be; declare missing = \["-99"\]',
        ),
        ({"rain": [1.0, -1.0]}, "station S, 2018-05-02: rain is -1 mm, which cannot"),
        ({"rain": [2500.0, 0.0]}, 'rain is 2500 mm, .* unit = "0.1 mm"'),
        ({"gust": [130.0, 5.5]}, "gust is 130 m/s, .* looks like km/h"),
        ({"rain": [0.012, 0.001, 0.0] * 20}, "never above 0.012 mm in 60 .* like m"),
        (
            {"air_minimum": [5.0, 9.0], "air_maximum": [6.0, 8.0]},
            "on 1 of 2 days .* contradict each other, as on 2018-05-02: 9, nan, 8 °C",
        ),
        (
            {"air_mean": [5.0, 9.0], "air_maximum": [6.0, 8.0]},
            "contradict each other, as on 2018-05-02: nan, 9, 8 °C; correct them",
        ),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, list[float]], told: str) -> None:
    with pytest.raises(KnowledgeError, match=told) as caught:
        check(**values)
    assert str(caught.value).startswith("f: station S")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"air_mean": [8.25] * 30}, "air mean is 8.25 °C in all 30 days"),
        ({"air_mean": list(np.linspace(20, 55, 60))}, "is it not °F"),
        ({"gust": [0.0] * 30}, "gust is 0 m/s in all 30 days"),
    ],
)
def test_what_is_odd_is_told(
    values: dict[str, list[float]], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    known = check(**values)
    assert told in caplog.text
    assert len(known) == sum(map(len, values.values()))


def test_tenths_with_parts_are_odd(caplog: pytest.LogCaptureFixture) -> None:
    check("0.1 °C", air_mean=list(np.linspace(-0.51, 2.47, 40)))
    assert "has parts of 0.1 °C; is the unit not °C?" in caplog.text


def test_dry_and_usual_series_are_neither(caplog: pytest.LogCaptureFixture) -> None:
    check(rain=[0.0] * 100, air_mean=list(np.linspace(-20, 34, 100)))
    check(resolution="hour", rain=[0.1, 0.2, 0.4] * 50)
    assert caplog.text == ""


def test_a_few_contradictions_are_left_out_and_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    known = check(
        air_minimum=[1.0] * 20,
        air_mean=[2.0] * 19 + [9.0],
        air_maximum=[3.0] * 20,
        rain=[0.0] * 20,
    )
    assert "on 1 of 20 days the air minimum, mean and maximum contr" in caplog.text
    assert len(known) == 80 - 3
    assert known[known["variable"] == "air_mean"]["value"].max() == 2.0
    assert (known["variable"] == "rain").sum() == 20


def test_a_time_to_come_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "NOW", NOW.replace(year=2019))
    with pytest.raises(KnowledgeError, match="2019-06-04, which is in the future"):
        check(air_mean=[10.0, 12.0] * 200)
