"""Every IRI of a fact is minted here: the same input gives the same IRI.

Each triple stands in one graph only, because the union of graphs that queries see
counts a triple once for each graph that has it. So whatever two graphs would both
say (a scene, a station, an agent) has a graph of its own, and what belongs to one
record (a geometry, an interval) is named after that record.
"""

import datetime
from dataclasses import dataclass
from urllib.parse import quote

from rdflib import URIRef
from shapely.geometry.base import BaseGeometry

from etl.keys import compact, digest, geometry_key, instrument


@dataclass(frozen=True)
class Iris:
    """Mints IRIs under one base.

    Parts that come from outside are percent-encoded, so that an IRI is ASCII.

    Attributes:
        base: Absolute IRI that ends in a slash.

    >>> Iris("https://kb.example/").unit("parcel", "A 1", datetime.date(2017, 1, 1))
    rdflib.term.URIRef('https://kb.example/unit/parcel/A%201@2017')
    """

    base: str

    def scene(self, scene_id: str) -> URIRef:
        """An acquisition."""
        return self._iri("scene", scene_id)

    def product(self, product_id: str) -> URIRef:
        """One processing of an acquisition."""
        return self._iri("product", product_id)

    def sensor(self, platform: str) -> URIRef:
        """The instrument that makes images on a Sentinel platform."""
        return self._iri("sensor", f"{platform}-{instrument(platform)}")

    def sensor_graph(self, platform: str) -> URIRef:
        """The graph of an instrument."""
        return self._iri("graph", "sensor", f"{platform}-{instrument(platform)}")

    def footprint(self, scene_id: str) -> URIRef:
        """The place that a scene shows."""
        return self._iri("scene", scene_id, "footprint")

    def geometry(self, feature: URIRef) -> URIRef:
        """The geometry of a feature; it stands in the feature's own graph."""
        return URIRef(f"{feature}/geometry")

    def run(self, run: str) -> URIRef:
        """A run of some software."""
        return self._iri("run", run)

    def plan(self, run: str) -> URIRef:
        """The association of a run with its agent and parameters."""
        return self._iri("run", run, "plan")

    def parameters(self, run: str) -> URIRef:
        """The parameters of a run."""
        return self._iri("run", run, "parameters")

    def lift(self, run: str, territory: str) -> URIRef:
        """The making of facts about a territory from the result of a run."""
        return self._iri("run", run, "lift", territory)

    def agent(self, code_version: str) -> URIRef:
        """A version of this software."""
        return self._iri("agent", f"lucerna-{code_version}")

    def result(self, run: str) -> URIRef:
        """The raster that a run made."""
        return self._iri("result", run)

    def region(self, run: str, shape: BaseGeometry) -> URIRef:
        """A region found in the result of a run, by its outline."""
        return self._iri("region", run, geometry_key(shape))

    def unit(self, level: str, unit_id: str, since: datetime.date | None) -> URIRef:
        """One version of a territorial unit."""
        return self._iri("unit", level, self._version(unit_id, since))

    def unit_identity(self, level: str, unit_id: str) -> URIRef:
        """A territorial unit through all its versions."""
        return self._iri("unit", level, unit_id)

    def observation(
        self,
        run: str,
        level: str,
        unit_id: str,
        since: datetime.date | None,
        stratum: str | None = None,
    ) -> URIRef:
        """What a run saw in a unit, or in one land-cover class of it."""
        tail = () if stratum is None else (stratum,)
        return self._iri(
            "observation", run, level, self._version(unit_id, since), *tail
        )

    def coverage(
        self, scene_id: str, level: str, unit_id: str, since: datetime.date | None
    ) -> URIRef:
        """How much of a unit a scene shows."""
        return self._iri("coverage", scene_id, level, self._version(unit_id, since))

    def index(
        self, scene_id: str, level: str, unit_id: str, since: datetime.date | None
    ) -> URIRef:
        """How green a unit is in a scene."""
        return self._iri("index", scene_id, level, self._version(unit_id, since))

    def slice(
        self, run: str, territory: str, level: str, stratum: str | None = None
    ) -> URIRef:
        """What a run saw at one level of a territory, or in one class there."""
        tail = () if stratum is None else (stratum,)
        return self._iri("slice", run, territory, level, *tail)

    def band(self, slice_iri: URIRef, level_word: str, tenth: int) -> URIRef:
        """The observations of a slice whose share lies in one tenth."""
        return URIRef(f"{slice_iri}/{level_word}/{tenth}")

    def station(self, station_id: str) -> URIRef:
        """A weather station."""
        return self._iri("station", station_id)

    def night(self, station_id: str, day: datetime.date) -> URIRef:
        """A night at a station, named by the day on which it ends."""
        return self._iri("night", station_id, day.isoformat())

    def day(self, station_id: str, day: datetime.date) -> URIRef:
        """A day at a station."""
        return self._iri("day", station_id, day.isoformat())

    def month(self, station_id: str, first: datetime.date) -> URIRef:
        """A month at a station, by its first day."""
        return self._iri("month", station_id, f"{first:%Y-%m}")

    def night_at(self, station: str, day: datetime.date) -> URIRef | None:
        """The night at a station, by the station's IRI; None for one of another base.

        >>> Iris("https://kb.example/").night_at(
        ...     "https://kb.example/station/S%201", datetime.date(2017, 4, 27))
        rdflib.term.URIRef('https://kb.example/night/S%201/2017-04-27')
        """
        ours = f"{self.base}station/"
        if not station.startswith(ours):
            return None
        return URIRef(f"{self.base}night/{station.removeprefix(ours)}/{day}")

    def model(self, name: str, version: int, sha256: str) -> URIRef:
        """A version of a model; two of one name and version differ in their content."""
        return self._iri("model", name, f"{version}-{sha256[:12]}")

    def model_class(self, name: str, version: int, sha256: str, value: int) -> URIRef:
        """A class that a model without a known scheme can give."""
        return URIRef(f"{self.model(name, version, sha256)}/{value}")

    def patch(self, patch_id: str) -> URIRef:
        """A patch of a scene."""
        return self._iri("patch", patch_id)

    def category(self, name: str) -> URIRef:
        """What patches are labelled for."""
        return self._iri("category", name)

    def label(self, event_id: str) -> URIRef:
        """What an annotator said of a patch; an undo is one too."""
        return self._iri("label", event_id)

    def prediction(self, category: str, version: int, patch_id: str) -> URIRef:
        """What a version of the model of a category thinks of a patch."""
        return self._iri("prediction", category, str(version), patch_id)

    def person(self, name: str) -> URIRef:
        """An annotator, by name."""
        return self._iri("person", digest(name.encode()))

    def event(self, key: str) -> URIRef:
        """Something that can do damage."""
        return self._iri("event", key)

    def report(self, report_id: str) -> URIRef:
        """A damage report."""
        return self._iri("report", report_id)

    def assessed_parcel(self, report_id: str, parcel_id: str) -> URIRef:
        """A parcel as the file of a report gives it."""
        return self._iri("report", report_id, "parcel", parcel_id)

    def assessment(self, report_id: str, parcel_id: str) -> URIRef:
        """What a report says of a parcel."""
        return self._iri("report", report_id, "assessment", parcel_id)

    def row_problem(self, report_id: str, number: int) -> URIRef:
        """A problem of a row of a report's file of parcels, counted from 1."""
        return self._iri("report", report_id, "problem", str(number))

    def context(self, sha256: str) -> URIRef:
        """A context raster, such as a land-cover map, by its content."""
        return self._iri("context", sha256[:12])

    def local_scheme(self, sha256: str) -> URIRef:
        """The class list of a context raster that follows no known scheme."""
        return self._iri("class", sha256[:12])

    def local_class(self, sha256: str, value: int) -> URIRef:
        """One class of such a list."""
        return self._iri("class", sha256[:12], str(value))

    def interval(self, result: URIRef) -> URIRef:
        """The stretch of time that a result is about."""
        return URIRef(f"{result}/interval")

    def validity(self, territory: str, begins: datetime.datetime) -> URIRef:
        """The time that unit versions of a territory hold for; its end is open."""
        return self._iri("interval", territory, f"{compact(begins)}-")

    def instant(self, interval: URIRef, moment: datetime.datetime) -> URIRef:
        """The begin or end of an interval."""
        return URIRef(f"{interval}/{compact(moment)}")

    def scene_graph(self, scene_id: str) -> URIRef:
        """The graph of a scene and its product."""
        return self._iri("graph", "scene", scene_id)

    def agent_graph(self, code_version: str) -> URIRef:
        """The graph of a version of this software."""
        return self._iri("graph", "agent", f"lucerna-{code_version}")

    def context_graph(self, sha256: str) -> URIRef:
        """The graph of a context raster and its classes."""
        return self._iri("graph", "context", sha256[:12])

    def level_graph(self, level: str) -> URIRef:
        """The graph of a level of units that the scheme lacks."""
        return self._iri("graph", "unit-level", level)

    def station_graph(self, station_id: str) -> URIRef:
        """The graph of a weather station."""
        return self._iri("graph", "station", station_id)

    def run_graph(self, run: str) -> URIRef:
        """The graph of a run, its result and regions."""
        return self._iri("graph", "run", run)

    def facts_graph(self, run: str, territory: str) -> URIRef:
        """The graph of a run's observations in one territory."""
        return self._iri("graph", "run", run, territory)

    def coverage_graph(self, scene_id: str, territory: str) -> URIRef:
        """The graph of how much of each unit of a territory a scene shows."""
        return self._iri("graph", "coverage", scene_id, territory)

    def index_graph(self, scene_id: str, territory: str) -> URIRef:
        """The graph of how green each unit of a territory is in a scene."""
        return self._iri("graph", "index", scene_id, territory)

    def model_graph(self, name: str, version: int, sha256: str) -> URIRef:
        """The graph of a version of a model and its classes."""
        return self._iri("graph", "model", name, f"{version}-{sha256[:12]}")

    def patches_graph(self, scene_id: str) -> URIRef:
        """The graph of the patches of a scene."""
        return self._iri("graph", "patches", scene_id)

    def category_graph(self, name: str) -> URIRef:
        """The graph of a category."""
        return self._iri("graph", "category", name)

    def labels_graph(self, category: str) -> URIRef:
        """The graph of the labels of a category."""
        return self._iri("graph", "labels", category)

    def predictions_graph(self, category: str) -> URIRef:
        """The graph of the confident predictions of a category."""
        return self._iri("graph", "predictions", category)

    def person_graph(self, name: str) -> URIRef:
        """The graph of an annotator."""
        return self._iri("graph", "person", digest(name.encode()))

    def event_graph(self, key: str) -> URIRef:
        """The graph of an event that can do damage."""
        return self._iri("graph", "event", key)

    def report_graph(self, report_id: str) -> URIRef:
        """The graph of a damage report, its parcels and assessments."""
        return self._iri("graph", "report", report_id)

    def file_graph(self, name: str) -> URIRef:
        """The graph of a file of RDF."""
        return self._iri("graph", "file", name)

    def skolem(self, graph: str, number: int) -> URIRef:
        """What was the blank node of this number in the file of a graph.

        References:
            RDF 1.1 Concepts, W3C Recommendation 2014, section 3.5.
        """
        name = f"{digest(graph.encode())}-{number}"
        return self._iri(".well-known", "genid", name)

    def links_graph(self, territory: str) -> URIRef:
        """The graph of the nearest stations of a territory's units."""
        return self._iri("graph", "nearest-stations", territory)

    def parts_graph(self, territory: str, around: str) -> URIRef:
        """The graph of which units of one territory are part of another's."""
        return self._iri("graph", "part-of", territory, around)

    def units_graph(self, territory: str) -> URIRef:
        """The graph of a territory's units."""
        return self._iri("graph", "units", territory)

    def weather_graph(self, station_id: str, year: int) -> URIRef:
        """The graph of one station's year."""
        return self._iri("graph", "weather", f"{station_id}-{year}")

    def _iri(self, *parts: str) -> URIRef:
        return URIRef(self.base + "/".join(quote(part, safe="-_.~@") for part in parts))

    def _version(self, unit_id: str, since: datetime.date | None) -> str:
        if since is None:
            return f"{unit_id}@undated"
        first_of_year = (since.month, since.day) == (1, 1)
        return f"{unit_id}@{since.year if first_of_year else since.isoformat()}"
