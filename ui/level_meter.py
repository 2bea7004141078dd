"""The level at the microphone on a scale of decibels, against the room's noise and the level that counts as speech."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, QSize
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPaintEvent, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import wording_settings as words
from ui.icons import Icon, paint_icon
from ui.marks import paint_round
from ui.tokens import MEDIUM, STRONG, Look, Role

LOWEST: Final = -70.0
QUIET_ROOM: Final = -58.0
"""What the noise is taken for before it is known."""
FALL_DB_S: Final = 30.0
"""The bar rises at once and falls this fast."""
NOISE_FALL_DB_S: Final = 20.0
NOISE_RISE_DB_S: Final = 1.5
"""The room's noise follows what is quietest: down fast, up slowly."""
SENTENCE_EVERY_MS: Final = 400


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Speech is what is `above_noise` dB louder than the room, and no quieter than `lowest` dBFS."""

    above_noise: float
    lowest: float


class LevelMeter(QWidget):
    """Painted only when something has changed."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._thresholds = Thresholds(9.0, -50.0)
        self.level, self.noise = LOWEST, QUIET_ROOM
        self.sentence = ""
        self._clock, self._said = QElapsedTimer(), QElapsedTimer()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._say(-100.0)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self._look = look
        self.updateGeometry()
        self.update()

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Measure against others."""
        self._thresholds = thresholds
        self.update()

    @property
    def onset(self) -> float:
        """The level from which on Parley lowers its voice, in dBFS."""
        return max(self._thresholds.lowest, self.noise + self._thresholds.above_noise)

    def show_level(self, dbfs: float) -> None:
        """Follow the microphone."""
        seconds = self._clock.restart() / 1000 if self._clock.isValid() else 0.0
        if not self._clock.isValid():
            self._clock.start()
        before = round(self.level), round(self.noise)
        self.level = max(dbfs, self.level - FALL_DB_S * seconds, LOWEST)
        if dbfs > LOWEST:
            lowered = max(dbfs, self.noise - NOISE_FALL_DB_S * seconds)
            self.noise = min(lowered, self.noise + NOISE_RISE_DB_S * seconds)
        if not self._said.isValid() or self._said.elapsed() > SENTENCE_EVERY_MS:
            self._said.restart()
            self._say(dbfs)
        if (round(self.level), round(self.noise)) != before:
            self.update()

    def sizeHint(self) -> QSize:
        """Labels, bar, scale and sentence."""
        return QSize(self._look.px(260), self._look.px(20 + 22 + 24) + 30)

    def _say(self, dbfs: float) -> None:
        sentence = words.level_sentence(self.level if dbfs > LOWEST else dbfs, self.onset, self.noise)
        if sentence != self.sentence:
            self.sentence = sentence
            self.setAccessibleName(sentence)
            self.update()

    def _x(self, dbfs: float, bar: QRectF) -> float:
        return bar.left() + bar.width() * min(1.0, max(0.0, (dbfs - LOWEST) / -LOWEST))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bar, noise, post, and the sentence below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # a scale runs from left to right everywhere
        look = self._look
        bar = QRectF(4, look.px(22), self.width() - 8, 30)
        paint_round(painter, bar, 8, look.color(Role.SIDE), look.color(Role.LINE_STRONG), 1.2)
        noise = QRectF(bar.left() + 2, bar.top() + 2, max(0.0, self._x(self.noise, bar) - bar.left() - 2), 26)
        painter.fillRect(noise, QBrush(look.color(Role.LINE_STRONG), Qt.BrushStyle.BDiagPattern))
        now = QRectF(bar.left(), bar.top() + 5, self._x(self.level, bar) - bar.left(), 20)
        if now.width() > 4:
            outline = look.color(Role.SAFFRON_INK) if look.light else None
            paint_round(painter, now, 4, look.color(Role.SAFFRON), outline, 1.2)
        x = self._x(self.onset, bar)
        painter.fillRect(QRectF(x - 4.5, bar.top() - 4, 9, 38), look.color(Role.SURFACE))
        painter.fillRect(QRectF(x - 1.5, bar.top() - 6, 3, 42), look.color(Role.TIDE))
        self._paint_words(painter, bar, x)

    def _paint_words(self, painter: QPainter, bar: QRectF, post: float) -> None:
        look = self._look
        small, strong = look.font(13, tabular=True), look.font(13, STRONG)
        above, below = look.px(13), bar.bottom() + look.px(18)
        width = QFontMetricsF(strong).horizontalAdvance(words.ONSET)
        x = min(max(post - width / 2, bar.left()), bar.right() - width)
        noise_width = QFontMetricsF(small).horizontalAdvance(words.ROOM_NOISE)
        painter.setFont(strong)
        painter.setPen(look.color(Role.TIDE))
        painter.drawText(QPointF(x, above), words.ONSET)
        painter.setFont(small)
        painter.setPen(look.color(Role.INK2))
        if x > bar.left() + noise_width + 12:
            painter.drawText(QPointF(bar.left(), above), words.ROOM_NOISE)
        painter.drawText(QPointF(bar.left(), below), f"{LOWEST:.0f} dB".replace("-", "−"))
        painter.drawText(QPointF(bar.right() - QFontMetricsF(small).horizontalAdvance("0 dB"), below), "0 dB")
        y = below + look.px(23)
        paint_icon(painter, Icon.MICROPHONE, QPointF(bar.left() + 9, y - look.px(5)), 18, look.color(Role.SAFFRON_INK))
        font = look.font(14, MEDIUM, tabular=True)
        painter.setFont(font)
        painter.setPen(look.color(Role.INK))
        room = bar.width() - 26
        painter.drawText(
            QPointF(bar.left() + 26, y),
            QFontMetricsF(font).elidedText(self.sentence, Qt.TextElideMode.ElideRight, room),
        )
