"""The live session when engines, models and devices fail: one clear sentence each, and what can go on goes on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pytest

from assistant.audio.pcm import Pcm
from assistant.core.cancel import CancelToken
from assistant.core.effects import Level
from assistant.core.events import Device
from assistant.core.history import TurnStatus
from assistant.core.messages import Message
from assistant.engines.fakes import FakeMind, FakeRecogniser, FakeVoice
from assistant.engines.mind import MindFacts
from assistant.engines.protocols import EngineError, Speech
from assistant.errors import UserError
from assistant.session.ear import Ear
from assistant.session.snapshot import EngineView, Snapshot, State
from tests.session.fake_sound import SETTINGS, FakeSound, done, live

STORY = "Once there was a fox. It lived in the old wood. It was happy there."


def engine(snapshot: Snapshot, name: str) -> EngineView:
    return next(engine for engine in snapshot.engines if engine.name == name)


# The mind.


class MendsOnRestart(FakeMind):
    """It crashes until it is started again."""

    def restart(self) -> MindFacts:
        self.crash_at = None
        return self.start()


def test_a_mind_that_crashes_before_its_answer_is_restarted_and_asked_again() -> None:
    with live(MendsOnRestart(["Hello."], crash_at=0)) as it:
        turns = it.ask("hi").turns
        assert [turn.text for turn in turns] == ["hi", "Hello."]
        assert it.watch.notices() == [
            "The language model stopped unexpectedly (SIGSEGV). It is being started again.",
        ]
        assert engine(it.session.snapshot, "Thinking").ready
        it.ask("and you")
    assert it.mind.starts == 2


def test_a_mind_that_crashes_in_mid_answer_leaves_its_text_and_answers_the_next_question() -> None:
    mind = MendsOnRestart([STORY], crash_at=10)
    with live(mind) as it:
        reply = it.ask("tell me a story").turns[-1]
        assert STORY.startswith(reply.text)
        assert reply.text.startswith("Once there was a fox.")
        assert len(it.watch.notices()) == 1
        assert it.ask("tell it to me once more").turns[-1].text == STORY
        assert len(it.watch.notices()) == 1


class Unloadable(FakeMind):
    """A model whose file is missing until `mended`."""

    mended = False

    def start(self) -> MindFacts:
        if not self.mended:
            raise UserError("There is no language model at /models/x.gguf: choose another in the settings.")
        return super().start()

    restart = start


def test_without_a_model_every_question_is_told_why_and_none_hangs() -> None:
    mind = Unloadable(["Hello."])
    with live(mind) as it:
        thinking = engine(it.session.snapshot, "Thinking")
        assert (thinking.ready, thinking.failed) == (False, True)
        assert thinking.detail.startswith("There is no language model at")
        it.session.say("hi")
        it.watch.until(lambda s: len(s.turns) == 1 and len(s.notices) > 1 and s.state is State.LISTENING)
        mind.mended = True
        assert it.ask("hi again").turns[-1].text == "Hello."
        assert engine(it.session.snapshot, "Thinking").ready


class Refuses(FakeMind):
    """It cannot take the message "long"."""

    def generate(
        self,
        messages: Sequence[Message],
        cancel: CancelToken,
        *,
        max_tokens: int,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> Iterator[str]:
        if messages[-1].text == "long":
            raise UserError("That message is too long for the language model: shorten it.")
        return super().generate(messages, cancel, max_tokens=max_tokens, tools=tools)


def test_a_message_that_is_too_long_is_refused_by_a_model_that_is_well() -> None:
    with live(Refuses(["Hello."])) as it:
        it.session.say("long")
        shown = it.watch.until(lambda s: bool(s.notices) and s.state is State.LISTENING and len(s.turns) == 1)
        assert "too long" in shown.notices[0].text
        it.watch.until(lambda s: engine(s, "Thinking").ready)
        it.session.new_conversation()
        it.watch.until(lambda s: not s.turns)
        assert it.ask("short").turns[-1].text == "Hello."
    assert it.mind.starts == 1


class Odd(FakeMind):
    """Its first answer raises what no engine should raise."""

    def generate(
        self,
        messages: Sequence[Message],
        cancel: CancelToken,
        *,
        max_tokens: int,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> Iterator[str]:
        if self.starts == 1:
            raise ValueError("odd")
        return super().generate(messages, cancel, max_tokens=max_tokens, tools=tools)


def test_a_fault_of_the_program_in_the_mind_is_told_and_survived() -> None:
    with live(Odd(["Hello."])) as it:
        assert it.ask("hi").turns[-1].text == "Hello."
        assert it.watch.notices() == ["The language model failed (ValueError: odd). It is being started again."]


# The voice.


def test_a_voice_that_crashes_leaves_the_reply_as_text_and_speaks_the_next_one() -> None:
    with live(FakeMind([STORY]), FakeVoice(crash_at=frozenset({1}))) as it:
        reply = it.ask("tell me a story").turns[-1]
        assert (reply.text, reply.status) == (STORY, TurnStatus.KEPT_AS_TEXT)
        assert reply.can_continue
        assert it.watch.notices() == ["The voice stopped unexpectedly (SIGSEGV)."]
        assert it.ask("again").turns[-1].status is TurnStatus.COMPLETE
        assert len(it.watch.notices()) == 1
    assert it.voice.starts == 2


class Dumb(FakeVoice):
    """This computer has no synthesiser."""

    def start(self) -> None:
        raise UserError("There is no speech synthesiser on this computer: install espeak-ng.")

    restart = start


def test_without_a_voice_replies_are_text_and_each_says_why_once() -> None:
    with live(FakeMind([STORY]), Dumb()) as it:
        assert engine(it.session.snapshot, "Voice").failed
        for said in (1, 2):
            reply = it.ask("tell me a story").turns[-1]
            assert (reply.text, reply.status) == (STORY, TurnStatus.KEPT_AS_TEXT)
            assert len(it.watch.notices()) == 1 + said
    assert set(it.watch.notices()) == {"There is no speech synthesiser on this computer: install espeak-ng."}


def test_an_unknown_voice_is_replaced_by_the_system_s_own_and_told_once() -> None:
    with live(FakeMind([STORY]), settings=SETTINGS.with_changes({"voice": "Nobody"})) as it:
        assert it.ask("tell me a story").turns[-1].status is TurnStatus.COMPLETE
        assert it.ask("another").turns[-1].status is TurnStatus.COMPLETE
        assert it.watch.notices() == [
            "There is no voice 'Nobody' on this computer: choose another in the settings. "
            "Until then the system's own voice is used.",
        ]
    assert len(it.sound.playout.queued) == 6


class OddVoice(FakeVoice):
    """Its first sentence raises what no engine should raise."""

    def synthesise(self, text: str, voice: str | None = None) -> Speech:
        speech = super().synthesise(text, voice)
        if len(self.spoken) == 1:
            raise OSError("odd")
        return speech


def test_a_fault_of_the_program_in_the_voice_is_told_and_survived() -> None:
    with live(FakeMind([STORY]), OddVoice()) as it:
        assert it.ask("tell me a story").turns[-1].status is TurnStatus.KEPT_AS_TEXT
        assert it.watch.notices() == ["The voice failed (OSError: odd)."]
        assert it.ask("again").turns[-1].status is TurnStatus.COMPLETE


# The ear.


def no_ear() -> Ear:
    raise UserError("The speech model in /models/x is not complete: get it again.")


def test_without_an_ear_typing_works() -> None:
    with live(load_ear=no_ear) as it:
        hearing = engine(it.session.snapshot, "Hearing")
        assert (hearing.failed, hearing.detail) == (
            True,
            "The speech model in /models/x is not complete: get it again.",
        )
        it.sound.user_says(0.5)
        assert it.ask("hi").turns[-1].text == "Hello to you."
        assert it.watch.notices() == [hearing.detail]


class Deaf(FakeRecogniser):
    """It crashes on the first sound."""

    def accept(self, pcm: Pcm) -> str:
        raise EngineError("The recogniser stopped unexpectedly.")


def test_an_ear_that_fails_in_mid_utterance_gives_the_floor_back() -> None:
    with live(load_ear=lambda: Ear(Deaf(), None)) as it:
        it.sound.user_says(0.5, ends=False)
        it.watch.until(lambda s: s.state is State.HEARING)
        shown = it.watch.until(lambda s: engine(s, "Hearing").failed)
        assert [notice.text for notice in shown.notices] == ["The recogniser stopped unexpectedly."]
        assert shown.state is State.LISTENING
        assert it.ask("hi").turns[-1].text == "Hello to you."


# The devices.


def test_without_any_device_a_typed_conversation_works_as_text() -> None:
    with live(FakeMind([STORY]), sound=FakeSound(None, None)) as it:
        shown = it.ask("tell me a story")
        assert shown.state is State.NO_MICROPHONE
        assert shown.microphone is shown.loudspeaker is None
        assert shown.turns[-1].text == STORY
        assert [(notice.level, notice.text) for notice in shown.notices] == [
            (Level.PROBLEM, "There is no microphone."),
            (Level.PROBLEM, "There is no loudspeaker."),
        ]
    assert it.voice.spoken == []


def test_a_microphone_that_goes_away_keeps_what_was_said_and_is_taken_up_again() -> None:
    with live(FakeMind(["Hello."]), heard=("hello there my friend", "what is the time")) as it:
        it.sound.user_says(1.6, ends=False)
        it.watch.until(lambda s: "hello there" in s.caption_unsettled)
        it.sound.lose(Device.MICROPHONE, "The microphone went away.")
        lost = it.watch.until(lambda s: s.microphone is None)
        assert lost.notices[-1].text == "The microphone went away."
        asked = it.watch.until(lambda s: len(s.turns) == 2 and done(s))
        assert asked.turns[0].text == "hello there my friend"
        it.watch.until(lambda s: s.state is State.NO_MICROPHONE)
        it.sound.find(Device.MICROPHONE, "another microphone")
        it.watch.until(lambda s: s.microphone == "another microphone" and s.state is State.LISTENING)
        it.sound.user_says(1.6)
        assert it.watch.until(lambda s: len(s.turns) == 4 and done(s)).turns[2].text == "what is the time"


def test_a_loudspeaker_that_goes_away_leaves_the_reply_as_text() -> None:
    with live(FakeMind([STORY]), sound=FakeSound(plays=False)) as it:
        it.session.say("tell me a story")
        it.sound.playout.await_queued(lambda queued: (1, 0) in queued)
        it.sound.render(0.5)
        it.watch.until(lambda s: s.state is State.SPEAKING)
        it.sound.playout.restart(44_100, it.sound.now())
        it.sound.lose(Device.LOUDSPEAKER, "The loudspeaker went away.")
        it.sound.render(0.01)
        reply = it.watch.until(lambda s: done(s) and s.turns[-1].cut is not None).turns[-1]
        assert (reply.text, reply.status) == (STORY, TurnStatus.KEPT_AS_TEXT)
        assert 0 < reply.heard < STORY.index(".")
        it.sound.find(Device.LOUDSPEAKER, "headset")
        it.watch.until(lambda s: s.loudspeaker == "headset")
        it.session.say("again")
        it.sound.playout.await_queued(lambda queued: queued[-1][0] == 2)


@pytest.mark.parametrize("device", list(Device))
def test_a_device_that_comes_later_is_taken_up(device: Device) -> None:
    sound = FakeSound(None) if device is Device.MICROPHONE else FakeSound(loudspeaker=None)
    with live(sound=sound) as it:
        it.sound.find(device, "late")
        shown = it.watch.until(lambda s: "late" in (s.microphone, s.loudspeaker))
    assert cast(str, getattr(shown, device.value)) == "late"
