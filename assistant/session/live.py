"""The live session: one thread owns the conversation and its timer; effects go to workers, snapshots to the face."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from assistant.audio.frontend import FrontEndFrame
from assistant.audio.pcm import SILENCE_DBFS
from assistant.core import effects, events
from assistant.core.conversation import Conversation
from assistant.core.effects import Effect, Level
from assistant.core.events import Device, Engine, Event
from assistant.core.interruptions import Reason
from assistant.core.transitions import IllegalTransitionError
from assistant.session.ear import Ear
from assistant.session.live_stage import LiveStage, Sound
from assistant.session.setup import Setup
from assistant.session.snapshot import EngineView, Listener, Meters, Snapshot, State
from assistant.session.stage import carry_out
from assistant.session.view import Script, ThreadView, caption_of, state_of
from assistant.session.workers import RestartableMind, RestartableVoice
from assistant.store import Store

_log = logging.getLogger(__name__)

_NAMES = {Engine.EAR: "Hearing", Engine.MIND: "Thinking", Engine.VOICE: "Voice"}


@dataclass(frozen=True, slots=True)
class _Remark:
    """Something that the user should know and the conversation does not."""

    text: str


class LiveSession:
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
    ) -> None:
        """`clock` gives seconds on the time line of all events; adding `wall_offset` gives seconds since the epoch."""
        self._setup = setup
        self._clock = clock
        self._sound = sound
        self._conversation = Conversation(setup.options, setup.phrases, setup.system_prompt)
        self._inbox: queue.SimpleQueue[Event | _Remark] = queue.SimpleQueue()
        self._thread_view = ThreadView(wall_offset)
        self._stage = LiveStage(
            sound, mind, voice, load_ear, self._inbox.put, self.tell, clock, setup.max_tokens, store
        )
        self._stage.turn = lambda number: self._conversation.turns[number]
        self._stage.changed = self._thread_view.changed
        self._devices_known = False
        """False until the microphone was opened, or found to be missing."""
        self._engines = {engine: EngineView(name, False, False, "loading") for engine, name in _NAMES.items()}
        self._listeners: list[Listener] = []
        self._script = Script()
        self._microphone_dbfs = self._voice_dbfs = SILENCE_DBFS
        self._muted = self._held = False
        self.snapshot = self._picture()
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

    def subscribe(self, listener: Listener) -> None:
        """Tell `listener` of every snapshot from now on."""
        self._listeners.append(listener)

    def say(self, text: str) -> None:
        """Send a typed message."""
        whole = text.encode("utf-8", "replace").decode()  # halves of characters can be neither stored nor answered
        self._inbox.put(events.TypedInput(self._clock(), whole))

    def stop(self) -> None:
        """The Stop button: silence and abandon."""
        self._inbox.put(events.InterruptRequested(self._clock(), Reason.USER_CLICKED_STOP))

    def stop_speech(self) -> None:
        """Silence only: the text of the reply goes on."""
        self._inbox.put(events.InterruptRequested(self._clock(), Reason.USER_CLICKED_STOP, speech_only=True))

    def continue_reply(self, turn: int | None = None) -> None:
        """Speak the rest of a reply that was cut off."""
        self._inbox.put(events.ContinueRequested(self._clock(), turn))

    def set_muted(self, muted: bool) -> None:
        """Mute or unmute the microphone."""
        self._muted = muted
        self._sound.set_muted(muted and not self._held)
        self._inbox.put(events.MuteChanged(self._clock(), muted))

    def hold_to_talk(self, held: bool) -> None:
        """Push-to-talk; it opens the microphone even while it is muted."""
        self._held = held
        self._sound.set_muted(self._muted and not held)
        self._inbox.put(events.TalkKeyChanged(self._clock(), held))

    def new_conversation(self) -> None:
        """Begin an empty conversation."""
        self._inbox.put(events.ConversationCleared(self._clock()))

    def tell(self, text: str) -> None:
        """Show the user a notice that does not come from the conversation; any thread."""
        self._inbox.put(_Remark(text))

    def close(self) -> None:
        """Abandon everything, close devices and engines; returns when all is closed."""
        if self._thread.is_alive():
            self._inbox.put(events.ShutdownRequested(self._clock()))
            self._thread.join()
        if self._devices.is_alive():
            self._devices.join()
        self._sound.close()
        self._stage.close()

    # The session's thread.

    def _run(self) -> None:
        while not self._stage.over:
            deadline = self._conversation.next_deadline
            try:
                event = self._inbox.get(timeout=None if deadline is None else max(0.0, deadline - self._clock()))
            except queue.Empty:
                event = events.TimePassed(self._clock())
            if isinstance(event, _Remark):
                self._stage.notify(effects.Notify(Level.INFO, event.text))
                self._publish()
            else:
                self._handle(event)

    def _handle(self, event: Event) -> None:
        self._note_engine(event)
        if isinstance(event, events.DeviceReady | events.DeviceLost):
            self._devices_known |= event.device is Device.MICROPHONE
        last = self._conversation.turns[-1:]
        try:
            asked = self._conversation.handle(event)
        except IllegalTransitionError:
            _log.exception("dropped %r", event)
            return
        for effect in asked:
            self._log_effect(effect)
            carry_out(effect, self._stage)
        if isinstance(event, events.PlayoutFinished):
            self._stage.sentence_finished(event.epoch, event.sentence)
        elif isinstance(event, events.ConversationCleared):
            for turn in last:  # the conversation that it belonged to is gone, and may have cut it off
                self._stage.keep(turn)
            self._thread_view.clear()
            self._stage.begin_conversation()
        self._publish()

    def _note_engine(self, event: Event) -> None:
        if isinstance(event, events.EngineReady):
            model = self._setup.model_name(event.engine)
            self._engines[event.engine] = EngineView(_NAMES[event.engine], True, False, model)
        elif isinstance(event, events.EngineFailed):
            self._engines[event.engine] = EngineView(_NAMES[event.engine], False, True, event.message)

    def _publish(self) -> None:
        self._script = Script.of(self._conversation.state.reply)
        self.snapshot = self._picture()
        for listener in self._listeners:
            listener(self.snapshot)

    def _picture(self) -> Snapshot:
        core = self._conversation.state
        state = state_of(core)
        settled, unsettled = caption_of(core)
        return Snapshot(
            state=State.LISTENING if state is State.NO_MICROPHONE and not self._devices_known else state,
            caption_settled=settled,
            caption_unsettled=unsettled,
            turns=self._thread_view.turns(self._conversation),
            muted=core.muted,
            microphone=core.microphone,
            loudspeaker=core.loudspeaker,
            engines=tuple(self._engines.values()),
            notices=self._stage.notices,
            starter=self._setup.starter,
        )

    @staticmethod
    def _log_effect(effect: Effect) -> None:
        if isinstance(effect, effects.SpeechInterrupted) and not effect.update:
            record = effect.record
            _log.info("interrupted by %s (%s) after %.0f ms", record.reason, record.evidence, 1000 * record.latency_s)
        elif isinstance(effect, effects.Duck | effects.Restore):
            _log.info("%s", effect)

    # Called by other threads.

    def _open_sound(self) -> None:
        if (remark := self._sound.start(self._heard, self._inbox.put)) is not None:
            self.tell(remark)

    def _heard(self, frame: FrontEndFrame) -> None:
        self._microphone_dbfs = frame.level_dbfs
        self._voice_dbfs = frame.reference_dbfs
        self._stage.ear.hear(frame.clean, frame.at)
        for event in frame.events:
            self._inbox.put(event)
