"""How much may be compared for one query before the engine has it."""

from dataclasses import dataclass

MOST_COMPARED = 5_000_000
"""Corners of a place times geometries near it that are compared for one query, in some
tenths of a second: nothing can stop that; the engine, which else compares, can be."""


@dataclass
class Budget:
    """What is left of it.

    Attributes:
        left: Corners times geometries.
    """

    left: int = MOST_COMPARED

    def allows(self, cost: int) -> bool:
        """Whether there is so much left; it is taken then."""
        if cost > self.left:
            return False
        self.left -= cost
        return True
