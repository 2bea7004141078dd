"""The ledger of interruptions: what they were, how fast Parley gave way, and all that is known of each."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from assistant.core.interruptions import Reason
from assistant.core.rate import WINDOW_S
from assistant.store.ledger import Record, read_ledger
from ui import wording_ledger as words
from ui.background import Background
from ui.buttons import Button, Kind
from ui.card import Card
from ui.labels import Text
from ui.ledger_list import LedgerList, columns
from ui.ledger_plot import LedgerPlot
from ui.page import Page
from ui.tokens import STRONG, Look, Role
from ui.wording_pages import PageName

MOST_RECORDS: Final = 5000
WEEK_S: Final = 7 * 24 * 3600.0
REFRESH_MS: Final = 2000

_FILTERS: Final[dict[str, Callable[[Record], bool]]] = {
    words.ALL: lambda record: True,
    words.STOPPED: lambda record: not words.restored(record),
    words.LOWERED_SHORT: words.restored,
    words.BY_VOICE: lambda record: record.reason == Reason.USER_SPEAKING,
    words.BY_BUTTON: lambda record: record.reason != Reason.USER_SPEAKING,
}


class _Heads(QWidget):
    """The names of the columns."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        self._look = look
        self.setFixedHeight(look.px(30))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        font = self._look.font(13, STRONG)
        painter.setFont(font)
        painter.setPen(self._look.color(Role.INK2))
        *starts, end = columns(self._look, self.width())
        metrics = painter.fontMetrics()
        baseline = (self.height() + metrics.capHeight()) // 2
        for x, head in zip(starts, words.COLUMNS, strict=False):
            painter.drawText(round(x), baseline, head)
        last = words.COLUMNS[-1]
        painter.drawText(round(end) - metrics.horizontalAdvance(last), baseline, last)


class _Number(QWidget):
    """A large number and what it counts."""

    def __init__(self, look: Look, px: int) -> None:
        super().__init__()
        self.value = Text(look, "–", px, STRONG, tabular=True)
        self.label = Text(look, "", 13, role=Role.INK2)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.value)
        box.addWidget(self.label)

    def set_look(self, look: Look) -> None:
        self.value.set_look(look)
        self.label.set_look(look)

    def show_number(self, value: str, label: str) -> None:
        self.value.setText(value)
        self.label.setText(label)
        self.setAccessibleName(f"{value} {label}")


