"""The state ring: eight states told apart by shape alone, moved by the level of whoever speaks."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from assistant.session.snapshot import State
from ui.icons import Icon, paint_icon
from ui.marks import paint_cut_disc, paint_round, stroke
from ui.tokens import Look, Role
from ui.wording import STATE_WORDS

RAYS: Final = 28
SMALL_RAYS: Final = 12
DETAIL_FROM: Final = 20.0
"""Radius from which the microphone, the inner bars and all rays are drawn."""
BAR_HEIGHTS: Final = (0.16, 0.40, 0.56, 0.30, 0.14)
LOW_BAR_HEIGHTS: Final = (0.02, 0.07, 0.11, 0.05, 0.02)


@dataclass(frozen=True, slots=True)
class _Pen:
    """Where and how one ring is painted; `level` and `turn` run from 0 to 1."""

    painter: QPainter
    look: Look
    centre: QPointF
    radius: float
    level: float
    turn: float

    def color(self, role: Role, alpha: float = 1.0) -> QColor:
        return self.look.color(role, alpha)

    def at(self, angle: float, distance: float) -> QPointF:
        """The point `distance` radii from the centre at `angle` radians."""
        reach = self.radius * distance
        return self.centre + QPointF(reach * math.cos(angle), reach * math.sin(angle))


@cache
def _ray_lengths(count: int, seed: int) -> tuple[float, ...]:
    """How far each ray answers to the level: uneven, but the same every time."""
    pick = random.Random(seed)
    angles = (2 * math.pi * index / count - math.pi / 2 for index in range(count))
    return tuple((0.45 + 0.55 * pick.random()) * (0.62 + 0.38 * math.sin(angle * 3 + 1)) for angle in angles)


def _rays(pen: _Pen, seed: int) -> None:
    count = RAYS if pen.radius >= DETAIL_FROM else SMALL_RAYS
    pen.painter.setPen(stroke(pen.color(Role.SAFFRON_INK), max(1.6, pen.radius * 0.062)))
    for index, length in enumerate(_ray_lengths(count, seed)):
        angle = 2 * math.pi * index / count - math.pi / 2
        reach = min(1.0, 0.10 + pen.level * length)
        pen.painter.drawLine(pen.at(angle, 0.70), pen.at(angle, 0.70 + 0.30 * reach))


def _bars(pen: _Pen, dy: float, heights: tuple[float, ...], step: float, width: float) -> None:
    pen.painter.setPen(stroke(pen.color(Role.ON_TIDE), max(2.0, pen.radius * width)))
    for index, height in enumerate(heights):
        x = pen.centre.x() + (index - (len(heights) - 1) / 2) * pen.radius * step
        y = pen.centre.y() + dy
        half = pen.radius * height * (0.25 + 0.75 * pen.level)
        pen.painter.drawLine(QPointF(x, y - half), QPointF(x, y + half))


def _listening(pen: _Pen) -> None:
    radius = pen.radius * 0.80
    box = QRectF(pen.centre - QPointF(radius, radius), pen.centre + QPointF(radius, radius))
    pen.painter.setPen(stroke(pen.color(Role.INK2), max(2.0, pen.radius * 0.09)))
    pen.painter.drawArc(box, (-90 + 28) * 16, 304 * 16)
    pen.painter.setPen(Qt.PenStyle.NoPen)
    pen.painter.setBrush(pen.color(Role.INK2))
    dot = pen.radius * (0.13 + 0.27 * pen.level)
    pen.painter.drawEllipse(pen.centre, dot, dot)


def _hearing(pen: _Pen) -> None:
    _rays(pen, seed=3)
    pen.painter.setPen(QPen(pen.color(Role.SAFFRON_INK), max(1.5, pen.radius * 0.05)))
    pen.painter.setBrush(pen.color(Role.SAFFRON))
    pen.painter.drawEllipse(pen.centre, pen.radius * 0.55, pen.radius * 0.55)
    if pen.radius >= DETAIL_FROM:
        paint_icon(pen.painter, Icon.MICROPHONE, pen.centre, pen.radius * 0.62, pen.color(Role.ON_SAFFRON))


def _thinking(pen: _Pen) -> None:
    pen.painter.setPen(Qt.PenStyle.NoPen)
    for index in range(12):
        grown = index / 11
        pen.painter.setBrush(pen.color(Role.TIDE, 0.6 + 0.4 * grown))
        dot = pen.radius * (0.055 + 0.085 * grown)
        angle = 2 * math.pi * (index / 12 + pen.turn) - math.pi / 2
        pen.painter.drawEllipse(pen.at(angle, 0.76), dot, dot)


def _speaking(pen: _Pen) -> None:
    pen.painter.setPen(Qt.PenStyle.NoPen)
    pen.painter.setBrush(pen.color(Role.TIDE))
    pen.painter.drawEllipse(pen.centre, pen.radius * 0.92, pen.radius * 0.92)
    _bars(pen, 0, BAR_HEIGHTS, 0.25, 0.13)


def _ducked(pen: _Pen) -> None:
    _rays(pen, seed=8)
    radius = pen.radius * 0.56
    disc, lower = QPainterPath(), QPainterPath()
    disc.addEllipse(pen.centre, radius, radius)
    lower.addRect(QRectF(pen.centre.x() - radius, pen.centre.y() + 0.12 * radius, 2 * radius, radius))
    pen.painter.setPen(Qt.PenStyle.NoPen)
    pen.painter.setBrush(pen.color(Role.TIDE))
    pen.painter.drawPath(disc.intersected(lower))
    pen.painter.setPen(QPen(pen.color(Role.TIDE), max(1.5, pen.radius * 0.055)))
    pen.painter.setBrush(Qt.BrushStyle.NoBrush)
    pen.painter.drawEllipse(pen.centre, radius, radius)
    if pen.radius >= DETAIL_FROM:
        _bars(pen, radius * 0.50, LOW_BAR_HEIGHTS, 0.16, 0.07)


def _interrupted(pen: _Pen) -> None:
    disc, cut = pen.color(Role.TIDE), pen.color(Role.SAFFRON_INK)
    paint_cut_disc(pen.painter, pen.centre, pen.radius * 0.90, disc, cut)


def _muted(pen: _Pen) -> None:
    side = pen.radius * 0.80
    box = QRectF(pen.centre - QPointF(side, side), pen.centre + QPointF(side, side))
    paint_round(pen.painter, box, pen.radius * 0.26, pen.color(Role.INK2))
    size = max(16.0, pen.radius * 0.95)
    paint_icon(pen.painter, Icon.MICROPHONE_OFF, pen.centre, size, pen.color(Role.CANVAS))


def _no_microphone(pen: _Pen) -> None:
    reach = pen.radius * 0.94
    corners = [QPointF(0, -0.88), QPointF(0.93, 0.72), QPointF(-0.93, 0.72)]
    pen.painter.setPen(stroke(pen.color(Role.SIGNAL_INK), max(2.0, pen.radius * 0.09)))
    pen.painter.setBrush(pen.color(Role.SURFACE))
    pen.painter.drawPolygon(QPolygonF([pen.centre + corner * reach for corner in corners]))
    pen.painter.setPen(stroke(pen.color(Role.SIGNAL_INK), max(2.0, pen.radius * 0.12)))
    pen.painter.drawLine(pen.centre + QPointF(0, -0.26) * reach, pen.centre + QPointF(0, 0.20) * reach)
    pen.painter.drawPoint(pen.centre + QPointF(0, 0.47) * reach)


_DRAW: Final[dict[State, Callable[[_Pen], None]]] = {
    State.LISTENING: _listening,
    State.HEARING: _hearing,
    State.THINKING: _thinking,
    State.SPEAKING: _speaking,
    State.DUCKED: _ducked,
    State.INTERRUPTED: _interrupted,
    State.MUTED: _muted,
    State.NO_MICROPHONE: _no_microphone,
}


def paint_ring(
    painter: QPainter, look: Look, state: State, centre: QPointF, radius: float, level: float = 0.0, turn: float = 0.0
) -> None:
    """The ring of `state`; `level` (0 to 1) is loudness, `turn` (0 to 1) how far Thinking has gone round."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAW[state](_Pen(painter, look, centre, radius, level, turn))
    painter.restore()


class StateRing(QWidget):
    """The ring as a widget. It repaints only when what it shows changes."""

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self._look = look
        self._shown = (State.LISTENING, 0.0, 0.0)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._set_name(State.LISTENING)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self._look = look
        self.update()

    def show_state(self, state: State, level: float = 0.0, turn: float = 0.0) -> None:
        """Show `state`; see `paint_ring` for the numbers."""
        shown = (state, level, turn)
        if shown == self._shown:
            return
        if state is not self._shown[0]:
            self._set_name(state)
        self._shown = shown
        self.update()

    @property
    def level(self) -> float:
        """The level on show."""
        return self._shown[1]

    def _set_name(self, state: State) -> None:
        self.setAccessibleName(f"State: {STATE_WORDS[state]}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ring, centred."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state, level, turn = self._shown
        radius = min(self.width(), self.height()) / 2 - 4
        paint_ring(painter, self._look, state, QRectF(self.rect()).center(), radius, level, turn)
