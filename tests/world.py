"""An abstract world around the conversation core: whatever ear, mind, player and user can legally do next.

It carries out effects the way the workers do, and checks after each event what must always hold. The exploration
visits all of its states; the random conversations walk through it.
"""

import itertools
from dataclasses import dataclass, field

from assistant.core import effects, events
from assistant.core.conversation import Conversation
from assistant.core.history import TurnStatus
from assistant.core.options import Options
from assistant.core.state import Phase
from assistant.phrases import load_phrases

OPTIONS = Options(
    endpoint_silence_s=0.6,
    speculate_after_s=0.3,
    barge_in_min_speech_s=0.3,
    barge_in_speech_s=0.6,
    interrupted_shown_s=0.5,
)
"""Multiples of one step, so that few different times occur."""
STEP_S = 0.3
TOKENS = ("One two. Three", " four")
PHRASES = load_phrases()


@dataclass(slots=True)
class World:
    """`to_transcribe`: utterances whose final transcript is due. `tokens`: pieces that the mind still has for `mind`.

    `queue`: what the player has to play (epoch, sentence, text), its head being audible if `playing`. `stopped`: the
    head of a queue that was cut, to be reported. `over`, `silenced`: epochs that were abandoned or silenced.
    """

    conversation: Conversation
    now: float = 0.0
    voice: bool = False
    key: bool = False
    listening: int | None = None
    to_transcribe: list[int] = field(default_factory=list)
    mind: int | None = None
    tokens: int = 0
    queue: list[tuple[int, int, str]] = field(default_factory=list)
    playing: bool = False
    stopped: tuple[int, int, str] | None = None
    played: dict[int, str] = field(default_factory=dict)
    epochs: int = 0
    over: set[int] = field(default_factory=set)
    silenced: set[int] = field(default_factory=set)

    def send(self, event: events.Event) -> tuple[effects.Effect, ...]:
        """Let `event` happen; carry out and check what follows."""
        closed = self.conversation.phase is Phase.CLOSED
        turns = self.conversation.state.history
        made = self.conversation.handle(event)
        assert not closed or all(isinstance(e, effects.Notify) for e in made), "effects after the end"
        for effect in made:
            self._carry_out(effect)
        if self.conversation.state.history is not turns:  # a new conversation
            assert not self.conversation.turns
        self._check()
        self._forget_stale_work()
        if isinstance(event, events.TimePassed):
            due = self.conversation.next_deadline
            assert due is None or due > self.now, f"busy loop: {due} is due at {self.now}"
        return made

    def _carry_out(self, effect: effects.Effect) -> None:
        state = self.conversation.state
        match effect:
            case effects.Listen(utterance):
                assert self.listening is None
                self.listening = utterance
            case effects.Finalise(utterance):
                assert self.listening == utterance
                self.listening = None
                self.to_transcribe.append(utterance)
            case effects.Discard(utterance):
                assert self.listening == utterance
                self.listening = None
            case effects.Generate(epoch, messages):
                assert epoch > self.epochs
                assert not any(a.role is b.role for a, b in itertools.pairwise(messages))
                self.epochs, self.mind, self.tokens = epoch, epoch, len(TOKENS)
            case effects.Speak(epoch, sentence, text):
                assert epoch >= self.epochs
                assert epoch not in self.over | self.silenced
                assert state.reply is None or state.reply.epoch != epoch or not state.reply.speculative
                assert state.loudspeaker is not None
                self.epochs = epoch
                self.queue.append((epoch, sentence, text))
            case effects.Silence(epoch) | effects.Abandon(epoch):
                self._stop(epoch, abandon=isinstance(effect, effects.Abandon))
            case effects.Duck(epoch) | effects.Restore(epoch):
                assert epoch not in self.over
            case effects.SpeechInterrupted(record):
                assert record.epoch in self.over | self.silenced
                heard = " ".join(record.heard.split())
                assert self.played.get(record.epoch, "").startswith(heard), "more heard than played"
            case effects.SaveTurn(turn):
                assert turn < len(state.history.turns)

    def _stop(self, epoch: int, *, abandon: bool) -> None:
        assert epoch not in self.over, "abandoned twice"
        if self.playing and self.queue[0][0] == epoch:
            self.stopped, self.playing = self.queue[0], False
        self.queue = [item for item in self.queue if item[0] != epoch]
        (self.over if abandon else self.silenced).add(epoch)
        if abandon and self.mind == epoch:
            self.mind = None

    def _forget_stale_work(self) -> None:
        """What nobody waits for any more: `stale_events` reports it once and for all."""
        s = self.conversation.state
        awaited = {s.utterance.number, *s.utterance.earlier} if s.utterance is not None else set()
        self.to_transcribe = [number for number in self.to_transcribe if number in awaited]
        if self.stopped is not None and (s.cut is None or s.cut.reply.epoch != self.stopped[0]):
            self.stopped = None

    def _check(self) -> None:
        s = self.conversation.state
        reply = s.reply
        audible = reply is not None and not reply.speculative and not reply.silenced
        assert (s.utterance is not None) == (s.phase in (Phase.HEARING, Phase.ENDPOINTING, Phase.OVERLAP))
        assert audible == (s.phase in (Phase.THINKING, Phase.SPEAKING, Phase.OVERLAP))
        assert reply is None or not reply.speculative or s.phase is Phase.ENDPOINTING
        assert not s.queue or s.cut is not None, "input waits for nothing"
        assert self.queue == [] or (audible and reply is not None and self.queue[0][0] == reply.epoch)
        alive = [r.turn for r in (reply, s.cut.reply if s.cut else None) if r is not None and not r.speculative]
        for number, turn in enumerate(s.history.turns):
            assert turn.number == number
            assert turn.status is not TurnStatus.WRITING or any(turn is t for t in alive), "a cut was never settled"
            assert turn.heard <= len(turn.text)
        if s.phase is Phase.CLOSED:
            assert reply is None
            assert s.cut is None
            assert self.conversation.next_deadline is None

    @property
    def quiet(self) -> bool:
        """True where nothing is going on."""
        s = self.conversation.state
        return s.phase in (Phase.LISTENING, Phase.CLOSED) and s.reply is None and s.cut is None


def begin(options: Options = OPTIONS) -> World:
    """A world in which both devices are open and nothing has happened."""
    world = World(Conversation(options, PHRASES))
    for device in events.Device:
        world.send(events.DeviceReady(0.0, device, "device"))
    return world
