"""The stage of a live session: effects become orders to the workers, the player and the store."""

from collections.abc import Callable, Collection
from typing import Protocol

import numpy as np

from assistant.audio.frontend import FrontEndFrame
from assistant.audio.playout import Playout, make_segment
from assistant.core import effects
from assistant.core.effects import Level
from assistant.core.events import Event
from assistant.core.history import Turn
from assistant.core.interruptions import Interruption
from assistant.engines.protocols import Speech
from assistant.session.ear import Ear
from assistant.session.ear_worker import EarWorker
from assistant.session.mind_worker import MindWorker
from assistant.session.setup import Setup
from assistant.session.snapshot import Notice
from assistant.session.speech_queue import SpeechQueue, Utterable
from assistant.session.tokens import Tokens
from assistant.session.tool_worker import ToolWorker
from assistant.session.voice_worker import VoiceWorker
from assistant.session.workers import Clock, Post, RestartableMind, RestartableVoice, Tell
from assistant.store import Store, StoreError
from assistant.tools.toolbox import Toolbox

_NOTICES_KEPT = 20


class Sound(Protocol):
    """The sound devices and what runs between them, on their own threads."""

    @property
    def playout(self) -> Playout:
        """Our voice's way to the loudspeaker."""
        ...

    def start(self, on_frame: Callable[[FrontEndFrame], None], on_event: Callable[[Event], None]) -> None:
        """Open the devices; frames and events (devices, playout) are delivered on the microphone's thread."""
        ...

    def set_muted(self, muted: bool) -> None:
        """Close or open the microphone's gate."""
        ...

    def close(self) -> None:
        """Close the devices; nothing is delivered after this returns."""
        ...


