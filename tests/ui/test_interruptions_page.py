"""The page that lists interruptions, on a real file."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from assistant.core.interruptions import Interruption, Kind, Reason
from assistant.store import Store
from ui import wording_ledger as words
from ui.background import Background
from ui.interruptions_page import InterruptionsPage
from ui.tokens import Look
from ui.window import Window
from ui.wording_pages import PageName

NOW = 1_900_000_000.0
CUT = Interruption(
    at=NOW,
    epoch=1,
    reason=Reason.USER_SPEAKING,
    evidence="words",
    kind=Kind.REDIRECT,
    words="what about rye",
    heard="About thirty",
    progress=0.4,
    latency_s=0.36,
    speech_only=False,
    sentence="About thirty minutes.",
    unheard="minutes.",
    duck_latency_s=0.08,
    handled="answered",
    duration_s=0.8,
)
KEPT = replace(CUT, epoch=2, at=NOW + 1, decision="restore", kind=Kind.BACKCHANNEL, words="mm-hm", latency_s=0.3)
BUTTON = replace(
    CUT, epoch=3, at=NOW + 2, reason=Reason.USER_CLICKED_STOP, kind=None, words="", latency_s=0.04, evidence=""
)
LATE = replace(CUT, epoch=4, at=NOW + 3, words="", kind=None, evidence="speech", latency_s=0.7)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "conversations.db"


def write(file: Path, *records: Interruption) -> None:
    store = Store(file, wall_offset=0.0)
    store.begin_conversation(NOW)
    for record in records:
        store.save_interruption(record)
    store.close()


@pytest.fixture
def page(qtbot: QtBot, file: Path) -> InterruptionsPage:
    background = Background()
    page = InterruptionsPage(Look(), file, background)
    qtbot.addWidget(page)
    background.setParent(page)
    page.resize(868, 700)
    page.set_look(Look(), compact=False)
    page.show()
    return page


def rows(page: InterruptionsPage) -> list[str]:
    model = page.list.rows
    return [str(model.data(model.index(row))) for row in range(model.rowCount())]


def open_it(qtbot: QtBot, page: InterruptionsPage, count: int) -> None:
    page.opened()
    qtbot.waitUntil(lambda: page.list.rows.rowCount() == count)


def test_without_a_file_it_says_what_to_do(qtbot: QtBot, page: InterruptionsPage) -> None:
    page.opened()
    qtbot.waitUntil(page.empty.isVisible)
    assert page.empty.text() == words.EMPTY
    assert not page.summary.isVisible()


def test_records_are_listed_newest_first(qtbot: QtBot, page: InterruptionsPage, file: Path) -> None:
    write(file, CUT, KEPT, BUTTON, LATE)
    open_it(qtbot, page, 4)
    assert [line.split(", ", 2)[2] for line in map(str, rows(page))] != []
    assert "a sound without words" in rows(page)[0]
    assert "Stop was pressed" in rows(page)[1]
    assert "“mm-hm”, Lowered, then went on, 300 ms, backchannel, by words" in rows(page)[2]
    assert "“what about rye”, Stopped, 360 ms, redirect, by words, answered" in rows(page)[3]
    assert page.numbers[words.TYPICAL].value.text() == "360 ms"
    assert page.numbers[words.WENT_ON].value.text() == "1"
    assert not page.grab().isNull()


@pytest.mark.parametrize(
    ("label", "count"),
    [(words.ALL, 4), (words.STOPPED, 3), (words.LOWERED_SHORT, 1), (words.BY_VOICE, 3), (words.BY_BUTTON, 1)],
)
def test_filters(qtbot: QtBot, page: InterruptionsPage, file: Path, label: str, count: int) -> None:
    write(file, CUT, KEPT, BUTTON, LATE)
    open_it(qtbot, page, 4)
    chip = page.chips[label]
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_Space)
    assert page.list.rows.rowCount() == count
    assert chip.isChecked()
    assert chip.accessibleName() == f"{label}, {count}"


def test_all_that_is_known_of_a_record_is_shown_with_the_keyboard(
    qtbot: QtBot, page: InterruptionsPage, file: Path
) -> None:
    write(file, CUT, KEPT)
    open_it(qtbot, page, 2)
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    text = page.details.text()
    for line in (
        "Why: redirect, by words",
        "Parley was saying: About thirty minutes.",
        "Heard: About thirty",
        "Not heard: minutes.",
        "Voice lowered after: 80 ms",
        "Silent after: 360 ms",
        "Then: answered",
    ):
        assert line in text


def test_new_records_appear_and_keep_the_current_one(qtbot: QtBot, page: InterruptionsPage, file: Path) -> None:
    write(file, CUT)
    open_it(qtbot, page, 1)
    page.list.setCurrentIndex(page.list.rows.index(0))
    write(file, KEPT)
    open_it(qtbot, page, 2)
    assert page.list.currentIndex().row() == 1


def test_the_rate_counts_the_last_five_minutes(qtbot: QtBot, page: InterruptionsPage, file: Path) -> None:
    now = time.time()
    recent = [replace(CUT, epoch=n, at=now - 10.0 * n) for n in range(1, 6)]
    write(file, *recent, replace(CUT, epoch=9, at=now - 900.0), replace(BUTTON, at=now - 5.0))
    open_it(qtbot, page, 7)
    assert page.numbers[words.RATE].value.text() == "1.0"
    assert page.numbers[words.WEEK].value.text() == "7"


def test_a_damaged_file_is_one_sentence(qtbot: QtBot, page: InterruptionsPage, file: Path) -> None:
    file.write_bytes(b"not a database" * 100)
    with qtbot.waitSignal(page.failed) as caught:
        page.opened()
    assert "cannot be read" in str(caught.args)


def test_five_thousand_records_are_scrolled_not_built(qtbot: QtBot, page: InterruptionsPage) -> None:
    from assistant.store.ledger import Record

    one = Record(1, NOW, 1, "cut", None, "user_speaking", "words", "hi", "", "", "", 0.5, None, 0.3, 0.2, False, "")
    page.list.rows.show_records([one] * 5000)
    assert len(page.list.findChildren(type(page.heads))) == 0
    assert not page.list.grab().isNull()


def test_the_keys_open_it_and_the_side_list_shows_it(window: Window) -> None:
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.content.page is PageName.INTERRUPTIONS
    assert window.side.pages[PageName.INTERRUPTIONS].accessibleName() == "Interruptions, selected"
    QTest.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.content.page is None
    assert window.side.pages[PageName.INTERRUPTIONS].accessibleName() == "Interruptions"
