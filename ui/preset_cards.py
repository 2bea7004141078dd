"""The presets of interruption as cards, what the chosen one costs, and the user's voice against its threshold."""

from functools import partial
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout

from assistant.session.snapshot import Meters
from ui import wording_settings as words
from ui.buttons import FlatButton, paint_focus
from ui.card import Card
from ui.icons import Icon, paint_icon
from ui.labels import Text
from ui.level_meter import LevelMeter, Thresholds
from ui.marks import paint_round
from ui.tokens import FOCUS_MARGIN, MEDIUM, STRONG, Look, Role

_KEYS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


class _Option(FlatButton):
    """One of the cards."""

    def __init__(self, look: Look, title: str, line: str) -> None:
        super().__init__(None, look)
        self._title, self._line = title, line
        self.setCheckable(True)
        self.setAccessibleName(f"{title}: {line}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Room for both lines."""
        room = QFontMetricsF(self.look.font(13)).horizontalAdvance(self._line) + 32
        return QSize(round(room) + 2 * FOCUS_MARGIN, self.look.px(64) + 2 * FOCUS_MARGIN)

    def nextCheckState(self) -> None:
        """Only the settings decide which card is chosen."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint card, words and tick."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, body, on = self.look, self.body(), self.isChecked()
        fill = Role.TIDE_WASH if on else Role.SELECT if self.underMouse() and self.isEnabled() else Role.SURFACE
        line = Role.TIDE if on else Role.LINE_STRONG if self.isEnabled() else Role.LINE
        paint_round(painter, body, 12, look.color(fill), look.color(line), 2 if on else 1.2)
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        side = Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft
        inner = body.adjusted(15, look.px(11), -15, -look.px(10))
        painter.setFont(look.font(15, STRONG))
        painter.setPen(look.color(Role.TIDE if on else Role.INK if self.isEnabled() else Role.INK3))
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignTop, self._title)
        painter.setFont(look.font(13))
        painter.setPen(look.color(Role.INK2 if self.isEnabled() else Role.INK3))
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignBottom, self._line)
        if on:
            x = body.left() + 20 if rtl else body.right() - 20
            paint_icon(painter, Icon.TICK, QPointF(x, body.top() + look.px(21)), 14, look.color(Role.TIDE), 2.4)
        if self.hasFocus():
            paint_focus(painter, look, QRectF(self.rect()), 12)


class PresetCards(Card):
    """`chosen` carries the name of a preset."""

    chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.title = Text(look, words.PRESET_TITLE, 17, STRONG, wrap=True)
        self.hint = Text(look, words.PRESET_HINT, 14, role=Role.INK2, wrap=True)
        self.price = Text(look, "", 14, role=Role.INK2, wrap=True)
        self.meter = LevelMeter(look)
        self.then = Text(look, "", 14, MEDIUM, wrap=True)
        self.options = {name: _Option(look, *face) for name, face in words.PRESET_CARDS.items()}
        for name, option in self.options.items():
            if name:
                option.clicked.connect(partial(self._choose, name))
        self.options[""].setToolTip(words.CUSTOM_HINT)
        self._grid = QGridLayout()
        self._grid.setSpacing(4)
        self._box = QVBoxLayout(self)
        self._box.setSpacing(6)
        for part in (self.title, self.hint):
            self._box.addWidget(part)
        self._box.addLayout(self._grid)
        for below in (self.price, self.meter, self.then):
            self._box.addWidget(below)
        self.setAccessibleName(words.PRESET_TITLE)

    def set_layout(self, look: Look, compact: bool, room: int) -> None:
        """Paint by `look` from now on, in one of the two layouts and `room` pixels."""
        self.set_look(look)
        self.meter.set_look(look)
        for words_of in (self.title, self.hint, self.price, self.then):
            words_of.set_look(look)
        for option in self.options.values():
            option.set_look(look)
        narrowest = max(option.sizeHint().width() for option in self.options.values()) - 16
        inside = room - 2 * (14 if compact else 24)
        columns = next((count for count in (4, 2) if count * narrowest <= inside), 1)
        for index, option in enumerate(self.options.values()):
            self._grid.addWidget(option, index // columns, index % columns)
        edge = 14 if compact else 24
        self._box.setContentsMargins(edge - FOCUS_MARGIN, 18, edge - FOCUS_MARGIN, 18)
        for text in (self.title, self.hint, self.price, self.then):
            text.setContentsMargins(FOCUS_MARGIN, 0, FOCUS_MARGIN, 0)

    def show_preset(self, preset: str, then: str, thresholds: Thresholds) -> None:
        """Show the preset in effect ("" for none of them), when it stops, and what the meter measures against."""
        for name, option in self.options.items():
            option.setChecked(name == preset)
        self.options[""].setEnabled(preset == "")
        self.price.setText(words.PRESET_PRICE[preset])
        self.then.setText(then)
        self.meter.set_thresholds(thresholds)

    def show_meters(self, meters: Meters) -> None:
        """Move the meter."""
        self.meter.show_level(meters.microphone_dbfs)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys go from card to card."""
        cards = [card for card in self.options.values() if card.isEnabled()]
        step = _KEYS.get(Qt.Key(event.key()))
        focused = next((number for number, card in enumerate(cards) if card.hasFocus()), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
        else:
            cards[(focused + step) % len(cards)].setFocus(Qt.FocusReason.TabFocusReason)

    def _choose(self, name: str, _checked: bool = False) -> None:
        self.chosen.emit(name)
