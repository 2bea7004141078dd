"""The user's turn: when it ends, how its words come together, and answers prepared too early."""

from assistant.core import events
from assistant.core.effects import Abandon, Discard, Finalise, Generate, Listen, Speak
from assistant.core.options import Options
from assistant.core.state import Phase
from tests.core.script import STORY, Script


def test_silence_ends_a_turn() -> None:
    script = Script(["Fine."], options=Options(speculate=False))
    script.user_says(0.5, 1.5, "how are you")
    script.run(10)
    assert script.when(Listen) == [0.6]
    assert script.made(Listen)[0].since == 0.5
    assert script.when(Finalise) == [2.1]
    assert script.when(Generate) == [2.2]
    assert script.spoken == ["Fine."]


def test_a_turn_that_trails_off_is_waited_for() -> None:
    script = Script(["Fine."], options=Options(speculate=False))
    script.user_says(0.5, 1.5, "tell me about the")
    script.run(10)
    assert script.when(Finalise) == [2.9]


def test_a_pause_within_a_turn_does_not_end_it() -> None:
    script = Script(["Fine."])
    script.user_says(0.5, 1.0, "tell me")
    script.user_says(1.4, 2.0, "a story")
    script.run(10)
    assert script.messages()[0] == "user: tell me a story"
    assert len(script.made(Finalise)) == 1


def test_words_after_finalise_join_the_turn_and_none_is_lost() -> None:
    script = Script(["Fine."], options=Options(speculate=False))
    script.user_says(0.5, 1.0, "tell me")
    script.user_says(1.55, 2.2, "a story")  # voice is noticed at 1.65, after Finalise at 1.6
    script.run(10)
    assert len(script.made(Listen)) == 2
    assert script.messages()[0] == "user: tell me a story"


def test_a_lost_transcript_of_the_first_half_leaves_its_partial() -> None:
    script = Script(["Fine."], options=Options(speculate=False))
    script.ear_answers = False
    script.user_says(0.5, 1.0, "tell me")
    script.user_says(1.55, 2.2, "a story")
    script.run(20)
    assert script.messages()[0] == "user: tell me a story"


def test_a_missing_final_transcript_is_replaced_by_the_partial() -> None:
    script = Script(["Fine."], options=Options(speculate=False))
    script.ear_answers = False
    script.user_says(0.5, 1.5, "how are you")
    script.run(20)
    assert script.when(Generate) == [5.1]
    assert script.messages() == ["user: how are you", "assistant: Fine."]


def test_noise_is_no_turn_but_long_noise_gets_an_excuse() -> None:
    script = Script()
    script.user_says(0.5, 0.8, "")
    script.run(5)
    assert not script.notices
    script.user_says(5.5, 7.0, "")
    script.run(10)
    assert script.notices == ["I did not catch that. Say it again, or type it."]
    assert not script.turns


def test_a_prepared_answer_is_adopted_and_not_heard_before_the_turn_is_over() -> None:
    script = Script(STORY)
    script.user_says(0.5, 2.5, "tell me a story")
    script.run(20)
    assert script.when(Generate) == [2.7]
    assert script.when(Speak)[0] == 3.2
    assert script.made(Generate)[0].speculative
    assert not script.made(Abandon)


def test_a_prepared_answer_is_thrown_away_when_the_user_goes_on() -> None:
    script = Script(["Which?"], STORY)
    script.user_says(0.5, 1.5, "tell me")
    script.user_says(1.8, 2.6, "a story")
    script.run(20)
    assert [effect.epoch for effect in script.made(Abandon)] == [1]
    assert {effect.epoch for effect in script.made(Speak)} == {2}
    assert script.messages()[0] == "user: tell me a story"


def test_a_prepared_answer_is_thrown_away_when_the_final_words_differ() -> None:
    script = Script(["A glory."], ["A story."])
    script.user_says(0.5, 2.5, "tell me a glory", finally_="tell me a story")
    script.at(2.68, lambda at: events.PartialTranscript(at, 1, "tell me a glory"))
    script.run(20)
    assert script.made(Generate)[0].messages[-1].text == "tell me a glory"
    assert script.spoken == ["A story."]
    assert script.messages()[0] == "user: tell me a story"


def test_a_prepared_answer_that_came_to_nothing_is_asked_for_again() -> None:
    script = Script([" "], ["Fine."])
    script.user_says(0.5, 1.5, "how are you")
    script.run(20)
    assert script.spoken == ["Fine."]


def test_sentences_are_spoken_while_the_text_still_trickles() -> None:
    script = Script(["One. ", *[""] * 60, "Two. ", *[""] * 60, "Three."])
    script.user_types(0.0, "count")
    script.run(4)
    assert script.spoken == ["One.", "Two."]
    assert script.phase is Phase.SPEAKING  # nothing is heard at this moment, but more is to come
    script.run(20)
    assert script.spoken == ["One.", "Two.", "Three."]


def test_push_to_talk_begins_and_ends_a_turn_at_once() -> None:
    script = Script(["Fine."])
    script.at(1.0, lambda at: events.TalkKeyChanged(at, True))
    script.at(1.5, lambda at: events.TalkKeyChanged(at, True))  # the key repeats
    script.user_says(1.1, 1.9, "how are you")
    script.at(2.1, lambda at: events.TalkKeyChanged(at, False))
    script.run(10)
    assert (script.when(Listen), script.when(Finalise), script.when(Generate)) == ([1.0], [2.1], [2.2])
    assert script.messages()[0] == "user: how are you"


def test_the_talk_key_cuts_the_reply_and_is_its_record() -> None:
    script = Script(STORY, ["Sure."])
    script.user_types(0.0, "tell me a story")
    script.at(1.0, lambda at: events.TalkKeyChanged(at, True))
    script.user_says(1.1, 1.9, "another one")
    script.at(2.1, lambda at: events.TalkKeyChanged(at, False))
    script.run(10)
    assert [(record.evidence, record.at) for record in script.records] == [("talk key", 1.0)]
    record = script.turns[1].interruption
    assert record is not None
    assert record.words == "another one"


def test_muting_forgets_what_is_being_said() -> None:
    script = Script(STORY)
    script.user_says(0.5, 2.5, "tell me a story")
    script.at(1.5, lambda at: events.MuteChanged(at, True))
    script.user_says(4.0, 5.0, "hello")
    script.run(10)
    assert len(script.made(Listen)) == len(script.made(Discard)) == 1
    assert not script.turns
    script.at(10.0, lambda at: events.MuteChanged(at, False))
    script.user_says(11.0, 12.0, "tell me a story")
    script.run(20)
    assert len(script.turns) == 2


def test_muting_while_a_sound_is_judged_lets_parley_go_on() -> None:
    script = Script(STORY)
    script.user_types(0.0, "tell me a story")
    script.user_says(1.0, 2.0, "")
    script.at(1.3, lambda at: events.MuteChanged(at, True))
    script.run(20)
    assert not script.records
    assert script.last.text == "".join(STORY)
    assert script.last.status == "complete"
