"""The encoder's arithmetic against plain loops, and files that are no encoder."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from imagery.errors import UnreadableProduct
from mining.change.encoder import (
    HALO,
    LIMIT,
    STEP,
    WEIGHT_STEP,
    Encoder,
    feature_angle,
    read_encoder,
    shipped_encoder,
    weights_sha256,
    write_encoder,
)
from mining.change.methods import COMPARED_BANDS, change_methods


def scenes(height: int, width: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    before, after = rng.random((2, 10, height, width), np.float32) * np.float32(0.4)
    return before, after


def slow_angle(encoder: Encoder, before: np.ndarray, after: np.ndarray) -> float:
    """The angle of the middle pixel of a 5 x 5 patch, in float64 and plain loops."""

    def features(patch: np.ndarray) -> np.ndarray:
        values = np.rint(patch.astype(np.float64) / STEP)
        for kernel in encoder.kernels:
            side = values.shape[1] - 2
            summed = np.zeros((len(kernel), side, side))
            for row, column in np.ndindex(side, side):
                seen = values[:, row : row + 3, column : column + 3]
                summed[:, row, column] = (kernel * seen).sum(axis=(1, 2, 3))
            values = np.clip(np.rint(summed * WEIGHT_STEP), 0, LIMIT)
        return values[:, 0, 0]

    first, second = features(before), features(after)
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    return float(np.arccos(cosine))


def test_angle_equals_plain_loops() -> None:
    before, after = scenes(7, 8)
    angle = feature_angle(before, after)
    assert angle.shape == (3, 4)
    for row, column in ((0, 0), (2, 3)):
        patch = (slice(None), slice(row, row + 5), slice(column, column + 5))
        expected = slow_angle(shipped_encoder(), before[patch], after[patch])
        assert angle[row, column] == pytest.approx(expected, abs=1e-12)


def test_equal_dates_have_no_angle_and_brightness_hardly_counts() -> None:
    before, _ = scenes(9, 9)
    assert feature_angle(before, before).max() == pytest.approx(0, abs=1e-7)
    assert feature_angle(before, 2 * before).max() < 0.02


@pytest.mark.parametrize("side", [1, 7, 16, 40])
def test_scores_do_not_depend_on_the_window(side: int) -> None:
    before, after = scenes(53, 45, seed=3)
    before[:, 20, 20] = np.nan
    method = change_methods()["encoder"]
    whole = method.score(before, after)
    height, width = whole.shape
    for row in range(0, height, side):
        for column in range(0, width, side):
            rows = slice(row, min(row + side, height) + 2 * HALO)
            columns = slice(column, min(column + side, width) + 2 * HALO)
            part = method.score(before[:, rows, columns], after[:, rows, columns])
            expected = whole[row : row + side, column : column + side]
            assert (part == expected).all()


def test_an_unknown_pixel_is_unknown_alone() -> None:
    before, after = scenes(15, 15)
    after[3, 7, 7] = np.nan
    unknown = np.isnan(feature_angle(before, after))
    assert np.argwhere(unknown).tolist() == [[7 - HALO, 7 - HALO]]


def test_the_method_has_the_bands_of_its_weights() -> None:
    method = change_methods()["encoder"]
    assert method.bands == (COMPARED_BANDS,)
    assert shipped_encoder().bands == COMPARED_BANDS
    assert method.parameters(COMPARED_BANDS)["weights_sha256"] == weights_sha256()


def test_an_encoder_survives_its_file(tmp_path: Path) -> None:
    write_encoder(shipped_encoder(), tmp_path / "one.npz")
    write_encoder(shipped_encoder(), tmp_path / "two.npz")
    again = read_encoder(tmp_path / "one.npz")
    assert again.bands == COMPARED_BANDS
    assert all(
        (one == other).all()
        for one, other in zip(again.kernels, shipped_encoder().kernels, strict=True)
    )
    same = (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert same, "the same encoder, the same bytes"


def arrays() -> dict[str, np.ndarray]:
    first, second = (one.astype(np.int16) for one in shipped_encoder().kernels)
    bands = np.array(shipped_encoder().bands)
    return {"bands": bands, "kernel_0": first, "kernel_1": second}


def npz(**changed: object) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **(arrays() | changed))
    return stream.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def giant() -> bytes:
    """An array whose header promises four tebibytes."""
    stream = io.BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": (2**40,)}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue()


HOSTILE = {
    "empty": b"",
    "text": b"no zip at all",
    "truncated": npz()[:-400],
    "pickle": npz(bands=np.array([{"a": 1}], dtype=object)),
    "without weights": zipped("bands.npy", b""),
    "giant header": zipped("bands.npy", giant()),
    "bomb": zipped("bands.npy", bytes(3 << 20)),
    "large": bytes((1 << 20) + 1),
    "other shape": npz(kernel_1=np.ones((4, 5, 3, 3), np.int16)),
    "text weights": npz(kernel_0=np.array(["a"])),
    "nan weights": npz(kernel_0=np.full((32, 10, 3, 3), np.nan)),
    "half steps": npz(kernel_0=np.full((32, 10, 3, 3), 0.5)),
    "too large to add": npz(kernel_0=np.full((32, 10, 3, 3), 2**10, np.int16)),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_that_is_no_encoder_is_refused_in_one_line(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "weights.npz"
    path.write_bytes(HOSTILE[kind])
    with pytest.raises(UnreadableProduct, match="holds no change encoder") as refused:
        read_encoder(path)
    assert "\n" not in str(refused.value)
    assert "make encoder" in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableProduct, match="make encoder"):
        read_encoder(tmp_path / "none.npz")
