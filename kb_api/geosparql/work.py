"""What the rules rewrite a query with."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pyoxigraph as ox

from kb_api.geosparql.budget import Budget
from kb_api.geosparql.index import SpatialIndex


@dataclass
class Work:
    """A query that is being rewritten.

    Attributes:
        query: Its text.
        store: In the state that the index is of.
        index: Gives the index of all geometries of the store.
        budget: What may be compared for it.
        unread: How many literals that cannot be read a join leaves out, of which the
            engine would have told.
    """

    query: str
    store: ox.Store
    index: Callable[[], SpatialIndex]
    budget: Budget = field(default_factory=Budget)
    unread: int = 0
