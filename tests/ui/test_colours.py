"""The palettes keep the contrast that they promise (WCAG relative luminance)."""

import pytest
from PySide6.QtGui import QColor

from ui.tokens import Look, Role, Theme

THEMES = [Theme.LIGHT, Theme.DARK, Theme.CONTRAST]
GROUNDS = [
    Role.CANVAS,
    Role.SIDE,
    Role.SURFACE,
    Role.RAISED,
    Role.SELECT,
    Role.TIDE_WASH,
    Role.SAFFRON_WASH,
    Role.SIGNAL_WASH,
]
PAGES = [Role.CANVAS, Role.SURFACE]


def luminance(color: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(look: Look, one: Role, other: Role) -> float:
    bright, dark = sorted((luminance(look.color(one)), luminance(look.color(other))), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("role", "grounds", "least"),
    [
        (Role.INK, GROUNDS, 12.0),
        (Role.INK2, GROUNDS, 6.5),
        (Role.INK3, PAGES, 5.2),
        (Role.TIDE, [*PAGES, Role.SIDE, Role.TIDE_WASH], 6.4),
        (Role.SAFFRON_INK, [*PAGES, Role.SAFFRON_WASH], 6.4),
        (Role.SIGNAL_INK, [*PAGES, Role.SIGNAL_WASH], 6.4),
        (Role.LINE_STRONG, PAGES, 3.5),
        (Role.ON_TIDE, [Role.TIDE], 4.5),
        (Role.ON_SAFFRON, [Role.SAFFRON], 4.5),
        (Role.ON_SIGNAL, [Role.SIGNAL], 4.5),
    ],
)
def test_contrast(theme: Theme, role: Role, grounds: list[Role], least: float) -> None:
    look = Look(theme)
    for ground in grounds:
        assert round(contrast(look, role, ground), 1) >= least, ground
