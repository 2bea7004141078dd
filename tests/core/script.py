"""Conversations as scripts, in virtual time: what the user does, and when; the world around the core is simulated.

The ear reports a word 0.15 s after it was said, the mind takes 0.2 s and then 20 tokens a second, a tool 0.3 s, the
voice 0.1 s, and a sentence lasts 0.05 s for each character.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from assistant.core import effects, events
from assistant.core.conversation import Conversation
from assistant.core.history import Turn
from assistant.core.interruptions import Interruption, Reason
from assistant.core.options import Options
from assistant.core.state import Phase
from assistant.core.tool_calls import ToolCall, ToolResult
from assistant.phrases import load_phrases

WORD_DELAY_S = 0.15
FINAL_DELAY_S = 0.1
TOKEN_S = 0.05
PREFILL_S = 0.2
SYNTHESIS_S = 0.1
CHARACTER_S = 0.05
REPORT_S = 0.02
TOOL_S = 0.3
CANCELLED = "It was cancelled."
STORY = ["Once ", "there ", "was ", "a ", "fox. ", "It ", "lived ", "in ", "the ", "wood. ", "It ", "was ", "happy."]
PHRASES = load_phrases()
E = TypeVar("E", bound=effects.Effect)


@dataclass(slots=True)
class _Sentence:
    epoch: int
    number: int
    text: str
    began: float | None = None


class Script:
    """One conversation. `replies` are what the mind says, one list of tokens for each `Generate`."""

    def __init__(self, *replies: list[str], options: Options | None = None, devices: bool = True) -> None:
        self.conversation = Conversation(options or Options(), PHRASES)
        self.now = 0.0
        self.effects: list[tuple[float, effects.Effect]] = []
        self.spoken: list[str] = []
        """Every sentence that began to leave the loudspeaker."""
        self.results: dict[str, ToolResult] = {}
        """What each tool answers, by its name."""
        self.reports_cuts = True
        self.ear_answers = True
        self._replies = list(replies)
        self._timeline: list[tuple[float, int, Callable[[], None]]] = []
        self._added = 0
        self._words: list[tuple[float, str]] = []
        self._since: dict[int, float] = {}
        self._open: int | None = None
        self._cancelled: set[int] = set()
        self._playout: list[_Sentence] = []
        if devices:
            for device in events.Device:
                self.send(events.DeviceReady(0.0, device, "device"))

    # what the user does

    def user_says(self, start: float, end: float, text: str, *, finally_: str | None = None) -> None:
        """Voice from `start` to `end`; the words arrive evenly. The final transcript may differ from the partials."""
        self.at(start + 0.1, lambda at: events.SpeechStarted(at, start))
        words = text.split()
        for number, word in enumerate(words):
            said = start + (end - start) * (number + 1) / len(words)
            self._schedule(said, partial(self._words.append, (said, word)))
            self._schedule(said + WORD_DELAY_S, self._report_words)
        if finally_ is not None:
            self._schedule(end + WORD_DELAY_S, lambda: self._mishear(start, finally_))
        self.at(end + 0.2, lambda at: events.SpeechStopped(at, end))

    def user_types(self, at: float, text: str) -> None:
        """A typed message."""
        self.at(at, lambda at: events.TypedInput(at, text))

    def user_stops(self, at: float, *, speech_only: bool = False) -> None:
        """The Stop button."""
        self.at(at, lambda at: events.InterruptRequested(at, Reason.USER_CLICKED_STOP, speech_only))

    def at(self, at: float, make: Callable[[float], events.Event]) -> None:
        """Let any event happen at `at`."""
        self._schedule(at, lambda: self.send(make(self.now)))

    # what happened

    def run(self, until: float) -> None:
        """Let time pass up to `until`."""
        while True:
            due = self.conversation.next_deadline
            coming = self._timeline[0][0] if self._timeline else until + 1.0
            if due is not None and due <= min(coming, until):
                self.now = max(self.now, due)
                self.send(events.TimePassed(self.now))
            elif coming <= until:
                self.now, _, do = heapq.heappop(self._timeline)
                do()
            else:
                self.now = until
                return

    @property
    def phase(self) -> Phase:
        """Who holds the floor."""
        return self.conversation.phase

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All turns."""
        return self.conversation.turns

    @property
    def last(self) -> Turn:
        """The latest turn."""
        return self.conversation.turns[-1]

    def messages(self) -> list[str]:
        """What the model would be told, as "role: text"."""
        return [f"{message.role}: {message.text}" for message in self.conversation.messages()]

    def made(self, kind: type[E]) -> list[E]:
        """All effects of one kind, in order."""
        return [effect for _, effect in self.effects if isinstance(effect, kind)]

    def when(self, kind: type[effects.Effect]) -> list[float]:
        """When effects of one kind were made."""
        return [round(at, 3) for at, effect in self.effects if isinstance(effect, kind)]

    @property
    def records(self) -> list[Interruption]:
        """The interruptions, as first recorded."""
        return [effect.record for effect in self.made(effects.SpeechInterrupted) if not effect.update]

    @property
    def ledger(self) -> list[Interruption]:
        """The interruptions, as last recorded, and the sounds that were none."""
        found: dict[int, Interruption] = {}
        for number, effect in enumerate(effect for _, effect in self.effects):
            if isinstance(effect, effects.OverlapEnded):
                found[-number] = effect.record
            elif isinstance(effect, effects.SpeechInterrupted):
                found[effect.record.epoch] = effect.record
        return list(found.values())

    @property
    def notices(self) -> list[str]:
        """What the user was told outside of the conversation."""
        return [effect.text for effect in self.made(effects.Notify)]

    # the world

    def send(self, event: events.Event) -> None:
        """Hand `event` to the core now, and carry out what it asks for."""
        for effect in self.conversation.handle(event):
            self.effects.append((self.now, effect))
            self._carry_out(effect)

    def _carry_out(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Listen(utterance, since):
                self._open, self._since[utterance] = utterance, since
            case effects.Discard():
                self._open = None
            case effects.Finalise(utterance):
                self._open, text = None, self._heard(utterance)
                if self.ear_answers:
                    self.at(self.now + FINAL_DELAY_S, lambda at: events.FinalTranscript(at, utterance, text))
            case effects.Generate(epoch):
                self._generate(epoch)
            case effects.CallTool(epoch, call):
                self._schedule(self.now + TOOL_S, partial(self._answer_call, epoch, call))
            case effects.UndoTool(call, handle):
                self.at(self.now + TOOL_S, lambda at: events.ToolUndone(at, call, f"{handle} is undone."))
            case effects.Speak(epoch, sentence, text):
                self._playout.append(_Sentence(epoch, sentence, text))
                self._schedule(self.now + SYNTHESIS_S, self._play)
            case effects.Silence(epoch):
                self._cut(epoch)
            case effects.Abandon(epoch):
                self._cancelled.add(epoch)
                self._cut(epoch)

    def _schedule(self, at: float, do: Callable[[], None]) -> None:
        self._added += 1
        heapq.heappush(self._timeline, (at, self._added, do))

    def _heard(self, utterance: int) -> str:
        return " ".join(word for said, word in self._words if said >= self._since[utterance] and word)

    def _report_words(self) -> None:
        if self._open is not None:
            self.send(events.PartialTranscript(self.now, self._open, self._heard(self._open)))

    def _mishear(self, start: float, text: str) -> None:
        self._words = [(said, word) for said, word in self._words if said < start] + [(self.now, text)]

    def _generate(self, epoch: int) -> None:
        tokens = self._replies.pop(0) if self._replies else []
        at = self.now + PREFILL_S
        for token in tokens:
            at += TOKEN_S
            self._schedule(at, partial(self._say_token, epoch, token))
        if tokens:
            self._schedule(at, partial(self._finish_text, epoch, len(tokens)))

    def _answer_call(self, epoch: int, call: ToolCall) -> None:
        result = self.results.get(call.name, ToolResult.failed("There is no such tool."))
        if epoch in self._cancelled and not result.took_effect:
            result = ToolResult.failed(CANCELLED)
        self.send(events.ToolFinished(self.now, epoch, call.number, result))

    def _say_token(self, epoch: int, token: str) -> None:
        if epoch not in self._cancelled:
            self.send(events.TokenGenerated(self.now, epoch, token))

    def _finish_text(self, epoch: int, tokens: int) -> None:
        if epoch not in self._cancelled:
            self.send(events.GenerationFinished(self.now, epoch, tokens))

    def _play(self) -> None:
        if not self._playout or self._playout[0].began is not None:
            return
        sentence = self._playout[0]
        sentence.began = self.now
        self.spoken.append(sentence.text)
        self._schedule(self.now + len(sentence.text) * CHARACTER_S, lambda: self._end(sentence))
        self.send(events.PlayoutStarted(self.now, sentence.epoch, sentence.number))

    def _end(self, sentence: _Sentence) -> None:
        if sentence in self._playout:
            self._playout.remove(sentence)
            self.send(events.PlayoutFinished(self.now, sentence.epoch, sentence.number))
            self._play()

    def _cut(self, epoch: int) -> None:
        playing = next((s for s in self._playout if s.epoch == epoch and s.began is not None), None)
        self._playout = [s for s in self._playout if s.epoch != epoch]
        if playing is not None and playing.began is not None and self.reports_cuts:
            number, share = playing.number, (self.now - playing.began) / (len(playing.text) * CHARACTER_S)
            self.at(self.now + REPORT_S, lambda at: events.PlayoutStopped(at, epoch, number, share))
