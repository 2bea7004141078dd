"""The threads that own the mind and the voice: order, cancellation, loss, restart, and their end."""

import queue
from collections.abc import Iterator, Sequence

from assistant.core.cancel import CancelToken
from assistant.core.effects import Generate, Speak
from assistant.core.events import (
    Engine,
    EngineFailed,
    EngineReady,
    Event,
    GenerationFinished,
    SentenceFailed,
    TokenGenerated,
)
from assistant.core.messages import Message, Role
from assistant.engines.fakes import FakeMind, FakeVoice
from assistant.engines.protocols import Speech
from assistant.engines.voice import VoiceOptions
from assistant.errors import UserError
from assistant.session.workers import MindWorker, VoiceWorker, sentence_of
from tests.session.posts import PATIENCE_S, Posts

ASK = (Message(Role.USER, "hello"),)


def mind_worker(mind: FakeMind, posts: Posts, max_tokens: int = 100) -> MindWorker:
    worker = MindWorker(mind, posts.post, posts.told.append, posts.clock, max_tokens)
    worker.start()
    assert posts.next() == EngineReady(0.0, Engine.MIND)
    return worker


def text_of(events: Sequence[Event], epoch: int) -> str:
    return "".join(e.text for e in events if isinstance(e, TokenGenerated) and e.epoch == epoch)


# The mind's thread.


def test_replies_come_one_after_the_other_with_their_tokens_counted() -> None:
    posts = Posts()
    worker = mind_worker(FakeMind(["One two.", "Three."]), posts)
    worker.generate(Generate(1, ASK), CancelToken())
    worker.generate(Generate(2, ASK), CancelToken())
    first, second = posts.until(GenerationFinished), posts.until(GenerationFinished)
    worker.close()
    assert (text_of(first, 1), text_of(second, 2)) == ("One two.", "Three.")
    assert first[-1] == GenerationFinished(0.0, 1, len(first) - 1)
    assert text_of(first, 2) == text_of(second, 1) == ""


def test_no_more_tokens_are_made_than_asked_for() -> None:
    posts = Posts()
    worker = mind_worker(FakeMind(["One two three four five."]), posts, max_tokens=2)
    worker.generate(Generate(1, ASK), CancelToken())
    assert len(posts.until(GenerationFinished)) == 3
    worker.close()


def test_a_reply_that_was_cancelled_while_it_waited_is_never_begun() -> None:
    posts = Posts()
    mind = FakeMind(["One.", "Two."])
    worker = mind_worker(mind, posts)
    cancelled = CancelToken()
    cancelled.cancel()
    worker.generate(Generate(1, ASK), cancelled)
    worker.generate(Generate(2, ASK), CancelToken())
    events = posts.until(GenerationFinished)
    worker.close()
    assert {e.epoch for e in events if isinstance(e, TokenGenerated)} == {2}
    assert len(mind.requests) == 1


class StopsTheWorld(FakeMind):
    """Before each piece it says so and waits."""

    def __init__(self, reply: str) -> None:
        super().__init__([reply])
        self.asked: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.go: queue.SimpleQueue[None] = queue.SimpleQueue()

    def generate(self, messages: Sequence[Message], cancel: CancelToken, *, max_tokens: int) -> Iterator[str]:
        for piece in ("One ", "two ", "three."):
            self.asked.put(None)
            self.go.get(timeout=PATIENCE_S)
            yield piece


def test_nothing_of_a_cancelled_reply_is_posted_any_more() -> None:
    posts = Posts()
    mind = StopsTheWorld("")
    worker = mind_worker(mind, posts)
    token = CancelToken()
    worker.generate(Generate(1, ASK), token)
    mind.go.put(None)
    assert posts.next() == TokenGenerated(0.0, 1, "One ")
    token.cancel()
    mind.go.put(None)  # one more piece comes, and is not wanted
    worker.close()
    assert posts.rest() == []


