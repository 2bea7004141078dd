"""What only the fakes can do: scripts, and failures at a chosen place."""

import threading

import numpy as np
import pytest

from assistant.core.cancel import CancelToken
from assistant.core.tool_calls import CallParser
from assistant.engines.fakes import FakeMind, FakeRecogniser, FakeStopSpotter, FakeVoice, timed_words, tool_call
from assistant.engines.mind import LlamaMind
from assistant.engines.protocols import EngineError, Mind, Recogniser, TimedWord, Voice
from assistant.engines.stt_vosk import VoskRecogniser
from assistant.engines.voice import Pyttsx3Voice
from tests.engines.starters import ask

BLOCK = np.zeros(1600, np.int16)


def started(mind: FakeMind) -> FakeMind:
    mind.start()
    return mind


def text(mind: FakeMind, question: str) -> str:
    return "".join(mind.generate(ask(question), CancelToken(), max_tokens=100))


def test_fakes_and_real_engines_have_the_same_face() -> None:
    minds: list[type[Mind]] = [FakeMind, LlamaMind]
    voices: list[type[Voice]] = [FakeVoice, Pyttsx3Voice]
    recognisers: list[type[Recogniser]] = [FakeRecogniser, VoskRecogniser]
    for fake, real in (minds, voices, recognisers):
        public = {name for name in vars(real) if not name.startswith("_")} - {"pid"}
        assert public <= set(dir(fake))


def test_recogniser_follows_the_sound() -> None:
    recogniser = FakeRecogniser([[TimedWord("stop", 0.3, 0.5, 0.9)], "go on"], delay_s=0.1)
    heard = [recogniser.accept(BLOCK) for _ in range(8)]
    assert heard == ["", "", "", "", "", "stop", "stop", "stop"]
    assert recogniser.final().words == (TimedWord("stop", 0.3, 0.5, 0.9),)
    recogniser.accept(BLOCK)
    assert recogniser.final().text == "", "a word was known before it was spoken"
    recogniser.scripts.append("at last")
    recogniser.accept(np.zeros(32_000, np.int16))
    assert recogniser.final().text == "at last"


def test_timed_words() -> None:
    words = timed_words("a b", start=1.0, words_per_s=2.0)
    assert [(word.text, word.start) for word in words] == [("a", 1.0), ("b", 1.5)]


def test_stop_spotter() -> None:
    spotter = FakeStopSpotter([0.2, None])
    assert [spotter.accept(BLOCK) for _ in range(3)] == [None, "stop", "stop"]
    spotter.reset()
    assert [spotter.accept(BLOCK) for _ in range(3)] == [None, None, None]


def test_replies_in_turn_by_question_or_made() -> None:
    in_turn = started(FakeMind(["One.", "Two."]))
    assert [text(in_turn, "?") for _ in range(3)] == ["One.", "Two.", "One."]
    by_question = started(FakeMind({"hi": "Hello.", "bye": "Goodbye."}))
    assert text(by_question, "bye") == "Goodbye."
    made = started(FakeMind(lambda messages: messages[-1].text.upper()))
    assert text(made, "echo") == "ECHO"
    assert made.requests == [ask("echo")]


def test_scripted_calls_of_tools() -> None:
    mind = started(FakeMind([f"One moment. {tool_call('set_timer', amount=5, unit='minutes')}", "Done."]))
    tools = [{"name": "get_time"}, {"name": "set_timer"}]
    pieces = list(mind.generate(ask("?"), CancelToken(), max_tokens=100, tools=tools))
    parser = CallParser()
    assert "".join(map(parser.feed, pieces)) + parser.flush() == "One moment. "
    assert [(call.name, call.arguments) for call in parser.calls] == [("set_timer", {"amount": 5, "unit": "minutes"})]
    assert text(mind, "?") == "Done."
    assert mind.offered == [("get_time", "set_timer"), ()]


def test_warming_up_uses_no_reply() -> None:
    mind = started(FakeMind(["One.", "Two."]))
    assert list(mind.generate(ask("hello"), CancelToken(), max_tokens=1)) == []
    assert mind.requests == []
    assert text(mind, "?") == "One."


def test_pieces_are_those_of_words() -> None:
    mind = started(FakeMind(["Interruptions are  welcome."]))
    pieces = list(mind.generate(ask("?"), CancelToken(), max_tokens=100))
    assert "".join(pieces) == "Interruptions are  welcome."
    assert all(len(piece.strip()) <= 5 for piece in pieces)


def test_nothing_works_before_the_start() -> None:
    with pytest.raises(EngineError, match="The language model is not running"):
        text(FakeMind(["One."]), "?")
    with pytest.raises(EngineError, match="The voice is not running"):
        FakeVoice().synthesise("one")


def test_hang_lasts_until_it_is_released() -> None:
    mind = started(FakeMind(["one two three"], hang_at=1))
    outcome: list[str] = []

    def run() -> None:
        try:
            text(mind, "?")
        except EngineError as error:
            outcome.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    assert mind.hanging.wait(10)
    assert outcome == []
    mind.release.set()
    thread.join(10)
    assert outcome == ["The language model did not answer for 30 s and was stopped."]


def test_same_sentence_same_tone_and_silent_beyond_the_text() -> None:
    voice = FakeVoice(rate=16_000)
    voice.start()
    first, second, other = (voice.synthesise(line).pcm for line in ("hello you", "hello you", "hello who"))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
    assert voice.spoken == ["hello you", "hello you", "hello who"]
