"""The two-branch network: sensor dropout, batches, and files without pickles."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fusion.model import NetworkClassifier, fit_network, load_network, save_network
from imagery.errors import UnreadableProduct

CLASSES = (2, 5, 9)


@pytest.fixture(scope="module")
def network() -> NetworkClassifier:
    """Optical tells 9 from the others, radar tells 2 from the others."""
    rng = np.random.default_rng(0)
    values = np.tile(CLASSES, 60)
    optical = rng.normal(values[:, None] == 9, 0.1, (180, 2)).astype(np.float32)
    radar = rng.normal(values[:, None] == 2, 0.1, (180, 1)).astype(np.float32)
    return fit_network(optical, radar, values, CLASSES, 0)


@pytest.fixture(scope="module")
def stored(
    network: NetworkClassifier, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("network") / "model.npz"
    save_network(network, path)
    return path


def rows(*values: tuple[float, ...]) -> np.ndarray:
    return np.array(values, np.float32)


NAN = float("nan")


def test_one_model_serves_every_choice_of_sensors(network: NetworkClassifier) -> None:
    optical = rows((1, 1), (0, 0), (0, 0), (1, 1), (NAN, 1), (NAN, NAN))
    radar = rows((0,), (1,), (0,), (NAN,), (1,), (NAN,))
    found = network.probabilities(optical, radar)
    assert np.array(CLASSES)[found[:5].argmax(axis=1)].tolist() == [9, 2, 5, 9, 2]
    assert found[:5].sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.isnan(found[5]).all()
    # What optical alone cannot tell apart stays open between the two.
    open_ = network.probabilities(rows((0, 0)), rows((NAN,)))[0]
    assert open_[0] == pytest.approx(0.5, abs=0.2)
    assert open_[2] < 0.2


def test_a_pixel_is_the_same_in_any_company(network: NetworkClassifier) -> None:
    rng = np.random.default_rng(1)
    optical = rng.normal(0.5, 1, (20_000, 2)).astype(np.float32)
    radar = rng.normal(0.5, 1, (20_000, 1)).astype(np.float32)
    whole = network.probabilities(optical, radar)
    for part in (slice(3, 4), slice(100, 777), slice(15_000, 20_000)):
        np.testing.assert_array_equal(
            network.probabilities(optical[part], radar[part]), whole[part]
        )


def test_stored_and_loaded_is_the_same(
    network: NetworkClassifier, stored: Path
) -> None:
    loaded = load_network(stored, 2, 1, CLASSES)
    optical, radar = rows((1, 0), (0, 0)), rows((0,), (NAN,))
    np.testing.assert_array_equal(
        loaded.probabilities(optical, radar), network.probabilities(optical, radar)
    )


def refused(path: Path, *shape: int) -> str:
    with pytest.raises(UnreadableProduct, match="no usable network") as told:
        load_network(path, *(shape or (2, 1)), CLASSES)
    assert "\n" not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize("share", [0.0, 0.4, 0.99])
def test_a_truncated_file(stored: Path, tmp_path: Path, share: float) -> None:
    data = stored.read_bytes()
    (tmp_path / "m.npz").write_bytes(data[: int(len(data) * share)])
    refused(tmp_path / "m.npz")


def changed(stored: Path, path: Path, **arrays: Any) -> Path:  # noqa: ANN401
    with np.load(stored) as held:
        np.savez(path, **(dict(held) | arrays))
    return path


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"centre": np.array([print], dtype=object)}, "allow_pickle=False"),
        ({"weight_0": np.zeros((99, 64), np.float32)}, "other names or shapes"),
        ({"more": np.zeros(1, np.float32)}, "other names or shapes"),
        ({"centre": np.full(3, np.nan, np.float32)}, "no finite float32"),
        ({"centre": np.zeros(3)}, "no finite float32"),
        ({"spread": np.zeros(3, np.float32)}, "scaling or sensors"),
        ({"seen": np.array([7], np.uint8)}, "scaling or sensors"),
    ],
)
def test_arrays_that_are_not_ours(
    stored: Path, tmp_path: Path, arrays: dict[str, Any], message: str
) -> None:
    assert message in refused(changed(stored, tmp_path / "m.npz", **arrays))


def test_a_file_that_does_not_fit_the_record(stored: Path) -> None:
    refused(stored, 3, 1)
