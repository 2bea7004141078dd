"""Engines that fail and devices that come and go."""

from assistant.core import events
from assistant.core.effects import Abandon, Finalise, Generate, Speak
from assistant.core.events import Device, Engine
from assistant.core.history import TurnStatus
from assistant.core.interruptions import Reason
from assistant.core.options import Options
from assistant.core.state import Phase
from tests.core.script import STORY, Script


def failing(script: Script, at: float, engine: Engine) -> None:
    script.at(at, lambda at: events.EngineFailed(at, engine, f"The {engine} failed."))


def losing(script: Script, at: float, device: Device) -> None:
    script.at(at, lambda at: events.DeviceLost(at, device, f"The {device} is gone."))


def telling(*replies: list[str]) -> Script:
    script = Script(*(replies or (STORY,)))
    script.user_types(0.0, "tell me a story")
    return script


def test_a_mind_that_fails_is_asked_once_more() -> None:
    script = telling(STORY, STORY)
    failing(script, 0.1, Engine.MIND)
    script.run(20)
    assert [effect.epoch for effect in script.made(Generate)] == [1, 2]
    assert [effect.epoch for effect in script.made(Abandon)] == [1]
    assert script.notices == ["The mind failed."]
    assert (len(script.turns), script.last.number, script.last.status) == (2, 1, TurnStatus.COMPLETE)


def test_a_mind_that_fails_twice_frees_the_floor() -> None:
    script = telling([], [])
    failing(script, 0.1, Engine.MIND)
    failing(script, 0.2, Engine.MIND)
    script.run(20)
    assert len(script.made(Generate)) == 2
    assert script.notices == ["The mind failed."] * 2
    assert script.phase is Phase.LISTENING
    assert script.messages() == ["user: tell me a story"]


def test_a_mind_that_fails_in_mid_reply_leaves_what_it_said() -> None:
    script = telling(STORY[:6])
    failing(script, 0.48, Engine.MIND)
    script.run(20)
    assert script.spoken[0] == "Once there was a fox."
    assert script.last.status is TurnStatus.COMPLETE
    assert len(script.made(Generate)) == 1


def test_a_mind_that_fails_while_the_user_makes_a_sound_is_asked_again() -> None:
    script = telling([], STORY)
    script.user_says(0.1, 0.5, "")
    failing(script, 0.3, Engine.MIND)
    script.run(0.35)
    assert script.phase is Phase.OVERLAP
    assert script.conversation.state.reply is not None
    assert script.conversation.state.reply.ducked_at is not None
    script.run(20)
    assert script.last.status is TurnStatus.COMPLETE


def test_a_mind_without_an_answer_says_so() -> None:
    script = telling(["  "])
    script.run(20)
    assert script.notices == ["The model had no answer. Ask it in another way."]
    assert script.phase is Phase.LISTENING
    assert len(script.turns) == 1


def test_a_voice_that_fails_leaves_the_text() -> None:
    script = telling()
    failing(script, 1.0, Engine.VOICE)
    script.run(20)
    assert [record.reason for record in script.records] == [Reason.ENGINE_FAILED]
    assert (script.last.text, script.last.status) == ("".join(STORY), TurnStatus.KEPT_AS_TEXT)
    assert script.last.can_continue
    assert script.phase is Phase.LISTENING


def test_a_sentence_that_cannot_be_spoken_leaves_the_text() -> None:
    script = telling()
    script.at(0.5, lambda at: events.SentenceFailed(at, 1, 0, "The voice hung."))
    script.run(20)
    assert script.notices == ["The voice hung."]
    assert script.last.status is TurnStatus.KEPT_AS_TEXT


def test_an_ear_that_fails_lets_parley_go_on() -> None:
    script = telling()
    script.user_says(0.9, 2.0, "what about")
    failing(script, 1.1, Engine.EAR)
    script.run(20)
    assert script.last.status is TurnStatus.COMPLETE
    assert not script.records


def test_an_ear_that_fails_while_it_hears_frees_the_floor() -> None:
    script = Script(STORY)
    script.user_says(0.5, 2.5, "tell me a story")
    failing(script, 1.0, Engine.EAR)
    script.run(20)
    assert (script.phase, script.turns, script.notices) == (Phase.LISTENING, (), ["The ear failed."])


def test_without_a_loudspeaker_replies_are_text() -> None:
    script = Script(STORY, devices=False)
    script.user_types(0.0, "tell me a story")
    script.run(20)
    assert not script.made(Speak)
    assert (script.last.status, script.last.heard) == (TurnStatus.COMPLETE, len("".join(STORY)))
    assert script.messages()[1].startswith("assistant: Once there was a fox.")


def test_a_loudspeaker_that_goes_away_leaves_the_text() -> None:
    script = telling()
    losing(script, 1.0, Device.LOUDSPEAKER)
    script.run(20)
    assert [record.reason for record in script.records] == [Reason.DEVICE_LOST]
    assert script.last.status is TurnStatus.KEPT_AS_TEXT
    script.at(20.0, lambda at: events.DeviceReady(at, Device.LOUDSPEAKER, "other"))
    script.at(21.0, lambda at: events.ContinueRequested(at))
    script.run(40)
    assert script.spoken[-3:] == ["Once there was a fox.", "It lived in the wood.", "It was happy."]


def test_another_device_is_announced() -> None:
    script = telling()
    script.at(1.0, lambda at: events.DeviceReady(at, Device.LOUDSPEAKER, "other", "Parley now speaks through other."))
    script.run(2)
    assert script.notices == ["Parley now speaks through other."]


def test_a_microphone_lost_in_the_middle_keeps_the_words() -> None:
    script = Script(["Fine."], options=Options(speculate=False))
    script.user_says(0.5, 1.5, "tell me")
    losing(script, 1.66, Device.MICROPHONE)
    script.run(20)
    assert script.when(Finalise) == [2.26]
    assert script.messages()[0] == "user: tell me"


def test_a_microphone_lost_while_a_sound_is_judged() -> None:
    script = telling()
    script.user_says(0.9, 2.0, "")
    losing(script, 1.2, Device.MICROPHONE)
    script.run(20)
    assert script.last.status is TurnStatus.COMPLETE
