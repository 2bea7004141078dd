"""One setting on its page: what it is called and does, the control that changes it, and the way back to the default."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from assistant.settings import SettingInfo
from ui import wording_settings as words
from ui.buttons import Button, Kind
from ui.editors import Choice, LongText, NumberField, TextField, Toggle
from ui.icons import Icon
from ui.labels import Text
from ui.tokens import STRONG, Look, Role

Editor = Toggle | Choice | NumberField | TextField | LongText
MOST_STEPS: Final = 40
"""About as many steps lead from the lowest value of a number to the highest."""
_STEPS: Final = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 50.0, 100.0)


def step_of(info: SettingInfo) -> float:
    """How much one press changes the number."""
    if info.step:
        return float(info.step)
    reach = (info.high or 0.0) - (info.low or 0.0)
    fine = next((step for step in _STEPS if step * MOST_STEPS >= reach), 1.0)
    return max(fine, 1.0) if info.kind is int else fine


def help_of(info: SettingInfo) -> str:
    """What the setting does, in a sentence."""
    return words.HELP.get(info.name, info.help)


def found_by(info: SettingInfo, search: str) -> bool:
    """Whether every word of `search` is in what the row says."""
    text = f"{info.name} {info.label} {help_of(info)}".casefold()
    return all(word in text for word in search.casefold().split())


class SettingRow(QWidget):
    """`changed` carries the new value, `reset_asked` nothing."""

    changed = Signal(object)
    reset_asked = Signal()

    def __init__(self, look: Look, info: SettingInfo) -> None:
        super().__init__()
        self.info = info
        self._laid_out: tuple[Look, bool] | None = None
        self.label = Text(look, info.label, 15, STRONG, wrap=True)
        self.help = help_of(info)
        effect = f"{self.help} {words.RESTART_NEEDED}" if info.restart else self.help
        self.effect = Text(look, effect, 14, role=Role.INK2, wrap=True)
        self.reset = Button(look, Kind.QUIET, "", Icon.UNDO)
        self.reset.clicked.connect(self.reset_asked)
        keep = self.reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(keep)
        self.editor = self._make(look)
        self.wide = isinstance(self.editor, TextField | LongText)
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(self.label)
        text.addWidget(self.effect)
        control = QHBoxLayout()
        control.setSpacing(4)
        control.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignVCenter)
        if not self.wide:
            control.addStretch(1)
        control.addWidget(self.editor, 1 if self.wide else 0)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 10, 0, 10)
        self._row.addLayout(text, 1)
        self._row.addLayout(control, 1 if self.wide else 0)

    def set_look(self, look: Look, narrow: bool) -> None:
        """Paint by `look` from now on; `narrow` puts the control below the words."""
        if (look, narrow) == self._laid_out:
            return
        self._laid_out = (look, narrow)
        for part in (self.label, self.effect, self.reset, self.editor):
            if not isinstance(part, QWidget):
                continue
            part.set_look(look)
        below = narrow and (not isinstance(self.editor, Toggle) or look.scale >= 1.4)
        below = below or isinstance(self.editor, LongText)
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if below else directions.LeftToRight)
        self._row.setSpacing(6 if below else 16)
        self.setMinimumHeight(look.px(66))

    def show_value(self, value: object, default: object) -> None:
        """Show what is in effect, and whether there is something to reset."""
        editor = self.editor
        if isinstance(editor, Toggle):
            editor.setChecked(bool(value))
        elif isinstance(editor, Choice):
            editor.setCurrentIndex(self.info.choices.index(str(value)))
        elif isinstance(editor, NumberField):
            editor.show_value(float(str(value)))
        else:
            editor.show_value(str(value))
        shown = words.shown(self.info, default)
        self.reset.setVisible(value != default)
        self.reset.setToolTip(words.RESET.format(shown))
        self.reset.setAccessibleName(words.RESET_NAME.format(self.info.label, shown))

    def _make(self, look: Look) -> Editor:
        info = self.info
        if info.kind is bool:
            toggle = Toggle(look, info.label)
            toggle.clicked.connect(lambda on: self.changed.emit(on))
            toggle.setAccessibleDescription(self.help)
            return toggle
        if info.choices:
            choice = Choice(look, info.label, [words.CHOICES.get(name, name) for name in info.choices])
            choice.activated.connect(lambda index: self.changed.emit(info.choices[index]))
            choice.setAccessibleDescription(self.help)
            return choice
        if info.kind is str:
            return self._text(look)
        number = NumberField(
            look,
            info.label,
            low=info.low or 0.0,
            high=info.high or 0.0,
            step=step_of(info),
            decimals=0 if info.kind is int else 1 if step_of(info) >= 1 else 2,
            unit=info.unit,
        )
        number.spin.setAccessibleDescription(self.help)
        number.edited.connect(lambda value: self.changed.emit(int(value) if info.kind is int else round(value, 4)))
        return number

    def _text(self, look: Look) -> TextField | LongText:
        info = self.info
        if info.name in words.LONG:
            long = LongText(info.label)
            long.edited.connect(lambda text: self.changed.emit(text))
            return long
        empty = words.EMPTY_TEXT.get(info.name, words.USUAL_EMPTY_TEXT)
        line = TextField(look, info.label, empty, words.PICK.get(info.name, ""))
        line.edited.connect(lambda text: self.changed.emit(text))
        return line
