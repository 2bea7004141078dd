"""The simulator: real front end, recogniser, core and player, advanced 10 ms at a time without any clock."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from assistant.audio.pcm import FRAME, SAMPLE_RATE, Pcm, read_wav, resample, to_float
from assistant.audio.playout import Playout
from assistant.audio.room import Output, Room, RoomOptions
from assistant.core.conversation import Conversation
from assistant.core.effects import CallTool, Effect, SpeechInterrupted
from assistant.core.events import (
    ContinueRequested,
    Device,
    DeviceReady,
    Event,
    FinalTranscript,
    InterruptRequested,
    MuteChanged,
    PlayoutFinished,
    PlayoutStarted,
    PrioritySpeech,
    TimePassed,
    TokenGenerated,
    ToolFinished,
    TypedInput,
    TypingStarted,
    UndoRequested,
)
from assistant.core.history import Turn, TurnStatus
from assistant.core.interruptions import Interruption, Reason
from assistant.core.messages import Message, Role
from assistant.core.state import Phase, Utterance
from assistant.session.ear import Ear
from assistant.session.setup import Setup
from assistant.session.simulation.scenario import LONGEST_S, Scenario, UserEntry
from assistant.session.simulation.script import Act, Script
from assistant.session.simulation.world import Engines, World
from assistant.session.stage import carry_out
from assistant.session.stream import fields_of, name_of
from assistant.session.view import alive_epochs

QUIET_S = 1.5
"""A scenario without a duration ends when nothing has happened for this long."""
ROUNDING_S = 1e-6
"""What is due at the very beginning of a block still takes part in it."""
WARM_UP_S = 3.0
"""The front end hears the room for this long before time zero: the app has learnt its noise before anybody speaks."""


@dataclass(slots=True)
class ReplyTrack:
    """What a simulation notes of one reply."""

    epoch: int
    turn: Turn
    first_audible: float | None = None
    over: bool = False


@dataclass(slots=True)
class Run:
    """Everything that a simulation leaves behind; times are virtual seconds, sound is int16 at 16 kHz."""

    log: list[dict[str, Any]] = field(default_factory=list)
    microphone: list[Pcm] = field(default_factory=list)
    loudspeaker: list[Pcm] = field(default_factory=list)
    replies: dict[int, ReplyTrack] = field(default_factory=dict)
    tokens: Counter[int] = field(default_factory=Counter)
    """Tokens by epoch, those of answers that were prepared in vain included."""
    ledger: list[Interruption] = field(default_factory=list)
    """The record of each cut and of each restore."""
    duration_s: float = 0.0


Watch = Callable[[dict[str, Any]], None]


class Simulation:
    """One run of the scenario read from `path`. `watch` is told of every log entry as it happens."""

    def __init__(
        self, scenario: Scenario, path: Path, setup: Setup, engines: Engines, watch: Watch | None = None
    ) -> None:
        self.run_log = Run()
        self._scenario = scenario
        self._watch = watch
        self._frontend = setup.front_end()
        self._playout = Playout(SAMPLE_RATE, setup.playout)
        self._ear = Ear(engines.recogniser, engines.stop_words, setup.preroll_s)
        self._world = World(engines, scenario.costs, self._playout, self._ear, setup)
        self._world.deliver = self._handle
        self.conversation = Conversation(setup.options, setup.phrases, setup.system_prompt)
        self._room = Room(_room_options(scenario, path.parent))
        self.script = Script.prepare(scenario, path, _clip_maker(engines))
        self._undo = ""
        """The handle of the latest result that can be undone."""
        self._frame = 0
        self._busy_at = 0.0

    def play(self) -> Run:
        """Play the scenario to its end."""
        self._world.warm_up((*self.conversation.messages(), Message(Role.USER, "Hello.")))
        silence = np.zeros(FRAME, dtype=np.int16)
        for n in range(round(WARM_UP_S / 0.01)):
            self._frontend.process(self._room.step(silence), silence, (n + 1) * 0.01 - WARM_UP_S)
        self._handle(DeviceReady(0.0, Device.MICROPHONE, "simulated room"))
        self._handle(DeviceReady(0.0, Device.LOUDSPEAKER, "simulated room"))
        while not self._over():
            self._step()
        self.run_log.ledger = list(self._world.ledger.values())
        self.run_log.duration_s = self._frame * FRAME / SAMPLE_RATE
        return self.run_log

    def _over(self) -> bool:
        now = self._frame * FRAME / SAMPLE_RATE
        if self._scenario.duration_s is not None:
            return now >= self._scenario.duration_s
        return now >= LONGEST_S or now - self._busy_at >= QUIET_S

    def _step(self) -> None:
        start, end = self._frame * FRAME / SAMPLE_RATE, (self._frame + 1) * FRAME / SAMPLE_RATE
        self._act(end)
        self._catch_up(start + ROUNDING_S)
        played = self._playout.render(FRAME, start)
        heard = self._room.step(played, self.script.block(self._frame * FRAME))
        self.run_log.loudspeaker.append(played)
        self.run_log.microphone.append(heard)
        self._frame += 1
        self._world.now = end
        for event in self._playout.poll():
            self._handle(event)
        frame = self._frontend.process(heard, played, end)
        for event in (*frame.events, *self._ear.hear(frame.clean, end)):
            self._handle(event)
        if not self._quiet():
            self._busy_at = end

    def _quiet(self) -> bool:
        core = self.conversation.state
        return (
            core.phase is Phase.LISTENING
            and core.reply is None
            and not core.queue
            and self.conversation.next_deadline is None
            and self._world.schedule.next_at is None
            and self.script.idle
        )

    def _catch_up(self, until: float) -> None:
        """Do what was due by `until`, in order: engines' results, presses, and the conversation's deadlines.

        What falls into a block of sound can change the next one only, as on a real sound card.
        """
        while True:
            action_at, deadline = self._world.schedule.next_at, self.conversation.next_deadline
            if deadline is not None and deadline <= until and (action_at is None or deadline < action_at):
                self._world.now = max(deadline, self._world.now)
                self._handle(TimePassed(self._world.now))
            elif action_at is not None and action_at <= until:
                self._world.now = max(action_at, self._world.now)
                self._world.schedule.pop()()
            else:
                return

    def _act(self, end: float) -> None:
        for act in self.script.due_before(end):
            assert act.due_at is not None
            at = max(act.due_at, self._world.now)
            self.script.begin(act, at)
            self._note(at, "user", name=act.name, role=act.entry.role)
            if act.clip is None:
                self._world.schedule.add(at, partial(self._press, act))

    def _press(self, act: Act) -> None:
        at = self._world.now
        if act.entry.press in ("mute", "unmute"):
            self._frontend.set_gate(act.entry.press == "mute")
        self._handle(_event_of(act.entry, at, self._undo))

    def _handle(self, event: Event) -> None:
        self._log(event.at, event)
        if isinstance(event, ToolFinished) and event.result.undo:
            self._undo = event.result.undo
        turn = self._turn_in_question(event)
        effects = self.conversation.handle(event)
        self._track(event, effects)
        if turn is not None and self.conversation.state.utterance is None:
            self._note(event.at, "turn_over", utterance=turn.number, words=turn.said)
        self._world.now = max(self._world.now, event.at)
        for effect in effects:
            self._log(event.at, effect)
            carry_out(effect, self._world)
        self._world.tokens.keep_only(alive_epochs(self.conversation.state))
        if isinstance(event, PlayoutFinished):
            self._world.speech.finished(event.epoch, event.sentence)

    def _turn_in_question(self, event: Event) -> Utterance | None:
        """The user's turn that `event` may end, as a turn and not as a sound that is let go."""
        core = self.conversation.state
        may_end = core.phase in (Phase.HEARING, Phase.ENDPOINTING) and isinstance(event, FinalTranscript | TimePassed)
        return core.utterance if may_end else None

    def _track(self, event: Event, effects: tuple[Effect, ...]) -> None:
        replies = self.run_log.replies
        reply = self.conversation.state.reply
        if reply is not None and not reply.speculative:
            replies.setdefault(reply.epoch, ReplyTrack(reply.epoch, reply.turn))
        if isinstance(event, PlayoutStarted) and (track := replies.get(event.epoch)) and track.first_audible is None:
            track.first_audible = event.at
            self.script.happened("playout_started", event.at)
        if isinstance(event, TokenGenerated):
            self.run_log.tokens[event.epoch] += 1
        for effect in effects:
            if isinstance(effect, SpeechInterrupted) and not effect.update:
                self.script.happened("speech_interrupted", event.at)
            elif isinstance(effect, CallTool):
                self.script.happened("tool_called", event.at)
        for track in replies.values():
            if not track.over and track.turn.status is not TurnStatus.WRITING:
                track.over = True
                if track.turn.status is TurnStatus.COMPLETE:
                    self._note(event.at, "reply_finished", epoch=track.epoch)
                    self.script.happened("reply_finished", event.at)

    def _log(self, at: float, thing: Event | Effect) -> None:
        if not isinstance(thing, TimePassed):
            self._note(getattr(thing, "at", at), name_of(thing), **fields_of(thing))

    def _note(self, at: float, name: str, /, **known: Any) -> None:
        entry = {"at": round(at, 6), "event": name, **known}
        self.run_log.log.append(entry)
        if self._watch is not None:
            self._watch(entry)


