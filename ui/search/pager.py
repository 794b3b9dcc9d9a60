"""Which rows of an answer are shown, and the way to the others."""

import functools
from typing import Any

import panel_material_ui as pmui
import param


class Pager(param.Parameterized):
    """First, previous, next and last page of an answer."""

    offset = param.Integer(0, bounds=(0, None), doc="Rows before the page shown.")
    count = param.Integer(0, bounds=(0, None), doc="Rows of the whole answer.")
    size = param.Integer(50, bounds=(1, None), doc="Rows of a page.")
    wanted = param.Integer(0, doc="Offset of the page that the user wants.")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        step = {"variant": "outlined", "size": "small", "margin": (4, 2)}
        self._buttons = {
            name: pmui.Button(label=name, visible=False, **step)
            for name in ("First", "Previous page", "Next page", "Last")
        }
        for name, button in self._buttons.items():
            button.on_click(functools.partial(self._go, name))
        self.param.watch(self._show, ["offset", "count"])

    def tools(self) -> list[Any]:
        """The buttons; not seen where there is one page."""
        return list(self._buttons.values())

    def words(self) -> str:
        """Which rows are shown of how many.

        >>> Pager(count=1234, offset=50).words()
        'Rows 51 to 100 of 1,234'
        """
        if self.count == 0:
            return ""
        if self.count <= self.size:
            return f"{self.count:,} row{'' if self.count == 1 else 's'}"
        last = min(self.offset + self.size, self.count)
        return f"Rows {self.offset + 1:,} to {last:,} of {self.count:,}"

    @property
    def last(self) -> int:
        """Offset of the last page."""
        return max(0, (self.count - 1) // self.size * self.size)

    def _go(self, name: str, _: object) -> None:
        to = {
            "First": 0,
            "Previous page": max(0, self.offset - self.size),
            "Next page": min(self.last, self.offset + self.size),
            "Last": self.last,
        }[name]
        self.wanted = to

    def _show(self, *_: object) -> None:
        for name, button in self._buttons.items():
            back = name in ("First", "Previous page")
            end = self.offset == 0 if back else self.offset >= self.last
            button.param.update(visible=self.count > self.size, disabled=end)
