"""The settings as the window changes them: applied at once, saved at once, taken back where that is impossible."""

from collections.abc import Callable, Mapping
from dataclasses import fields

from PySide6.QtCore import QObject, Signal

from assistant.core.options import Options
from assistant.core.presets import PRESETS
from assistant.errors import UserError
from assistant.settings import Settings, needs_restart, setting_info
from assistant.settings_file import save_settings
from ui.background import Background

OPTIONS = frozenset(field.name for field in fields(Options))
"""The settings whose value comes from the preset where it is not set."""
PRESET = "interruption_preset"


class Preferences(QObject):
    """`changed` is emitted after every change, also one that was taken back; `failed` says why that was."""

    changed = Signal()
    failed = Signal(str)

    def __init__(
        self, settings: Settings, apply: Callable[[Settings], object], background: Background, parent: QObject
    ) -> None:
        """`apply` makes the session use settings; it may be called on any thread."""
        super().__init__(parent)
        self.settings = self._at_start = settings
        self._apply, self._background = apply, background

    def value(self, name: str) -> object:
        """What is in effect for the setting `name`."""
        if name not in OPTIONS:
            return getattr(self.settings, name)
        value = getattr(self.settings.options(), name)
        return str(value) if isinstance(value, str) else value

    def default(self, name: str) -> object:
        """What a reset of `name` leads to."""
        return PRESETS[self.settings.interruption_preset].get(name, setting_info(name).default)

    def changed_names(self) -> frozenset[str]:
        """The settings that are not at their default."""
        return frozenset(name for name in Settings.model_fields if self.value(name) != self.default(name))

    @property
    def preset(self) -> str:
        """The preset in effect; "" where one of its values was changed."""
        name = self.settings.interruption_preset
        return name if all(self.value(part) == value for part, value in PRESETS[name].items()) else ""

    def awaiting_restart(self) -> tuple[str, ...]:
        """The settings that were changed and take effect when Parley is started again."""
        return needs_restart(self._at_start, self.settings)

    def choose_preset(self, name: str) -> None:
        """Use the preset `name` with all its values."""
        self.change({PRESET: name, **PRESETS[name]})

    def change(self, changes: Mapping[str, object]) -> None:
        """Change settings by their names."""
        before = self.settings
        try:
            self.settings = settings = before.with_changes(changes)
        except UserError as error:
            self.failed.emit(str(error))
        else:

            def use() -> None:
                self._apply(settings)
                save_settings(changes)

            self._background.run(use, lambda _: None, lambda problem: self._take_back(before, settings, problem))
        self.changed.emit()

    def _take_back(self, before: Settings, refused: Settings, problem: str) -> None:
        if self.settings is refused:
            self.settings = before
            self.changed.emit()
        self.failed.emit(problem)
