"""The generated scenarios: the same for the same seed, of every group, and playable."""

from collections import Counter

import numpy as np
import pytest

from assistant.bench.duplex.cases import Case, Want, generate
from assistant.bench.duplex.groups import GROUPS
from assistant.bench.duplex.sounds import DISTURBANCES, fan, pcm

VOICES = ["one", "two", "three"]
SOUNDS = ["cough1", "slam1"]


def cases(count: int = 260, seed: int = 1) -> list[Case]:
    return generate(GROUPS, count, seed, VOICES, SOUNDS)


def test_the_same_seed_gives_the_same_scenarios_and_another_one_others() -> None:
    assert cases() == cases()
    assert [case.scenario for case in cases()] != [case.scenario for case in cases(seed=2)]


def test_there_are_as_many_as_asked_for_by_the_groups_shares() -> None:
    found = Counter(case.group for case in cases())
    assert set(found) == {group.name for group in GROUPS}
    assert abs(sum(found.values()) - 260) <= len(GROUPS)
    assert found["stop-word"] > found["correction"] > found["pause"] >= 5


def test_a_few_are_at_least_one_of_each() -> None:
    assert len(cases(1)) == len(GROUPS)


def test_a_scenario_does_not_depend_on_how_many_there_are() -> None:
    many = {case.name: case for case in cases()}
    assert all(many[case.name] == case for case in cases(60))


def test_every_probe_is_an_entry_of_its_scenario() -> None:
    for case in cases():
        names = [entry.name for entry in case.scenario.user]
        assert all(probe.entry in names for probe in case.probes)
        assert len(case.probes) == len({probe.entry for probe in case.probes}) > 0


def test_rooms_voices_and_levels_vary() -> None:
    rooms = Counter((case.scenario.room.output, case.scenario.room.noise is not None) for case in cases())
    assert len(rooms) == 4
    said = [entry for case in cases() for entry in case.scenario.user if entry.say is not None]
    assert {entry.voice for entry in said} == set(VOICES)
    assert len({entry.level_dbfs for entry in said}) > 3


def test_what_is_no_interruption_must_be_talked_through() -> None:
    wants = {(case.group, probe.want) for case in cases() for probe in case.probes}
    for group in ("backchannel", "noise", "hesitation", "side-talk"):
        assert {want for name, want in wants if name == group} == {Want.GO_ON}
    assert ("stop-word", Want.YIELD) in wants


@pytest.mark.parametrize("kind", DISTURBANCES)
def test_computed_sounds_are_sounds_and_differ(kind: str) -> None:
    first, same, other = (pcm(DISTURBANCES[kind](np.random.default_rng(seed))) for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first[:1000], other[:1000])
    assert 0.1 <= first.size / 16_000 <= 2.0
    assert 10_000 < np.abs(first.astype(int)).max() < 20_000


def test_the_fan_has_no_click_where_it_is_looped() -> None:
    sound = pcm(fan(np.random.default_rng(1))).astype(int)
    assert abs(sound[0] - sound[-1]) <= 2 * np.abs(np.diff(sound)).max()