def test_a_lost_mind_is_restarted_and_takes_the_next_reply() -> None:
    posts = Posts()
    mind = FakeMind(["One two three."], crash_at=1)
    worker = mind_worker(mind, posts)
    worker.generate(Generate(1, ASK), CancelToken())
    lost = posts.until(EngineFailed)[-1]
    assert isinstance(lost, EngineFailed)
    assert lost.message == "The language model stopped unexpectedly (SIGSEGV). It is being started again."
    assert posts.next() == EngineReady(0.0, Engine.MIND)
    mind.crash_at = None
    worker.generate(Generate(2, ASK), CancelToken())
    assert text_of(posts.until(GenerationFinished), 2) == "One two three."
    worker.close()
    assert mind.starts == 2


# The voice's thread.


class Said:
    """What a voice's thread delivered."""

    def __init__(self, voice: FakeVoice) -> None:
        self.posts = Posts()
        self.sentences: queue.SimpleQueue[tuple[Speak, Speech]] = queue.SimpleQueue()
        self.worker = VoiceWorker(
            voice, lambda *s: self.sentences.put(s), self.posts.post, self.posts.told.append, self.posts.clock
        )
        self.worker.start()
        assert self.posts.next() == EngineReady(0.0, Engine.VOICE)

    def speak(self, epoch: int, sentence: int, token: CancelToken | None = None) -> None:
        self.worker.speak(Speak(epoch, sentence, f"Sentence {sentence}."), token or CancelToken())

    def next(self) -> tuple[int, int]:
        speak, speech = self.sentences.get(timeout=PATIENCE_S)
        assert speech.pcm.size
        return speak.epoch, speak.sentence


def test_sentences_are_delivered_in_order_and_cancelled_ones_are_skipped() -> None:
    said = Said(FakeVoice())
    cancelled = CancelToken()
    cancelled.cancel()
    said.speak(1, 0)
    said.speak(1, 1, cancelled)
    said.speak(2, 0)
    assert [said.next(), said.next()] == [(1, 0), (2, 0)]
    said.worker.close()


class CancelledMeanwhile(FakeVoice):
    token = CancelToken()

    def synthesise(self, text: str, voice: str | None = None) -> Speech:
        self.token.cancel()
        return super().synthesise(text, voice)


def test_a_sentence_that_was_cancelled_during_its_synthesis_is_not_delivered() -> None:
    voice = CancelledMeanwhile()
    said = Said(voice)
    said.speak(1, 0, voice.token)
    said.speak(2, 0)
    assert said.next() == (2, 0)
    said.worker.close()


def test_the_rest_of_a_reply_whose_sentence_failed_is_not_spoken() -> None:
    voice = FakeVoice(crash_at=frozenset({0}))
    said = Said(voice)
    said.speak(1, 0)
    said.speak(1, 1)
    said.speak(2, 0)
    assert said.posts.next() == SentenceFailed(0.0, 1, 0, "The voice stopped unexpectedly (SIGSEGV).")
    assert said.posts.next() == EngineReady(0.0, Engine.VOICE)
    assert said.next() == (2, 0)
    said.worker.close()
    assert said.posts.rest() == []
    assert voice.starts == 2


def test_an_unknown_voice_gives_way_to_the_system_s_own() -> None:
    voice = FakeVoice()
    voice.options = VoiceOptions(voice="Nobody", rate_wpm=200)
    said = Said(voice)
    said.speak(1, 0)
    said.speak(1, 1)
    assert [said.next(), said.next()] == [(1, 0), (1, 1)]
    said.worker.close()
    assert voice.options == VoiceOptions(voice=None, rate_wpm=200)
    assert len(said.posts.told) == 1
    assert said.posts.rest() == []


class Refuses(FakeVoice):
    def synthesise(self, text: str, voice: str | None = None) -> Speech:
        raise UserError("This text cannot be spoken.")


def test_a_sentence_that_is_refused_is_reported_and_the_voice_stays() -> None:
    voice = Refuses()
    said = Said(voice)
    for epoch in (1, 2):
        said.speak(epoch, 0)
        assert said.posts.next() == SentenceFailed(0.0, epoch, 0, "This text cannot be spoken.")
    said.worker.close()
    assert voice.starts == 1


def test_only_sentences_meant_for_the_user_are_shown_as_they_are() -> None:
    assert sentence_of(UserError("Plug it in."), "The voice") == "Plug it in."
    assert sentence_of(KeyError("x"), "The voice") == "The voice failed (KeyError: 'x')."
