"""A classification and its land cover as facts, from made-up statistics."""

import dataclasses
import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from shapely.geometry import box

from etl.iris import Iris
from etl.land_cover.facts import classification_graph, land_cover_graph
from etl.land_cover.models import model_concepts, model_graph
from etl.provenance import agent_graph
from etl.scenes import scene_graph, sensor_graph
from etl.validate import validate
from fusion.classification_record import ClassificationRecord
from fusion.training_record import ModelClass
from imagery.scene_record import SceneRecord
from mining.units import Unit
from mining.zonal.classes import ClassShare, ClassStatistics
from ontology import CLC, LUC, PROV, RDF, RDFS, SKOS, SOSA
from ontology.errors import KnowledgeError

IRIS = Iris("https://kb.example/")
NOON = datetime.datetime(2017, 4, 29, 12, tzinfo=datetime.UTC)
UNIT = Unit(
    "A1", "parcel", "Le Clos", box(-0.2, 44.8, -0.1, 44.9), datetime.date(2017, 1, 1)
)
BARE = dataclasses.replace(UNIT, id="A2")


def scene(name: str, platform: str, hours: int, *, simulated: bool) -> SceneRecord:
    time = NOON + datetime.timedelta(hours=hours)
    return SceneRecord(
        id=name,
        product_id=f"P-{name}",
        sensor=platform[:10],
        platform=platform,
        level="L2A",
        begins=time,
        ends=time,
        footprint=box(-1, 44, 0, 45),
        sha256="e" * 64,
        simulated=simulated,
    )


RECORD = ClassificationRecord(
    run="c3d4e5",
    parameters={"context_px": 1},
    model="forest",
    model_version=3,
    model_kind="forest",
    model_sha256="a" * 64,
    scheme="clc",
    classes=(ModelClass(221, "Vineyards", "221"), ModelClass(231, "Pastures", "231")),
    optical=scene("S2", "sentinel-2a", 0, simulated=False),
    radar=scene("S1", "sentinel-1b", 30, simulated=True),
    started=NOON,
    ended=NOON,
    code_version="0.1.0",
    raster=Path("c.tif"),
    confidence=Path("c-confidence.tif"),
    basis=Path("c-basis.tif"),
    sha256="b" * 64,
    confidence_sha256="c" * 64,
    basis_sha256="d" * 64,
    resolution_m=10.0,
)
LOCAL = dataclasses.replace(
    RECORD, scheme=None, classes=(ModelClass(1, "Maize"), ModelClass(2, "Beet"))
)
# 1.6 + 0.3 = 1.9 ha; 0.3 / 1.9 = 0.15789...
SEEN = ClassStatistics(
    total_pixels=200,
    valid_pixels=190,
    observed_ha=1.9,
    confidence=0.81,
    classes={
        221: ClassShare(1.6, 0.84, 0.1, 0.0, 1.5),
        231: ClassShare(0.3, 0.65, 0.1, 0.2, 0.0),
    },
)
NOTHING = ClassStatistics(
    total_pixels=50, valid_pixels=0, observed_ha=0.0, confidence=None, classes={}
)
CONCEPTS = {221: CLC["221"], 231: CLC["231"]}


def facts(*seen: ClassStatistics) -> Graph:
    units = [UNIT, BARE][: len(seen)]
    return land_cover_graph(IRIS, "c3d4e5", "cadastre", units, seen, CONCEPTS)


def node(unit: Unit, stratum: str | None = None) -> URIRef:
    return IRIS.observation("c3d4e5", "parcel", unit.id, unit.valid_from, stratum)


def numbers(graph: Graph, subject: URIRef, *terms: URIRef) -> list[Decimal]:
    return [Decimal(str(graph.value(subject, term))) for term in terms]


def test_the_whole_unit_and_each_class_in_it() -> None:
    graph = facts(SEEN)
    assert graph.value(node(UNIT), RDF.type) == LUC.LandCoverObservation
    assert graph.value(node(UNIT), LUC.mainLandCover) == CLC["221"]
    assert numbers(
        graph, node(UNIT), LUC.validPixels, LUC.totalPixels, LUC.observedHa
    ) == [190, 200, Decimal("1.9")]
    pasture = node(UNIT, "clc-231")
    assert graph.value(pasture, SOSA.hasFeatureOfInterest) == graph.value(
        node(UNIT), SOSA.hasFeatureOfInterest
    )
    terms = (LUC.areaHa, LUC.share, LUC.confidence, LUC.opticalHa, LUC.radarHa)
    expected = ("0.3", "0.1579", "0.65", "0.1", "0.2")
    assert numbers(graph, pasture, *terms) == [Decimal(one) for one in expected]
    place = graph.value(pasture, LUC.inSlice)
    assert graph.value(place, LUC.landCover) == CLC["231"]
    assert graph.value(place, LUC.fromResult) == IRIS.result("c3d4e5")


