"""The text of one turn, laid out with the cut mark inline, so that the mark is part of the line and nothing reflows."""

from dataclasses import dataclass
from typing import Final, cast

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextCharFormat, QTextLayout, QTextLine

from ui.layouts import colored, laid_out
from ui.marks import paint_caesura, paint_round
from ui.tokens import Look, Role
from ui.utf16 import characters, units

MARK_WIDTH: Final = 20
"""Room for the caesura: 16 px and the space after it."""
_MARK: Final = "\u00a0"
"""Stands for the caesura in the layout; being a no-break space, it stays with the word before it."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of the turn's text in one colour."""

    start: int
    end: int
    role: Role


class TurnText:
    """Lays out `text` at `width`, with a cut mark before character `cut` if there is one. Positions are in `text`."""

    def __init__(
        self, text: str, cut: int | None, font: QFont, width: float, line_height: int, mark_width: int
    ) -> None:
        self._text = text
        self._line_height = line_height
        self._font = font
        self._mark: int | None = None
        shown, formats = text, []
        if cut is not None:
            self._mark = len(text[:cut].rstrip())
            shown = text[: self._mark] + _MARK + text[self._mark :]
            wide = QFont(font)
            spacing = mark_width - QFontMetricsF(font).horizontalAdvance(_MARK)
            wide.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spacing)
            formats.append(_font_range(units(text[: self._mark]), wide))
        self._mark_width = mark_width
        self._shown_text = shown
        self._layout = laid_out(shown, font, width, line_height, formats)

    @property
    def height(self) -> int:
        """Height of all lines."""
        return self._layout.lineCount() * self._line_height

    def mark_centre(self) -> QPointF | None:
        """Where the cut mark is, from the top left of the text."""
        if self._mark is None:
            return None
        at = units(self._text[: self._mark])
        line = self._layout.lineForTextPosition(at)
        y = (line.lineNumber() + 0.5) * self._line_height
        return QPointF(_x(line, at) + self._mark_width * 0.58, y)

    def text_at(self, point: QPointF) -> int:
        """The position in the text nearest to `point`."""
        number = min(max(int(point.y() // self._line_height), 0), self._layout.lineCount() - 1)
        position = characters(self._shown_text, self._layout.lineAt(number).xToCursor(point.x()))
        return position - 1 if self._mark is not None and position > self._mark else position

    def paint(self, painter: QPainter, at: QPointF, look: Look, spans: tuple[Span, ...], word: Span | None) -> None:
        """Draw the text in ink, `spans` in their colours, the mark, and `word` as the word being spoken."""
        ranges = []
        if word is not None:
            for rect in self._rects(word.start, word.end):
                box = rect.translated(at).adjusted(-3, 2, 3, -2)
                paint_round(painter, box, 5, look.color(Role.TIDE))
            ranges.append(self._range(Span(word.start, word.end, Role.ON_TIDE), look))
        ranges += [self._range(span, look) for span in spans if span.end > span.start]
        painter.setPen(look.color(Role.INK))
        self._layout.draw(painter, at, ranges)
        centre = self.mark_centre()
        if centre is not None:
            paint_caesura(painter, at + centre, self._line_height * 0.66, look.color(Role.SAFFRON_INK))

    def paint_selection(self, painter: QPainter, at: QPointF, look: Look, start: int, end: int) -> None:
        """Mark [start, end) as selected, behind the text."""
        for rect in self._rects(start, end):
            painter.fillRect(rect.translated(at).adjusted(0, 2, 0, -2), look.color(Role.SELECT))

    def _shown(self, position: int, end: bool = False) -> int:
        """Where `position` of the text is in the layout, in UTF-16 units; an `end` on the mark stays before it."""
        before = units(self._text[:position])
        if self._mark is None or position < self._mark or (end and position == self._mark):
            return before
        return before + 1

    def _range(self, span: Span, look: Look) -> QTextLayout.FormatRange:
        start = self._shown(span.start)
        return colored(start, self._shown(span.end, end=True) - start, look, span.role)

    def _rects(self, start: int, end: int) -> list[QRectF]:
        """One rectangle for each line that holds a part of [start, end)."""
        first, last = self._shown(start), self._shown(end, end=True)
        rects = []
        for number in range(self._layout.lineCount()):
            line = self._layout.lineAt(number)
            left, right = max(first, line.textStart()), min(last, line.textStart() + line.textLength())
            if left < right:
                x0, x1 = _x(line, left), _x(line, right)
                rects.append(QRectF(x0, number * self._line_height, x1 - x0, self._line_height))
        return rects


def _font_range(at: int, font: QFont) -> QTextLayout.FormatRange:
    span = QTextLayout.FormatRange()
    span.start, span.length = at, 1
    span.format = QTextCharFormat()
    span.format.setFont(font)
    return span


def _x(line: QTextLine, position: int) -> float:
    """Horizontal place of the cursor before `position`, in UTF-16 units."""
    x, _ = cast("tuple[float, int]", line.cursorToX(position))  # typed as object by PySide
    return x
