"""The queue of sentences on their way to the voice."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.playout import Segment, make_segment
from assistant.core.effects import Presynthesise, Speak
from assistant.session.speech_queue import SpeechQueue


def speak(epoch: int, sentence: int) -> Speak:
    return Speak(epoch, sentence, f"Sentence {sentence}.")


def queue_of(*sentences: tuple[int, int]) -> tuple[SpeechQueue, list[tuple[int, int]]]:
    sent: list[tuple[int, int]] = []
    queue = SpeechQueue(lambda s: sent.append((s.epoch, s.sentence)), lambda segment: None)
    for epoch, sentence in sentences:
        queue.add(speak(epoch, sentence))
    return queue, sent


class Prepared:
    """A queue, what it had synthesised, and what it had played."""

    def __init__(self) -> None:
        self.sent: list[Speak | Presynthesise] = []
        self.played: list[tuple[int, int]] = []
        self.queue = SpeechQueue(self.sent.append, lambda s: self.played.append((s.epoch, s.sentence)))
        self.queue.prepare(Presynthesise(1, 0, "Sentence 0."))

    @staticmethod
    def sound(epoch: int, sentence: int) -> Segment:
        return make_segment(epoch, sentence, np.ones(10, np.int16), 16_000, 16_000)


def test_a_prepared_sentence_is_held_and_played_when_it_is_to_be_spoken() -> None:
    it = Prepared()
    it.queue.deliver(it.sound(1, 0))
    assert it.played == []
    it.queue.add(speak(1, 0))
    assert it.played == [(1, 0)]
    assert it.sent == [Presynthesise(1, 0, "Sentence 0.")]
    assert it.queue.held == 0


def test_a_prepared_sentence_that_is_wanted_before_its_sound_is_there_is_played_when_it_comes() -> None:
    it = Prepared()
    it.queue.add(speak(1, 0))
    assert it.played == []
    it.queue.deliver(it.sound(1, 0))
    assert it.played == [(1, 0)]
    assert len(it.sent) == 1


def test_a_prepared_sentence_of_a_reply_that_was_dropped_is_never_played() -> None:
    it = Prepared()
    it.queue.deliver(it.sound(1, 0))
    it.queue.drop(1)
    assert it.queue.held == 0
    it.queue.add(speak(2, 0))
    it.queue.deliver(it.sound(2, 0))
    assert it.played == [(2, 0)]


def test_a_prepared_sentence_counts_as_one_of_the_two_on_their_way() -> None:
    it = Prepared()
    it.queue.deliver(it.sound(1, 0))
    for number in range(4):
        it.queue.add(speak(1, number))
    assert [s.sentence for s in it.sent] == [0, 1]
    it.queue.finished(1, 0)
    assert [s.sentence for s in it.sent] == [0, 1, 2]


def test_one_that_could_not_be_prepared_is_tried_again_when_it_is_to_be_spoken() -> None:
    it = Prepared()
    assert it.queue.failed(Presynthesise(1, 0, "Sentence 0.")) is None
    assert it.queue.held == 0
    it.queue.add(speak(1, 0))
    assert it.sent[1:] == [speak(1, 0)]


def test_one_that_fails_after_it_was_to_be_spoken_is_to_be_tried_again_at_once() -> None:
    it = Prepared()
    it.queue.add(speak(1, 0))
    assert it.queue.failed(Presynthesise(1, 0, "Sentence 0.")) == speak(1, 0)


def test_one_that_fails_after_its_reply_was_dropped_is_forgotten() -> None:
    it = Prepared()
    it.queue.drop(1)
    assert it.queue.failed(Presynthesise(1, 0, "Sentence 0.")) is None


def test_one_sentence_is_synthesised_ahead_of_the_one_that_plays() -> None:
    queue, sent = queue_of((1, 0), (1, 1), (1, 2), (1, 3))
    assert sent == [(1, 0), (1, 1)]
    queue.finished(1, 0)
    assert sent == [(1, 0), (1, 1), (1, 2)]


def test_a_sentence_that_was_dropped_is_not_sent_and_makes_room() -> None:
    queue, sent = queue_of((1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2))
    queue.drop(1)
    assert sent == [(1, 0), (1, 1), (2, 0), (2, 1)]


def test_a_late_report_on_a_dropped_sentence_changes_nothing() -> None:
    queue, sent = queue_of((1, 0), (1, 1), (2, 0), (2, 1), (2, 2))
    queue.drop(1)
    queue.finished(1, 0)
    assert sent[2:] == [(2, 0), (2, 1)]


@given(st.lists(st.tuples(st.sampled_from(["add", "finish", "drop"]), st.integers(1, 3)), max_size=60))
def test_never_more_than_two_at_once_in_order_and_none_stuck(steps: list[tuple[str, int]]) -> None:
    queue, sent = queue_of()
    added: list[tuple[int, int]] = []
    on_the_way: list[tuple[int, int]] = []
    known = 0
    for number, (what, epoch) in enumerate(steps):
        if what == "add":
            added.append((epoch, number))
            queue.add(speak(epoch, number))
        elif what == "finish" and on_the_way:
            queue.finished(*on_the_way.pop(0))
        elif what == "drop":
            added = [key for key in added if key[0] != epoch or key in sent]
            on_the_way = [key for key in on_the_way if key[0] != epoch]
            queue.drop(epoch)
        on_the_way += sent[known:]
        known = len(sent)
        assert len(on_the_way) <= 2
        assert sent == added[: len(sent)]
        assert len(on_the_way) == 2 or sent == added
