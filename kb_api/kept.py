"""What was worked out of a short text is kept; of a long one it is worked out anew."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def kept_of_short(
    letters: int, texts: int
) -> Callable[[Callable[Concatenate[str, P], T]], Callable[Concatenate[str, P], T]]:
    """Keep what a function gives for the last texts that are not longer.

    So texts of strangers take no more memory than `letters * texts`, times what a
    letter takes and what is made of it.
    """

    def decorate(
        function: Callable[Concatenate[str, P], T],
    ) -> Callable[Concatenate[str, P], T]:
        kept = functools.lru_cache(texts)(function)

        def call(text: str, /, *rest: P.args, **named: P.kwargs) -> T:
            # Arguments are hashable, as those of every cached function.
            if len(text) > letters:
                return function(text, *rest, **named)
            return kept(text, *rest, **named)  # type: ignore[arg-type]

        functools.update_wrapper(call, function)
        return call

    return decorate
