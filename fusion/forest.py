"""Random forests of fused pixels: one for each sensor basis, in one model."""

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.classifier import basis_features, sensor_basis
from fusion.stack import BASIS_NAMES
from imagery.errors import UnreadableProduct

TREES = 100

_TREE_TYPE = "sklearn.tree._tree.Tree"
_STORED_TYPES = {
    ("builtins", "dict", "DictNode"),
    ("builtins", "list", "ListNode"),
    ("builtins", "str", "JsonNode"),
    ("builtins", "str", "TypeNode"),
    ("builtins", "tuple", "TupleNode"),
    ("numpy", "int64", "NdArrayNode"),
    ("numpy", "ndarray", "NdArrayNode"),
    ("sklearn.ensemble._forest", "RandomForestClassifier", "ObjectNode"),
    ("sklearn.tree._classes", "DecisionTreeClassifier", "ObjectNode"),
    ("sklearn.tree._tree", "Tree", "TreeNode"),
}
"""All that a stored forest is made of: module, class, and how skops reads it."""
_LARGEST_BYTES = 4 * 2**30
_SLICE = 1 << 15


@dataclass(frozen=True)
class ForestClassifier:
    """One random forest a sensor basis; a `Classifier`.

    Attributes:
        classes: Class values in the order of the probabilities.
        forests: Sensor basis (1 optical, 2 radar, 3 both) to its fitted
            `RandomForestClassifier`; a basis without enough samples has none.
        kind: "forest".
    """

    classes: tuple[int, ...]
    forests: Mapping[int, Any]
    kind: str = "forest"

    def probabilities(
        self, optical: NDArray[np.float32], radar: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Probability of each class: the forest of a pixel's own basis decides.

        Args:
            optical: (n, o) features; a row with any NaN has no optical.
            radar: (n, r) features; a row with any NaN has no radar.

        Returns:
            (n, classes) float32 that sum to 1; NaN where both sensors are missing, or
            where their basis has no forest.
        """
        basis = sensor_basis(optical, radar)
        result = np.full((len(basis), len(self.classes)), np.nan, np.float32)
        for code, forest in self.forests.items():
            own = np.flatnonzero(basis == code)
            if own.size:
                columns = [self.classes.index(int(one)) for one in forest.classes_]
                part = np.zeros((own.size, len(self.classes)), np.float32)
                features = basis_features(code, optical[own], radar[own])
                part[:, columns] = _predicted(forest, features)
                result[own] = part
        return result


def fit_forest(
    optical: NDArray[np.float32],
    radar: NDArray[np.float32],
    values: NDArray[np.int64],
    classes: Sequence[int],
    seed: int,
) -> ForestClassifier:
    """Fit one forest for each sensor basis on the samples that have it.

    Samples weigh with the inverse square root of their class's frequency: between
    overall accuracy, which wants none, and the mean F1, which wants the inverse.

    Args:
        optical: (n, o) features; a row with NaN has no optical.
        radar: (n, r) features; a row with NaN has no radar.
        values: (n,) class values, each one of `classes`.
        classes: Class values in the order of the probabilities.
        seed: Of the trees.

    References:
        Breiman 2001, Random Forests, Machine Learning 45, 5-32.
    """
    basis = sensor_basis(optical, radar)
    forests = {}
    for code in BASIS_NAMES:
        own = (basis & code) == code
        if len(np.unique(values[own])) < 2:
            continue
        features = basis_features(code, optical[own], radar[own])
        _, place, count = np.unique(
            values[own], return_inverse=True, return_counts=True
        )
        forests[code] = _unfitted(seed).fit(
            features, values[own], sample_weight=count[place] ** -0.5
        )
    return ForestClassifier(tuple(classes), forests)


def save_forest(classifier: ForestClassifier, path: Path) -> None:
    """Write a forest with skops."""
    import skops.io

    held = {BASIS_NAMES[code]: one for code, one in classifier.forests.items()}
    skops.io.dump(held, path, compression=zipfile.ZIP_DEFLATED, compresslevel=6)


def load_forest(
    path: Path, optical: int, radar: int, classes: Sequence[int], seed: int
) -> ForestClassifier:
    """A forest that `save_forest` wrote; nothing that the file holds is executed.

    The file may name only types of a fixed list, estimators may have only the
    parameters and attributes of ours, and the nodes of each tree must lie in it:
    scikit-learn follows them unchecked.

    Args:
        path: The file.
        optical: Number of optical features.
        radar: Number of radar features.
        classes: Class values in the order of the probabilities.
        seed: That the forest was fitted with.

    Raises:
        UnreadableProduct: The file is damaged, or is no such forest.
    """
    import skops.io

    counts = {1: optical, 2: radar, 3: optical + radar}
    try:
        _check_types(path)
        held = skops.io.load(path, trusted=[_TREE_TYPE])
        forests = {
            code: held.pop(name) for code, name in BASIS_NAMES.items() if name in held
        }
        if held or not forests:
            raise ValueError("it holds other things than forests")
        for code, forest in forests.items():
            _check_forest(forest, counts[code], classes, seed)
    except Exception as error:  # a hostile file can make skops raise anything
        reason = " ".join(str(error).split())[:200]
        raise UnreadableProduct(
            f"{path} is no usable forest ({reason}); train the model again"
        ) from error
    return ForestClassifier(tuple(classes), forests)


def _unfitted(seed: int) -> Any:  # noqa: ANN401 - scikit-learn has no types
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(TREES, random_state=seed, n_jobs=1)


def _predicted(forest: Any, features: NDArray[np.float32]) -> NDArray[np.float64]:  # noqa: ANN401
    """Mean of the trees' probabilities, (n, classes of the forest), in two threads.

    The same numbers as `forest.predict_proba`, which sets the warning filters of the
    process while it runs and so must not run in two threads at once.
    """

    def mean(part: NDArray[np.float32]) -> NDArray[np.float64]:
        total = np.zeros((len(part), forest.n_classes_))
        for member in forest.estimators_:
            total += member.tree_.predict(part)
        return total / len(forest.estimators_)

    slices = [features[i : i + _SLICE] for i in range(0, len(features), _SLICE)]
    with ThreadPoolExecutor(2) as threads:
        return np.concatenate(list(threads.map(mean, slices)))


def _check_types(path: Path) -> None:
    """Refuse a file that is no zip, too large, or names a type we do not store."""
    with zipfile.ZipFile(path) as archive:
        if sum(one.file_size for one in archive.infolist()) > _LARGEST_BYTES:
            raise ValueError("it unpacks to more than 4 GiB")
        schema = json.loads(archive.read("schema.json"))
    foreign = set(_types(schema)) - _STORED_TYPES
    if foreign:
        listed = ", ".join(sorted(f"{one[0]}.{one[1]}" for one in foreign)[:3])
        raise ValueError(f"it holds foreign types: {listed}")


def _types(node: object) -> Iterator[tuple[str, str, str]]:
    if isinstance(node, dict):
        if "__loader__" in node or "__class__" in node:
            yield (
                str(node.get("__module__")),
                str(node.get("__class__")),
                str(node.get("__loader__")),
            )
        for part in node.values():
            yield from _types(part)
    elif isinstance(node, list):
        for part in node:
            yield from _types(part)


def _check_forest(
    forest: Any,  # noqa: ANN401
    features: int,
    classes: Sequence[int],
    seed: int,
) -> None:
    """Compare an estimator with one of ours that was fitted on two invented rows."""
    sound = _unfitted(seed)
    wanted = sound.get_params()
    sound.set_params(n_estimators=1).fit(np.eye(2, max(features, 1)), classes[:2])
    if type(forest) is not type(sound) or vars(forest).keys() != vars(sound).keys():
        raise ValueError("an estimator is of another make")
    if forest.get_params() != wanted:
        raise ValueError("an estimator has other parameters")
    known = np.asarray(forest.classes_)
    if known.ndim != 1 or not set(known.tolist()) <= set(classes) or known.size < 2:
        raise ValueError("an estimator has other classes")
    if (forest.n_features_in_, forest.n_classes_) != (features, known.size):
        raise ValueError("an estimator has other features or classes")
    if forest.n_outputs_ != 1 or len(forest.estimators_) != TREES:
        raise ValueError("an estimator has other trees")
    for member in forest.estimators_:
        _check_member(member, sound.estimators_[0], features, known.size)


def _check_member(member: Any, sound: Any, features: int, classes: int) -> None:  # noqa: ANN401
    if type(member) is not type(sound) or vars(member).keys() != vars(sound).keys():
        raise ValueError("a tree is of another make")
    if (member.n_features_in_, member.n_classes_, member.n_outputs_) != (
        features, classes, 1,
    ):  # fmt: skip
        raise ValueError("a tree has other features or classes")
    tree = member.tree_
    if type(tree) is not type(sound.tree_) or (
        tree.n_features, tree.max_n_classes, tree.n_outputs,
    ) != (features, classes, 1):  # fmt: skip
        raise ValueError("a tree has other features or classes")
    left, right, number = tree.children_left, tree.children_right, tree.node_count
    inner = np.flatnonzero(left != -1)
    children = np.stack([left[inner], right[inner]])
    asked = tree.feature[inner]
    if not (
        number > 0
        and len(left) == number
        and np.array_equal(left == -1, right == -1)
        and (children > inner).all()
        and (children < number).all()
        and ((asked >= 0) & (asked < features)).all()
        and tree.value.shape == (number, 1, classes)
        and np.isfinite(tree.value).all()
    ):
        raise ValueError("the nodes of a tree do not lie in it")
