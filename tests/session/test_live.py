"""The live session on fakes: questions, answers, interruptions and the commands of a face."""

import pytest

from assistant.core.events import Device
from assistant.core.history import TurnStatus
from assistant.engines.fakes import FakeMind, FakeStopSpotter, FakeVoice
from assistant.engines.mind import MindFacts
from assistant.engines.protocols import Speech
from assistant.session.snapshot import Snapshot, Speaker, State
from tests.session.fake_sound import FakeSound, Live, Watch, done, live

STORY = "Once there was a fox. It lived in the old wood. It was happy there."
FIRST = STORY.index(".") + 1


def begun(it: Live) -> None:
    """Ask for the story and play its first half second."""
    it.session.say("tell me a story")
    it.sound.playout.await_queued(lambda queued: (1, 0) in queued)
    it.sound.render(0.5)
    it.watch.until(lambda s: s.state is State.SPEAKING)


def test_a_typed_question_is_answered_and_heard_to_its_end() -> None:
    with live(FakeMind([STORY])) as it:
        question, reply = it.ask("tell me a story").turns
    assert (question.speaker, question.text) == (Speaker.YOU, "tell me a story")
    assert (reply.speaker, reply.text, reply.heard) == (Speaker.PARLEY, STORY, len(STORY))
    assert reply.status is TurnStatus.COMPLETE
    assert it.voice.spoken == ["Once there was a fox.", "It lived in the old wood.", "It was happy there."]
    assert it.sound.playout.queued == [(1, 0), (1, 1), (1, 2)]


def test_a_spoken_question_is_answered() -> None:
    with live(FakeMind({"how are you": "Very well."}), heard=("how are you",)) as it:
        it.sound.user_says(1.4)
        it.watch.until(lambda s: s.state is State.HEARING and s.caption_unsettled != "")
        turns = it.watch.until(lambda s: len(s.turns) == 2 and done(s)).turns
    assert [turn.text for turn in turns] == ["how are you", "Very well."]


def test_a_conversation_goes_back_and_forth() -> None:
    with live(FakeMind(["One.", "Two."]), heard=("what is the time",)) as it:
        it.ask("hello")
        it.sound.user_says(1.4)
        turns = it.watch.until(lambda s: len(s.turns) == 4 and done(s)).turns
    assert [turn.text for turn in turns] == ["hello", "One.", "what is the time", "Two."]
    assert [message.text for message in it.mind.requests[-1]][-3:] == ["hello", "One.", "what is the time"]


def test_stop_cuts_the_voice_and_says_how_much_was_heard() -> None:
    with live(FakeMind([STORY]), sound=FakeSound(plays=False)) as it:
        begun(it)
        it.session.stop()
        it.watch.until(lambda s: s.state is State.INTERRUPTED)
        assert it.sound.render(0.02).any()
        assert not it.sound.render(1.0).any()
        reply = it.watch.until(done).turns[-1]
        it.watch.until(lambda s: s.state is State.LISTENING)
    assert reply.status is TurnStatus.DROPPED
    assert 0 < reply.heard < FIRST
    assert reply.cut is not None
    assert (reply.cut.words, reply.cut.cause) == ("", "you pressed Stop")
    assert reply.can_continue


def test_continue_speaks_the_rest_from_the_sentence_that_was_cut() -> None:
    with live(FakeMind([STORY]), sound=FakeSound(plays=False)) as it:
        it.session.say("tell me a story")
        it.sound.playout.await_queued(lambda queued: (1, 1) in queued)
        it.sound.render(len("Once there was a fox.") / 14 + 0.6)  # into the second sentence
        it.session.stop()
        it.watch.until(lambda s: s.state is State.INTERRUPTED)
        it.sound.render(0.1)
        it.watch.until(lambda s: done(s) and s.turns[-1].can_continue)
        spoken = len(it.voice.spoken)
        it.session.continue_reply()
        turns = it.watch.until(lambda s: len(s.turns) == 3).turns
        it.sound.playout.await_queued(lambda queued: (2, 0) in queued)
    assert turns[1].continued
    assert turns[2].text == STORY[FIRST + 1 :]
    assert it.voice.spoken[spoken] == "It lived in the old wood."


def test_continue_with_nothing_to_continue_says_so() -> None:
    with live() as it:
        it.session.continue_reply()
        assert it.watch.until(lambda s: len(s.notices) == 1).notices[0].text


