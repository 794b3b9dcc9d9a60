"""Namespaces and term names: how Python speaks of what the Turtle files define.

Our own vocabulary is closed: a misspelt term raises ``AttributeError`` here, is an
error for mypy, and a test holds this list equal to ``modules/*.ttl``.

>>> LUC.Scene
rdflib.term.URIRef('https://w3id.org/lucerna/ont#Scene')
>>> CLC["221"]
rdflib.term.URIRef('https://w3id.org/lucerna/scheme/clc/221')
"""

from rdflib import Namespace, URIRef
from rdflib.namespace import (
    DCAT,
    DCTERMS,
    GEO,
    OWL,
    PROV,
    RDF,
    RDFS,
    SH,
    SKOS,
    SOSA,
    TIME,
    XSD,
    DefinedNamespace,
)

__all__ = [
    "CATEGORY_SCHEME",
    "CHANGE_SCORE_1",
    "CLC",
    "CLC_SCHEME",
    "DCAT",
    "DCTERMS",
    "GEO",
    "GRADE",
    "KEY",
    "LUC",
    "LVL",
    "NDVI_1",
    "OA",
    "OWL",
    "OWN_GRAPHS",
    "PERIL",
    "PREFIXES",
    "PROV",
    "QUDT",
    "RDF",
    "RDFS",
    "SCHEME",
    "SH",
    "SKOS",
    "SOSA",
    "THRESHOLD",
    "TIME",
    "TSN",
    "UL",
    "UNIT",
    "VEGETATION",
    "XSD",
]


class LUC(DefinedNamespace):
    """The terms of Lucerna; each is defined in ``ontology/modules``."""

    _NS = Namespace("https://w3id.org/lucerna/ont#")
    _fail = True

    # scene.ttl
    Scene: URIRef
    Product: URIRef
    beginsAt: URIRef
    endsAt: URIRef
    tile: URIRef
    relativeOrbit: URIRef
    simulated: URIRef
    productId: URIRef
    level: URIRef
    baseline: URIRef
    cloudPercent: URIRef
    sha256: URIRef
    # run.ttl
    Run: URIRef
    ParameterSet: URIRef
    Result: URIRef
    ChangeResult: URIRef
    LandCoverResult: URIRef
    Load: URIRef
    parameters: URIRef
    codeVersion: URIRef
    method: URIRef
    methodVersion: URIRef
    cloudsKnown: URIRef
    scheme: URIRef
    before: URIRef
    after: URIRef
    quicklookBefore: URIRef
    quicklookAfter: URIRef
    quicklookBounds3857: URIRef
    triples: URIRef
    # region.ttl
    Region: URIRef
    result: URIRef
    meanScore: URIRef
    maxScore: URIRef
    perimeterM: URIRef
    # unit.ttl
    UnitVersion: URIRef
    Parcel: URIRef
    Commune: URIRef
    unitLevel: URIRef
    withinLevel: URIRef
    partOf: URIRef
    legalHa: URIRef
    altitudeM: URIRef
    # overlap.ttl
    Overlap: URIRef
    overlapOf: URIRef
    overlapWith: URIRef
    # observation.ttl
    UnitObservation: URIRef
    ChangeObservation: URIRef
    Stratum: URIRef
    ChangeStratum: URIRef
    Slice: URIRef
    Band: URIRef
    inSlice: URIRef
    inBand: URIRef
    fromResult: URIRef
    landCover: URIRef
    contextDataset: URIRef
    bandOf: URIRef
    bandLevel: URIRef
    bandFrom: URIRef
    validPixels: URIRef
    cloudyPixels: URIRef
    totalPixels: URIRef
    observedHa: URIRef
    noneHa: URIRef
    lowHa: URIRef
    middleHa: URIRef
    highHa: URIRef
    uncoveredHa: URIRef
    mean: URIRef
    mainLandCover: URIRef
    # coverage.ttl
    CoverageObservation: URIRef
    IndexObservation: URIRef
    VegetationScheme: URIRef
    VegetationBound: URIRef
    ofScene: URIRef
    coveredShare: URIRef
    p10: URIRef
    p50: URIRef
    p90: URIRef
    lowVegetationHa: URIRef
    middleVegetationHa: URIRef
    highVegetationHa: URIRef
    vegetationScheme: URIRef
    vegetationLevel: URIRef
    # weather.ttl
    Station: URIRef
    StationRecord: URIRef
    StationNight: URIRef
    StationDay: URIRef
    StationMonth: URIRef
    station: URIRef
    nearestStation: URIRef
    stationDistanceM: URIRef
    stationHeightDifferenceM: URIRef
    nightOf: URIRef
    dayOf: URIRef
    monthOf: URIRef
    airMeanC: URIRef
    airMaximumC: URIRef
    groundMinimumC: URIRef
    airMinimumC: URIRef
    hoursBelowZero: URIRef
    hoursBelowMinus2: URIRef
    rainMm: URIRef
    gustMs: URIRef
    # scheme.ttl
    ThresholdScheme: URIRef
    Bound: URIRef
    kindOf: URIRef
    colour: URIRef
    order: URIRef
    version: URIRef
    changeLevel: URIRef
    lowerBound: URIRef
    upperBound: URIRef
    regionLevel: URIRef
    minimumAreaM2: URIRef
    # model.ttl
    ModelVersion: URIRef
    ClassificationResult: URIRef
    modelName: URIRef
    modelKind: URIRef
    modelClass: URIRef
    withModel: URIRef
    opticalScene: URIRef
    radarScene: URIRef
    confidenceSha256: URIRef
    basisSha256: URIRef
    # land_cover.ttl
    LandCoverObservation: URIRef
    LandCoverStratum: URIRef
    areaHa: URIRef
    share: URIRef
    confidence: URIRef
    opticalHa: URIRef
    radarHa: URIRef
    bothHa: URIRef
    # patch.ttl
    Patch: URIRef
    Category: URIRef
    LabelEvent: URIRef
    Label: URIRef
    Skip: URIRef
    Undo: URIRef
    Prediction: URIRef
    onScene: URIRef
    sizePixels: URIRef
    patchRow: URIRef
    patchColumn: URIRef
    validShare: URIRef
    cloudyShare: URIRef
    positive: URIRef
    standing: URIRef
    session: URIRef
    iteration: URIRef
    modelVersion: URIRef
    category: URIRef
    probability: URIRef
    about: URIRef
    # damage.ttl
    Event: URIRef
    Report: URIRef
    AssessedParcel: URIRef
    Assessment: URIRef
    RowProblem: URIRef
    peril: URIRef
    event: URIRef
    ruleSet: URIRef
    changeResult: URIRef
    runId: URIRef
    parcelsFile: URIRef
    parcelsSha256: URIRef
    eventSha256: URIRef
    changeSha256: URIRef
    qualitySha256: URIRef
    beforeProduct: URIRef
    afterProduct: URIRef
    rows: URIRef
    report: URIRef
    crop: URIRef
    holding: URIRef
    sumInsured: URIRef
    grade: URIRef
    weatherKey: URIRef
    cropKey: URIRef
    affectedHa: URIRef
    shareAffected: URIRef
    stationName: URIRef
    nightValue: URIRef
    evidence: URIRef
    reason: URIRef
    fileRow: URIRef
    problem: URIRef
    action: URIRef
    # rules.ttl
    DamageRules: URIRef
    GradeBound: URIRef
    WeatherRule: URIRef
    affectedFrom: URIRef
    leastValidShare: URIRef
    leastValidPixels: URIRef
    cropShare: URIRef
    maxDaysBefore: URIRef
    maxDaysAfter: URIRef
    leastShare: URIRef
    variable: URIRef
    unitSymbol: URIRef
    below: URIRef
    above: URIRef
    leastHours: URIRef
    maxDistanceKm: URIRef


