"""Terms and schemes: defined, labelled, used, and the same in Python and Turtle."""

import re
from pathlib import Path

import pytest
from rdflib import BNode, Graph, Literal, URIRef

import ontology
from ontology import (
    CHANGE_SCORE_1,
    CLC,
    CLC_SCHEME,
    GRADE,
    LUC,
    LVL,
    NDVI_1,
    OWL,
    PERIL,
    PREFIXES,
    QUDT,
    RDF,
    RDFS,
    SKOS,
    UL,
    UNIT,
    VARIABLE,
    VEGETATION,
)
from ontology.errors import InvalidGraph, KnowledgeError, QueryRejected
from ontology.files import (
    example_names,
    example_text,
    inferred_graph,
    ontology_graph,
    query_names,
    query_text,
    rule_texts,
    schemes_graph,
    shapes_graph,
)

ROOT = Path(ontology.__file__).parent
TERMS = {str(LUC[name]) for name in LUC.__annotations__ if name[0] != "_"}
TEXT_OR_TIME = {
    "action", "afterProduct", "baseline", "basisSha256", "beforeProduct", "beginsAt",
    "changeSha256", "cloudsKnown", "codeVersion", "confidenceSha256", "crop", "dayOf",
    "endsAt", "eventSha256", "holding", "level", "method", "methodVersion", "modelKind",
    "modelName", "modelVersion", "monthOf", "nightOf", "order", "parameters",
    "parcelsFile", "parcelsSha256", "positive", "problem", "productId", "qualitySha256",
    "quicklookAfter", "quicklookBefore", "reason", "relativeOrbit", "runId", "session",
    "sha256", "simulated", "standing", "stationName", "tile", "unitSymbol", "version",
}  # fmt: skip
# Their unit is that of the variable, or the currency of a file that does not state it.
UNIT_FROM_ELSEWHERE = {"above", "below", "nightValue", "sumInsured"}


def english(graph: Graph, subject: URIRef, predicate: URIRef) -> list[str]:
    return [
        str(label)
        for label in graph.objects(subject, predicate)
        if isinstance(label, Literal) and label.language == "en"
    ]


def test_python_and_turtle_know_the_same_terms() -> None:
    modules = Graph()
    paths = sorted((ROOT / "modules").glob("*.ttl"))
    assert len(paths) == 15
    for path in paths:
        modules.parse(path)
    defined = {
        str(one) for one in modules.subjects() if str(one) != PREFIXES["luc"][:-1]
    }
    assert defined == TERMS
    assert len(TERMS) == 205


def test_a_misspelt_term_is_refused() -> None:
    with pytest.raises(AttributeError, match="observedHA"):
        _ = LUC.observedHA


def test_every_term_has_one_kind_a_label_and_a_definition() -> None:
    graph = ontology_graph()
    kinds = {
        OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty,
    }  # fmt: skip
    for term in map(URIRef, TERMS):
        assert len(kinds & set(graph.objects(term, RDF.type))) == 1, term
        assert len(english(graph, term, RDFS.label)) == 1, term
        assert len(english(graph, term, SKOS.definition)) == 1, term


def test_every_measured_number_has_one_unit() -> None:
    graph = ontology_graph()
    properties = set(graph.subjects(RDF.type, OWL.DatatypeProperty))
    bare = {one for one in properties if graph.value(one, QUDT.hasUnit) is None}
    assert bare == {LUC[name] for name in TEXT_OR_TIME | UNIT_FROM_ELSEWHERE}
    assert len(properties - bare) == 65
    assert graph.value(LUC.highHa, QUDT.hasUnit) == UNIT.HA
    for suffix, unit in (
        ("Ha", UNIT.HA), ("Pixels", UNIT.NUM), ("Percent", UNIT.PERCENT),
        ("Mm", UNIT.MilliM), ("Ms", UNIT["M-PER-SEC"]), ("MinimumC", UNIT.DEG_C),
        ("DistanceM", UNIT.M),
    ):  # fmt: skip
        named = [one for one in properties if str(one).endswith(suffix)]
        assert named
        assert {graph.value(one, QUDT.hasUnit) for one in named} == {unit}


def test_every_term_used_is_defined_and_every_term_defined_is_used() -> None:
    texts = [
        *(example_text(name) for name in example_names()),
        *(query_text(name) for name in query_names()),
        *rule_texts().values(),
        *(path.read_text("utf-8") for path in (ROOT / "schemes").glob("*.ttl")),
        *(path.read_text("utf-8") for path in (ROOT / "shapes").glob("*.ttl")),
    ]
    assert len(texts) == 156 + 15 + 14 + 11 + 34
    used = {
        PREFIXES["luc"] + name
        for text in texts
        for name in re.findall(r"(?<![\w<])luc:(\w+)", text)
    }
    assert used - TERMS == set()
    above = {str(one) for one in ontology_graph().objects(None, RDFS.subClassOf)}
    assert TERMS - used - above == set()


