"""Mapping files: what they may say, and the line that tells what is wrong."""

from pathlib import Path

import pytest

from etl.weather.mapping import parse_mapping, read_mapping, ready_mappings
from ontology.errors import KnowledgeError

LONG = """
resolution = "day"
[time]
columns = ["day"]
[station]
column = "station"
[[element]]
variable = "rain"
unit = "mm"
column = "rr"
"""


def test_every_ready_mapping_is_sound() -> None:
    named = {name: read_mapping(name).resolution for name in ready_mappings()}
    assert named == {
        "chmi-monthly": "month",
        "de-marke": "day",
        "ecad-daily": "day",
        "lucerna-hours": "hour",
    }


def test_a_file_goes_before_a_ready_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "de-marke").write_text(LONG, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_mapping("de-marke").element[0].column == "rr"


def test_an_unknown_name_lists_the_ready_ones() -> None:
    with pytest.raises(KnowledgeError, match="chmi-monthly, de-marke, ecad-daily"):
        read_mapping("chmi")


@pytest.mark.parametrize(
    ("given", "instead", "told"),
    [
        ('unit = "mm"', 'unit = "mm', "line 9"),
        ('unit = "mm"', 'unit = "inches"', "no unit 'inches' of rain; choose mm,"),
        ('"rain"', '"snow"', "no variable 'snow'; choose air_temperature,"),
        ('"rain"', '"air_temperature"', "no unit 'mm' of air_temperature"),
        ('"mm"', '"mm"\nfactor = 2', "element.0.factor: Extra inputs"),
        ('column = "rr"', "", "rain needs column or columns"),
        ('column = "rr"', "columns = '(?P<place>.*)'", "names other groups than"),
        ('column = "rr"', "columns = '(?P<station>.*'", "valid regular expression"),
        ("[station]", 'zone = "UTC"\n[station]', "a day has no time zone"),
        ('column = "station"', 'id = "A"', "one station needs id, lon and lat"),
        ('column = "station"', "", "nothing tells the station of rain"),
        ('columns = ["day"]', "", "nothing tells the time of rain"),
        ('"day"\n', '"week"\n', "'hour', 'day' or 'month'"),
        ("[time]", '[table]\nencoding = "utf-99"\n[time]', "unknown encoding: utf-99"),
        ("[time]", '[table]\ndecimal = "·"\n[time]', "table.decimal"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(
    given: str, instead: str, told: str
) -> None:
    assert LONG.count(given) == 1
    with pytest.raises(KnowledgeError) as caught:
        parse_mapping("m.toml", LONG.replace(given, instead))
    message = str(caught.value)
    assert message.startswith("m.toml: ")
    assert told in message
    assert "\n" not in message


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "+27:00", "CEST", "../UTC"])
def test_an_unknown_zone(zone: str) -> None:
    text = LONG.replace('"day"\n', '"hour"\n').replace("[sta", f'zone = "{zone}"\n[sta')
    with pytest.raises(KnowledgeError, match="no time zone"):
        parse_mapping("m.toml", text)


def test_a_variable_of_another_resolution() -> None:
    text = LONG.replace("rain", "air_mean").replace('"mm"', '"K"')
    assert parse_mapping("m.toml", text).element[0].unit == "K"
    hourly = text.replace('"day"\n', '"hour"\n')
    with pytest.raises(KnowledgeError, match="of the resolution hour"):
        parse_mapping("m.toml", hourly)
