"""The user's live words in the dock: settled words in ink, unsettled ones paler, then a caret."""

import re
from bisect import bisect_left
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from ui.layouts import colored, laid_out
from ui.marks import paint_round
from ui.tokens import MEDIUM, Look, Role
from ui.utf16 import units


@dataclass(frozen=True, slots=True)
class Caption:
    """What is being said: `settled` will not change any more, `unsettled` may."""

    settled: str = ""
    unsettled: str = ""

    def __bool__(self) -> bool:
        return bool(self.settled.strip() or self.unsettled.strip())

    @property
    def text(self) -> str:
        """All of it, joined by one space."""
        return " ".join(part for part in (self.settled.strip(), self.unsettled.strip()) if part)


def last_lines(text: str, font: QFont, width: float, lines: int) -> str:
    """The longest end of `text`, from a word on and led by an ellipsis, that fits into `lines` lines of `width`."""

    def fits(start: int) -> bool:
        shown = "…" + text[start:] if start else text
        return laid_out(shown, font, width, 1).lineCount() <= lines

    words = [match.start() for match in re.finditer(r"\S+", text)] or [0]
    starts = [0, *words[1:], *range(words[-1] + 1, len(text))]
    start = starts[min(bisect_left(starts, True, key=fits), len(starts) - 1)]
    return "…" + text[start:] if start else text


def paint_caption(painter: QPainter, caption: Caption, look: Look, box: QRectF, px: int, line: int) -> None:
    """As many of the last lines of `caption` as fit into `box`; `px` and `line` are before scaling."""
    font, pitch = look.font(px, MEDIUM), look.px(line)
    shown = last_lines(caption.text, font, box.width() - 8, max(1, int(box.height() // pitch)))
    layout = laid_out(shown, font, box.width() - 8, pitch)
    length = units(shown)
    settled = max(0, length - units(caption.unsettled.strip()))
    painter.setPen(look.color(Role.INK))
    unsettled = [colored(settled, length - settled, look, Role.INK2)] if settled < length else []
    layout.draw(painter, box.topLeft(), unsettled)
    last = layout.lineAt(layout.lineCount() - 1)
    x = box.left() + last.naturalTextWidth() + 4
    y = box.top() + (layout.lineCount() - 1) * pitch
    painter.setPen(Qt.PenStyle.NoPen)
    paint_round(painter, QRectF(x, y + 4, 3, pitch - 8), 1.5, look.color(Role.SAFFRON_INK))