class InterruptionsPage(Page):
    """Reads the file in the background, again and again while it is in sight. `failed` says why it cannot be read."""

    failed = Signal(str)

    def __init__(self, look: Look, file: Path, background: Background) -> None:
        super().__init__(look, PageName.INTERRUPTIONS)
        self._file, self._background = file, background
        self._records: list[Record] | None = None
        self._filter = words.ALL
        self.numbers = {label: _Number(look, 22) for label in _NUMBERS}
        self.plot = LedgerPlot(look)
        self.summary = Card(look)
        self.chips = {label: Button(look, Kind.CHIP, label) for label in _FILTERS}
        self.heads = _Heads(look)
        self.list = LedgerList(look)
        self.table = Card(look)
        self.details = Text(look, "", 14, role=Role.INK2, wrap=True)
        self.empty = Text(look, words.EMPTY, 15, role=Role.INK2, wrap=True)
        self._refresh_timer = QTimer(self, interval=REFRESH_MS)
        self._refresh_timer.timeout.connect(self._read)
        self._build()

    def _build(self) -> None:
        self._summary_row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self.summary)
        self._numbers_box = QGridLayout()
        self._summary_row.addLayout(self._numbers_box)
        self._summary_row.addWidget(self.plot, 1)
        self._chips_row = QHBoxLayout()
        self._chips_row.setSpacing(0)
        for label, chip in self.chips.items():
            chip.setCheckable(True)
            chip.clicked.connect(partial(self._choose, label))
            self._chips_row.addWidget(chip)
        self._chips_row.addStretch(1)
        inside = QVBoxLayout(self.table)
        inside.setContentsMargins(1, 6, 1, 6)
        inside.addWidget(self.list)
        for part in (self.summary, self._chips_row, self.heads, self.table, self.details, self.empty):
            if isinstance(part, QWidget):
                self.column.addWidget(part, 1 if part is self.table else 0)
            else:
                self.column.addLayout(part)
        self.list.selectionModel().currentChanged.connect(self._show_details)
        self._show()

    def opened(self) -> None:
        """Read the file, and keep reading while the page is in sight."""
        self._read()
        self._refresh_timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Read no more."""
        super().hideEvent(event)
        self._refresh_timer.stop()

    def start(self) -> QWidget:
        """The list gets the keyboard, if there is one."""
        return self.list if self._records else self.chips[words.ALL]

    def restyle(self) -> None:
        """Bring everything in line with the look."""
        look, compact = self.look, self.compact
        directions = QBoxLayout.Direction
        self._summary_row.setDirection(directions.TopToBottom if compact else directions.LeftToRight)
        across = 1 if compact and look.scale >= 1.4 else 2
        for place, number in enumerate(self.numbers.values()):
            self._numbers_box.addWidget(number, place // across, place % across)
        self._numbers_box.setHorizontalSpacing(24)
        self._numbers_box.setVerticalSpacing(4 if compact else 16)
        edge = 16 if compact else 24
        self._summary_row.setContentsMargins(edge, 16, edge, 12)
        self._summary_row.setSpacing(10 if compact else 32)
        for number in self.numbers.values():
            number.set_look(look)
        for chip in self.chips.values():
            chip.set_look(look)
        for part in (self.summary, self.table, self.heads):
            part.set_look(look)
        for text in (self.details, self.empty):
            text.set_look(look)
        self.plot.set_layout(look, compact)
        self.list.set_layout(look, compact)
        self.list.setMinimumHeight(look.px(150))
        self._show()

    def _read(self) -> None:
        work = partial(read_ledger, self._file, limit=MOST_RECORDS)
        self._background.run(work, self._take, self._refuse)

    def _refuse(self, problem: str) -> None:
        self._refresh_timer.stop()
        self.failed.emit(problem)

    def _take(self, records: list[Record]) -> None:
        if records != self._records:
            self._records = records
            self._show()
        else:
            self._show_numbers()

    def _choose(self, label: str, _checked: bool = False) -> None:
        self._filter = label
        self._show()

    def _show(self) -> None:
        """Show the records that pass the filter."""
        records = self._records or []
        wide = {words.BY_VOICE, words.BY_BUTTON}
        for label, chip in self.chips.items():
            count = sum(map(_FILTERS[label], records))
            chip.setText(f"{label} {count}")
            chip.setAccessibleName(f"{label}, {count}")
            chip.setChecked(label == self._filter)
            chip.setVisible(bool(records) and (self.room > self.look.px(600) or label not in wide))
            chip.updateGeometry()
        shown = [record for record in reversed(records) if _FILTERS[self._filter](record)]
        before = self.list.currentIndex().row()
        kept = self.list.rows.records[before] if 0 <= before < len(self.list.rows.records) else None
        self.list.rows.show_records(shown)
        if kept in shown:
            self.list.setCurrentIndex(self.list.rows.index(shown.index(kept)))
        for part in (self.summary, self.table):
            part.setVisible(bool(records))
        self.heads.setVisible(bool(records) and not self.compact)
        self.empty.setText(words.NOTHING_OF_KIND if records else words.EMPTY)
        self.empty.setVisible(self._records is not None and not shown)
        self.plot.show_records(records)
        self._show_details(self.list.currentIndex())
        self._show_numbers()

    def _show_numbers(self) -> None:
        now, records = time.time(), self._records or []
        cuts = [record.latency_s for record in records if not words.restored(record)]
        by_voice = [record for record in records if record.reason == Reason.USER_SPEAKING]
        recent = sum(record.at > now - WINDOW_S for record in by_voice)
        values = (
            words.milliseconds(median(cuts)) if cuts else "–",
            str(sum(record.at > now - WEEK_S for record in records)),
            str(sum(map(words.restored, records))),
            f"{recent * 60 / WINDOW_S:.1f}",
        )
        for (label, short), number, value in zip(_NUMBERS.items(), self.numbers.values(), values, strict=True):
            number.show_number(value, short if self.compact else label)

    def _show_details(self, index: QModelIndex) -> None:
        records = self.list.rows.records
        known = 0 <= index.row() < len(records)
        rows = words.details(records[index.row()]) if known else ()
        self.details.setText("\n".join(f"{name}: {value}" for name, value in rows))
        self.details.setVisible(known)


_NUMBERS: Final = {
    words.TYPICAL: words.TYPICAL_SHORT,
    words.WEEK: words.WEEK_SHORT,
    words.WENT_ON: words.WENT_ON_SHORT,
    words.RATE: words.RATE_SHORT,
}
"""What is counted, in full and in short."""