#: Beginning of the IRIs of graphs that the store keeps for itself.
OWN_GRAPHS = "https://w3id.org/lucerna/graph/"

#: Concept schemes and what stands in them.
SCHEME = Namespace("https://w3id.org/lucerna/scheme/")
LVL = Namespace("https://w3id.org/lucerna/scheme/change-level/")
UL = Namespace("https://w3id.org/lucerna/scheme/unit-level/")
CLC = Namespace("https://w3id.org/lucerna/scheme/clc/")
CLC_SCHEME = URIRef("https://w3id.org/lucerna/scheme/clc")
THRESHOLD = Namespace("https://w3id.org/lucerna/scheme/threshold/")
CHANGE_SCORE_1 = THRESHOLD["change-score/1"]
NDVI_1 = THRESHOLD["ndvi/1"]
VEGETATION = Namespace("https://w3id.org/lucerna/scheme/vegetation-level/")
CATEGORY_SCHEME = URIRef("https://w3id.org/lucerna/scheme/category")
GRADE = Namespace("https://w3id.org/lucerna/scheme/damage-grade/")
KEY = Namespace("https://w3id.org/lucerna/scheme/key/")
PERIL = Namespace("https://w3id.org/lucerna/scheme/peril/")
VARIABLE = Namespace("https://w3id.org/lucerna/scheme/weather-variable/")

#: Outside vocabularies that rdflib does not bring.
TSN = Namespace("http://purl.org/net/tsn#")
QUDT = Namespace("http://qudt.org/schema/qudt/")
UNIT = Namespace("http://qudt.org/vocab/unit/")
OA = Namespace("http://www.w3.org/ns/oa#")

#: The prefixes that our files, questions and answers use.
PREFIXES: dict[str, str] = {
    "luc": str(LUC._NS),
    "lvl": str(LVL),
    "ul": str(UL),
    "clc": str(CLC),
    "grade": str(GRADE),
    "key": str(KEY),
    "peril": str(PERIL),
    "variable": str(VARIABLE),
    "vegetation": str(VEGETATION),
    "sosa": str(SOSA._NS),
    "geo": str(GEO._NS),
    "prov": str(PROV._NS),
    "time": str(TIME._NS),
    "dcat": str(DCAT._NS),
    "dct": str(DCTERMS._NS),
    "oa": str(OA),
    "tsn": str(TSN),
    "qudt": str(QUDT),
    "unit": str(UNIT),
    "skos": str(SKOS._NS),
    "owl": str(OWL._NS),
    "rdf": str(RDF._NS),
    "rdfs": str(RDFS._NS),
    "sh": str(SH._NS),
    "xsd": str(XSD._NS),
}
