"""Parley itself as a subject: its front end, ear, conversation and player, in virtual time. The mind reads a story."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.audio.frontend import FrontEnd
from assistant.audio.pcm import FRAME, FRAME_S, SAMPLE_RATE, Pcm
from assistant.audio.playout import Playout
from assistant.bench.hearing.rooms import Before
from assistant.bench.hearing.subjects import Act, Decision, Task
from assistant.core.cancel import CancelToken
from assistant.core.conversation import Conversation
from assistant.core.effects import Duck, Effect, Restore, SpeechInterrupted
from assistant.core.events import (
    Device,
    DeviceReady,
    Event,
    FinalTranscript,
    InterruptRequested,
    PlayoutFinished,
    TimePassed,
    TypedInput,
)
from assistant.core.interruptions import Reason
from assistant.core.messages import Message
from assistant.core.state import Phase
from assistant.engines.mind import Usage
from assistant.engines.protocols import Recogniser, Speech
from assistant.session.ear import Ear, StopWords
from assistant.session.setup import Setup
from assistant.session.simulation.scenario import CostTable
from assistant.session.simulation.world import Engines, World
from assistant.session.stage import carry_out
from assistant.session.view import alive_epochs

_COSTS = CostTable(tokens_per_s=1e4, prompt_tokens_per_s=1e6, sentence_s=0.0, tool_s=0.0)
ROUNDING_S = 1e-6
Story = Mapping[str, Speech]
"""Sentences and their sound, in the order in which they are told."""


def turned(story: Story, first: int) -> list[str]:
    """The story twice over, from sentence number `first` on."""
    sentences = list(story)
    begin = first % len(sentences)
    return [*sentences[begin:], *sentences, *sentences[:begin]]


class Parley:
    """The default settings, or those of `setup`."""

    name = "Parley"

    def __init__(self, setup: Setup, recogniser: Recogniser, stop_words: StopWords | None, story: Story) -> None:
        """`story`: what every reply consists of."""
        self.decisions: list[Decision] = []
        options = setup.playout
        self.lowers_s = options.duck_ramp_ms / 2000.0 / (1.0 - 10.0 ** (-options.duck_db / 20.0))
        self._setup = setup
        self._recogniser = recogniser
        self._stop_words = stop_words
        self._story = story
        self._met: tuple[Before, FrontEnd] | None = None

    def begin(self, task: Task) -> None:
        """A new conversation, in a room that is known as far as the trial says."""
        self.decisions = []
        setup = self._setup
        self._front_end = self._acquainted(task.before)
        self._playout = Playout(SAMPLE_RATE, setup.playout)
        self._ear = Ear(self._recogniser, self._stop_words, setup.preroll_s)
        engines = Engines(
            _Reader(turned(self._story, task.trial.story)), _Recital(self._story), self._recogniser, self._stop_words
        )
        self._world = World(engines, _COSTS, self._playout, self._ear, setup)
        self._world.deliver = self._handle
        self._conversation = Conversation(setup.options, setup.phrases, setup.system_prompt)
        for device in Device:
            self._handle(DeviceReady(0.0, device, "simulated"))
        if task.trial.speaking:
            self._handle(TypedInput(0.0, "tell me a story"))

    def _acquainted(self, before: Before) -> FrontEnd:
        """A front end that has heard what went before; what it has learnt is kept for the next trial in the room."""
        if self._met is None or self._met[0] is not before:
            front_end = self._setup.front_end()
            start = -len(before.frames) * FRAME_S
            for number, (microphone, played) in enumerate(before.frames):
                front_end.process(microphone, played, start + (number + 1) * FRAME_S)
            front_end.vad.silence(0.0)  # what the room's noise began before is told to this conversation too
            self._met = (before, front_end)
        return copy.deepcopy(self._met[1])

    def press(self, at: float) -> None:
        """The Stop button."""
        self._world.schedule.add(at, lambda: self._handle(InterruptRequested(at, Reason.USER_CLICKED_STOP)))

    def play(self, start: float) -> Pcm:
        """Do what was due, and render the next block."""
        until = start + ROUNDING_S
        while True:
            action_at, deadline = self._world.schedule.next_at, self._conversation.next_deadline
            if deadline is not None and deadline <= until and (action_at is None or deadline < action_at):
                self._world.now = max(deadline, self._world.now)
                self._handle(TimePassed(self._world.now))
            elif action_at is not None and action_at <= until:
                self._world.now = max(action_at, self._world.now)
                self._world.schedule.pop()()
            else:
                return self._playout.render(FRAME, start)

    def hear(self, microphone: Pcm, played: Pcm, end: float) -> None:
        """One block of the microphone: voice activity, words, and what the conversation makes of them."""
        self._world.now = end
        for event in self._playout.poll():
            self._handle(event)
        frame = self._front_end.process(microphone, played, end)
        for event in (*frame.events, *self._ear.hear(frame.clean, end)):
            self._handle(event)

    def _handle(self, event: Event) -> None:
        core = self._conversation.state
        may_end = core.phase in (Phase.HEARING, Phase.ENDPOINTING) and isinstance(event, FinalTranscript | TimePassed)
        turn = core.utterance if may_end else None
        effects = self._conversation.handle(event)
        if turn is not None and core.utterance is None:
            self.decisions.append(Decision(Act.TAKE, event.at))
        self._world.now = max(self._world.now, event.at)
        for effect in effects:
            self._note(effect, event.at)
            carry_out(effect, self._world)
        self._world.tokens.keep_only(alive_epochs(core))
        if isinstance(event, PlayoutFinished):
            self._world.speech.finished(event.epoch, event.sentence)

    def _note(self, effect: Effect, at: float) -> None:
        match effect:
            case Duck():
                self.decisions.append(Decision(Act.DUCK, at))
            case Restore():
                self.decisions.append(Decision(Act.RESTORE, at))
            case SpeechInterrupted(update=False):
                self.decisions.append(Decision(Act.STOP, at))
            case _:
                pass


class _Reader:
    """A mind that answers everything with the same sentences."""

    last_usage = Usage()

    def __init__(self, sentences: Sequence[str]) -> None:
        self._sentences = sentences

    def generate(
        self,
        messages: Sequence[Message],
        cancel: CancelToken,
        *,
        max_tokens: int,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> Iterator[str]:
        """One sentence after the other."""
        for sentence in self._sentences:
            if cancel.cancelled:
                return
            yield f"{sentence} "


@dataclass(frozen=True, slots=True)
class _Recital:
    """A voice that says what was synthesised beforehand."""

    story: Story

    def synthesise(self, text: str, voice: str | None = None) -> Speech:
        """The sound of a sentence of the story."""
        return self.story[text]
