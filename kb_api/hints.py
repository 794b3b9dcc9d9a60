"""Why an answer has no rows: what the base has none of, and what to ask instead."""

import re
from collections.abc import Mapping

from kb_api.overview import overview
from kb_api.questions import find_question
from kb_api.store import Store
from ontology import LUC

_LAND_COVER = f"ASK {{ ?slice <{LUC.landCover}> ?land }}"


def why_empty(store: Store, name: str, values: Mapping[str, str]) -> list[str]:
    """What the base lacks for a question that found nothing, one sentence each.

    Args:
        store: Where the facts are.
        name: The question's name.
        values: As they were asked; those not given have their defaults.

    Raises:
        QueryRejected: There is no such question.
    """
    parameters = {one.name: one for one in find_question(name).parameters}
    asked = {
        one.name: values.get(one.name, one.default or "").strip()
        for one in parameters.values()
    }
    held = overview(store)
    told = []
    level = re.split(r"[:/]", asked.get("unit_level", ""))[-1]
    if level and level not in held["units"]:
        levels = sorted(held["units"])
        advice = "it has none: lift with --units"
        if levels:
            advice = f"it has {', '.join(levels)}: give unit_level=ul:{levels[0]}"
        told.append(f"the base has no units of level {level}; {advice}")
    # Where a kind of land is asked by default; elsewhere kind narrows something else.
    kind = parameters.get("kind")
    of_land = kind is not None and kind.default is not None
    if kind and of_land and asked["kind"] and not store.query(_LAND_COVER):
        open_kind = "give kind= for all land, or " if kind.may_be_open else ""
        told.append(f"the base has no land cover; {open_kind}lift with --land-cover")
    if "weather" in name and not held["stations"]:
        told.append("the base has no weather; lift with --weather")
    return told
