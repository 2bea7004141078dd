"""The thread that owns the voice: order, cancellation, loss, restart, and its end."""

import queue

from assistant.core.cancel import CancelToken
from assistant.core.effects import Presynthesise, Speak
from assistant.core.events import Engine, EngineReady, SentenceFailed
from assistant.engines.fakes import FakeVoice
from assistant.engines.protocols import Speech
from assistant.engines.voice import VoiceOptions
from assistant.errors import UserError
from assistant.session.speech_queue import Utterable
from assistant.session.voice_worker import VoiceWorker
from assistant.session.workers import sentence_of
from tests.session.posts import PATIENCE_S, Posts


class Said:
    """What a voice's thread delivered."""

    def __init__(self, voice: FakeVoice) -> None:
        self.posts = Posts()
        self.sentences: queue.SimpleQueue[tuple[Utterable, Speech]] = queue.SimpleQueue()
        self.unprepared: queue.SimpleQueue[Presynthesise] = queue.SimpleQueue()
        self.worker = VoiceWorker(
            voice,
            lambda *s: self.sentences.put(s),
            self.could_not_prepare,
            self.posts.post,
            self.posts.told.append,
            self.posts.clock,
        )
        self.worker.start()
        assert self.posts.next() == EngineReady(0.0, Engine.VOICE)

    def could_not_prepare(self, sentence: Presynthesise) -> None:
        self.unprepared.put(sentence)

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


def test_a_sentence_that_could_not_be_prepared_costs_nothing() -> None:
    voice = FakeVoice(crash_at=frozenset({0}))
    said = Said(voice)
    said.worker.speak(Presynthesise(1, 0, "One."), CancelToken())
    assert said.unprepared.get(timeout=PATIENCE_S) == Presynthesise(1, 0, "One.")
    said.speak(1, 0)
    assert said.next() == (1, 0)
    said.worker.close()
    assert said.posts.rest() == [EngineReady(0.0, Engine.VOICE)]


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
