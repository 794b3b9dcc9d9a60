"""Event files: read, and refused in one line."""

import datetime
from pathlib import Path

import pytest

from etl.damage.events import read_event
from mining.damage.assessment import Event
from ontology.errors import KnowledgeError

HEAD = """@prefix luc: <https://w3id.org/lucerna/ont#> .
@prefix peril: <https://w3id.org/lucerna/scheme/peril/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
BODY = """<frost> a luc:Event ; luc:peril peril:frost ;
  luc:beginsAt "2017-04-26T20:00:00+02:00"^^xsd:dateTime ;
  luc:endsAt "2017-04-27T08:00:00Z"^^xsd:dateTime .
"""
BEGINS = datetime.datetime(2017, 4, 26, 18, tzinfo=datetime.UTC)
ENDS = datetime.datetime(2017, 4, 27, 8, tzinfo=datetime.UTC)


def written(folder: Path, text: str) -> Path:
    path = folder / "event.ttl"
    path.write_text(HEAD + text, "utf-8")
    return path


def test_an_event_is_named_by_peril_and_first_day(tmp_path: Path) -> None:
    event = read_event(written(tmp_path, BODY))
    assert event == Event("frost-2017-04-26", "frost", BEGINS, ENDS, None)
    assert event.begins.utcoffset() == datetime.timedelta(0)


def test_an_event_may_have_a_name_and_a_title(tmp_path: Path) -> None:
    more = '<frost> dct:identifier "Gel 27/4" ; rdfs:label "Gel d\'avril"@fr .'
    event = read_event(written(tmp_path, BODY + more))
    assert (event.id, event.title) == ("gel-27-4", "Gel d'avril")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("+02:00", "", "the begin of the event is '2017-04-26T20:00:00'; give one"),
        ("2017-04-26T20:00:00+02:00", "2017-02-30T20:00:00Z", "'2017-02-30T20:00:00Z'"),
        ("2017-04-26T20:00:00+02:00", "soon", "the begin of the event is 'soon'"),
        ('luc:endsAt "2017-04-27T08:00:00Z"^^xsd:dateTime', "a luc:Event", "end of"),
        ("2017-04-27T08", "2017-04-25T08", "the event ends before it begins"),
        ("peril:frost", "peril:locusts", "luc:peril is 'https://w3id.org/luc"),
        ("peril:frost", '"frost"', "luc:peril is 'frost'; give one as peril: and"),
        ("peril:frost", "peril:frost, peril:hail", "luc:peril is given 2 times"),
        ("a luc:Event ;", "", "holds 0 events; give one"),
        ("<frost> a", "<b> a luc:Event . <frost> a", "holds 2 events; give one"),
        ("<frost> a", "<frost> a a a", "is no Turtle"),
        (" .\n", ' ; rdfs:label "a\\u0007b" .\n', "the title of the event is empty"),
        (" .\n", f' ; rdfs:label "{"a" * 201}" .\n', "longer than 200 characters"),
        (" .\n", f" . #{'x' * 100_000}\n", "is larger than 100 kB; give one event"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in BODY
    with pytest.raises(KnowledgeError) as caught:
        read_event(written(tmp_path, BODY.replace(old, new, 1)))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00", b"PK\x03\x04" * 50, b"[" * 50_000, b"<?xml?><!DOCTYPE>"],
)
def test_a_hostile_file_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "event.ttl"
    path.write_bytes(content)
    with pytest.raises(KnowledgeError, match=r"event\.ttl: is no Turtle") as caught:
        read_event(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"cannot be read \(No such file"):
        read_event(tmp_path / "none.ttl")