def test_only_the_alignments_name_outside_classes() -> None:
    outside = re.compile(r"\b(sosa|geo|prov|dcat|tsn|time|oa|dct):")
    paths = sorted((ROOT / "modules").glob("*.ttl"))
    assert len(paths) == 15
    assert [path.name for path in paths if outside.search(path.read_text())] == []
    assert outside.search((ROOT / "alignments.ttl").read_text())


def test_what_the_store_loads_has_no_blank_node() -> None:
    for graph in (ontology_graph(), schemes_graph(), inferred_graph()):
        assert len(graph) > 200
        assert not [one for triple in graph for one in triple if isinstance(one, BNode)]
    assert len(shapes_graph()) > 500


def test_corine_has_three_levels_with_colours_and_one_parent_each() -> None:
    graph = schemes_graph()
    codes = {
        str(one) for one in graph.objects(None, SKOS.notation) if str(one).isdigit()
    }
    levels = {n: {code for code in codes if len(code) == n} for n in (1, 2, 3)}
    assert [len(levels[n]) for n in (1, 2, 3)] == [5, 15, 44]
    for code in codes:
        assert (CLC[code], SKOS.inScheme, CLC_SCHEME) in graph
        assert len(english(graph, CLC[code], SKOS.prefLabel)) == 1
        parents = set(graph.objects(CLC[code], SKOS.broader))
        assert parents == ({CLC[code[:-1]]} if len(code) > 1 else set())
    for code in levels[3]:
        colour = str(graph.value(CLC[code], LUC.colour))
        assert re.fullmatch("#[0-9a-f]{6}", colour)
    assert str(graph.value(CLC["221"], LUC.colour)) == "#e68000"
    assert Literal("Vignobles", lang="fr") in set(graph.objects(CLC["221"]))


def test_agricultural_areas_find_vineyards() -> None:
    graph = schemes_graph() + inferred_graph()
    rows = graph.query(
        """SELECT ?label WHERE { ?kind skos:prefLabel "Agricultural areas"@en .
        ?land luc:kindOf ?kind ; skos:prefLabel ?label FILTER(LANG(?label) = "en") }""",
        initNs={"skos": SKOS, "luc": PREFIXES["luc"]},
    )
    labels = {str(row.label) for row in rows}
    # itself, four classes of the second level, eleven of the third
    assert len(list(graph.subjects(LUC.kindOf, CLC["2"]))) == 16
    assert {"Vineyards", "Permanent crops", "Agricultural areas"} <= labels
    assert "Broad-leaved forest" not in labels


def test_kinds_are_what_a_walk_up_the_codes_gives() -> None:
    """A CLC code is a kind of each of its beginnings: 221 of 221, 22 and 2."""
    walked = {
        (CLC[code], CLC[code[:length]])
        for code in map(str, schemes_graph().objects(None, SKOS.notation))
        if code.isdigit()
        for length in range(1, len(code) + 1)
    }
    inferred = {
        (one, kind)
        for one, kind in inferred_graph().subject_objects(LUC.kindOf)
        if str(one).startswith(str(CLC))
    }
    assert inferred == walked
    assert len(walked) == 5 + 2 * 15 + 3 * 44


def test_change_levels_and_the_scheme_that_cuts_them() -> None:
    graph = schemes_graph()
    words = ("none", "low", "middle", "high")
    assert [int(str(graph.value(LVL[word], LUC.order))) for word in words] == [
        0,
        1,
        2,
        3,
    ]
    assert graph.value(LVL.notAssessable, LUC.order) is None
    colours = [str(graph.value(LVL[word], LUC.colour)) for word in words]
    assert colours == ["#FFFFE5", "#FEC44F", "#EC7014", "#3B0F00"]
    bounds = {
        graph.value(bound, LUC.changeLevel): (
            float(str(graph.value(bound, LUC.lowerBound))),
            float(str(graph.value(bound, LUC.upperBound))),
        )
        for bound in graph.subjects(SKOS.inScheme, CHANGE_SCORE_1)
    }
    assert bounds == {
        LVL.none: (0, 25), LVL.low: (25, 50), LVL.middle: (50, 75), LVL.high: (75, 100),
    }  # fmt: skip
    assert graph.value(CHANGE_SCORE_1, LUC.regionLevel) == LVL.middle


