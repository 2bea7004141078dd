"""Where the parts of the dock lie: beside the conversation, under a page, and where large text leaves little room."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect

from ui.tokens import Look, regular_thread_x

STOP_GROWS: Final = 0.6
"""How much of the growth of the text the Stop button follows."""


@dataclass(frozen=True, slots=True)
class _Measures:
    """Lengths of one layout, in pixels before scaling. Without `line` there is no room for one."""

    height: int
    ring: int
    ring_x: int
    text_from_ring: int
    right: int
    stop: tuple[int, int]
    word: int
    word_over_caption: int
    line: int
    caption: tuple[int, int]


_MEASURES: Final = {  # (compact, slim)
    (False, False): _Measures(128, 104, 84, 76, 32, (152, 80), 34, 28, 15, (20, 30)),
    (True, False): _Measures(124, 68, 50, 48, 16, (104, 76), 22, 22, 13, (15, 21)),
    (False, True): _Measures(72, 50, 56, 40, 32, (132, 48), 22, 22, 15, (15, 21)),
    (True, True): _Measures(72, 44, 44, 36, 16, (104, 48), 20, 20, 0, (15, 21)),
}


@dataclass(frozen=True, slots=True)
class DockLayout:
    """Places in pixels. `band` is the height of the part with ring and words; `word` to `caption` are before scaling.

    `beside`: the line stands beside the word, not below it.
    """

    height: int
    band: int
    ring: QRect
    stop: QRect
    text_x: int
    room: int
    beside: bool
    word: int
    word_over_caption: int
    line: int
    caption: tuple[int, int]


def dock_layout(look: Look, width: int, *, compact: bool, slim: bool) -> DockLayout:
    """The layout for `width` pixels; `slim` is the one under a page."""
    m = _MEASURES[compact, slim]
    grown = 1 + (max(1.0, look.scale) - 1) * STOP_GROWS
    stop_width, stop_height = round(m.stop[0] * grown), round(m.stop[1] * grown)
    ring_x = regular_thread_x(look) if not compact and not slim else m.ring_x
    text_x = ring_x + m.text_from_ring
    gap = 20 if compact else 24
    words = look.px(m.word + m.line) + look.px(20 if slim else 40)
    band = max(m.height, words, m.ring + 24) if not slim else max(m.height, m.ring + 16, look.px(m.word) + 24)
    room = width - m.right - stop_width - gap - text_x
    if compact and not slim and room < look.px(110):  # Stop goes below, over the whole width
        height, room = band + round(56 * grown) + 12, width - m.right - text_x
        stop = QRect(m.right, band, width - 2 * m.right, height - band - 12)
    else:
        height = band = max(band, stop_height + 24)
        stop = QRect(width - m.right - stop_width, height // 2 + 1 - stop_height // 2, stop_width, stop_height)
    half = m.ring // 2 + 4
    ring = QRect(ring_x - half, band // 2 + 1 - half, 2 * half, 2 * half)
    return DockLayout(height, band, ring, stop, text_x, room, slim, m.word, m.word_over_caption, m.line, m.caption)
