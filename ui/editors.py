"""Controls that edit one value: a switch, a number with its unit, a choice, text, a path."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QWidget,
)

from ui.buttons import Button, FlatButton, Kind, paint_focus
from ui.icons import Icon, paint_icon
from ui.marks import paint_round
from ui.tokens import FOCUS_MARGIN, Look, Role
from ui.wording_settings import CHOOSE, LESS, MORE

WIDEST_NUMBER: Final = 150
NARROW: Final = 140
"""Fields must fit into the narrowest window also with the largest text."""
_FIELD: Final = (
    "{widget} {{ background: {surface}; color: {ink}; border: 1px solid {line}; border-radius: 10px; padding: 5px 10px;"
    " selection-background-color: {tide}; selection-color: {on_tide}; placeholder-text-color: {ink2}; }}"
    "{widget}:focus {{ border: 2px solid {ink}; padding: 4px 9px; }}"
    "QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ subcontrol-origin: border; width: 0; height: 0;"
    " border: none; }}"
    "QComboBox::drop-down {{ border: none; width: 26px; }}"
    "QComboBox::down-arrow {{ image: none; }}"
    "QComboBox QAbstractItemView {{ background: {raised}; color: {ink}; selection-background-color: {select};"
    " selection-color: {ink}; border: 1px solid {line}; padding: 4px; outline: none; }}"
)


def field_style(look: Look, widget: str) -> str:
    """The style sheet of a field of Qt's own."""
    roles = {role.value: look.color(role).name() for role in Role}
    return _FIELD.format(widget=widget, **{**roles, "line": roles["line_strong"]})


class Toggle(FlatButton):
    """A switch, with a tick while it is on. `toggled` tells every change, `clicked` only the user's."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__(None, look)
        self.setCheckable(True)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        """48 by 28 and the room for the focus ring."""
        return QSize(self.look.px(48) + 2 * FOCUS_MARGIN, self.look.px(28) + 2 * FOCUS_MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track, knob and tick."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, body, on = self.look, self.body(), self.isChecked()
        radius, inset = body.height() / 2, body.height() * 0.14
        fill, line = (Role.TIDE, Role.TIDE) if on else (Role.SURFACE, Role.LINE_STRONG)
        paint_round(painter, body, radius, look.color(fill), look.color(line), 1.4)
        right = on is not (self.layoutDirection() is Qt.LayoutDirection.RightToLeft)
        x = body.right() - radius if right else body.left() + radius
        centre, knob = QPointF(x, body.center().y()), radius - inset
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color(Role.ON_TIDE if on else Role.LINE_STRONG))
        painter.drawEllipse(centre, knob, knob)
        if on:
            paint_icon(painter, Icon.TICK, centre, knob * 1.3, look.color(Role.TIDE), 3.0)
        if self.hasFocus():
            paint_focus(painter, look, QRectF(self.rect()), radius)


class _Spin(QDoubleSpinBox):
    """A number that is changed by typing, by arrow keys, and by the wheel only while it has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class NumberField(QWidget):
    """A number with its unit, between less and more. `edited` carries the new value."""

    edited = Signal(float)

    def __init__(
        self, look: Look, name: str, *, low: float, high: float, step: float, decimals: int, unit: str
    ) -> None:
        super().__init__()
        self.spin = _Spin()
        self.spin.setDecimals(decimals)
        self.spin.setRange(low, high)
        self.spin.setSingleStep(step)
        self.spin.setSuffix(f" {unit}" if unit else "")
        self.spin.setAccessibleName(name)
        self.less = Button(look, Kind.QUIET, "", Icon.MINUS, name=LESS.format(name), height=36)
        self.more = Button(look, Kind.QUIET, "", Icon.PLUS, name=MORE.format(name), height=36)
        for button, turn in ((self.less, self.spin.stepDown), (self.more, self.spin.stepUp)):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys do the same
            button.setAutoRepeat(True)
            button.clicked.connect(turn)
        self.spin.valueChanged.connect(self.edited)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for part in (self.less, self.spin, self.more):
            row.addWidget(part)
        self.setFocusProxy(self.spin)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        for button in (self.less, self.more):
            button.set_look(look)
        self.spin.setFont(look.font(15, tabular=True))
        self.spin.setStyleSheet(field_style(look, "QDoubleSpinBox"))
        self.spin.setFixedSize(min(look.px(124), WIDEST_NUMBER), look.px(40))

    def show_value(self, value: float) -> None:
        """Show a value without telling."""
        self.spin.blockSignals(True)
        self.spin.setValue(value)
        self.spin.blockSignals(False)


class Choice(QComboBox):
    """One of a few; `activated` tells the user's choice by its index."""

    def __init__(self, look: Look, name: str, labels: Sequence[str]) -> None:
        super().__init__()
        self.addItems(list(labels))
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._look = look

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self._look = look
        self.setFont(look.font(15))
        self.setStyleSheet(field_style(look, "QComboBox"))
        self.setFixedHeight(look.px(40))
        self.setMinimumWidth(min(look.px(150), NARROW))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the field, and the arrow that the style leaves out."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        x = 16.0 if rtl else self.width() - 16.0
        paint_icon(painter, Icon.CHEVRON, QPointF(x, self.height() / 2), 14, self._look.color(Role.INK2), 2.2)


class TextField(QWidget):
    """A line of text; with `pick` ("file" or "folder") a button beside it opens a dialog. `edited` carries the text."""

    edited = Signal(str)

    def __init__(self, look: Look, name: str, placeholder: str, pick: str = "") -> None:
        super().__init__()
        self._pick, self._name, self._before = pick, name, ""
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        self.line.setPlaceholderText(placeholder)
        self.line.editingFinished.connect(self._commit)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        self.button: Button | None = None
        if pick:
            self.button = Button(look, Kind.PLAIN, "", Icon.FOLDER, name=CHOOSE.format(name), height=40)
            self.button.clicked.connect(self._choose)
            row.addWidget(self.button)
        self.setFocusProxy(self.line)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self.line.setFont(look.font(15))
        self.line.setStyleSheet(field_style(look, "QLineEdit"))
        self.line.setFixedHeight(look.px(40))
        self.line.setMinimumWidth(NARROW)
        if self.button is not None:
            self.button.set_look(look)

    def show_value(self, value: str) -> None:
        """Show a value without telling."""
        self._before = value
        if value != self.line.text():
            self.line.setText(value)

    def _commit(self) -> None:
        if self.line.text() != self._before:
            self._before = self.line.text()
            self.edited.emit(self._before)

    def _choose(self) -> None:
        ask = QFileDialog.getExistingDirectory if self._pick == "folder" else QFileDialog.getOpenFileName
        answer = ask(self.window(), self._name)
        chosen = answer if isinstance(answer, str) else answer[0]
        if chosen:
            self.line.setText(chosen)
            self._commit()


class LongText(QPlainTextEdit):
    """Some lines of text; `edited` carries them once the focus has left."""

    edited = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._before = ""
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self.setFont(look.font(15))
        self.setStyleSheet(field_style(look, "QPlainTextEdit"))
        self.setFixedHeight(look.px(116))

    def show_value(self, value: str) -> None:
        """Show a value without telling."""
        self._before = value
        if value != self.toPlainText():
            self.setPlainText(value)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hand over what has changed."""
        super().focusOutEvent(event)
        if self.toPlainText() != self._before:
            self._before = self.toPlainText()
            self.edited.emit(self._before)