def test_levels_of_vegetation_cut_the_whole_of_ndvi_without_gap() -> None:
    graph = schemes_graph()
    words = ("low", "middle", "high")
    assert concepts_of("vegetation-level") == set(words)
    assert [int(str(graph.value(VEGETATION[one], LUC.order))) for one in words] == [
        0,
        1,
        2,
    ]
    bounds = {
        graph.value(bound, LUC.vegetationLevel): (
            float(str(graph.value(bound, LUC.lowerBound))),
            float(str(graph.value(bound, LUC.upperBound))),
        )
        for bound in graph.subjects(SKOS.inScheme, NDVI_1)
    }
    assert bounds == {
        VEGETATION.low: (-1, 0.3),
        VEGETATION.middle: (0.3, 0.6),
        VEGETATION.high: (0.6, 1),
    }


def test_every_unit_level_is_labelled_in_both_languages() -> None:
    graph = schemes_graph()
    levels = set(graph.subjects(SKOS.inScheme, URIRef(str(UL).rstrip("/"))))
    names = ("unit", "parcel", "commune", "departement", "district", "region")
    assert levels == {UL[name] for name in names}
    for level in levels:
        languages = {
            label.language
            for label in graph.objects(level, SKOS.prefLabel)
            if isinstance(label, Literal)
        }
        assert languages == {"en", "fr"}


def concepts_of(name: str) -> set[str]:
    """Local names of the concepts of a scheme, all labelled, defined and of a kind."""
    scheme = URIRef(f"https://w3id.org/lucerna/scheme/{name}")
    graph, inferred = schemes_graph(), inferred_graph()
    found = {URIRef(str(one)) for one in graph.subjects(SKOS.inScheme, scheme)}
    for one in found:
        languages = {
            label.language
            for label in graph.objects(one, SKOS.prefLabel)
            if isinstance(label, Literal)
        }
        assert languages == {"en", "fr"}, one
        assert len(english(graph, one, SKOS.definition)) == 1, one
        assert (one, LUC.kindOf, one) in inferred, one
        assert str(graph.value(one, SKOS.notation)) == str(one).rsplit("/", 1)[1]
    return {str(one).removeprefix(f"{scheme}/") for one in found}


def test_damage_grades_go_from_light_to_dark() -> None:
    graph = schemes_graph()
    grades = ("noVisibleDamage", "possiblyDamaged", "damaged", "destroyed")
    assert concepts_of("damage-grade") == {*grades, "notAssessed"}
    orders = [int(str(graph.value(GRADE[one], LUC.order))) for one in grades]
    assert orders == [0, 1, 2, 3]
    assert graph.value(GRADE.notAssessed, LUC.order) is None
    colours = [str(graph.value(GRADE[one], LUC.colour)) for one in grades]
    assert colours == ["#FFFFE5", "#FEC44F", "#EC7014", "#3B0F00"]


def test_keys_tell_the_unobserved_from_the_unmet() -> None:
    assert concepts_of("key") == {"met", "notMet", "notObserved", "notApplicable"}


def test_weather_variables_have_a_unit_to_write_and_one_to_compute_with() -> None:
    graph = schemes_graph()
    told = {
        one: (
            english(graph, VARIABLE[one], SKOS.prefLabel)[0],
            str(graph.value(VARIABLE[one], LUC.unitSymbol)),
            graph.value(VARIABLE[one], QUDT.hasUnit),
        )
        for one in concepts_of("weather-variable")
    }
    assert told == {
        "ground_minimum_c": ("ground minimum", "°C", UNIT.DEG_C),
        "air_minimum_c": ("air minimum", "°C", UNIT.DEG_C),
        "hours_below_zero": ("hours below 0 °C", "h", UNIT.HR),
        "rain_mm": ("rain", "mm", UNIT.MilliM),
        "gust_ms": ("strongest gust", "m/s", UNIT["M-PER-SEC"]),
    }


def test_frost_is_a_kind_of_cold_wave_and_hail_of_storm() -> None:
    assert len(concepts_of("peril")) == 18
    kinds = inferred_graph()
    assert set(kinds.objects(PERIL.frost, LUC.kindOf)) == {
        PERIL.frost, PERIL.coldWave, PERIL.extremeTemperature,
    }  # fmt: skip
    assert (PERIL.hail, LUC.kindOf, PERIL.storm) in kinds
    assert (PERIL.hail, LUC.kindOf, PERIL.flood) not in kinds


def test_an_invalid_graph_carries_its_report() -> None:
    error = InvalidGraph("1 fault", "the report")
    assert (str(error), error.report) == ("1 fault", "the report")
    assert issubclass(InvalidGraph, KnowledgeError)
    assert issubclass(QueryRejected, KnowledgeError)
