"""Training record → model card: a page for people, in Markdown."""

from collections.abc import Iterator
from typing import Any

from fusion.training_record import TrainingRun
from imagery.scene_record import iso_time

CARD = "card.md"

_KINDS = {
    "forest": "random forests, one for each sensor basis",
    "network": "a two-branch neural network trained with sensor dropout",
}
_BASES = {
    "optical": "Sentinel-2 alone",
    "radar": "Sentinel-1 alone",
    "both": "both sensors",
}


def model_card_text(run: TrainingRun) -> str:
    """The card of a model, made of its record alone."""
    return "\n".join(_lines(run)) + "\n"


def _lines(run: TrainingRun) -> Iterator[str]:
    used = run.sample_counts["used"]
    yield f"# {run.name}, version {run.version}"
    yield ""
    yield f"Kind: {run.kind} ({_KINDS.get(run.kind, run.kind)})."
    yield f"Made {iso_time(run.created)} with Lucerna {run.code_version}."
    if run.simulated:
        yield ""
        yield "**Trained on simulated scenes: it says nothing about a real place.**"
    yield from ("", "## Training data", "")
    yield f"- samples: {run.samples_name}, sha256 {run.samples_sha256}"
    for scene in run.scenes:
        mark = ", simulated" if scene.simulated else ""
        seen = f"{scene.sensor}, {iso_time(scene.begins)}{mark}"
        yield f"- scene: {scene.product_id}, {seen}"
    yield f"- pixels used: {sum(used.values())}"
    for reason, count in run.sample_counts["left_out"].items():
        yield f"- left out, {reason}: {count}"
    yield from ("", "| value | class | pixels used |", "| --- | --- | --- |")
    for one in run.classes:
        yield f"| {one.value} | {_cell(one.name)} | {used.get(one.name, 0)} |"
    yield ""
    yield f"Scheme of the values: {run.scheme or 'none stated'}."
    yield from ("", "## Features", "")
    for word, names in (
        ("Sentinel-2", run.feature_set.optical_names),
        ("Sentinel-1", run.feature_set.radar_names),
    ):
        yield f"- {word}: {', '.join(names) or 'none'}"
    yield from ("", "## Accuracy on held-out blocks", "")
    yield from _accuracy_lines(run)
    yield from ("", "## Limits", "")
    yield (
        "- The scores hold for the place and time of the samples. Where labels come "
        "from a map, they measure agreement with that map and are not field truth."
    )
    yield (
        "- The confidence of a pixel is the probability that the model gives its "
        "class; it is not calibrated against the ground."
    )
    yield (
        "- A pixel with one sensor is decided by that sensor alone: its row of the "
        "table holds. The basis raster tells which pixels those are."
    )
    yield from ("", "## How it was made", "")
    yield f"- command: `{_command(run)}`"
    told = ", ".join(f"{name} {value}" for name, value in run.parameters.items())
    yield f"- parameters: {told}"
    yield f"- model file: {run.model_file}, sha256 {run.sha256}"


def _accuracy_lines(run: TrainingRun) -> Iterator[str]:
    if not run.accuracy:
        yield "Not assessed: no spatial block could be held out, or none was wanted."
        return
    block = run.parameters.get("block_px")
    fitted = run.parameters.get("fitted_for_assessment")
    yield (
        f"Blocks of {block} pixels; a model fitted on {fitted} pixels of other blocks. "
        "Training pixels that share a local window with a held-out one are dropped. "
        "The model that is kept was fitted on all pixels."
    )
    yield ""
    yield "| sensors | pixels | overall accuracy | mean F1 | kappa |"
    yield "| --- | --- | --- | --- | --- |"
    for word, scores in run.accuracy.items():
        yield (
            f"| {_BASES.get(word, word)} | {scores['samples']} | "
            f"{scores['overall']:.3f} | {scores['macro_f1']:.3f} | "
            f"{scores['kappa']:.3f} |"
        )
    yield from ("", f"| F1 by class | {' | '.join(run.accuracy)} |")
    yield f"| --- |{' --- |' * len(run.accuracy)}"
    for one in run.classes:
        shown = [_score(s["f1"].get(one.name)) for s in run.accuracy.values()]
        yield f"| {_cell(one.name)} | {' | '.join(shown)} |"


def _score(value: Any) -> str:  # noqa: ANN401
    return "not held out" if value is None else f"{value:.3f}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _command(run: TrainingRun) -> str:
    """The command that trains such a model again; scenes by product name."""
    scenes = {
        "radar" if one.sensor.startswith("sentinel-1") else "optical": one.product_id
        for one in run.scenes
    }
    options = [f"--{word} {product}" for word, product in scenes.items()]
    options += [f"--name {run.name}", f"--kind {run.kind}", f"--seed {run.seed}"]
    options.append(f"--class-column {run.parameters.get('class_column', 'class')}")
    if run.scheme:
        options.append(f"--scheme {run.scheme}")
    return " ".join(["lucerna train", run.samples_name, *options])