class LiveStage:
    """Carries effects out with threads. All of it but `_play` runs on the session's thread, and nothing blocks.

    The store is the exception: what was said and heard is on disk before it is shown as done.
    """

    def __init__(
        self,
        sound: Sound,
        mind: RestartableMind,
        voice: RestartableVoice,
        load_ear: Callable[[], Ear],
        toolbox: Toolbox,
        post: Post,
        tell: Tell,
        clock: Clock,
        store: Store | None,
    ) -> None:
        self.turn: Callable[[int], Turn]
        """Finds a turn by its number; set by the session."""
        self.changed: Callable[[int], None]
        """Is told of each turn that was stored; set by the session."""
        self.notices: tuple[Notice, ...] = ()
        self.over = False
        """The conversation is closed."""
        self.ear = EarWorker(load_ear, post, clock)
        self._sound = sound
        self._clock = clock
        self._store = store
        self.mind = MindWorker(mind, post, tell, clock)
        self._speech = SpeechQueue(self._synthesise, sound.playout.queue)
        self._voice = VoiceWorker(voice, self._deliver, self._speech.failed, post, tell, clock)
        self._spoken_by = voice
        self._toolbox = toolbox
        self._tools = ToolWorker(toolbox, post, clock)
        self._tokens = Tokens()
        self._notice_count = 0
        self.begin_conversation()

    def start(self) -> None:
        """Load the engines in the background."""
        for worker in (self.ear, self._voice, self.mind, self._tools):
            worker.start()

    def use(self, setup: Setup) -> None:
        """Take over what can change while the session runs."""
        self._sound.playout.options = setup.playout
        self._spoken_by.options = setup.voice_options
        self._toolbox.enabled = setup.settings.enabled_tools()
        self.mind.max_tokens = setup.max_tokens
        self.mind.tools = self._toolbox.schemas()

    def close(self) -> None:
        """End all work and close the engines and the store."""
        self._tokens.cancel_all()
        self.ear.close()
        self._voice.close()
        self.mind.close()
        self._tools.close()
        if self._store is not None:
            self._store.close()

    def begin_conversation(self) -> None:
        """What is stored from now on belongs to a new conversation."""
        if self._store is not None:
            self._store.begin_conversation(self._clock())

    def load_tools(self) -> None:
        """Take up what the tools were at when Parley was last closed: timers run on."""
        if self._store is not None:
            self._toolbox.load(self._store.tool_states(), self._clock())

    def save_tools(self) -> None:
        """Store what the tools are at."""
        self._saving(lambda store: store.save_tool_states(self._toolbox.state(self._clock())))

    def rings(self, at: float) -> list[str]:
        """What tools have to say by themselves by now; each once."""
        rings = [ring.text for ring in self._toolbox.due(at)]
        if rings:
            self.save_tools()
        return rings

    def sentence_finished(self, epoch: int, sentence: int) -> None:
        """A sentence was played: the next one may be synthesised."""
        self._speech.finished(epoch, sentence)

    def listen(self, effect: effects.Listen) -> None:
        """Begin an utterance."""
        self.ear.listen(effect.utterance, effect.since)

    def finalise(self, effect: effects.Finalise) -> None:
        """Ask for a final transcript."""
        self.ear.finalise(effect.utterance)

    def discard(self, effect: effects.Discard) -> None:
        """Forget an utterance."""
        self.ear.discard(effect.utterance)

    def generate(self, effect: effects.Generate) -> None:
        """Begin a reply, with a token of its own."""
        self.mind.generate(effect, self._tokens.of(effect.epoch))

    def speak(self, effect: effects.Speak) -> None:
        """Queue a sentence."""
        self._speech.add(effect)

    def presynthesise(self, effect: effects.Presynthesise) -> None:
        """Make the sound of a sentence that may be spoken."""
        self._speech.prepare(effect)

    def call_tool(self, effect: effects.CallTool) -> None:
        """Run a tool, under the cancel token of its reply."""
        self._tools.call(effect, self._tokens.of(effect.epoch))

    def undo_tool(self, effect: effects.UndoTool) -> None:
        """Take back what a tool did."""
        self._tools.undo(effect)

    def silence(self, effect: effects.Silence) -> None:
        """Cut the speech of a reply."""
        self._sound.playout.cut(effect.epoch, effect.finish_word)
        self._speech.drop(effect.epoch)

    def abandon(self, effect: effects.Abandon) -> None:
        """Playback stops first; then generation, synthesis and queue, by the one token."""
        self._sound.playout.cut(effect.epoch, effect.finish_word)
        self._tokens.cancel(effect.epoch)
        self._speech.drop(effect.epoch)

    def duck(self, effect: effects.Duck) -> None:
        """Lower our voice."""
        self._sound.playout.duck()

    def restore(self, effect: effects.Restore) -> None:
        """Bring our voice back."""
        self._sound.playout.restore(effect.rewind)

    def record(self, record: Interruption) -> None:
        """Store the record of a cut or of a restore."""
        self._saving(lambda store: store.save_interruption(record))

    def save_turn(self, effect: effects.SaveTurn) -> None:
        """Store a turn before it is shown."""
        turn = self.turn(effect.turn)
        self.changed(effect.turn)
        self.keep(turn)

    def keep(self, turn: Turn) -> None:
        """Store a turn as it is now."""
        self._saving(lambda store: store.save_turn(turn))

    def notify(self, effect: effects.Notify) -> None:
        """Show a notice."""
        self._notice_count += 1
        notice = Notice(self._notice_count, effect.level, effect.text, effect.undo)
        self.notices = (*self.notices, notice)[-_NOTICES_KEPT:]

    def closed(self, effect: effects.Closed) -> None:
        """End the session's thread."""
        self.over = True

    def _saving(self, save: Callable[[Store], None]) -> None:
        if self._store is None:
            return
        try:
            save(self._store)
        except StoreError as error:
            text = str(error)
            if not any(notice.text == text for notice in self.notices):
                self.notify(effects.Notify(Level.PROBLEM, text))

    def only_alive(self, epochs: Collection[int]) -> None:
        """All replies but `epochs` are over."""
        self._tokens.keep_only(epochs)

    def _synthesise(self, sentence: Utterable) -> None:
        self._voice.speak(sentence, self._tokens.of(sentence.epoch))

    def _deliver(self, sentence: Utterable, speech: Speech) -> None:
        rate = self._sound.playout.rate
        # A sentence without sound takes its place in the queue all the same: its end may not be reported before that
        # of the sentence before it.
        pcm, pcm_rate = (speech.pcm, speech.rate) if speech.pcm.size else (np.zeros(1, np.int16), rate)
        self._speech.deliver(make_segment(sentence.epoch, sentence.sentence, pcm, pcm_rate, rate, sentence.clauses))