def _event_of(entry: UserEntry, at: float, undo: str) -> Event:
    """What an entry without sound does at `at`; `undo` is the handle of the latest result that can be undone."""
    if entry.type is not None:
        return TypedInput(at, entry.type)
    if entry.priority is not None:
        return PrioritySpeech(at, entry.priority, entry.critical)
    match entry.press:
        case "mute" | "unmute":
            return MuteChanged(at, entry.press == "mute")
        case "continue":
            return ContinueRequested(at)
        case "undo":
            return UndoRequested(at, undo)
        case "typing":
            return TypingStarted(at)
        case "client_stop":
            return InterruptRequested(at, Reason.CLIENT_REQUEST)
        case _:
            return InterruptRequested(at, Reason.USER_CLICKED_STOP, entry.press == "stop_speech")


def _room_options(scenario: Scenario, folder: Path) -> RoomOptions:
    room = scenario.room
    return RoomOptions(
        output=Output(room.output),
        echo_gain_db=room.echo_gain_db,
        echo_delay_ms=room.echo_delay_ms,
        rir=to_float(read_wav(folder / room.rir)) if room.rir is not None else None,
        noise=read_wav(folder / room.noise) if room.noise is not None else None,
        noise_dbfs=room.noise_dbfs,
        floor_dbfs=room.floor_dbfs,
        seed=scenario.seed,
    )


def _clip_maker(engines: Engines) -> Callable[[str, str | None], Pcm]:
    def make(text: str, voice: str | None) -> Pcm:
        speech = engines.voice.synthesise(text, voice)
        return resample(speech.pcm, speech.rate, SAMPLE_RATE)

    return make
