"""The ear: which sound the recogniser gets for an utterance, and what is reported of it."""

import numpy as np
import pytest

from assistant.core.events import Event, FinalTranscript, PartialTranscript, StopWordHeard
from assistant.engines.fakes import FakeRecogniser, FakeStopSpotter
from assistant.engines.protocols import Pcm, TimedWord, Transcript
from assistant.session.ear import CHUNK, FRAME_S, Ear

FRAME = 160


class Recorder:
    """A recogniser that keeps the sound of each utterance; every frame of the tests is filled with its number."""

    def __init__(self, words: tuple[TimedWord, ...] = ()) -> None:
        self.calls: list[list[int]] = []
        """The frames of each call of `accept`."""
        self.utterances: list[list[int]] = []
        self._frames: list[int] = []
        self._words = words

    def accept(self, pcm: Pcm) -> str:
        frames = [int(n) for n in pcm[::FRAME]]
        assert pcm.size == FRAME * len(frames)
        self.calls.append(frames)
        self._frames += frames
        return "hello"

    def final(self) -> Transcript:
        self.reset()
        return Transcript(" ".join(word.text for word in self._words), self._words)

    def reset(self) -> None:
        if self._frames:
            self.utterances.append(self._frames)
        self._frames = []


class Listening:
    """An ear and its past: frame n is filled with n and ends at n / 100 seconds."""

    def __init__(self, recogniser: Recorder | FakeRecogniser, preroll_s: float = 0.05) -> None:
        self.ear = Ear(recogniser, None, preroll_s)
        self.frames = 0

    def hear(self, count: int) -> list[Event]:
        events: list[Event] = []
        for _ in range(count):
            self.frames += 1
            events += self.ear.hear(np.full(FRAME, self.frames, np.int16), self.now)
        return events

    @property
    def now(self) -> float:
        return self.frames * FRAME_S


def test_an_utterance_begins_with_the_pre_roll_before_its_onset() -> None:
    recorder = Recorder()
    it = Listening(recorder)
    it.hear(40)
    it.ear.listen(1, 0.3, it.now)
    it.hear(12)
    it.ear.finalise(1, it.now)
    assert recorder.utterances == [list(range(26, 53))]  # frame 26 is the first after 0.3 s - 0.05 s


def test_the_pre_roll_covers_the_first_word() -> None:
    first = (TimedWord("hello", 0.0, 0.3, 1.0),)
    it = Listening(FakeRecogniser([first], delay_s=0.0))
    it.hear(40)
    assert it.ear.listen(1, 0.1, it.now) == [PartialTranscript(0.4, 1, "hello")]


def test_no_more_is_remembered_than_three_seconds() -> None:
    recorder = Recorder()
    it = Listening(recorder, preroll_s=10.0)
    it.hear(400)
    it.ear.listen(1, 4.0, it.now)
    it.ear.finalise(1, it.now)
    assert recorder.utterances == [list(range(101, 401))]


def test_sound_is_handed_over_by_the_handful_and_the_rest_at_the_end() -> None:
    recorder = Recorder()
    it = Listening(recorder)
    it.ear.listen(1, 0.0, 0.0)
    it.hear(2 * CHUNK + 1)
    assert recorder.calls == [[1, 2, 3], [4, 5, 6]]
    it.ear.finalise(1, it.now)
    assert recorder.calls[2:] == [[7]]


@pytest.mark.parametrize("end", ["finalise", "discard"])
def test_no_sound_is_heard_twice(end: str) -> None:
    recorder = Recorder()
    it = Listening(recorder)
    it.ear.listen(1, 0.0, it.now)
    it.hear(9)
    getattr(it.ear, end)(1, it.now)
    it.hear(3)
    it.ear.listen(2, 0.09, it.now)
    it.hear(3)
    it.ear.finalise(2, it.now)
    assert recorder.utterances == [list(range(1, 10)), list(range(10, 16))]


