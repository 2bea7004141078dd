"""The queue of sentences on their way to the voice."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.core.effects import Speak
from assistant.session.stage import SpeechQueue


def speak(epoch: int, sentence: int) -> Speak:
    return Speak(epoch, sentence, f"Sentence {sentence}.")


def queue_of(*sentences: tuple[int, int]) -> tuple[SpeechQueue, list[tuple[int, int]]]:
    sent: list[tuple[int, int]] = []
    queue = SpeechQueue(lambda s: sent.append((s.epoch, s.sentence)))
    for epoch, sentence in sentences:
        queue.add(speak(epoch, sentence))
    return queue, sent


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
