"""The service answers to its own names only."""

from pathlib import Path

from fastapi.testclient import TestClient

from kb_api.endpoint.written import Limits
from lucerna.database import catalogue_url
from lucerna.wiring import open_knowledge_base, open_service
from lucerna.workers import Workers

IRI_BASE = "https://kb.example/"


def test_a_foreign_host_name_is_refused(tmp_path: Path) -> None:
    kb, names = tmp_path / "kb", ["localhost", "127.0.0.1"]
    catalogue = catalogue_url(kb)
    with (
        open_knowledge_base(kb) as base,
        Workers() as workers,
        open_service(
            base,
            names,
            workers=workers,
            catalogue=catalogue,
            iri_base=IRI_BASE,
            limits=Limits(30, 1000),
        ) as app,
    ):
        for host, status in (
            ("http://localhost", 200),
            ("http://127.0.0.1:8600", 200),
            ("http://rebound.example", 400),
        ):
            answer = TestClient(app, base_url=host).get("/api/v1/health")
            assert answer.status_code == status, host
