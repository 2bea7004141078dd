"""The brand's shapes: the caesura, two strokes slanted 18 degrees, and the disc that it cuts (logo, Interrupted)."""

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from ui.tokens import Look, Role

SLANT: Final = math.tan(math.radians(18))


def stroke(color: QColor, width: float) -> QPen:
    """A pen with round caps and joins."""
    return QPen(QBrush(color), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def paint_caesura(painter: QPainter, centre: QPointF, height: float, color: QColor, width: float = 2.4) -> None:
    """Two slanted strokes of `height` around `centre`."""
    painter.setPen(stroke(color, width))
    lean = height * 0.20
    for offset in (-0.15 * height, 0.15 * height):
        x = centre.x() + offset
        top, bottom = centre.y() - height / 2, centre.y() + height / 2
        painter.drawLine(QPointF(x - lean, bottom), QPointF(x + lean, top))


def _half(centre: QPointF, radius: float, side: int) -> QPainterPath:
    """What lies left (`side` -1) or right (1) of the slanted gap through `centre`."""
    reach = 2 * radius
    gap, far = side * 0.30 * radius, side * 3 * radius
    path = QPainterPath()
    path.addPolygon(
        QPolygonF(
            [
                centre + QPointF(gap + SLANT * reach, -reach),
                centre + QPointF(far, -reach),
                centre + QPointF(far, reach),
                centre + QPointF(gap - SLANT * reach, reach),
            ]
        )
    )
    path.closeSubpath()
    return path


def _disc(centre: QPointF, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(centre, radius, radius)
    return path


def paint_cut_disc(painter: QPainter, centre: QPointF, radius: float, disc: QColor, cut: QColor) -> None:
    """A disc cut by a caesura: left half solid (what was said), right half hollow (what was not)."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(disc)
    painter.drawPath(_disc(centre, radius).intersected(_half(centre, radius, -1)))
    wall = max(1.5, radius * 0.09)
    right = _half(centre, radius, 1)
    hole = _disc(centre, radius - wall).intersected(right.translated(wall, 0))
    painter.drawPath(_disc(centre, radius).intersected(right).subtracted(hole))
    painter.setPen(stroke(cut, max(1.4, radius * 0.085)))
    reach = radius * 1.06
    for offset in (-0.105 * radius, 0.105 * radius):
        x = centre.x() + offset
        painter.drawLine(QPointF(x - SLANT * reach, centre.y() + reach), QPointF(x + SLANT * reach, centre.y() - reach))


def paint_logo(painter: QPainter, centre: QPointF, radius: float, look: Look) -> None:
    """Parley's mark."""
    cut = Role.SAFFRON_INK if look.light else Role.SAFFRON
    paint_cut_disc(painter, centre, radius, look.color(Role.TIDE), look.color(cut))


def window_icon() -> QIcon:
    """The logo, for the window and the task bar."""
    pixmap = QPixmap(128, 128)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_logo(painter, QPointF(64, 64), 56, Look())
    painter.end()
    return QIcon(pixmap)


def paint_round(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: QColor | None = None,
    line: QColor | None = None,
    width: float = 1.0,
) -> None:
    """A rounded rectangle whose outline lies inside `rect`."""
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    if line is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        painter.setPen(QPen(line, width))
        rect = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    painter.drawRoundedRect(rect, radius, radius)
