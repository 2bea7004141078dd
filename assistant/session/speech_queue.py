"""The way of the sentences from the conversation to the voice and on to the player."""

import threading
from collections import deque
from collections.abc import Callable

from assistant.audio.playout import Segment
from assistant.core.effects import Presynthesise, Speak

Utterable = Speak | Presynthesise
_Key = tuple[int, int]


class SpeechQueue:
    """Sentences on their way to the voice: at most one is synthesised ahead of the one that is playing.

    One may be synthesised before it is known whether it will be spoken; its sound is then held until its `Speak`
    comes, or its reply is dropped. `deliver` and `failed` belong to the voice's thread, everything else to the
    session's.
    """

    def __init__(self, send: Callable[[Utterable], None], play: Callable[[Segment], None]) -> None:
        """`send` has a sentence synthesised, `play` has its sound played."""
        self._send = send
        self._play = play
        self._waiting: deque[Speak] = deque()
        self._in_flight: set[_Key] = set()
        self._prepared: dict[_Key, Segment | None] = {}
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        """How many sentences are prepared and not yet asked for."""
        return len(self._prepared)

    def prepare(self, sentence: Presynthesise) -> None:
        """Have `sentence` synthesised and hold it."""
        with self._lock:
            self._prepared[sentence.epoch, sentence.sentence] = None
        self._send(sentence)

    def add(self, speak: Speak) -> None:
        """Queue a sentence; one that was prepared is played at once."""
        key = (speak.epoch, speak.sentence)
        with self._lock:
            prepared = key in self._prepared
            segment = self._prepared.pop(key, None)
        if not prepared:
            self._waiting.append(speak)
            self._advance()
            return
        self._in_flight.add(key)
        if segment is not None:
            self._play(segment)

    def deliver(self, segment: Segment) -> None:
        """The sound of a sentence is here: play it, or hold it."""
        key = (segment.epoch, segment.sentence)
        with self._lock:
            if key in self._prepared:
                self._prepared[key] = segment
                return
        self._play(segment)

    def failed(self, sentence: Presynthesise) -> Speak | None:
        """A sentence could not be prepared; returns it where it is to be spoken by now, and has to be tried again."""
        key = (sentence.epoch, sentence.sentence)
        with self._lock:
            asked_for = key not in self._prepared
            self._prepared.pop(key, None)
        if asked_for and key in self._in_flight:
            return Speak(sentence.epoch, sentence.sentence, sentence.text, sentence.clauses)
        return None

    def finished(self, epoch: int, sentence: int) -> None:
        """A sentence was played, or will not be."""
        self._in_flight.discard((epoch, sentence))
        self._advance()

    def drop(self, epoch: int) -> None:
        """Forget the sentences of `epoch`."""
        self._waiting = deque(s for s in self._waiting if s.epoch != epoch)
        self._in_flight = {key for key in self._in_flight if key[0] != epoch}
        with self._lock:
            self._prepared = {key: held for key, held in self._prepared.items() if key[0] != epoch}
        self._advance()

    def _advance(self) -> None:
        while self._waiting and len(self._in_flight) < 2:
            speak = self._waiting.popleft()
            self._in_flight.add((speak.epoch, speak.sentence))
            self._send(speak)
