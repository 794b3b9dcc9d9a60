"""The built wheel, installed elsewhere, holds all its data and runs the demo."""

from concurrent.futures import Future
from pathlib import Path

from acceptance_wheel import PACKAGES, ROOT, Installed

ASKED = {
    "changed_units": ("identifier", "SIM"),
    "rank_units kind=clc:221": ("identifier", "SIM"),
    "weather_before_change": ("identifier", "SIM"),
    "labelled_patches": ("category", "Vineyard"),
}
"""Question to the first column of its table and how its first row begins."""


def test_wheel_holds_data_and_no_tests(wheel: Future[Installed]) -> None:
    names = wheel.result().names
    roots = {name.split("/")[0] for name in names}
    assert {root for root in roots if not root.endswith(".dist-info")} == set(PACKAGES)
    data = [
        one
        for one in wheel.result().sources
        if one.endswith((".ttl", ".rq", ".toml", ".py"))
    ]
    assert len(data) > 100
    assert set(data) - set(names) == set()
    for suffix, least in (
        (".ttl", 30),
        (".rq", 5),
        (".toml", 1),
        (".js", 2),
        (".npz", 1),
    ):
        assert sum(name.endswith(suffix) for name in names) >= least, suffix
    unwanted = ("test", "docker", "node_modules", ".venv")
    assert [one for one in names if any(part in one for part in unwanted)] == []


def test_every_asset_of_the_checkout_is_in_the_wheel(wheel: Future[Installed]) -> None:
    assets = [
        str(one.relative_to(ROOT))
        for one in (ROOT / "ui" / "assets").rglob("*")
        if one.is_file() and not one.name.startswith(".")
    ]
    assert any(one.endswith(".js") for one in assets)
    assert set(assets) - set(wheel.result().names) == set()


def test_installed_wheel_is_the_one_that_runs(wheel: Future[Installed]) -> None:
    installed = wheel.result()
    assert installed.places.keys() == set(PACKAGES)
    for name, place in installed.places.items():
        assert Path(place).is_relative_to(installed.folder), f"{name} is {place}"
        assert not Path(place).is_relative_to(ROOT)


def test_installed_wheel_runs_the_demo(wheel: Future[Installed]) -> None:
    done = wheel.result().demo
    assert done.returncode == 0, done.stderr[-2000:]
    asked = [line for line in done.stdout.splitlines() if line.startswith("$ ")]
    assert asked == [f"$ lucerna ask {one} --kb demo/kb" for one in ASKED]
    answers = done.stdout.split("$ lucerna ask ")[1:]
    for answer, (column, value) in zip(answers, ASKED.values(), strict=True):
        lines = answer.splitlines()
        assert lines[1].startswith(column), lines[1]
        assert set(lines[2]) <= {"-", " "}
        assert lines[3].startswith(value), "the table has a row"
    assert "Vineyards" in done.stdout
    assert "simulated" in done.stderr