def test_no_sound_is_lost_when_the_recogniser_lags_behind() -> None:
    """Orders carry the time at which they are carried out, and the sound may not have got there yet."""
    recorder = Recorder()
    it = Listening(recorder)
    it.ear.listen(1, 0.0, 0.0)
    it.hear(9)
    it.ear.finalise(1, it.now + 2.0)
    it.hear(9)
    it.ear.listen(2, 0.12, it.now + 2.0)
    it.hear(3)
    it.ear.finalise(2, it.now)
    assert recorder.utterances == [list(range(1, 10)), list(range(10, 22))]


def test_between_utterances_nothing_is_recognised() -> None:
    recorder = Recorder()
    it = Listening(recorder)
    assert it.hear(30) == []
    assert recorder.calls == []


def test_a_partial_transcript_is_reported_when_it_changes() -> None:
    it = Listening(Recorder())
    it.ear.listen(1, 0.0, 0.0)
    assert it.hear(9) == [PartialTranscript(0.03, 1, "hello")]
    it.ear.finalise(1, it.now)
    it.ear.listen(2, it.now, it.now)
    assert it.hear(3) == [PartialTranscript(0.12, 2, "hello")]


def test_word_times_are_on_the_session_s_time_line() -> None:
    recorder = Recorder((TimedWord("good", 0.05, 0.2, 0.9), TimedWord("day", 0.2, 0.5, 0.8)))
    it = Listening(recorder)
    it.hear(100)
    it.ear.listen(1, 0.9, it.now)
    it.hear(50)
    (final,) = it.ear.finalise(1, it.now)
    assert isinstance(final, FinalTranscript)
    assert (final.text, final.utterance, final.at) == ("good day", 1, 1.5)
    assert [word.start for word in final.words] == pytest.approx([0.9, 1.05])
    assert [word.end for word in final.words] == pytest.approx([1.05, 1.35])
    assert [word.confidence for word in final.words] == [0.9, 0.8]


def test_word_times_hold_when_there_is_no_past_and_the_order_comes_late() -> None:
    it = Listening(Recorder((TimedWord("hello", 0.1, 0.3, 1.0),)))
    it.hear(10)
    it.ear.listen(1, 0.2, 5.0)  # 5 s: the worker was busy; all sound up to 0.1 s is too old
    it.hear(30)
    (final,) = it.ear.finalise(1, 6.0)
    assert isinstance(final, FinalTranscript)
    assert final.words[0].start == pytest.approx(0.2)


def test_the_stop_word_is_reported_once_for_each_utterance() -> None:
    ear = Ear(FakeRecogniser(), FakeStopSpotter([0.05, 0.05]), 0.0)
    reported: list[Event] = []
    for utterance in (1, 2):
        ear.listen(utterance, 0.0, 0.0)
        for number in range(30):
            reported += ear.hear(np.zeros(FRAME, np.int16), utterance + number * FRAME_S)
        ear.finalise(utterance, utterance + 0.3)
    assert [(type(event), event.at) for event in reported] == [(StopWordHeard, 1.05), (StopWordHeard, 2.05)]


def test_orders_for_another_utterance_change_nothing() -> None:
    recorder = Recorder()
    it = Listening(recorder)
    it.ear.listen(2, 0.0, 0.0)
    it.hear(3)
    assert it.ear.finalise(1, it.now) == []
    it.ear.discard(1, it.now)
    it.hear(3)
    assert len(it.ear.finalise(2, it.now)) == 1
    assert it.ear.finalise(2, it.now) == []
    assert recorder.utterances == [[1, 2, 3, 4, 5, 6]]


def test_a_new_utterance_replaces_one_that_was_not_ended() -> None:
    recorder = Recorder()
    it = Listening(recorder)
    it.ear.listen(1, 0.0, 0.0)
    it.hear(3)
    it.ear.listen(2, 0.03, it.now)
    assert it.ear.finalise(1, it.now) == []
    it.hear(3)
    (final,) = it.ear.finalise(2, it.now)
    assert isinstance(final, FinalTranscript)
    assert final.utterance == 2
