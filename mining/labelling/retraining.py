"""One step of a label session: learn from its labels, choose what comes next."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from mining.catalogue.catalogue import Catalogue
from mining.catalogue.tables import ModelRow
from mining.labelling.batch_store import (
    Choice,
    count_events,
    current_batch,
    descriptor_set_of,
    newest_model,
    propose,
    put_model,
)
from mining.labelling.label_store import find_session, labels_of
from mining.labelling.labels import CONFIDENT, Prediction
from mining.labelling.learner import (
    STRATEGIES,
    LabelPool,
    Learned,
    Strategy,
    label_pool,
    learn,
    next_patches,
    standardised,
)

BATCH = 24
"""Patches of a batch."""

_RESERVES = 2
_log = logging.getLogger(__name__)


def check_strategy(word: str) -> Strategy:
    """The strategy of that word.

    Raises:
        ValueError: There is none.
    """
    for strategy in STRATEGIES:
        if word == strategy:
            return strategy
    raise ValueError(
        f"no strategy {word[:40]!r}; choose one of {', '.join(STRATEGIES)}"
    )


def prepare_batch(catalogue_url: str, session_id: str) -> None:
    """`prepare_next` in a catalogue that is opened for it: a worker's task."""
    with Catalogue(catalogue_url) as catalogue:
        prepare_next(catalogue, session_id)


def prepare_next(catalogue: Catalogue, session_id: str) -> None:
    """Learn the category of a session and propose its next batch.

    A model version is made where something was said since the last one; predictions
    of at least `CONFIDENT` for unlabelled patches are kept with it.

    Memory: the descriptors of all patches that compare, in float64.

    Raises:
        LookupError: There is no such session.
    """
    session = find_session(catalogue, session_id)
    descriptor_set = descriptor_set_of(catalogue, session.category)
    if descriptor_set is None:
        return
    events = count_events(catalogue, session.category)
    last = newest_model(catalogue, session.category)
    version = 0 if last is None else last.version
    news = last is None or last.events != events
    ids, vectors = catalogue.vectors(descriptor_set)
    numbers = standardised(vectors)
    pool = _pool(catalogue, session.category, ids)
    random = np.random.default_rng(version + news)
    learned = learn(numbers, pool, random)
    if learned is not None and news:
        version += 1
        model = ModelRow(
            category=session.category,
            version=version,
            descriptor_set=descriptor_set,
            created=datetime.now(UTC),
            events=events,
            labels=len(pool.positive) + len(pool.negative),
            found=len(pool.positive),
            estimate=learned.estimate,
        )
        put_model(catalogue, model, _confident(model, ids, pool, learned))
    pool = _without_current(catalogue, session_id, ids, pool)
    strategy = check_strategy(session.strategy)
    chosen = _choose(numbers, pool, learned, strategy, random)
    probabilities = None if learned is None else learned.probabilities
    choices: list[Choice] = [
        (ids[one], None if probabilities is None else round(probabilities[one], 4))
        for one in chosen
    ]
    propose(catalogue, session_id, version, choices, BATCH)
    _log.info(
        "%s, model %d: %d positive and %d negative labels, %d patches proposed",
        session.category,
        version,
        len(pool.positive),
        len(pool.negative),
        len(choices),
    )


def _pool(catalogue: Catalogue, category: str, ids: Sequence[str]) -> LabelPool:
    labels = labels_of(catalogue, category)
    return label_pool(
        len(ids),
        {
            index: labels[patch].action
            for index, patch in enumerate(ids)
            if patch in labels
        },
    )


def _confident(
    model: ModelRow, ids: Sequence[str], pool: LabelPool, learned: Learned
) -> list[Prediction]:
    sure = pool.unlabelled[learned.probabilities[pool.unlabelled] >= CONFIDENT]
    return [
        Prediction(
            ids[one], model.category, float(learned.probabilities[one]), model.version
        )
        for one in sure
    ]


def _without_current(
    catalogue: Catalogue, session_id: str, ids: Sequence[str], pool: LabelPool
) -> LabelPool:
    """The pool less the unlabelled patches that the session shows now."""
    current = current_batch(catalogue, session_id)
    showing = {patch for patch, _ in current.shown} if current else set()
    hidden = [index for index, patch in enumerate(ids) if patch in showing]
    return replace(pool, unlabelled=np.setdiff1d(pool.unlabelled, hidden))


def _choose(
    vectors: NDArray[np.float64],
    pool: LabelPool,
    learned: Learned | None,
    strategy: Strategy,
    random: np.random.Generator,
) -> list[int]:
    """The next batch and its reserve: further batches of the same kind."""
    chosen: list[int] = []
    for _ in range(1 + _RESERVES):
        batch = next_patches(
            vectors, pool, learned, strategy=strategy, count=BATCH, random=random
        )
        chosen += [int(one) for one in batch]
        pool = replace(pool, unlabelled=np.setdiff1d(pool.unlabelled, batch))
    return chosen
