"""Draws the window in every state and all its pages to PNG files, without a session.

`python -m ui.gallery --out FOLDER`.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QApplication

from assistant.core.interruptions import Interruption, Kind, Reason
from assistant.paths import data_dir
from assistant.session.snapshot import FakeController, Meters, Snapshot
from assistant.settings import Settings
from assistant.store import FILE_NAME, Store
from ui.app import check_display
from ui.gallery_scenes import scenes
from ui.tokens import Theme
from ui.window import Window
from ui.wording_pages import PageName

Prepare = Callable[[Window], None]
REGULAR: Final = (1120, 760)
COMPACT: Final = (380, 680)
_LEDGER: Final = (  # words, kind, evidence, latency, restored
    ("stop", Kind.CANCELLATION, "stop word", 0.14, False),
    ("mm-hm", Kind.BACKCHANNEL, "backchannel", 0.31, True),
    ("what about rye flour", Kind.REDIRECT, "words", 0.36, False),
    ("", None, "too short", 0.28, True),
    ("no, I said Tuesday", Kind.CORRECTION, "words", 0.33, False),
    ("", None, "speech", 0.71, False),
    ("say that again", Kind.CLARIFICATION, "words", 0.38, False),
)


def fill_ledger() -> None:
    """Write interruptions of the last hours, for the page that lists them."""
    now = time.time()
    store = Store(data_dir() / FILE_NAME, wall_offset=0.0)
    store.begin_conversation(now - 4 * 3600)
    for number in range(35):
        words, kind, evidence, latency, restored = _LEDGER[number % len(_LEDGER)]
        record = Interruption(
            at=now - (35 - number) * 380.0 + (250.0 if number > 30 else 0.0),
            epoch=number + 1,
            reason=Reason.USER_CLICKED_STOP if number % 9 == 8 and not restored else Reason.USER_SPEAKING,
            evidence=evidence,
            kind=kind,
            words="" if number % 9 == 8 and not restored else words,
            heard="About thirty minutes at room temperature. If your kitchen",
            progress=0.4,
            latency_s=latency + 0.013 * (number * 7 % 5),
            speech_only=False,
            decision="restore" if restored else "cut",
            sentence="If your kitchen is cold, give it closer to an hour.",
            unheard="is cold, give it closer to an hour.",
            duck_latency_s=0.08,
            handled="restored" if restored else "answered",
            duration_s=0.6,
        )
        store.save_interruption(record)
    store.close()


def _open_page(window: Window, page: PageName) -> None:
    window.go_to(page)
    window.background.finish()
    QApplication.processEvents()


def _settings(window: Window) -> None:
    _open_page(window, PageName.SETTINGS)


def _settings_search(window: Window) -> None:
    _open_page(window, PageName.SETTINGS)
    window.preferences.change({"barge_in_speech_s": 0.9, "preroll_s": 0.8})
    window.settings_page.search.setText("speech")


def _interruptions(window: Window) -> None:
    _open_page(window, PageName.INTERRUPTIONS)
    window.interruptions_page.list.setCurrentIndex(window.interruptions_page.list.rows.index(1))


def _settings_group(window: Window, group: str) -> None:
    _open_page(window, PageName.SETTINGS)
    window.settings_page.open_group(group)


PAGES: Final[dict[str, Prepare]] = {
    "settings": _settings,
    "settings-search": _settings_search,
    "settings-models": lambda window: _settings_group(window, "Models"),
    "interruptions": _interruptions,
}


def draw(
    scene: tuple[Snapshot, Meters], theme: Theme, size: tuple[int, int], file: Path, prepare: Prepare | None = None
) -> None:
    """Draw one scene to `file`; `prepare` opens what else is to be seen."""
    snapshot, meters = scene
    window = Window(FakeController(snapshot=snapshot, levels=meters), Settings(theme=theme.value))
    window.resize(*size)
    window.move(100, 100)  # away from the pointer, which stands at 0, 0
    window.show()
    QApplication.processEvents()
    window.thread_view.set_playhead(meters.playhead)
    for _ in range(30):
        window.dock.show_meters(meters, 1 / 30)
    window.thread_view.go_to_latest()
    if prepare is not None:
        prepare(window)
        for _ in range(20):
            window.settings_page.show_meters(meters)
    focus = QApplication.focusWidget()
    if focus is not None:
        focus.clearFocus()
    QApplication.processEvents()
    window.grab().save(str(file))
    window.close()
    window.deleteLater()


def main() -> None:
    """Draw all scenes in all themes and both layouts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--only", default="", help="draw only files whose name contains this")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    check_display()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    pictures: dict[str, tuple[tuple[Snapshot, Meters], Prepare | None]] = {
        name: (scene, None) for name, scene in scenes().items()
    }
    pictures |= {name: (scenes()["listening"], prepare) for name, prepare in PAGES.items()}
    with tempfile.TemporaryDirectory() as home:
        os.environ["PARLEY_HOME"] = home  # nothing of the user's own is shown or changed
        fill_ledger()
        for name, (scene, prepare) in pictures.items():
            for theme in (Theme.LIGHT, Theme.DARK, Theme.CONTRAST):
                for layout, size in (("main", REGULAR), ("compact", COMPACT)):
                    file = f"{layout}-{name}-{theme.value}.png"
                    if arguments.only in file:
                        draw(scene, theme, size, arguments.out / file, prepare)
    del app


if __name__ == "__main__":
    main()
