"""What would match if one filter were away, when nothing does."""

import asyncio
import functools
from collections.abc import Mapping

import panel as pn
import panel_material_ui as pmui
import param

from ui.api_records import Answer
from ui.client import ApiClient, ApiProblem
from ui.search.asking import Asking, QuestionAsked
from ui.search.form import SearchForm


class Relaxing(pn.viewable.Viewer):
    """A button for each filter without which there are rows."""

    chosen = param.String(doc="Name of the filter to be taken away; empty: none.")

    def __init__(self, client: ApiClient, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._client = client
        self._turn = 0
        self._buttons = pn.FlexBox(margin=(0, 10), gap="8px")

    def __panel__(self) -> pn.viewable.Viewable:
        """The buttons."""
        return self._buttons

    def clear(self) -> None:
        """Offer nothing, also not what is being asked for."""
        self._turn += 1
        self.chosen = ""
        self._buttons.objects = []

    async def offer(self, asked: Asking, answer: Answer, form: SearchForm) -> None:
        """Where nothing matches, offer each filter without which something would.

        What is offered or cleared meanwhile stays.
        """
        self.clear()
        if answer["count"] or not isinstance(asked, QuestionAsked):
            return
        turn = self._turn
        without = form.without_one()
        words = {one["name"]: one["text"] for one in form.filters()}
        counts = await asyncio.gather(
            *(self._count(asked.name, values) for values in without.values())
        )
        if turn != self._turn:
            return
        buttons = []
        for name, count in zip(without, counts, strict=True):
            if count:
                rows = f"{count:,} row{'' if count == 1 else 's'}"
                label = f"Without “{words[name]}”: {rows}"
                button = pmui.Button(
                    label=label, variant="outlined", size="small", margin=0
                )
                button.on_click(functools.partial(self._choose, name))
                buttons.append(button)
        self._buttons.objects = buttons

    async def _count(self, question: str, values: Mapping[str, str]) -> int:
        try:
            answer = await self._client.ask(question, values, limit=0)
        except ApiProblem:
            return 0
        return answer["count"]

    def _choose(self, name: str, _: object) -> None:
        self.chosen = name
