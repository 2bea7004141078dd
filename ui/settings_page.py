"""The settings, made from their declarations: by group or by search, applied and saved as they are changed."""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.session.snapshot import Meters
from assistant.settings import Settings, setting_info
from ui import wording_settings as words
from ui.buttons import Button, Kind
from ui.card import Card
from ui.labels import Rule, Text
from ui.level_meter import Thresholds
from ui.page import Page
from ui.preferences import Preferences
from ui.preset_cards import PresetCards
from ui.search_field import SearchField
from ui.setting_row import SettingRow, found_by
from ui.tabs import Tabs
from ui.tokens import MEDIUM, Look, Role
from ui.wording_pages import PageName

MAKE_EVERY_MS: Final = 25
"""Rows are made ahead at this pace, so that the window stays quick meanwhile."""


class SettingsPage(Page):
    """Rows are made when they are first shown, and kept."""

    def __init__(self, look: Look, preferences: Preferences) -> None:
        super().__init__(look, PageName.SETTINGS)
        self._preferences = preferences
        self.rows: dict[str, SettingRow] = {}
        self._shown: tuple[str, ...] = ()
        self.search = SearchField(look, words.SEARCH)
        self.search.textChanged.connect(lambda _: self._list())
        self.tabs = Tabs(look, words.GROUP_NAME, list(words.GROUPS))
        self.tabs.chosen.connect(lambda _: self.search.clear() if self.search.text() else self._list())
        self.restart = Text(look, "", 14, MEDIUM, wrap=True)
        self.presets = PresetCards(look)
        self.presets.chosen.connect(preferences.choose_preset)
        self.nothing = Text(look, "", 15, role=Role.INK2, wrap=True)
        self.card = Card(look)
        self._card_box = QVBoxLayout(self.card)
        self._card_box.setSpacing(0)
        self.reset = Button(look, Kind.LINK, words.RESET_ALL)
        self.reset.clicked.connect(self._reset_shown)
        self._maker = QTimer(self, interval=MAKE_EVERY_MS)
        self._maker.timeout.connect(self._make_next)
        self._fill()
        preferences.changed.connect(self._refresh)

    def _fill(self) -> None:
        column = self.column
        for part in (self.search, self.tabs, self.restart, self.presets, self.nothing, self.card):
            column.addWidget(part)
        row = QHBoxLayout()
        row.addWidget(self.reset)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)

    def opened(self) -> None:
        """Show what is in effect now, and make the rows of the other groups one after the other."""
        self._list()
        self._maker.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Make no more rows."""
        super().hideEvent(event)
        self._maker.stop()

    def start(self) -> QWidget:
        """The search gets the keyboard."""
        return self.search

    def open_group(self, group: str) -> None:
        """Show the settings of `group`."""
        self.search.clear()
        self.tabs.show_current(group)
        self._list()

    def show_meters(self, meters: Meters) -> None:
        """Show the user's voice against the thresholds."""
        if self.presets.isVisible():
            self.presets.show_meters(meters)

    def restyle(self) -> None:
        """Bring everything in line with the look."""
        look = self.look
        for part in (self.search, self.restart, self.nothing, self.reset, self.card):
            part.set_look(look)
        self.tabs.set_layout(look, self.room)
        self.presets.set_layout(look, self.compact, self.room)
        side = 16 if self.compact else 24
        self._card_box.setContentsMargins(side, 4, side - 4, 4)
        for name in self._shown:
            self._row(name)
        for rule in self.card.findChildren(Rule):
            rule.set_look(look)

    @property
    def _narrow(self) -> bool:
        """Whether controls go below their labels."""
        return self.compact or self.room < self.look.px(480)

    def _wanted(self) -> tuple[str, ...]:
        """The settings of the open group, or those that are searched for."""
        search = self.search.text().strip()
        if not search:
            return words.GROUPS[self.tabs.current or words.PRESET_GROUP]
        return tuple(name for names in words.GROUPS.values() for name in names if found_by(setting_info(name), search))

    def _row(self, name: str) -> SettingRow:
        """The row of a setting, in the present look."""
        if name not in self.rows:
            row = SettingRow(self.look, setting_info(name))
            row.setParent(self.card)
            row.changed.connect(partial(self._change, name))
            row.reset_asked.connect(lambda: self._change(name, self._preferences.default(name)))
            self.rows[name] = row
        self.rows[name].set_look(self.look, self._narrow)
        return self.rows[name]

    def _make_next(self) -> None:
        name = next((name for names in words.GROUPS.values() for name in names if name not in self.rows), None)
        if name is None:
            self._maker.stop()
        else:
            self._row(name)

    def _list(self) -> None:
        """Show the wanted rows."""
        search = self.search.text().strip()
        if search and self.tabs.current:
            self._group_before = self.tabs.current
            self.tabs.show_current("")
        elif not search and not self.tabs.current:
            self.tabs.show_current(self._group_before)
        wanted = self._wanted()
        if wanted != self._shown:
            self._shown = wanted
            self._replace_rows(wanted)
        self.card.setVisible(bool(wanted))
        self.nothing.setText("" if wanted else words.nothing_found(search))
        self.nothing.setVisible(not wanted)
        self.presets.setVisible(not search and self.tabs.current == words.PRESET_GROUP)
        self._refresh()

    def _replace_rows(self, names: tuple[str, ...]) -> None:
        while (item := self._card_box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
            if isinstance(widget, Rule):
                widget.deleteLater()
        before: QWidget = self.search
        for index, name in enumerate(names):
            if index:
                self._card_box.addWidget(Rule(self.look))
            row = self._row(name)
            self._card_box.addWidget(row)
            row.show()
            for stop in (row.reset, row.editor):
                QWidget.setTabOrder(before, stop)
                before = stop
        QWidget.setTabOrder(before, self.reset)
        self.area.verticalScrollBar().setValue(0)

    def _refresh(self) -> None:
        """Show the values in effect."""
        preferences = self._preferences
        for name in self._shown:
            self.rows[name].show_value(preferences.value(name), preferences.default(name))
        waiting = len(preferences.awaiting_restart())
        self.restart.setText(words.restart_notice(waiting) if waiting else "")
        self.restart.setVisible(waiting > 0)
        self.reset.setVisible(bool(preferences.changed_names() & set(self._shown)))
        options, settings = preferences.settings.options(), preferences.settings
        then = words.cut_sentence(
            options.barge_in_min_speech_s,
            options.barge_in_min_words,
            options.barge_in_speech_s,
            options.barge_in_confidence,
        )
        thresholds = Thresholds(settings.vad_threshold_db, settings.vad_min_dbfs)
        self.presets.show_preset(preferences.preset, then, thresholds)

    def _change(self, name: str, value: object) -> None:
        if value != self._preferences.value(name):
            self._preferences.change({name: value})

    def _reset_shown(self) -> None:
        preferences = self._preferences
        names = preferences.changed_names() & set(self._shown)
        preferences.change({name: preferences.default(name) for name in Settings.model_fields if name in names})
        self.search.setFocus(Qt.FocusReason.TabFocusReason)
