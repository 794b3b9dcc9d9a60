"""What response headers tell of a query: limits, help of the index, faults."""

import json

from kb_api.endpoint.written import Limits, Written

TIMEOUT = "Lucerna-Timeout-Seconds"
ROWS = "Lucerna-Max-Rows"
INDEX = "Lucerna-Index"
FAULTS = "Lucerna-Faults"
FAULT_MESSAGES = "Lucerna-Fault-Messages"

_TOLD, _LONGEST = 3, 200


def limits_of(limits: Limits) -> dict[str, str]:
    """The limits that are enforced, as headers.

    >>> limits_of(Limits(timeout_s=30, rows=None))
    {'Lucerna-Timeout-Seconds': '30'}
    """
    told = {TIMEOUT: limits.timeout_s, ROWS: limits.rows}
    return {name: f"{value:g}" for name, value in told.items() if value is not None}


def told_of(written: Written) -> dict[str, str]:
    """How an answer came about, as headers; messages are a JSON list in ASCII."""
    faults = written.faults
    told = {
        INDEX: "used" if written.indexed else "unused",
        FAULTS: str(faults.count),
    }
    if faults.count:
        first = faults.told.most_common(_TOLD)
        told[FAULT_MESSAGES] = json.dumps([message[:_LONGEST] for message, _ in first])
    return told
