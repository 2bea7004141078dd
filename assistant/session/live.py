"""The live session: one thread owns the conversation and its timer; effects go to workers, snapshots to the face."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import overload

from assistant.audio.echo import Method
from assistant.audio.frontend import FrontEndFrame
from assistant.audio.pcm import SILENCE_DBFS
from assistant.core import effects, events
from assistant.core.conversation import Conversation
from assistant.core.effects import Effect, Level
from assistant.core.events import Engine, Event
from assistant.core.history import Turn
from assistant.core.messages import Message, Role
from assistant.core.transitions import IllegalTransitionError
from assistant.errors import UserError
from assistant.session.commands import Commands
from assistant.session.ear import Ear
from assistant.session.live_stage import LiveStage, Sound
from assistant.session.picture import Picture
from assistant.session.setup import Setup
from assistant.session.snapshot import Listener, Meters
from assistant.session.speculation import Speculation
from assistant.session.stage import carry_out
from assistant.session.status import Status, spoken
from assistant.session.stream import Stream, Streams
from assistant.session.view import Script, alive_epochs
from assistant.session.workers import RestartableMind, RestartableVoice
from assistant.settings import Settings, needs_restart
from assistant.store import Store

_log = logging.getLogger(__name__)

DEAF = (
    "The echo of Parley's voice cannot be cancelled here: Parley cannot hear you while it speaks. Use Stop, Esc or a "
    "headset."
)
ANSWER_WITHIN_S = 2.0
"""How long the session's thread may take to answer a question."""


