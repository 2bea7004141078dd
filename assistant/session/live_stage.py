"""The stage of a live session: effects become orders to the workers, the player and the store."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from assistant.audio.frontend import FrontEndFrame
from assistant.audio.playout import Playout, make_segment
from assistant.core import effects
from assistant.core.cancel import CancelToken
from assistant.core.effects import Level
from assistant.core.events import Event
from assistant.core.history import Turn
from assistant.engines.protocols import Speech
from assistant.session.ear import Ear
from assistant.session.ear_worker import EarWorker
from assistant.session.snapshot import Notice
from assistant.session.stage import SpeechQueue
from assistant.session.workers import (
    Clock,
    MindWorker,
    Post,
    RestartableMind,
    RestartableVoice,
    Tell,
    VoiceWorker,
)
from assistant.store import Store, StoreError

_NOTICES_KEPT = 20


class Sound(Protocol):
    """The sound devices and what runs between them, on their own threads."""

    @property
    def playout(self) -> Playout:
        """Our voice's way to the loudspeaker."""
        ...

    def start(self, on_frame: Callable[[FrontEndFrame], None], on_event: Callable[[Event], None]) -> str | None:
        """Open the devices; frames and events (devices, playout) are delivered on the microphone's thread.

        Returns a sentence for the user where something is not as it should be.
        """
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
        post: Post,
        tell: Tell,
        clock: Clock,
        max_tokens: int,
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
        self._mind = MindWorker(mind, post, tell, clock, max_tokens)
        self._voice = VoiceWorker(voice, self._play, post, tell, clock)
        self._speech = SpeechQueue(self._synthesise)
        self._tokens: dict[int, CancelToken] = {}
        self._notice_count = 0
        self.begin_conversation()

    def start(self) -> None:
        """Load the engines in the background."""
        for worker in (self.ear, self._voice, self._mind):
            worker.start()

    def close(self) -> None:
        """End all work and close the engines and the store."""
        for token in self._tokens.values():
            token.cancel()
        self.ear.close()
        self._voice.close()
        self._mind.close()
        if self._store is not None:
            self._store.close()

    def begin_conversation(self) -> None:
        """What is stored from now on belongs to a new conversation."""
        if self._store is not None:
            self._store.begin_conversation(self._clock())

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
        self._mind.generate(effect, self._token(effect.epoch))

    def speak(self, effect: effects.Speak) -> None:
        """Queue a sentence."""
        self._speech.add(effect)

    def silence(self, effect: effects.Silence) -> None:
        """Cut the speech of a reply."""
        self._sound.playout.cut(effect.epoch)
        self._sound.playout.restore()
        self._speech.drop(effect.epoch)

    def abandon(self, effect: effects.Abandon) -> None:
        """Playback stops first; then generation, synthesis and queue, by the one token."""
        self._sound.playout.cut(effect.epoch)
        self._sound.playout.restore()
        self._token(effect.epoch).cancel()
        self._speech.drop(effect.epoch)
        self._tokens = {epoch: token for epoch, token in self._tokens.items() if not token.cancelled}

    def duck(self, effect: effects.Duck) -> None:
        """Lower our voice."""
        self._sound.playout.duck()

    def restore(self, effect: effects.Restore) -> None:
        """Bring our voice back."""
        self._sound.playout.restore()

    def interrupted(self, effect: effects.SpeechInterrupted) -> None:
        """Store the record."""
        self._saving(lambda store: store.save_interruption(effect.record))

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
        self.notices = (*self.notices, Notice(self._notice_count, effect.level, effect.text))[-_NOTICES_KEPT:]

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

    def _token(self, epoch: int) -> CancelToken:
        return self._tokens.setdefault(epoch, CancelToken())

    def _synthesise(self, speak: effects.Speak) -> None:
        self._voice.speak(speak, self._token(speak.epoch))

    def _play(self, speak: effects.Speak, speech: Speech) -> None:
        playout = self._sound.playout
        # A sentence without sound takes its place in the queue all the same: its end may not be reported before that
        # of the sentence before it.
        pcm, rate = (speech.pcm, speech.rate) if speech.pcm.size else (np.zeros(1, np.int16), playout.rate)
        playout.queue(make_segment(speak.epoch, speak.sentence, pcm, rate, playout.rate))
