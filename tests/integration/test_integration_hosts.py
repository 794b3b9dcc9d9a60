"""The service answers to its own names only."""

from pathlib import Path

from fastapi.testclient import TestClient

from lucerna.wiring import build_service, open_knowledge_base


def test_a_foreign_host_name_is_refused(tmp_path: Path) -> None:
    with open_knowledge_base(tmp_path / "kb") as base:
        app = build_service(base, ["localhost", "127.0.0.1"])
        for host, status in (
            ("http://localhost", 200),
            ("http://127.0.0.1:8600", 200),
            ("http://rebound.example", 400),
        ):
            answer = TestClient(app, base_url=host).get("/api/v1/health")
            assert answer.status_code == status, host
