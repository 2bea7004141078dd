"""Buttons painted from the look, each with room around it for a focus ring that only the keyboard brings up."""

from enum import StrEnum
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.icons import Icon, paint_icon
from ui.marks import paint_round
from ui.tokens import FOCUS_MARGIN, MEDIUM, STRONG, Look, Role


class Kind(StrEnum):
    """How a button is drawn."""

    PLAIN = "plain"
    PRIMARY = "primary"
    QUIET = "quiet"
    CHIP = "chip"
    LINK = "link"
    SEND = "send"


_COLORS: Final[dict[Kind, tuple[Role | None, Role | None, Role]]] = {  # fill, outline, text
    Kind.PLAIN: (Role.SURFACE, Role.LINE_STRONG, Role.INK),
    Kind.PRIMARY: (Role.TIDE, None, Role.ON_TIDE),
    Kind.QUIET: (None, None, Role.INK),
    Kind.CHIP: (Role.SURFACE, Role.TIDE, Role.TIDE),
    Kind.LINK: (None, None, Role.TIDE),
    Kind.SEND: (Role.SELECT, None, Role.INK2),
}
_HEIGHT: Final = {Kind.CHIP: 32, Kind.SEND: 32, Kind.QUIET: 32, Kind.LINK: 32}
ICON_GROWS: Final = 1.3
"""How much a button without a label grows with the text at most: its room is better used by the text."""
_TEXT_PX: Final = {Kind.CHIP: 13, Kind.LINK: 13}


def paint_focus(painter: QPainter, look: Look, rect: QRectF, radius: float) -> None:
    """The focus ring just inside `rect`: 2 px of ink, with the canvas showing between it and the control."""
    paint_round(painter, rect, radius + 3, None, look.color(Role.INK), 2)