class LiveSession(Commands):
    """A `Controller` on real devices and engines (or on fakes that behave like them)."""

    def __init__(
        self,
        setup: Setup,
        sound: Sound,
        mind: RestartableMind,
        voice: RestartableVoice,
        load_ear: Callable[[], Ear],
        clock: Callable[[], float],
        wall_offset: float,
        store: Store | None = None,
        speculation: Speculation | None = None,
    ) -> None:
        """`clock` gives seconds on the time line of all events; adding `wall_offset` gives seconds since the epoch."""
        self._inbox: queue.SimpleQueue[Event | Callable[[], None]] = queue.SimpleQueue()
        super().__init__(self._inbox.put, clock)
        self._setup = setup
        self._waits_for_phrase = bool(setup.settings.wake_phrase.strip())
        self._sound = sound
        self._conversation = Conversation(setup.options, setup.phrases, setup.system_prompt)
        self._picture = Picture(setup, wall_offset)
        self._toolbox = setup.toolbox()
        self._stage = LiveStage(sound, mind, voice, load_ear, self._toolbox, self._inbox.put, self.tell, clock, store)
        self._stage.turn = self._turn
        self._stage.changed = self._picture.thread.changed
        self._speculation = speculation or Speculation()
        self._listeners: list[Listener] = []
        self._streams = Streams()
        self._script = Script()
        self._microphone_dbfs = self._voice_dbfs = SILENCE_DBFS
        self._cancellation: Method | None = None
        self._muted = self._held = False
        self._use(setup)
        self.snapshot = self._picture.of(self._conversation, ())
        self._thread = threading.Thread(target=self._run, name="session", daemon=True)
        self._devices = threading.Thread(target=self._open_sound, name="devices", daemon=True)

    # What a face may ask.

    def start(self) -> None:
        """Open devices and load engines in the background."""
        self._thread.start()
        self._stage.start()
        self._devices.start()

    def meters(self) -> Meters:
        """Levels and playhead now."""
        position = self._sound.playout.position()
        return Meters(self._microphone_dbfs, self._voice_dbfs, self._script.playhead(position))

    @overload
    def subscribe(self) -> Stream: ...

    @overload
    def subscribe(self, listener: Listener) -> None: ...

    def subscribe(self, listener: Listener | None = None) -> Stream | None:
        """A stream of everything that happens from now on; with a `listener`, it is told of every snapshot instead."""
        if listener is None:
            return self._streams.open()
        self._listeners.append(listener)
        return None

    def set_muted(self, muted: bool) -> None:
        """Mute or unmute the microphone."""
        self._muted = muted
        self._sound.set_muted(muted and not self._held)
        self._inbox.put(events.MuteChanged(self._clock(), muted))

    def hold_to_talk(self, held: bool) -> None:
        """Push-to-talk; it opens the microphone even while it is muted."""
        self._held = held
        self._sound.set_muted(self._muted and not held)
        self._stage.ear.hold(held)
        self._inbox.put(events.TalkKeyChanged(self._clock(), held))

    def tell(self, text: str) -> None:
        """Show the user a notice that does not come from the conversation; any thread."""
        self._inbox.put(lambda: self._stage.notify(effects.Notify(Level.INFO, text)))

    def apply(self, settings: Settings) -> tuple[str, ...]:
        """Use `settings` from now on; returns the names of those that need a restart to take effect.

        Raises UserError where one cannot be used; then nothing has changed.
        """
        setup = Setup.of(settings)
        restart = needs_restart(self._setup.settings, settings)
        self._inbox.put(lambda: self._use(setup))
        return restart

    def status(self) -> Status:
        """What it is doing now; any other thread. Raises UserError where the session does not answer."""
        answer: Future[Status] = Future()
        self._inbox.put(lambda: answer.set_result(self._status()))
        try:
            return answer.result(ANSWER_WITHIN_S)
        except TimeoutError:
            raise UserError("Parley is starting, closing or busy: ask again.") from None

    def close(self) -> None:
        """Abandon everything, close devices and engines; returns when all is closed."""
        if self._thread.is_alive():
            self._inbox.put(events.ShutdownRequested(self._clock()))
            self._thread.join()
        if self._devices.is_alive():
            self._devices.join()
        self._sound.close()
        self._stage.close()
        self._streams.close()

    # The session's thread.

    def _run(self) -> None:
        self._stage.load_tools()
        while not self._stage.over:
            news = self._next()
            if isinstance(news, Event):
                self._handle(news)
            else:
                news()
                self._publish()

    def _next(self) -> Event | Callable[[], None]:
        """Wait for what comes next: an event, a deadline of the conversation, or a timer that rings."""
        due = [at for at in (self._conversation.next_deadline, self._toolbox.next_due) if at is not None]
        try:
            return self._inbox.get(timeout=max(0.0, min(due) - self._clock()) if due else None)
        except queue.Empty:
            at = self._clock()
        for text in self._stage.rings(at):
            self._inbox.put(events.PrioritySpeech(at, text))
        return events.TimePassed(at)

    def _handle(self, event: Event) -> None:
        self._picture.note(event)
        if isinstance(event, events.SpeechStarted):
            self._look_at_speed(event.at)
        last = self._conversation.turns[-1:]
        try:
            asked = self._conversation.handle(event)
        except IllegalTransitionError:
            _log.exception("dropped %r", event)
            return
        if not isinstance(event, events.TimePassed):
            self._streams.publish(event.at, event)
        for effect in asked:
            self._streams.publish(event.at, effect)
            self._log_effect(effect)
            carry_out(effect, self._stage)
        self._stage.only_alive(alive_epochs(self._conversation.state))
        self._follow_up(event, last)
        self._publish()

    def _follow_up(self, event: Event, last: tuple[Turn, ...]) -> None:
        """What an event asks of the session itself; `last` is the last turn before it."""
        match event:
            case events.PlayoutFinished(epoch=epoch, sentence=sentence):
                self._stage.sentence_finished(epoch, sentence)
            case events.ToolFinished() | events.ToolUndone():
                self._stage.save_tools()
            case events.EngineReady(engine=Engine.MIND):
                self._warm_up()
            case events.ConversationCleared():
                for turn in last:  # the conversation that it belonged to is gone, and may have cut it off
                    self._stage.keep(turn)
                self._picture.thread.clear()
                self._stage.begin_conversation()

    def _warm_up(self) -> None:
        """So that the first reply does not pay for the instructions, which every prompt begins with."""
        self._stage.mind.warm_up((*self._conversation.messages(), Message(Role.USER, "Hello.")))

    def _use(self, setup: Setup) -> None:
        """Take over what can change while the session runs."""
        prompt_changed = setup.system_prompt != self._conversation.state.system_prompt
        self._setup = self._picture.setup = setup
        self._conversation.set_system_prompt(setup.system_prompt)
        self._speculation.wanted = setup.options.speculate
        self._speculation.words_per_minute = setup.settings.voice_rate_wpm
        self._stage.use(setup)
        self._look_at_speed(self._clock())
        self._conversation.set_options(replace(setup.options, speculate=self._speculation.on))
        if prompt_changed:
            self._warm_up()

    def _look_at_speed(self, at: float) -> None:
        """Stop preparing answers where that costs too much, and begin again where it no longer does."""
        if self._speculation.look(at, self._stage.mind.tokens_per_s):
            _log.info("answers prepared early: %s", self._speculation.state)
            self._conversation.set_options(replace(self._setup.options, speculate=self._speculation.on))

    def _publish(self) -> None:
        self._script = Script.of(self._conversation.state.reply)
        self.snapshot = self._picture.of(self._conversation, self._stage.notices)
        for listener in self._listeners:
            listener(self.snapshot)

    def _status(self) -> Status:
        cancellation = self._cancellation.value if self._cancellation is not None else "not known yet"
        return Status(
            **spoken(self._conversation.state),
            state=self.snapshot.state.value,
            muted=self.snapshot.muted,
            microphone=self.snapshot.microphone,
            loudspeaker=self.snapshot.loudspeaker,
            echo_cancellation=cancellation,
            engines=self.snapshot.engines,
            interruptions_per_minute=self._conversation.state.rate.per_minute(self._clock()),
            speculation=self._speculation.state,
            tokens_per_s=self._stage.mind.tokens_per_s,
        )

    def _turn(self, number: int) -> Turn:
        return self._conversation.turns[number]

    @staticmethod
    def _log_effect(effect: Effect) -> None:
        if isinstance(effect, effects.SpeechInterrupted) and not effect.update:
            record = effect.record
            _log.info("interrupted by %s (%s) after %.0f ms", record.reason, record.evidence, 1000 * record.latency_s)
        elif isinstance(effect, effects.Duck | effects.Restore):
            _log.info("%s", effect)

    # Called by other threads.

    def _open_sound(self) -> None:
        self._sound.start(self._heard, self._inbox.put)

    def _heard(self, frame: FrontEndFrame) -> None:
        self._microphone_dbfs = frame.level_dbfs
        self._voice_dbfs = frame.reference_dbfs
        self._stage.ear.hear(frame.clean, frame.at, frame.events if self._waits_for_phrase else ())
        for event in () if self._waits_for_phrase else frame.events:
            self._inbox.put(event)
        if frame.method is not self._cancellation:
            self._cancellation = frame.method
            if frame.method is Method.HALF_DUPLEX:
                self.tell(DEAF)
