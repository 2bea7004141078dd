"""The marks of the ledger, the same in the plot and in the list: a caesura stopped Parley, a ring only lowered it."""

from typing import Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from assistant.store.ledger import Record
from ui.marks import paint_caesura, stroke
from ui.tokens import Look, Role
from ui.wording_ledger import restored

GOAL_MS: Final = 400.0
"""Half of all interruptions by voice should silence Parley within this time of the first sound."""


def late(record: Record) -> bool:
    """Whether it took longer than it should."""
    return not restored(record) and record.latency_s * 1000 > GOAL_MS


def paint_mark(painter: QPainter, look: Look, record: Record, centre: QPointF, size: float) -> None:
    """The mark of `record` around `centre`."""
    if restored(record):
        painter.setPen(stroke(look.color(Role.TIDE), 1.8))
        painter.setBrush(look.color(Role.SURFACE))
        painter.drawEllipse(centre, size * 0.36, size * 0.36)
    else:
        paint_caesura(painter, centre, size, look.color(Role.SIGNAL_INK if late(record) else Role.SAFFRON_INK), 1.9)
