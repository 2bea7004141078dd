"""The simulator itself, on engines that take no time: costs, timing of the script, rooms, and what it writes."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from assistant.audio.pcm import SAMPLE_RATE
from assistant.core.messages import Message
from assistant.engines.fakes import FakeMind, FakeRecogniser, FakeVoice
from assistant.errors import UserError
from assistant.session.setup import Setup
from assistant.session.simulation.report import joined, report, write_out
from assistant.session.simulation.scenario import LONGEST_S, load_scenario
from assistant.session.simulation.simulate import setup_for
from assistant.session.simulation.simulation import QUIET_S, Run, Simulation
from assistant.session.simulation.timeline import draw_timeline
from assistant.session.simulation.world import Engines
from assistant.settings import Settings

REPLY = "One two three four five. Six seven eight nine ten. Eleven twelve thirteen fourteen."
HEADSET = '[room]\noutput = "headset"\n'  # the fake voice hums, and an echo of a hum passes for speech
ASK = '[[user]]\nname = "ask"\nat = 0.5\ntype = "hello"\n'

Reply = str | Callable[[Sequence[Message]], str]


class Played:
    """A scenario played on fake engines."""

    def __init__(self, folder: Path, text: str, heard: tuple[str, ...] = (), reply: Reply = REPLY) -> None:
        self.path = folder / "scenario.toml"
        self.path.write_text(text)
        scenario = load_scenario(self.path)
        self.setup: Setup = setup_for(scenario, self.path, Settings())
        self.mind, self.voice = FakeMind([reply] if isinstance(reply, str) else reply), FakeVoice()
        self.mind.start()
        self.voice.start()
        engines = Engines(self.mind, self.voice, FakeRecogniser(heard), None)
        self.watched: list[dict[str, Any]] = []
        self.simulation = Simulation(scenario, self.path, self.setup, engines, self.watched.append)
        self.run: Run = self.simulation.play()
        self.report = report(scenario.title, self.run, self.simulation.script.acts, self.simulation.conversation)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [entry for entry in self.run.log if entry["event"] == name]

    def user(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(user for user in self.report["users"] if user["name"] == name)
        return found


def test_tokens_and_sentences_cost_what_the_table_says(tmp_path: Path) -> None:
    costs = "[costs]\ntokens_per_s = 10.0\nprompt_tokens_per_s = 50.0\nsentence_s = 0.2\n"
    played = Played(tmp_path, costs + ASK)
    tokens = played.events("token_generated")
    prompt = played.mind.last_usage.prompt_tokens
    assert tokens[0]["at"] == pytest.approx(0.5 + prompt / 50.0 + 0.1)
    assert np.diff([token["at"] for token in tokens]) == pytest.approx(0.1)
    assert played.events("generation_finished")[0]["at"] == pytest.approx(tokens[-1]["at"])
    spoken, heard = played.events("speak")[0]["at"], played.events("playout_started")[0]["at"]
    assert heard == pytest.approx(spoken + 0.2, abs=0.011)


def test_tokens_already_evaluated_cost_nothing(tmp_path: Path) -> None:
    def first_token(reused: int) -> float:
        played = Played(tmp_path, ASK)
        usage = played.mind.last_usage
        assert usage.reused_tokens == 0
        waited: float = played.events("token_generated")[0]["at"] - 0.5
        return waited - (usage.prompt_tokens - reused) / 200.0

    assert first_token(0) == pytest.approx(1 / 20.0)


def test_after_the_assistants_events_and_after_other_entries(tmp_path: Path) -> None:
    played = Played(
        tmp_path,
        '[room]\noutput = "headset"\n'  # a canceller lets the long tones of the fake voice pass at times
        + ASK
        + '[[user]]\nname = "stop"\nafter = "playout_started"\noffset_s = 1.0\npress = "stop"\n'
        + '[[user]]\nname = "on"\nafter = "speech_interrupted"\noffset_s = 0.5\npress = "continue"\n'
        + '[[user]]\nname = "more"\nafter = "reply_finished"\noffset_s = 0.25\ntype = "more"\n'
        + '[[user]]\nname = "last"\nafter = "more"\noffset_s = 0.1\npress = "stop"\n',
    )
    audible = [reply["first_audible_s"] for reply in played.report["replies"]]
    assert played.user("stop")["onset_s"] == pytest.approx(audible[0] + 1.0)
    (cut, *_) = played.events("speech_interrupted")
    assert played.user("on")["onset_s"] == pytest.approx(cut["at"] + 0.5)
    (finished, *_) = played.events("reply_finished")
    assert finished["epoch"] == 2
    assert played.user("more")["onset_s"] == pytest.approx(finished["at"] + 0.25)
    assert played.user("last")["onset_s"] == pytest.approx(played.user("more")["onset_s"] + 0.1)


def test_what_never_happens_is_null(tmp_path: Path) -> None:
    played = Played(
        tmp_path, HEADSET + ASK + '[[user]]\nname = "never"\nafter = "speech_interrupted"\npress = "stop"\n'
    )
    never = played.user("never")
    assert {key: value for key, value in never.items() if value is not None} == {
        "name": "never",
        "role": "turn",
        "decision": "ignore",
    }


def test_it_ends_when_all_is_quiet(tmp_path: Path) -> None:
    played = Played(tmp_path, ASK, reply="Yes, that is so.")
    over = played.events("reply_finished")[0]["at"]
    assert played.run.duration_s == pytest.approx(over + QUIET_S, abs=0.1)


def test_it_ends_when_the_scenario_says(tmp_path: Path) -> None:
    assert Played(tmp_path, "duration_s = 2.5\n" + ASK).run.duration_s == 2.5


def test_it_ends_in_any_case(tmp_path: Path) -> None:
    assert (
        Played(
            tmp_path, HEADSET + "[settings]\nchat_max_tokens = 1000\n" + ASK, reply="And so on. " * 400
        ).run.duration_s
        == LONGEST_S
    )


def test_a_message_that_is_too_long_is_told_and_the_conversation_goes_on(tmp_path: Path) -> None:
    def answer(messages: Sequence[Message]) -> str:
        if messages[-1].text == "hello":
            raise UserError("The message is too long.")
        return "Good."

    played = Played(tmp_path, HEADSET + ASK + '[[user]]\nat = 2.0\ntype = "shorter"\n', reply=answer)
    assert set(played.report["summary"]["notices"]) == {"The message is too long."}
    assert [reply["text"] for reply in played.report["replies"]][-1] == "Good."


def test_words_and_their_times(tmp_path: Path) -> None:
    played = Played(tmp_path, '[[user]]\nname = "ask"\nat = 1.0\nsay = "tell me a story"\n', heard=("tell me a story",))
    ask = played.user("ask")
    assert ask["transcript"] == "tell me a story"
    assert ask["onset_s"] == pytest.approx(1.0, abs=0.01)
    assert ask["end_s"] - ask["onset_s"] == pytest.approx(15 / 14 * 180 / 180, abs=0.05)
    assert ask["endpoint_s"] - ask["end_s"] == pytest.approx(Settings().endpoint_silence_s, abs=0.05)
    assert ask["reply_audible_s"] == played.report["replies"][0]["first_audible_s"]


def test_settings_of_the_scenario_count(tmp_path: Path) -> None:
    text = '[[user]]\nname = "ask"\nat = 1.0\nsay = "tell me a story"\n[settings]\nendpoint_silence_s = 1.1\n'
    ask = Played(tmp_path, text, heard=("tell me a story",)).user("ask")
    assert ask["endpoint_s"] - ask["end_s"] == pytest.approx(1.1, abs=0.05)


def test_a_recording_of_any_rate_is_played(tmp_path: Path) -> None:
    time = np.arange(44_100) / 44_100
    soundfile.write(tmp_path / "tone.wav", 0.5 * np.sin(2 * np.pi * 300 * time), 44_100)
    played = Played(tmp_path, '[[user]]\nname = "tone"\nat = 1.0\nwav = "tone.wav"\nrole = "noise"\n')
    assert played.user("tone")["end_s"] == pytest.approx(2.0, abs=0.01)
    assert played.events("speech_started")[0]["onset"] == pytest.approx(1.0, abs=0.05)


def test_a_headset_has_no_echo_and_a_loudspeaker_has_one(tmp_path: Path) -> None:
    def loudest(output: str) -> int:
        played = Played(tmp_path, f'[room]\noutput = "{output}"\n' + ASK)
        return int(np.abs(joined(played.run.microphone).astype(int)).max())

    assert loudest("headset") < 200 < 1000 < loudest("speaker")


def test_seeds_differ_in_noise_and_nothing_else_does(tmp_path: Path) -> None:
    def microphone(seed: int) -> Any:
        return joined(Played(tmp_path, f"seed = {seed}\n" + ASK).run.microphone)

    one = microphone(1)
    assert np.array_equal(one, microphone(1))
    assert not np.array_equal(one[: SAMPLE_RATE // 2], microphone(2)[: SAMPLE_RATE // 2])


def test_a_watcher_is_told_everything_in_order(tmp_path: Path) -> None:
    played = Played(tmp_path, ASK)
    assert played.watched == played.run.log
    assert [entry["event"] for entry in played.watched[:2]] == ["device_ready", "device_ready"]


def test_what_is_written(tmp_path: Path) -> None:
    played = Played(
        tmp_path, ASK + '[[user]]\nname = "stop"\nafter = "playout_started"\noffset_s = 1.0\npress = "stop"\n'
    )
    write_out(tmp_path, played.run)
    draw_timeline(tmp_path / "timeline.png", "A title", played.run, played.simulation.script.acts)
    sound, rate = soundfile.read(tmp_path / "room.wav", dtype="int16")
    assert rate == SAMPLE_RATE
    assert np.array_equal(sound[:, 0], joined(played.run.microphone))
    assert np.array_equal(sound[:, 1], joined(played.run.loudspeaker))
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == played.report["events"]
    assert (tmp_path / "timeline.png").read_bytes().startswith(b"\x89PNG")