def test_the_observed_area_is_the_sum_of_the_rounded_classes() -> None:
    tiny = ClassShare(0.00004, 0.5, 0.00004, 0.0, 0.0)
    graph = facts(dataclasses.replace(SEEN, classes={221: tiny, 231: tiny}))
    assert numbers(graph, node(UNIT), LUC.observedHa) == [0]
    assert numbers(graph, node(UNIT, "clc-221"), LUC.areaHa, LUC.share) == [0, 0]


def test_a_unit_without_a_class_is_told_and_has_no_stratum() -> None:
    graph = facts(SEEN, NOTHING)
    assert numbers(graph, node(BARE), LUC.validPixels, LUC.observedHa) == [0, 0]
    assert graph.value(node(BARE), LUC.confidence) is None
    assert graph.value(node(BARE), LUC.mainLandCover) is None
    assert len(set(graph.subjects(RDF.type, LUC.LandCoverStratum))) == 2


def test_the_result_names_both_scenes_and_the_model() -> None:
    graph = classification_graph(IRIS, RECORD)
    result, run = IRIS.result("c3d4e5"), IRIS.run("c3d4e5")
    model = IRIS.model("forest", 3, "a" * 64)
    assert str(model) == f"https://kb.example/model/forest/3-{'a' * 12}"
    assert graph.value(run, LUC.withModel) == model
    assert set(graph.objects(run, PROV.used)) == {
        IRIS.product("P-S2"), IRIS.product("P-S1"), model,
    }  # fmt: skip
    assert graph.value(result, LUC.opticalScene) == IRIS.scene("S2")
    assert graph.value(result, LUC.radarScene) == IRIS.scene("S1")
    assert str(graph.value(result, LUC.beginsAt)) == "2017-04-29T12:00:00Z"
    assert str(graph.value(result, LUC.endsAt)) == "2017-04-30T18:00:00Z"
    # One of the two scenes is simulated, so what rests on them is.
    assert str(graph.value(result, LUC.simulated)) == "true"


def test_radar_alone_has_no_optical_scene() -> None:
    graph = classification_graph(IRIS, dataclasses.replace(RECORD, optical=None))
    result = IRIS.result("c3d4e5")
    assert graph.value(result, LUC.opticalScene) is None
    assert str(graph.value(result, LUC.beginsAt)) == "2017-04-30T18:00:00Z"


def test_classes_without_a_scheme_are_concepts_of_the_model_version() -> None:
    concepts = model_concepts(IRIS, LOCAL)
    graph = model_graph(IRIS, LOCAL)
    beet = URIRef(f"https://kb.example/model/forest/3-{'a' * 12}/2")
    assert concepts[2] == beet
    assert graph.value(beet, SKOS.prefLabel) == Literal("Beet", lang="en")
    assert graph.value(beet, LUC.kindOf) == beet
    assert model_concepts(IRIS, RECORD) == CONCEPTS
    assert (None, RDF.type, SKOS.Concept) not in model_graph(IRIS, RECORD)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"scheme": "oso"}, r"forest@3 follows the scheme 'oso', which is unknown"),
        ({"classes": (ModelClass(999, "x"),)}, r"class 999, which is no code"),
    ],
)
def test_unknown_schemes_and_codes_are_refused(
    changes: dict[str, object], told: str
) -> None:
    with pytest.raises(KnowledgeError, match=told):
        model_graph(IRIS, dataclasses.replace(RECORD, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("record", [RECORD, LOCAL])
def test_all_of_it_is_sound_and_no_triple_stands_twice(
    record: ClassificationRecord,
) -> None:
    assert record.optical is not None
    assert record.radar is not None
    concepts = dict(zip((221, 231), model_concepts(IRIS, record).values(), strict=True))
    graphs = [
        model_graph(IRIS, record),
        classification_graph(IRIS, record),
        land_cover_graph(
            IRIS, "c3d4e5", "cadastre", [UNIT, BARE], [SEEN, NOTHING], concepts
        ),
        agent_graph(IRIS, "0.1.0"),
        *(scene_graph(IRIS, one) for one in (record.optical, record.radar)),
        *(sensor_graph(IRIS, one) for one in ("sentinel-2a", "sentinel-1b")),
    ]
    validate(graphs)
    assert sum(map(len, graphs)) == len(set().union(*map(set, graphs)))


def test_the_instrument_follows_the_platform() -> None:
    graph = sensor_graph(IRIS, "sentinel-1b")
    radar = URIRef("https://kb.example/sensor/sentinel-1b-c-sar")
    assert graph.value(radar, RDFS.label) == Literal("C-SAR on sentinel-1b", lang="en")
    assert str(IRIS.sensor("sentinel-2a")).endswith("/sensor/sentinel-2a-msi")
