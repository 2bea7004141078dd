"""Text laid out by hand: wrapped, with lines at even distances, and parts of it in other colours."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QTextCharFormat, QTextLayout, QTextOption

from ui.tokens import Look, Role


def laid_out(
    text: str, font: QFont, width: float, line_height: float, formats: Sequence[QTextLayout.FormatRange] = ()
) -> QTextLayout:
    """`text` wrapped to `width`, every line `line_height` apart."""
    layout = QTextLayout(text.replace("\n", "\u2028"), font)
    if formats:
        layout.setFormats(formats)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, 1.0))
        top = (layout.lineCount() - 1) * line_height
        line.setPosition(QPointF(0, top + (line_height - line.height()) / 2))
    layout.endLayout()
    return layout


def colored(start: int, length: int, look: Look, role: Role) -> QTextLayout.FormatRange:
    """A range of a layout to be drawn in the colour of `role`."""
    span = QTextLayout.FormatRange()
    span.start, span.length = start, length
    span.format = QTextCharFormat()
    span.format.setForeground(look.color(role))
    # Without a background Qt leaves out a range that touches one drawn before.
    span.format.setBackground(Qt.GlobalColor.transparent)
    return span
