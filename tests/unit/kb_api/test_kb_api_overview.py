"""What the base holds, against the counts of the hand-made base."""

from pathlib import Path

from fastapi.testclient import TestClient
from rdflib import Graph

from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from kb_api.overview import overview
from ontology.files import ontology_graph, schemes_graph

BASE = Path(__file__).parents[2] / "small_base.ttl"


def test_the_small_base_is_counted(tmp_path: Path) -> None:
    facts, schemes = Graph().parse(BASE), schemes_graph()
    store = EmbeddedStore()
    store.put_graphs(
        {
            f"https://x/{name}": (name, graph.serialize(format="nt", encoding="utf-8"))
            for name, graph in (("facts", facts), ("schemes", schemes))
        }
    )
    app = create_app(store, version="1", quicklook_folder=tmp_path)
    with TestClient(app) as client:
        body = client.get("/api/v1/overview").json()
    # Of five patches two have a label that stands: one was taken back, one skipped.
    assert body == {
        "scenes": 3,
        "changeResults": 2,
        "classifications": 1,
        # 28 of change and 3 of land cover.
        "observations": 31,
        "stations": 1,
        "labelledPatches": 2,
        "reports": 1,
        "units": {"commune": 2, "parcel": 12},
        # 46 pairs meet: 17 lie within, 29 share some ground.
        "triples": len(facts) + len(schemes) + 46 + 17 + 29 * 4,
        "begins": "2017-04-19T10:56:21Z",
        "ends": "2017-04-30T17:57:00Z",
        "weatherBegins": "2017-04-27",
        "weatherEnds": "2017-04-27",
        "simulated": True,
    }


def test_an_empty_base_holds_nothing_but_its_ontology() -> None:
    store = EmbeddedStore()
    meaning = ontology_graph() + schemes_graph()
    content = meaning.serialize(format="nt", encoding="utf-8")
    store.put_graphs({"https://x/ontology": ("ontology", content)})
    assert overview(store) == {
        "scenes": 0,
        "changeResults": 0,
        "classifications": 0,
        "observations": 0,
        "stations": 0,
        "labelledPatches": 0,
        "reports": 0,
        "units": {},
        "triples": len(meaning),
        "begins": None,
        "ends": None,
        "weatherBegins": None,
        "weatherEnds": None,
        "simulated": False,
    }
