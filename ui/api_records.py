"""What the API answers with, as plain data."""

from typing import Any, Literal, TypedDict

Value = str | int | float | bool | None
ParameterType = Literal[
    "text", "number", "integer", "boolean", "date", "iri", "concept", "unit", "wkt"
]


class Parameter(TypedDict):
    """A typed input of a question; its default is as a user would write it."""

    name: str
    type: ParameterType
    default: str | None
    description: str


class Column(TypedDict):
    """A column of an answer, with its unit of measure or kind."""

    name: str
    unit: str
    description: str


class Question(TypedDict):
    """A question that can be asked."""

    name: str
    title: str
    number: int
    description: str
    parameters: list[Parameter]
    columns: list[Column]


class Answer(TypedDict):
    """Rows of a question, all or some; the count is of all that there are."""

    question: str
    columns: list[Column]
    rows: list[dict[str, Value]]
    count: int


class Place(TypedDict):
    """A unit of territory as people name it."""

    iri: str
    identifier: str
    name: str | None
    level: str
    wider: str | None


class Concept(TypedDict):
    """A term of a concept scheme."""

    iri: str
    scheme: str
    schemeLabel: str | None
    notation: str | None
    label: str
    broader: list[str]
    colour: str | None
    order: int | None


class Result(TypedDict):
    """A change result: images, times, pictures (bounds in EPSG:3857 metres)."""

    iri: str
    method: str
    beginsAt: str
    endsAt: str
    simulated: bool
    quicklookBefore: str | None
    quicklookAfter: str | None
    bounds3857: list[float] | None
    unitLevels: list[str]


class Overview(TypedDict):
    """What the base holds, in numbers; times are ISO, UTC."""

    scenes: int
    changeResults: int
    classifications: int
    observations: int
    stations: int
    units: dict[str, int]
    labelledPatches: int
    reports: int
    triples: int
    begins: str | None
    ends: str | None
    weatherBegins: str | None
    weatherEnds: str | None
    simulated: bool


class Timeline(TypedDict):
    """What is dated of a unit; times are ISO, UTC."""

    unit: str
    identifier: str
    name: str | None
    level: str
    station: dict[str, Value] | None
    weather: list[dict[str, Value]]
    images: list[dict[str, Value]]
    change: list[dict[str, Value]]
    vegetation: list[dict[str, Value]]


class Category(TypedDict):
    """A kind of thing that patches are labelled for."""

    name: str
    title: str
    concept: str | None
    positives: int
    negatives: int
    skipped: int


class Session(TypedDict):
    """How far a label session is."""

    session: str
    category: str
    title: str
    annotator: str
    strategy: str
    iteration: int
    model_version: int
    counters: dict[str, int]
    curve: list[dict[str, float | None]]
    history: list[dict[str, Any]]
    pending: bool
    problem: str | None
    published: dict[str, str | None]
    upcoming: list[str]


class DamageChoices(TypedDict):
    """What a damage report can be asked for."""

    perils: list[dict[str, str]]
    events: list[dict[str, str | None]]
    grades: list[dict[str, Any]]
    maxUploadBytes: int


class DamageState(TypedDict, total=False):
    """How far a damage report is; the last five only when it is done."""

    id: str
    state: Literal["running", "done", "failed"]
    done: int
    of: int
    problem: str
    about: dict[str, Value]
    grades: list[dict[str, Any]]
    totals: dict[str, float]
    problems: list[dict[str, Value]]
    files: list[str]
