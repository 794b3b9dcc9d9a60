"""What would match if one filter were away, when nothing does."""

import asyncio
import functools
from collections.abc import Mapping

import panel as pn
import panel_material_ui as pmui
import param

from ui.client import ApiClient, ApiProblem
from ui.search.asking import QuestionAsked
from ui.search.form import SearchForm


class Relaxing(pn.viewable.Viewer):
    """A button for each filter without which there are rows."""

    chosen = param.String(doc="Name of the filter to be taken away; empty: none.")

    def __init__(self, client: ApiClient, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._client = client
        self._buttons = pn.FlexBox(margin=(0, 10), gap="8px")

    def __panel__(self) -> pn.viewable.Viewable:
        """The buttons."""
        return self._buttons

    def clear(self) -> None:
        """Offer nothing."""
        self.chosen = ""
        self._buttons.objects = []

    async def offer(self, asked: QuestionAsked, form: SearchForm) -> None:
        """Ask how many rows there were without each filter; offer those with some."""
        self.clear()
        without = form.without_one()
        counts = await asyncio.gather(
            *(self._count(asked.name, values) for values in without.values())
        )
        words = {one["name"]: one["text"] for one in form.filters()}
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
