"""Line icons on a 20 by 20 grid: round strokes of 1.7, in one colour."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from ui.marks import stroke


class Icon(StrEnum):
    """The icons there are."""

    MICROPHONE = "microphone"
    MICROPHONE_OFF = "microphone_off"
    PLUS = "plus"
    SEND = "send"
    PLAY = "play"
    SPEAKER = "speaker"
    CLOSE = "close"
    TICK = "tick"
    WARNING = "warning"
    STOP = "stop"
    HOLD = "hold"
    MENU = "menu"
    DOTS = "dots"
    DOWN = "down"
    CUT = "cut"
    MODELS = "models"
    INFO = "info"
    CLOCK = "clock"
    CALCULATE = "calculate"
    UNDO = "undo"
    BELL = "bell"
    BACK = "back"
    SEARCH = "search"
    SETTINGS = "settings"
    CHEVRON = "chevron"
    MINUS = "minus"
    FOLDER = "folder"
    RING = "ring"


def _lines(painter: QPainter, *points: float) -> None:
    """One polyline through x, y, x, y and so on."""
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(points[::2], points[1::2], strict=True)]))


def _solid(painter: QPainter) -> None:
    painter.setBrush(painter.pen().color())
    painter.setPen(Qt.PenStyle.NoPen)


def _microphone(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(7.2, 2.5, 5.6, 9.5), 2.8, 2.8)
    painter.drawArc(QRectF(4, 4.5, 12, 10.5), 180 * 16, 180 * 16)
    _lines(painter, 10, 15, 10, 17.8)


def _microphone_off(painter: QPainter) -> None:
    _microphone(painter)
    _lines(painter, 3, 3, 17, 17)


def _plus(painter: QPainter) -> None:
    _lines(painter, 10, 4, 10, 16)
    _lines(painter, 4, 10, 16, 10)


def _send(painter: QPainter) -> None:
    _lines(painter, 10, 16.5, 10, 4)
    _lines(painter, 5, 8.8, 10, 3.8, 15, 8.8)


def _play(painter: QPainter) -> None:
    painter.setBrush(painter.pen().color())
    painter.drawPolygon(QPolygonF([QPointF(6, 4), QPointF(15.5, 10), QPointF(6, 16)]))


def _speaker(painter: QPainter) -> None:
    _lines(painter, 3, 8, 6, 8, 10, 4.5, 10, 15.5, 6, 12, 3, 12, 3, 8)
    painter.drawArc(QRectF(9, 6, 7, 8), -60 * 16, 120 * 16)


def _close(painter: QPainter) -> None:
    _lines(painter, 5, 5, 15, 15)
    _lines(painter, 15, 5, 5, 15)


def _tick(painter: QPainter) -> None:
    _lines(painter, 4, 10.5, 8.2, 14.7, 16, 5.8)


def _warning(painter: QPainter) -> None:
    _lines(painter, 10, 3, 17.6, 16.4, 2.4, 16.4, 10, 3)
    _lines(painter, 10, 8, 10, 11.6)
    _lines(painter, 10, 13.9, 10, 14)


def _stop(painter: QPainter) -> None:
    _solid(painter)
    painter.drawRoundedRect(QRectF(4.5, 4.5, 11, 11), 2, 2)


def _hold(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(2.6, 2.6, 14.8, 14.8), 4.2, 4.2)
    _lines(painter, 6.6, 9, 6.6, 11)
    _lines(painter, 10, 6.6, 10, 13.4)
    _lines(painter, 13.4, 8.4, 13.4, 11.6)


def _menu(painter: QPainter) -> None:
    _lines(painter, 3, 5.5, 17, 5.5)
    _lines(painter, 3, 10, 17, 10)
    _lines(painter, 3, 14.5, 12, 14.5)


def _dots(painter: QPainter) -> None:
    _solid(painter)
    for x in (4.2, 10.0, 15.8):
        painter.drawEllipse(QPointF(x, 10), 1.6, 1.6)


def _down(painter: QPainter) -> None:
    _lines(painter, 10, 3.5, 10, 16)
    _lines(painter, 5, 11.2, 10, 16.2, 15, 11.2)


def _cut(painter: QPainter) -> None:
    _lines(painter, 6.2, 16.5, 9.8, 3.5)
    _lines(painter, 10.2, 16.5, 13.8, 3.5)


def _models(painter: QPainter) -> None:
    for y in (3.5, 11.9):
        painter.drawRoundedRect(QRectF(3, y, 14, 4.6), 1.6, 1.6)
        _lines(painter, 6, y + 2.3, 6.2, y + 2.3)


def _info(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(10, 10), 7.4, 7.4)
    _lines(painter, 10, 9.4, 10, 13.8)
    _lines(painter, 10, 6.3, 10, 6.4)


def _clock(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(10, 10), 7.4, 7.4)
    _lines(painter, 10, 5.6, 10, 10, 13, 12)


def _calculate(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(3.5, 2.8, 13, 14.4), 2.4, 2.4)
    _lines(painter, 6.8, 6.8, 13.2, 6.8)
    for x in (7.0, 10.0, 13.0):
        for y in (10.8, 13.8):
            _lines(painter, x, y, x, y + 0.1)


def _undo(painter: QPainter) -> None:
    _lines(painter, 7, 3.6, 3.4, 7.2, 7, 10.8)
    _lines(painter, 3.6, 7.2, 12, 7.2)
    painter.drawArc(QRectF(7.6, 7.2, 8.8, 8.8), -90 * 16, 180 * 16)
    _lines(painter, 12, 16, 7.5, 16)


def _bell(painter: QPainter) -> None:
    _lines(painter, 3.4, 14.4, 16.6, 14.4, 14.8, 11.6, 14.8, 8.2)
    _lines(painter, 3.4, 14.4, 5.2, 11.6, 5.2, 8.2)
    painter.drawArc(QRectF(5.2, 3.2, 9.6, 10), 0, 180 * 16)
    _lines(painter, 8.8, 17.2, 11.2, 17.2)


def _back(painter: QPainter) -> None:
    _lines(painter, 12.4, 4, 6.4, 10, 12.4, 16)


def _search(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(8.6, 8.6), 5.2, 5.2)
    _lines(painter, 12.5, 12.5, 17, 17)


def _settings(painter: QPainter) -> None:
    for y, x in ((6.2, 13.0), (13.8, 7.0)):
        _lines(painter, 2.8, y, x - 2.1, y)
        painter.drawEllipse(QPointF(x, y), 2.1, 2.1)
        _lines(painter, x + 2.1, y, 17.2, y)


def _chevron(painter: QPainter) -> None:
    _lines(painter, 4.5, 7.5, 10, 13, 15.5, 7.5)


def _minus(painter: QPainter) -> None:
    _lines(painter, 4, 10, 16, 10)


def _folder(painter: QPainter) -> None:
    _lines(painter, 2.8, 5, 2.8, 15.6, 17.2, 15.6, 17.2, 6.8, 9.6, 6.8, 7.6, 4.4, 2.8, 4.4, 2.8, 5)


def _ring(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(10, 10), 5.6, 5.6)


_DRAW: Final[dict[Icon, Callable[[QPainter], None]]] = {
    Icon.MICROPHONE: _microphone,
    Icon.MICROPHONE_OFF: _microphone_off,
    Icon.PLUS: _plus,
    Icon.SEND: _send,
    Icon.PLAY: _play,
    Icon.SPEAKER: _speaker,
    Icon.CLOSE: _close,
    Icon.TICK: _tick,
    Icon.WARNING: _warning,
    Icon.STOP: _stop,
    Icon.HOLD: _hold,
    Icon.MENU: _menu,
    Icon.DOTS: _dots,
    Icon.DOWN: _down,
    Icon.CUT: _cut,
    Icon.MODELS: _models,
    Icon.INFO: _info,
    Icon.CLOCK: _clock,
    Icon.CALCULATE: _calculate,
    Icon.UNDO: _undo,
    Icon.BELL: _bell,
    Icon.BACK: _back,
    Icon.SEARCH: _search,
    Icon.SETTINGS: _settings,
    Icon.CHEVRON: _chevron,
    Icon.MINUS: _minus,
    Icon.FOLDER: _folder,
    Icon.RING: _ring,
}


def paint_icon(painter: QPainter, icon: Icon, centre: QPointF, size: float, color: QColor, width: float = 1.7) -> None:
    """`icon` in a square of `size` pixels around `centre`; `width` is in units of the grid."""
    painter.save()
    painter.translate(centre - QPointF(size / 2, size / 2))
    painter.scale(size / 20, size / 20)
    painter.setPen(stroke(color, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAW[icon](painter)
    painter.restore()
