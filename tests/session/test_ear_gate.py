"""The ear with a wake phrase: what it was called by is not part of what was said."""

import numpy as np

from assistant.audio.pcm import FRAME
from assistant.core.events import FinalTranscript, SpeechStarted, SpeechStopped
from assistant.engines.fakes import FakeRecogniser
from assistant.session.ear import Ear
from assistant.session.ear_worker import EarWorker
from assistant.session.wake import Gate, WakeGate
from tests.session.posts import Posts
from tests.session.test_wake import FakeSpotter, FakeStopWords

FRAME_PCM = np.zeros(FRAME, dtype=np.int16)


def gated(phrase_ends: float, *heard: str) -> tuple[Ear, WakeGate]:
    gate = WakeGate(FakeSpotter(phrase_ends), FakeStopWords())
    return Ear(FakeRecogniser(list(heard)), None, 0.5, gate), gate


def test_sound_before_the_end_of_the_phrase_is_not_recognised() -> None:
    ear, gate = gated(0.8, "what time is it")
    assert ear.hear(FRAME_PCM, 10.01, (SpeechStarted(10.01, 10.0),)) == []
    passed = [event for n in range(2, 150) for event in ear.hear(FRAME_PCM, 10.0 + n / 100)]
    (started,) = passed
    assert isinstance(started, SpeechStarted)
    ear.listen(1, started.onset, 11.5)
    for n in range(150, 350):
        ear.hear(FRAME_PCM, 10.0 + n / 100)
    (final,) = ear.finalise(1, 13.5)
    assert isinstance(final, FinalTranscript)
    assert final.words[0].start >= started.onset - 0.011
    assert gate.state is Gate.CLOSED


def test_a_turn_that_is_discarded_leaves_the_gate_ajar() -> None:
    ear, gate = gated(0.3)
    ear.hear(FRAME_PCM, 10.01, (SpeechStarted(10.01, 10.0),))
    for n in range(2, 60):
        ear.hear(FRAME_PCM, 10.0 + n / 100)
    ear.listen(1, 10.3, 10.6)
    ear.discard(1, 10.7)
    assert gate.state is Gate.CALLED


def test_the_worker_posts_what_passes() -> None:
    posts = Posts()
    ear, gate = gated(1e9)
    worker = EarWorker(lambda: ear, posts.post, posts.clock)
    worker.start()
    worker.hear(FRAME_PCM, 10.01, (SpeechStarted(10.01, 10.0),))
    worker.hear(FRAME_PCM, 10.02, (SpeechStopped(10.02, 10.0),))
    worker.hold(True)
    worker.hear(FRAME_PCM, 10.03, (SpeechStarted(10.03, 10.0),))
    worker.hold(False)
    worker.close()
    passed = [event for event in posts.rest() if isinstance(event, SpeechStarted | SpeechStopped)]
    assert passed == [SpeechStarted(10.03, 10.0)]
    assert gate.state is Gate.TURN
