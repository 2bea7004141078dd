"""What must hold for every conversation, whatever happens in it.

* Nothing of a cancelled epoch is spoken, generated or called.
* What the history says was heard is the beginning of what was played.
* A backchannel changes nothing of the history.
* Every cut of a reply that was handed to the voice has exactly one record, and every record is concluded.
* Every time our voice is lowered ends in a cut or a restore, and a restore has its record.
* Turns begin and end in pairs. A critical message is neither lowered nor cut but by Stop and by faults.
* At rest, nothing waits to be said.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.core import effects, events
from assistant.core.conversation import Conversation
from assistant.core.history import Turn, TurnStatus
from assistant.core.interruptions import Kind
from assistant.core.state import Phase, Reply, State
from assistant.core.tool_calls import UseStatus

MAY_CUT_CRITICAL = (
    events.InterruptRequested,
    events.ConversationCleared,
    events.ShutdownRequested,
    events.StopWordHeard,
    events.PartialTranscript,
    events.FinalTranscript,
    events.DeviceLost,
    events.EngineFailed,
    events.SentenceFailed,
)


@dataclass(slots=True)
class Watch:
    """What has to be remembered to see whether a rule is broken.

    `over` and `silenced` are epochs that were abandoned and silenced, `spoken` those of which anything went to the
    voice, `recorded` those whose cut was recorded; `played` is how much of the text of an epoch was audible.
    """

    generated: set[int] = field(default_factory=set)
    held: set[int] = field(default_factory=set)
    over: set[int] = field(default_factory=set)
    silenced: set[int] = field(default_factory=set)
    spoken: set[int] = field(default_factory=set)
    recorded: set[int] = field(default_factory=set)
    played: dict[int, int] = field(default_factory=dict)
    ducked: int | None = None
    talking: set[effects.Speaker] = field(default_factory=set)
    _closed: bool = False
    _critical: int | None = None
    _turns: list[Turn] = field(default_factory=list)
    _replies: list[Reply] = field(default_factory=list)

    def before(self, s: State, event: events.Event) -> None:
        """Look at the state in which `event` finds the conversation."""
        self._closed = s.phase is Phase.CLOSED
        self._critical = s.reply.epoch if s.critical and s.reply is not None else None
        self._turns = list(s.history.turns)
        self._replies = [r for r in (s.reply, s.cut.reply if s.cut else None) if r is not None and not r.speculative]

    def after(self, conversation: Conversation, event: events.Event, made: Sequence[effects.Effect]) -> None:
        """Check what `event` made of it."""
        s = conversation.state
        assert not self._closed or all(isinstance(e, effects.Notify) for e in made), "effects after the end"
        for effect in made:
            self._check_work(s, effect)
            self._check_voice(s, event, effect)
            self._check_ledger(s, effect, made)
        self._check_state(s)
        self._check_history(s)
        self._turns, self._replies = [], []

    def _check_work(self, s: State, effect: effects.Effect) -> None:
        """What the workers are asked for."""
        match effect:
            case effects.Generate(epoch, messages):
                assert epoch not in self.over
                assert not any(a.role is b.role for a, b in itertools.pairwise(messages))
            case effects.Presynthesise(epoch):
                assert epoch not in self.over | self.held | self.spoken
                self.held.add(epoch)
            case effects.CallTool(epoch):
                assert epoch not in self.over
                assert s.reply is not None
                assert s.reply.text_epoch == epoch
                assert not s.reply.speculative
            case effects.Speak(epoch):
                assert epoch not in self.over | self.silenced
                assert s.reply is None or s.reply.epoch != epoch or not s.reply.speculative
                assert s.loudspeaker is not None
                self.spoken.add(epoch)
            case effects.SaveTurn(turn):
                assert turn < len(s.history.turns)

    def _check_voice(self, s: State, event: events.Event, effect: effects.Effect) -> None:
        """Lowering, raising, cutting; turns."""
        match effect:
            case effects.Silence(epoch) | effects.Abandon(epoch):
                assert epoch not in self.over, "abandoned twice"
                assert epoch != self._critical or isinstance(event, MAY_CUT_CRITICAL), "a critical message was cut"
                (self.over if isinstance(effect, effects.Abandon) else self.silenced).add(epoch)
                self.ducked = None if self.ducked == epoch else self.ducked
            case effects.Duck(epoch):
                assert epoch not in self.over
                assert epoch != self._critical, "a critical message was lowered"
                assert self.ducked is None
                self.ducked = epoch
            case effects.Restore(epoch):
                assert self.ducked == epoch
                self.ducked = None
            case effects.TurnStarted(_, speaker):
                assert speaker not in self.talking
                self.talking.add(speaker)
            case effects.TurnEnded(_, speaker, duration_s):
                assert duration_s >= 0.0
                self.talking.remove(speaker)

    def _check_ledger(self, s: State, effect: effects.Effect, made: Sequence[effects.Effect]) -> None:
        match effect:
            case effects.SpeechInterrupted(record, update):
                assert record.epoch in self.over | self.silenced
                assert update == (record.epoch in self.recorded), "every cut has one record"
                assert not update or record.handled
                self.recorded.add(record.epoch)
            case effects.OverlapEnded(record):
                assert any(isinstance(e, effects.Restore) and e.epoch == record.epoch for e in made)
                if record.kind is Kind.BACKCHANNEL and record.evidence == "backchannel":
                    new = s.history.turns[len(self._turns) :]
                    same = s.history.turns[: len(self._turns)] == self._turns
                    assert same, "a backchannel changed the history"
                    assert all(turn.announcement for turn in new), "a backchannel changed the history"
            case effects.Restore(epoch):
                records = [e for e in made if isinstance(e, effects.OverlapEnded) and e.record.epoch == epoch]
                assert len(records) == 1

    def forget(self, epoch: int) -> None:
        """Nothing before `epoch` can come up again."""
        for seen in (self.generated, self.held, self.over, self.silenced, self.spoken, self.recorded):
            seen -= {old for old in seen if old < epoch}
        self.played = {old: end for old, end in self.played.items() if old >= epoch}

    def _check_state(self, s: State) -> None:
        reply = s.reply
        audible = reply is not None and not reply.speculative and not reply.silenced
        assert (s.utterance is not None) == (s.phase in (Phase.HEARING, Phase.ENDPOINTING, Phase.OVERLAP))
        assert audible == (s.phase in (Phase.THINKING, Phase.SPEAKING, Phase.OVERLAP))
        assert reply is None or not reply.speculative or s.phase is Phase.ENDPOINTING
        assert not s.queue or s.input_waits, "input waits for nothing"
        assert self.ducked is None or s.phase is Phase.OVERLAP, "our voice stays lowered"
        if s.cut is None:
            assert not (self.over | self.silenced) & self.spoken - self.recorded, "a cut without a record"
        if s.phase in (Phase.LISTENING, Phase.CLOSED) and s.cut is None:
            assert not s.priority, "a message is not said"
            assert s.deferred is None
            assert s.offer is None
            assert s.unsettled is None, "an interruption is never concluded"
            assert not self.talking, "a turn never ended"

    def _check_history(self, s: State) -> None:
        growing = [r.turn for r in (s.reply, s.cut.reply if s.cut else None) if r is not None and not r.speculative]
        for number, turn in enumerate(s.history.turns):
            assert turn.number == number
            alive = any(turn is t for t in growing)
            assert turn.status is not TurnStatus.WRITING or alive, "a cut was never settled"
            assert alive or all(use.status is not UseStatus.RUNNING for use in turn.uses)
            assert turn.heard <= len(turn.text)
        for reply in self._replies:
            played = self.played.get(reply.text_epoch, 0)
            if reply.turn.status is not TurnStatus.COMPLETE:
                assert reply.turn.heard <= played, "more heard than played"
            elif reply.asked:
                assert played >= reply.turn.spans[reply.asked - 1].end, "complete, but not played"