def test_stop_speech_keeps_the_reply_as_text() -> None:
    with live(FakeMind([STORY]), sound=FakeSound(plays=False)) as it:
        begun(it)
        it.session.stop_speech()
        it.watch.until(lambda s: s.state is State.INTERRUPTED)
        it.sound.render(0.1)
        reply = it.watch.until(lambda s: done(s) and s.turns[-1].cut is not None).turns[-1]
        assert not it.sound.render(1.0).any()
    assert (reply.status, reply.text) == (TurnStatus.KEPT_AS_TEXT, STORY)
    assert 0 < reply.heard < FIRST


def test_talking_over_it_ducks_then_cuts_and_is_answered() -> None:
    mind = FakeMind({"tell me a story": STORY, "what about bears": "Bears sleep."})
    with live(mind, heard=("what about bears",), sound=FakeSound(plays=False)) as it:
        begun(it)
        it.sound.user_says(1.5)
        it.watch.until(lambda s: s.state is State.DUCKED)
        it.watch.until(lambda s: s.state is State.INTERRUPTED)
        it.sound.render(0.1)
        turns = it.watch.until(lambda s: len(s.turns) == 4).turns
        it.watch.until(lambda s: s.turns[-1].text == "Bears sleep.")
        it.sound.playout.await_queued(lambda queued: queued[-1][0] > 1)
    assert turns[1].status is TurnStatus.DROPPED
    assert turns[1].cut is not None
    assert turns[1].cut.words == "what about bears"
    assert turns[2].text == "what about bears"
    assert it.voice.spoken[-1] == "Bears sleep."


def test_a_backchannel_lowers_the_voice_and_brings_it_back() -> None:
    with live(FakeMind([STORY]), heard=("uh huh",), sound=FakeSound(plays=False)) as it:
        begun(it)
        it.sound.user_says(0.5)
        it.watch.until(lambda s: s.state is State.DUCKED)
        it.watch.until(lambda s: s.state is State.SPEAKING)
        assert it.session.snapshot.turns[-1].cut is None
        assert it.sound.render(0.2).max() > 7000


def test_the_stop_word_cuts_before_its_transcript() -> None:
    spotter = FakeStopSpotter([0.3])
    with live(FakeMind([STORY]), heard=("",), stop_words=spotter, sound=FakeSound(plays=False)) as it:
        begun(it)
        it.sound.user_says(0.6)
        it.watch.until(lambda s: s.state is State.INTERRUPTED)
        it.sound.render(0.1)
        reply = it.watch.until(lambda s: s.turns[-1].status is TurnStatus.DROPPED).turns[-1]
        assert not it.sound.render(0.5).any()
    assert reply.cut is not None
    assert reply.cut.words == "stop"


@pytest.mark.parametrize("muted_first", [True, False])
def test_hold_to_talk_opens_the_gate_even_while_muted(muted_first: bool) -> None:
    with live() as it:
        if muted_first:
            it.session.set_muted(True)
            it.watch.until(lambda s: s.muted and s.state is State.MUTED)
        it.session.hold_to_talk(True)
        it.watch.until(lambda s: s.state is State.HEARING)
        if not muted_first:
            it.session.set_muted(True)  # while the key is down the gate stays open
        it.session.hold_to_talk(False)
        it.session.set_muted(False)
        it.watch.until(lambda s: not s.muted)
    assert it.sound.gates == ([True, False, True, False] if muted_first else [False, False, True, False])


def test_what_is_said_while_the_key_is_held_is_answered_when_it_is_let_go() -> None:
    with live(FakeMind({"hello there": "Hello."}), heard=("hello there",)) as it:
        it.session.hold_to_talk(True)
        it.watch.until(lambda s: s.state is State.HEARING)
        it.sound.user_says(1.2)
        it.session.hold_to_talk(False)
        turns = it.watch.until(lambda s: len(s.turns) == 2 and done(s)).turns
    assert [turn.text for turn in turns] == ["hello there", "Hello."]


def test_muted_speech_is_not_taken_up() -> None:
    with live(heard=("hello",)) as it:
        it.session.set_muted(True)
        it.watch.until(lambda s: s.muted)
        it.sound.user_says(0.8)
        it.session.tell("after it")
        assert it.watch.until(lambda s: bool(s.notices)).state is State.MUTED
        assert State.HEARING not in {s.state for s in it.watch.seen}


