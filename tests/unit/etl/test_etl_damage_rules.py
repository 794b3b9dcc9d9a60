"""The rule sets of damage as the ontology has them."""

import pytest

from etl.damage.rules import damage_rules, perils
from mining.damage.assessment import WeatherRule
from ontology.errors import KnowledgeError


def test_the_rules_for_frost() -> None:
    rules = damage_rules("frost")
    assert rules.iri == "https://w3id.org/lucerna/scheme/damage-rules/frost/1"
    assert rules.peril == "frost"
    assert rules.affected_from == 50.0
    assert rules.grades == (
        ("destroyed", 0.8),
        ("damaged", 0.3),
        ("possiblyDamaged", 0.1),
    )
    assert (rules.least_valid_share, rules.least_valid_pixels) == (0.5, 10)
    assert rules.crop_share == 0.1
    assert (rules.max_days_before, rules.max_days_after) == (30.0, 30.0)
    assert rules.weather == (
        WeatherRule("ground_minimum_c", "ground minimum", "°C", -2.0, None, None, 30.0),
        WeatherRule("air_minimum_c", "air minimum", "°C", 0.0, None, None, 30.0),
    )


@pytest.mark.parametrize("peril", ["drought", "flood", "hail", "storm", "wildfire"])
def test_other_perils_have_no_weather_rule(peril: str) -> None:
    rules = damage_rules(peril)
    assert rules.peril == peril
    assert rules.weather == ()
    assert [word for word, _ in rules.grades] == [
        "destroyed",
        "damaged",
        "possiblyDamaged",
    ]


def test_a_peril_without_rules_has_those_of_the_nearest_wider_one() -> None:
    assert damage_rules("forestFire") == damage_rules("wildfire")
    assert damage_rules("derecho") == damage_rules("storm")
    # hail has its own, though it is a kind of storm
    assert damage_rules("hail") != damage_rules("storm")


def test_the_perils_with_rules_are_listed() -> None:
    assert perils() == ("drought", "flood", "frost", "hail", "storm", "wildfire")


@pytest.mark.parametrize(
    ("peril", "told"),
    [
        (
            "coldWave",
            "there are no damage rules for 'coldWave'; choose one of: drought",
        ),
        ("locusts", "there is no peril 'locusts'; choose one of: drought, flood"),
        ("a b>", "there is no peril 'a b>'; choose"),
    ],
)
def test_a_peril_without_rules_is_refused(peril: str, told: str) -> None:
    with pytest.raises(KnowledgeError, match=told):
        damage_rules(peril)
