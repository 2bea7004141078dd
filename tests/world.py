"""An abstract world around the conversation core: whatever ear, mind, tools, player and user can legally do next.

It carries out effects the way the workers do, and checks after each event what must always hold. The exploration
visits all of its states; the random conversations walk through it.
"""

from dataclasses import dataclass, field

from assistant.core import effects, events
from assistant.core.conversation import Conversation
from assistant.core.options import Options
from assistant.core.state import Phase
from assistant.phrases import load_phrases
from tests.invariants import Watch

OPTIONS = Options(
    endpoint_silence_s=0.6,
    endpoint_patience_s=0.6,
    speculate_after_s=0.3,
    barge_in_min_speech_s=0.3,
    barge_in_speech_s=0.6,
    interrupted_shown_s=0.5,
    adapt=False,
    max_tool_calls=1,
)
"""Multiples of one step, so that few different times occur; nothing is learnt."""
STEP_S = 0.3
TOKENS = ("One two. Three", " four")
PHRASES = load_phrases()


@dataclass(slots=True)
class World:
    """`to_transcribe`: utterances whose final transcript is due. `tokens`: pieces that the mind still has for `mind`.

    `tools`: calls that are running (epoch, number), `undoing` one that is taken back. `queue`: what the player has to
    play (epoch, sentence, text), its head being audible if `playing`. `stopped`: the head of a queue that was cut, to
    be reported.
    """

    conversation: Conversation
    watch: Watch = field(default_factory=Watch)
    now: float = 0.0
    voice: bool = False
    key: bool = False
    listening: int | None = None
    to_transcribe: list[int] = field(default_factory=list)
    mind: int | None = None
    tokens: int = 0
    tools: list[tuple[int, int]] = field(default_factory=list)
    undoing: int | None = None
    queue: list[tuple[int, int, str]] = field(default_factory=list)
    playing: bool = False
    stopped: tuple[int, int, str] | None = None

    def send(self, event: events.Event) -> tuple[effects.Effect, ...]:
        """Let `event` happen; carry out and check what follows."""
        self.watch.before(self.conversation.state, event)
        made = self.conversation.handle(event)
        for effect in made:
            self._carry_out(effect)
        self.watch.after(self.conversation, event, made)
        self._check()
        self._forget_stale_work()
        if isinstance(event, events.TimePassed):
            due = self.conversation.next_deadline
            assert due is None or due > self.now, f"busy loop: {due} is due at {self.now}"
        return made

    def _carry_out(self, effect: effects.Effect) -> None:
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
            case effects.Generate(epoch):
                self.tokens = 1 if self.mind is None and epoch in self.watch.generated else len(TOKENS)
                self.mind = epoch
                self.watch.generated.add(epoch)
            case effects.CallTool(epoch, call):
                assert self.mind is None
                self.tools.append((epoch, call.number))
            case effects.UndoTool(call):
                self.undoing = call
            case effects.Speak(epoch, sentence, text):
                self.queue.append((epoch, sentence, text))
            case effects.Silence(epoch) | effects.Abandon(epoch):
                self._stop(epoch, abandon=isinstance(effect, effects.Abandon))

    def _stop(self, epoch: int, *, abandon: bool) -> None:
        if self.playing and self.queue[0][0] == epoch:
            self.stopped, self.playing = self.queue[0], False
        self.queue = [item for item in self.queue if item[0] != epoch]
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
        audible = s.reply is not None and not s.reply.speculative and not s.reply.silenced
        assert self.queue == [] or (audible and s.reply is not None and self.queue[0][0] == s.reply.epoch)
        if s.phase is Phase.CLOSED:
            assert self.conversation.next_deadline is None

    @property
    def quiet(self) -> bool:
        """True where nothing is going on."""
        s = self.conversation.state
        resting = s.phase in (Phase.LISTENING, Phase.CLOSED) and s.reply is None and s.cut is None
        return resting and not self.tools and self.undoing is None

    def play(self, epoch: int, sentence: int) -> None:
        """Some of a sentence was audible."""
        s = self.conversation.state
        reply = s.cut.reply if s.cut is not None and s.cut.reply.epoch == epoch else s.reply
        assert reply is not None
        played = self.watch.played
        played[reply.text_epoch] = max(played.get(reply.text_epoch, 0), reply.turn.spans[sentence].end)


def begin(options: Options = OPTIONS) -> World:
    """A world in which both devices are open and nothing has happened."""
    world = World(Conversation(options, PHRASES))
    for device in events.Device:
        world.send(events.DeviceReady(0.0, device, "device"))
    return world
