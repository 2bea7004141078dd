"""The visual language in numbers: colours, spacing and type, and the `Look` that widgets paint themselves by."""

import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyle

FOCUS_MARGIN: Final = 4
"""Room around every control for its focus ring: a 2 px gap and a 2 px line."""
COMPACT_BELOW: Final = 720
WIDE_FROM: Final = 1360
SIDE_WIDTH: Final = 252
SMALLEST_TEXT: Final = 12
SMALLEST_SCALE, LARGEST_SCALE = 0.75, 2.0
"""Of the text, the desktop's own scale included."""

NORMAL: Final = QFont.Weight.Normal
MEDIUM: Final = QFont.Weight.Medium
STRONG: Final = QFont.Weight.DemiBold


class Theme(StrEnum):
    """What the user may choose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


class Role(StrEnum):
    """What a colour is for; see the table of each palette."""

    CANVAS = "canvas"
    SIDE = "side"
    SURFACE = "surface"
    RAISED = "raised"
    SELECT = "select"
    LINE = "line"
    LINE_STRONG = "line_strong"
    INK = "ink"
    INK2 = "ink2"
    INK3 = "ink3"
    TIDE = "tide"
    TIDE_WASH = "tide_wash"
    ON_TIDE = "on_tide"
    SAFFRON = "saffron"
    SAFFRON_INK = "saffron_ink"
    SAFFRON_WASH = "saffron_wash"
    ON_SAFFRON = "on_saffron"
    SIGNAL = "signal"
    SIGNAL_INK = "signal_ink"
    SIGNAL_WASH = "signal_wash"
    ON_SIGNAL = "on_signal"


# One row per role: light, dark, high contrast.
_TABLE: Final[dict[Role, tuple[str, str, str]]] = {
    Role.CANVAS: ("#F5F8F7", "#101817", "#000000"),
    Role.SIDE: ("#E9EFED", "#0B1211", "#000000"),
    Role.SURFACE: ("#FFFFFF", "#18221F", "#000000"),
    Role.RAISED: ("#FFFFFF", "#1F2B29", "#000000"),
    Role.SELECT: ("#D6E3E1", "#1E2C2A", "#333333"),
    Role.LINE: ("#D3DCDA", "#2B3937", "#FFFFFF"),
    Role.LINE_STRONG: ("#72817E", "#75867F", "#FFFFFF"),
    Role.INK: ("#11201E", "#EAF2F0", "#FFFFFF"),
    Role.INK2: ("#3F4F4C", "#B9C7C4", "#FFFFFF"),
    Role.INK3: ("#5C6B68", "#93A29F", "#D0D0D0"),
    Role.TIDE: ("#0B5C68", "#7CD4DD", "#5CE6F2"),
    Role.TIDE_WASH: ("#DDEFF1", "#10323A", "#000000"),
    Role.ON_TIDE: ("#FFFFFF", "#04262B", "#000000"),
    Role.SAFFRON: ("#F2B136", "#F6BE55", "#FFD24A"),
    Role.SAFFRON_INK: ("#7F4A00", "#F6BE55", "#FFD24A"),
    Role.SAFFRON_WASH: ("#FCEFD0", "#35280A", "#000000"),
    Role.ON_SAFFRON: ("#1F1600", "#1F1600", "#000000"),
    Role.SIGNAL: ("#B3261E", "#C5362D", "#FF8A80"),
    Role.SIGNAL_INK: ("#A1201A", "#FF9D94", "#FF8A80"),
    Role.SIGNAL_WASH: ("#FBE7E4", "#3A1714", "#000000"),
    Role.ON_SIGNAL: ("#FFFFFF", "#FFFFFF", "#000000"),
}
_COLUMN: Final = {Theme.LIGHT: 0, Theme.DARK: 1, Theme.CONTRAST: 2}


@dataclass(frozen=True, slots=True)
class Look:
    """How everything is painted now. `theme` is never SYSTEM; `scale` multiplies text and what holds text."""

    theme: Theme = Theme.LIGHT
    scale: float = 1.0
    reduced_motion: bool = False

    @property
    def light(self) -> bool:
        """Whether saffron fills need an outline and Stop needs none."""
        return self.theme is Theme.LIGHT

    def color(self, role: Role, alpha: float = 1.0) -> QColor:
        """The colour of `role`, with `alpha` from 0 to 1."""
        color = QColor(_TABLE[role][_COLUMN[self.theme]])
        color.setAlphaF(alpha)
        return color

    def px(self, size: float) -> int:
        """A length that grows with the text, in pixels."""
        return round(size * self.scale)

    def font(self, px: int, weight: QFont.Weight = NORMAL, tabular: bool = False) -> QFont:
        """The system's font at `px` pixels before scaling; `tabular` gives figures of one width, for times."""
        font = QFont(QApplication.font())
        font.setPixelSize(max(SMALLEST_TEXT, self.px(px)))
        font.setWeight(weight)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        if tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font


def regular_thread_x(look: Look) -> int:
    """Where the thread runs in the regular layout: beside the names, through the centre of the ring."""
    return max(84, look.px(84))


def resolve_theme(theme: Theme) -> Theme:
    """`theme`, with SYSTEM replaced by what the desktop asks for."""
    if theme is not Theme.SYSTEM:
        return theme
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast:
        return Theme.CONTRAST
    return Theme.DARK if hints.colorScheme() is Qt.ColorScheme.Dark else Theme.LIGHT


def system_text_scale() -> float:
    """How much larger than usual the desktop shows text."""
    usual = 72.0 if sys.platform == "darwin" else 96.0
    return min(2.0, max(1.0, QGuiApplication.primaryScreen().logicalDotsPerInch() / usual))


def widget_palette(look: Look) -> QPalette:
    """The colours of what Qt paints itself: text fields, their menus, tool tips."""
    palette = QPalette()
    for role, use in (
        (QPalette.ColorRole.Window, Role.CANVAS),
        (QPalette.ColorRole.Base, Role.SURFACE),
        (QPalette.ColorRole.Button, Role.SURFACE),
        (QPalette.ColorRole.ToolTipBase, Role.RAISED),
        (QPalette.ColorRole.WindowText, Role.INK),
        (QPalette.ColorRole.Text, Role.INK),
        (QPalette.ColorRole.ButtonText, Role.INK),
        (QPalette.ColorRole.ToolTipText, Role.INK),
        (QPalette.ColorRole.Highlight, Role.TIDE),
        (QPalette.ColorRole.HighlightedText, Role.ON_TIDE),
    ):
        palette.setColor(role, look.color(use))
    return palette


def scrollbar_style(look: Look) -> str:
    """A slim scroll bar, as a style sheet."""
    handle = look.color(Role.LINE_STRONG).name()
    return (
        "QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }"
        f"QScrollBar::handle:vertical {{ background: {handle}; border-radius: 3px; min-height: 32px; margin: 2px; }}"
        "QScrollBar::add-line, QScrollBar::sub-line { height: 0; }"
        "QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }"
    )


def system_reduces_motion() -> bool:
    """Whether the desktop asks programs not to animate."""
    return QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0
