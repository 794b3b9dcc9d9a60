"""Property paths: which step a path surely ends with."""

from collections.abc import Sequence
from dataclasses import dataclass

from kb_api.geosparql.tokens import Doubt, Part, closing

_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


@dataclass(frozen=True, slots=True)
class Path:
    """A predicate or a property path.

    Attributes:
        last: Predicates of which one is its last step; empty where it may end in
            another way, such as with a variable or with no step at all.
        is_direct: Whether that step is the only one.
        start: Offset of its first character.
        end: Offset behind its last one.
    """

    last: frozenset[str]
    is_direct: bool
    start: int
    end: int


class PathReader:
    """Reads the path that begins at an index of the parts of a query.

    Attributes:
        at: Where it stands; behind the path when that is read.
    """

    def __init__(self, parts: Sequence[Part], at: int) -> None:
        self._parts = parts
        self.at = at

    def read(self) -> Path:
        """The path.

        Raises:
            Doubt: It is none, or could be read in two ways.
        """
        begin = self.at
        if self._parts[begin].kind == "variable":
            self.at += 1
            last, is_direct = frozenset[str](), True
        else:
            last, is_direct = self._alternatives()
        before, after = self._parts[self.at - 1], self._parts[self.at]
        is_glued = after.text.startswith("?") and after.start == before.end
        if is_glued and before.kind != "variable":
            raise Doubt("a path that may end with a question mark")
        return Path(last, is_direct, self._parts[begin].start, before.end)

    def _takes(self, marks: str) -> bool:
        """Whether one of the marks stands here; goes behind it then."""
        one = self._parts[self.at]
        found = one.kind == "mark" and one.text in marks
        self.at += found
        return found

    def _alternatives(self) -> tuple[frozenset[str], bool]:
        ways = [self._sequence()]
        while self._takes("|"):
            ways.append(self._sequence())
        if not all(last for last, _ in ways):
            return frozenset(), False
        return (
            frozenset().union(*(last for last, _ in ways)),
            all(is_direct for _, is_direct in ways),
        )

    def _sequence(self) -> tuple[frozenset[str], bool]:
        last, is_direct = self._step()
        while self._takes("/"):
            last, _ = self._step()
            is_direct = False
        return last, is_direct

    def _step(self) -> tuple[frozenset[str], bool]:
        is_other = self._takes("^") | self._takes("!")
        one = self._parts[self.at]
        if one.kind == "mark" and one.text == "(":
            end = closing(self._parts, self.at)
            if is_other:
                last, is_direct, self.at = frozenset[str](), False, end
            else:
                self.at += 1
                last, is_direct = self._alternatives()
            if self.at != end:
                raise Doubt("a path")
        elif one.kind == "iri" or (one.kind == "word" and one.text == "a"):
            last = frozenset({_TYPE if one.kind == "word" else one.value})
            is_direct = True
        else:
            raise Doubt("a path")
        self.at += 1
        if self._takes("?*+") or is_other:
            return frozenset(), False
        return last, is_direct