class FlatButton(QAbstractButton):
    """What all buttons share: focus by keyboard, Return presses, hover is seen."""

    def __init__(self, parent: QWidget | None, look: Look) -> None:
        super().__init__(parent)
        self.look = look
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self.look = look
        self.updateGeometry()
        self.update()

    def body(self) -> QRectF:
        """The visible control, without the room for the focus ring."""
        margin = FOCUS_MARGIN
        return QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the hover."""
        self.update()
        super().enterEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return does what the space bar does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)


class Button(FlatButton):
    """A button with an icon, a label, and optionally the cap of its key. Without a label it is square."""

    def __init__(
        self,
        look: Look,
        kind: Kind,
        label: str = "",
        icon: Icon | None = None,
        *,
        name: str = "",
        key: str = "",
        width: int = 0,
        height: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, look)
        self._kind, self._icon, self._key = kind, icon, key
        self._width, self._height = width, height or _HEIGHT.get(kind, 44)
        self._compact = False
        self.setText(label)
        self.setAccessibleName(name or label)
        if not label:
            self.setToolTip(name)

    def set_compact(self, compact: bool) -> None:
        """Show the icon alone."""
        self._compact = compact
        self.setToolTip(self.accessibleName() if compact else "")
        self.updateGeometry()
        self.update()

    def set_face(self, label: str, icon: Icon, name: str) -> None:
        """Change label, icon and accessible name together."""
        if (label, name) == (self.text(), self.accessibleName()):
            return
        self._icon = icon
        self.setText(label)
        self.setAccessibleName(name)
        if self._compact:
            self.setToolTip(name)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as its content, or as asked."""
        height = self.look.px(self._height)
        if self._label():
            padding = 2 if self._kind is Kind.LINK else 28
            width = max(self.look.px(self._width), round(self._content_width() + self.look.px(padding)))
        else:
            width = height = min(height, round(self._height * ICON_GROWS))
        return QSize(width + 2 * FOCUS_MARGIN, height + 2 * FOCUS_MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint body, content and focus ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = self.body()
        fill, line, ink = self._colors()
        radius = body.height() / 2 if self._kind is Kind.CHIP else 8.0 if self._kind is Kind.SEND else 10.0
        if fill is not None or line is not None:
            paint_round(painter, body, radius, fill, line, 1.2)
        self._paint_content(painter, body, ink)
        if self.hasFocus():
            paint_focus(painter, self.look, QRectF(self.rect()), radius)

    def _label(self) -> str:
        return "" if self._compact else self.text()

    def _icon_size(self) -> float:
        if self._kind is Kind.CHIP:
            return self.look.px(14)
        if self._label():
            return self.look.px(18)
        return (20 if self._kind is Kind.QUIET else 19) * min(self.look.scale, ICON_GROWS)

    def _text_px(self) -> int:
        return _TEXT_PX.get(self._kind, 15)

    def _content_width(self) -> float:
        label = QFontMetricsF(self.look.font(self._text_px(), STRONG)).horizontalAdvance(self._label())
        icon = self._icon_size() + 8 if self._icon else 0.0
        key = QFontMetricsF(self.look.font(12, STRONG)).horizontalAdvance(self._key) + 14 + 24 if self._key else 0.0
        return label + icon + key

    def _colors(self) -> tuple[QColor | None, QColor | None, QColor]:
        """Fill, outline and text as the button stands now."""
        look = self.look
        fill, line, ink = _COLORS[self._kind]
        if self.isChecked():
            return look.color(Role.INK), None, look.color(Role.CANVAS)
        if not self.isEnabled():
            return look.color(Role.CANVAS), look.color(Role.LINE) if line else None, look.color(Role.INK3)
        if (self.underMouse() or self.isDown()) and self._kind not in (Kind.PRIMARY, Kind.LINK):
            fill = Role.SELECT
        return look.color(fill) if fill else None, look.color(line) if line else None, look.color(ink)

    def _paint_content(self, painter: QPainter, body: QRectF, ink: QColor) -> None:
        size, y = self._icon_size(), body.center().y()
        if not self._label():
            if self._icon:
                paint_icon(painter, self._icon, body.center(), size, ink)
            return
        x = body.center().x() - self._content_width() / 2
        if self._key:
            x = body.left() + self.look.px(15)
            self._paint_key(painter, body, ink)
        if self._icon:
            width = 1.9 if self._kind is Kind.CHIP else 1.7
            paint_icon(painter, self._icon, QPointF(x + size / 2, y), size, ink, width)
            x += size + 8
        font = self.look.font(self._text_px(), STRONG)
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(QPointF(x, round(y + QFontMetricsF(font).capHeight() / 2)), self._label())

    def _paint_key(self, painter: QPainter, body: QRectF, ink: QColor) -> None:
        """The key cap at the right end."""
        font = self.look.font(12, STRONG)
        metrics = QFontMetricsF(font)
        width, height = metrics.horizontalAdvance(self._key) + 14, float(self.look.px(22))
        cap = QRectF(body.right() - 12 - width, body.center().y() - height / 2, width, height)
        line = self.look.color(Role.LINE_STRONG if self.isEnabled() else Role.LINE)
        paint_round(painter, cap, 5, None, line, 1)
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(QPointF(cap.left() + 7, round(cap.center().y() + metrics.capHeight() / 2)), self._key)


class StopButton(FlatButton):
    """The button that is always there, never moves and is never disabled. Its signal is `pressed`, not `clicked`."""

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent, look)
        self._face = (False, False, False)
        self.setText("Stop")
        self.setAccessibleName("Stop Parley, Escape")

    def show_state(self, active: bool, compact: bool, slim: bool) -> None:
        """`active`: there is something to stop; `slim`: all in one line."""
        if (active, compact, slim) != self._face:
            self._face = (active, compact, slim)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return and space act on press, like the mouse."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and not event.isAutoRepeat():
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Red while there is something to stop, outlined otherwise."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        active, compact, slim = self._face
        look, body = self.look, self.body()
        fill, line, ink = Role.SURFACE, Role.LINE_STRONG, Role.INK
        if active:
            fill, line, ink = Role.SIGNAL, Role.SIGNAL if look.light else Role.SIGNAL_INK, Role.ON_SIGNAL
        paint_round(painter, body, 14 if not slim else 11, look.color(fill), look.color(line), 1.5)
        color, key = look.color(ink), "" if slim and compact else "Esc"
        px = 18 if slim else 20 if compact else 22
        while px > 14 and self._width(px, key if slim else "") > body.width() - 12:
            px -= 1
        small = look.font(13, MEDIUM)
        size, y = look.px(px), body.center().y()
        x = body.center().x() - self._width(px, key if slim else "") / 2
        if not slim:
            below = QFontMetricsF(small)
            baseline = round(y + look.px(13) + below.capHeight() / 2)
            _write(painter, small, color, body.center().x() - below.horizontalAdvance(key) / 2, baseline, key)
            y -= look.px(11)
        font = look.font(px, STRONG)
        metrics = QFontMetricsF(font)
        paint_icon(painter, Icon.STOP, QPointF(x + size / 2 - 1, y), size + 2, color)
        baseline = round(y + metrics.capHeight() / 2)
        _write(painter, font, color, x + size + 8, baseline, "Stop")
        if slim:
            _write(painter, small, color, x + size + 22 + metrics.horizontalAdvance("Stop"), baseline, key)
        if self.hasFocus():
            paint_focus(painter, look, QRectF(self.rect()), 14)

    def _width(self, px: int, key: str) -> float:
        """How wide square, word and key are side by side."""
        word = QFontMetricsF(self.look.font(px, STRONG)).horizontalAdvance("Stop") + self.look.px(px) + 8
        return word + (QFontMetricsF(self.look.font(13, MEDIUM)).horizontalAdvance(key) + 14 if key else 0)


def _write(painter: QPainter, font: QFont, color: QColor, x: float, baseline: float, text: str) -> None:
    painter.setFont(font)
    painter.setPen(color)
    painter.drawText(QPointF(x, baseline), text)
