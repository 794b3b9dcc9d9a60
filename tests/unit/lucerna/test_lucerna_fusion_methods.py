"""The compared classifiers on invented numbers: one model, three sensor choices."""

import numpy as np
import pytest

from lucerna.evaluation.fusion_methods import SENSORS, Table, baseline, ours


@pytest.fixture
def table() -> tuple[Table, np.ndarray]:
    """Four classes: the optical number tells two pairs apart, the radar number two."""
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 4
    optical = rng.normal(labels[:, None] // 2, 0.05).astype(np.float32)
    radar = rng.normal(labels[:, None] % 2, 0.05).astype(np.float32)
    return Table(optical, radar), labels


def test_one_sensor_finds_half_and_both_find_all(
    table: tuple[Table, np.ndarray],
) -> None:
    numbers, labels = table
    train = np.arange(400) < 300
    found = ours("forest", numbers, labels, train, ~train)
    expected = {"S2": 0.5, "S1": 0.5, "S1+S2": 1.0}
    assert {name: one.samples for name, one in found.items()} == dict.fromkeys(
        SENSORS, 100
    )
    for name, share in expected.items():
        assert found[name].overall == pytest.approx(share, abs=0.12)
        simple = baseline(numbers, labels, train, ~train, name)
        assert simple.overall == pytest.approx(share, abs=0.12)