def test_a_new_conversation_begins_empty() -> None:
    with live(FakeMind(["One.", "Two."])) as it:
        it.ask("hello")
        it.session.new_conversation()
        it.watch.until(lambda s: not s.turns)
        assert it.ask("again").turns[0].number == 0
        assert [message.text for message in it.mind.requests[-1]][1:] == ["again"]


def test_meters_show_levels_and_the_word_being_spoken() -> None:
    with live(FakeMind([STORY]), sound=FakeSound(plays=False)) as it:
        assert it.session.meters().playhead is None
        begun(it)
        it.sound.hear(0.0, level_dbfs=-33.0)
        meters = it.session.meters()
    assert (meters.microphone_dbfs, meters.voice_dbfs) == (-33.0, -50.0)
    assert meters.playhead is not None
    assert meters.playhead.turn == 1
    assert STORY[meters.playhead.start : meters.playhead.end] in ("there", "was")


def test_notices_are_numbered_and_the_oldest_are_let_go() -> None:
    with live() as it:
        for number in range(25):
            it.session.tell(f"notice {number}")
        notices = it.watch.until(lambda s: bool(s.notices) and s.notices[-1].text == "notice 24").notices
    assert [notice.number for notice in notices] == list(range(6, 26))
    assert [notice.text for notice in notices] == [f"notice {number}" for number in range(5, 25)]


class FrankMind(FakeMind):
    def start(self) -> MindFacts:
        super().start()
        return MindFacts("Frank", 512, "The context was made smaller to fit into memory.")


def test_what_the_mind_has_to_say_about_its_model_is_shown() -> None:
    with live(FrankMind(["Hello."])) as it:
        it.watch.until(lambda s: [n.text for n in s.notices] == ["The context was made smaller to fit into memory."])


def test_every_listener_gets_the_snapshots_from_its_subscription_on() -> None:
    with live() as it:
        later = Watch()
        it.session.tell("before")
        it.watch.until(lambda s: len(s.notices) == 1)
        it.session.subscribe(later)
        it.session.tell("after")
        shown = it.watch.until(lambda s: len(s.notices) == 2)
        assert later.until(lambda s: len(s.notices) == 2) is shown
        assert all(len(seen.notices) > 0 for seen in later.seen)


def test_snapshots_tell_of_engines_devices_and_the_starter() -> None:
    with live() as it:
        seen: Snapshot = it.watch.until(lambda s: s.microphone is not None and s.loudspeaker is not None)
        engines = {engine.name: engine for engine in seen.engines}
    assert list(engines) == ["Hearing", "Thinking", "Voice"]
    assert all(engine.ready and not engine.failed for engine in engines.values())
    assert engines["Thinking"].detail == "starter model"
    assert (seen.microphone, seen.loudspeaker) == ("desk microphone", "desk loudspeaker")
    assert seen.starter


class SilentAfterFirst(FakeVoice):
    def synthesise(self, text: str, voice: str | None = None) -> Speech:
        speech = super().synthesise(text, voice)
        return speech if len(self.spoken) == 1 else Speech(speech.pcm[:0], speech.rate)


def test_a_sentence_without_sound_does_not_end_the_reply_before_its_time() -> None:
    with live(FakeMind(["Once there was a fox. Well."]), SilentAfterFirst(), sound=FakeSound(plays=False)) as it:
        it.session.say("tell me a story")
        it.sound.playout.await_queued(lambda queued: (1, 1) in queued)
        it.sound.render(0.5)
        it.watch.until(lambda s: s.state is State.SPEAKING)
        it.session.stop()
        it.watch.until(lambda s: s.state is State.INTERRUPTED)
        it.sound.render(0.02)
        assert not it.sound.render(1.0).any()


def test_a_sentence_without_sound_takes_its_turn() -> None:
    with live(FakeMind(["Well. So it was."]), SilentAfterFirst()) as it:
        assert it.ask("why").turns[-1].heard == len("Well. So it was.")


def test_half_a_character_does_no_harm() -> None:
    with live() as it:
        assert it.ask("caf\ud83d").turns[0].text == "caf?"


def test_what_was_typed_while_the_devices_were_away_is_answered_when_they_come() -> None:
    with live(sound=FakeSound(loudspeaker=None)) as it:
        it.ask("hello")
        it.sound.find(Device.LOUDSPEAKER, "headset")
        it.watch.until(lambda s: s.loudspeaker == "headset")
        it.ask("hello again")
    assert it.voice.spoken == ["Hello to you."]
