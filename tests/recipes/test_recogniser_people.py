"""Real speech in the recogniser's recipe, with a tiny folder of it made here, and how a model is measured."""

import csv
import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.errors import UserError
from models.recipes.recogniser import archive, listening, recordings, synthesis, trials_noise, trials_people
from models.recipes.recogniser.dataset import Dataset, Source, make, make_plain
from models.recipes.recogniser.listening import Listener
from models.recipes.recogniser.recordings import Clip

STARTER = Path(__file__).resolve().parents[2] / "models" / "starter" / "recogniser"
COLUMNS = ("file", "seconds", "speaker", "transcript", "transcript_source", "kind", "licence", "repo")


def opus(seconds: float, seed: int) -> bytes:
    """Noise, as an Opus file."""
    sound = 0.1 * np.random.default_rng(seed).standard_normal(int(16_000 * seconds))
    return encoded(sound)


def encoded(sound: np.ndarray) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sound, 16_000, format="OGG", subtype="OPUS")
    return file.getvalue()


def write_folder(folder: Path, clips: Sequence[tuple[Clip, bytes]]) -> Path:
    """Write a manifest and the tars that it names."""
    with (folder / "MANIFEST.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for clip, _ in clips:
            rows.writerow([clip.file, 1, clip.speaker, clip.text, "", "speech" if clip.speech else "keyboard", "", ""])
    for source in {clip.source for clip, _ in clips}:
        with tarfile.open(folder / f"{source}.tar", "w") as tar:
            for clip, data in clips:
                if clip.source == source:
                    member = tarfile.TarInfo(clip.file)
                    member.size = len(data)
                    tar.addfile(member, io.BytesIO(data))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty speakers, two single words and a sentence each, and a few key clicks."""
    clips = []
    for i in range(30):
        spoken = (("gsc", "stop"), ("gsc", "five"), ("so762", "tell me a story"))
        for j, (source, text) in enumerate(spoken):
            clips.append((Clip(f"{source}/{i}_{j}.opus", f"{source}_{i}_m20", text, True), opus(0.8, 10 * i + j)))
    clips += [(Clip(f"neg/{i}.opus", "", "", False), opus(0.1, i)) for i in range(30)]
    return write_folder(tmp_path_factory.mktemp("speech"), clips)


def test_the_people_of_the_test_set_are_never_trained_on(folder: Path) -> None:
    clips = recordings.manifest(folder)
    held_out = {clip.speaker for clip in clips if clip.held_out and clip.speech}
    trained = {clip.speaker for clip in recordings.training_clips(clips)}
    assert held_out
    assert trained
    assert not held_out & trained
    assert held_out | trained == {clip.speaker for clip in clips if clip.speech}
    voices = {voice.split(":")[1] for voice, _, _ in recordings.speech(folder, 3)}
    assert voices == trained
    assert len(recordings.noises(folder, held_out=True)) + len(recordings.noises(folder, held_out=False)) == 30


def test_where_speakers_are_unknown_files_are_kept_apart() -> None:
    files = [Clip(f"pvbar/{i}.opus", "unknown", "an espresso", True) for i in range(200)]
    assert 10 < sum(clip.held_out for clip in files) < 60
    same_speaker = [Clip(f"so762/{i}.opus", "so762_7_f9", "go on", True) for i in range(200)]
    assert len({clip.held_out for clip in same_speaker}) == 1


def test_mostly_unknown_and_often_repeated_words_are_left_out() -> None:
    def clips(text: str, count: int) -> list[Clip]:
        named = (Clip(f"so762/{text}{i}.opus", f"so762_{i}_m9", text, True) for i in range(3 * count))
        return [clip for clip in named if not clip.held_out][:count]

    assert len(recordings.training_clips(clips("stop", 80))) == 80
    assert len(recordings.training_clips(clips("zzyzx", 80))) == recordings.SAME_TRANSCRIPT
    assert not recordings.training_clips(clips("the zzyzx xyzzy", 5))
    assert len(recordings.training_clips(clips("stop the zzyzx", 5))) == 5
    assert not recordings.training_clips([Clip("neg/1.opus", "", "", False)])


def test_single_words_come_again_as_strings_of_one_speaker(folder: Path) -> None:
    spoken = list(recordings.speech(folder, 3))
    strings = [(voice, text) for voice, text, _ in spoken if voice.startswith("gsc") and len(text.split()) > 1]
    assert len(strings) == len({voice for voice, _, _ in spoken if voice.startswith("gsc")})
    assert {frozenset(text.split()) for _, text in strings} == {frozenset({"stop", "five"})}
    assert all(samples.dtype == np.int16 and len(samples) > 10_000 for _, _, samples in spoken)
    assert all(recordings.is_real(voice) for voice, _, _ in spoken)


def test_a_folder_without_a_manifest_or_a_tar_is_a_clear_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"MANIFEST\.csv"):
        recordings.manifest(tmp_path)
    (tmp_path / "MANIFEST.csv").write_text("file,speaker\na,b\n", encoding="utf-8")
    with pytest.raises(UserError, match="no column transcript"):
        recordings.manifest(tmp_path)
    with pytest.raises(UserError, match=r"gsc\.tar is missing"):
        list(recordings.read(tmp_path, [Clip("gsc/1.opus", "a", "stop", True)]))


def test_features_of_people_synthesisers_and_noise_make_one_data_set(folder: Path, tmp_path: Path) -> None:
    synthetic, people = tmp_path / "synthetic", tmp_path / "people"
    voices = [("en-us", "tell me a story", 2), ("en-us", "stop the wobblex", 3), ("awb", "go on", 4)]
    recorded = np.random.default_rng(1).normal(0, 3000, (5, 20_000)).astype(np.int16)
    archive.write(synthetic, [(voice, text, recorded[i]) for voice, text, i in voices])
    archive.write(people, list(recordings.speech(folder, 3))[:4])
    clicks = recordings.noises(folder, held_out=False)
    make([Source(synthetic, 2), Source(people, 1)], 12, clicks, tmp_path / "all", seed=5, processes=1)
    data = Dataset(tmp_path / "all", subsampling=3)
    assert len(data.features) == 2 * 3 + 4 + 12
    assert {data.tract_spread(i) for i in range(6)} == {9.0}
    assert {data.tract_spread(i) for i in range(6, 10)} == {5.0}
    texts = [data.text(i) for i in range(10, 22)]
    assert texts.count("[noise]") == 8
    assert texts.count("") == 4
    make_plain(synthetic, tmp_path / "plain", seed=5, processes=1)
    assert [u.text for u in archive.Archive(tmp_path / "plain").utterances] == ["tell me a story", "go on"]


# How a model is measured


@pytest.mark.parametrize(
    ("wanted", "heard", "pairs"),
    [
        ("", "", []),
        ("stop", "", [("stop", None)]),
        ("", "the", [(None, "the")]),
        ("a b c", "a x c", [("a", "a"), ("b", "x"), ("c", "c")]),
        ("go on", "go on now", [("go", "go"), ("on", "on"), (None, "now")]),
    ],
)
def test_words_are_paired_with_the_fewest_errors(
    wanted: str, heard: str, pairs: list[tuple[str | None, str | None]]
) -> None:
    assert listening.aligned(wanted.split(), heard.split()) == pairs


def test_a_score_counts_words_and_whole_sentences() -> None:
    score = listening.Score()
    score.count(["stop"], ["stop"])
    score.count(["go", "on", "please"], ["go", "please"])
    assert score.word_error_rate == pytest.approx(25)
    assert score.right == pytest.approx(50)


def test_the_area_under_the_curve_is_the_share_of_ordered_pairs() -> None:
    assert trials_noise.auc([0.9, 0.8], [0.1, 0.2]) == 1
    assert trials_noise.auc([0.5], [0.5, 0.9, 0.1]) == pytest.approx(0.5)


def test_sounds_without_speech_have_their_length_and_fit_into_sixteen_bits() -> None:
    for name, pieces in trials_noise.sounds_without_speech([]).items():
        assert len(pieces) == trials_noise.PIECES, name
        for piece in pieces:
            assert 10 <= len(piece) / 16_000 < 12, name
            assert np.abs(piece).max() < 40_000, name


def test_people_of_the_test_set_are_measured(tmp_path: Path) -> None:
    clips = []
    for i in range(40):
        for source, text in (("gsc", "stop"), ("gsc", "five"), ("so762", "tell me a story")):
            clip = Clip(f"{source}/{i}.{text[:2]}.opus", f"{source}_{i}_m20", text, True)
            if clip.held_out:
                ((_, _, samples),) = synthesis.say(synthesis.Job("espeak", "en-us", text, 0.4))
                clips.append((clip, encoded(samples / 65536)))
    measured = trials_people.figures(Listener(STARTER), write_folder(tmp_path, clips))
    by_name = {figure.name: figure for figure in measured}
    speakers = len({clip.speaker for clip, _ in clips if clip.source == "gsc"})
    assert by_name["commands, grammar of them"].count == speakers
    assert by_name["commands, grammar of them"].value == 100
    assert by_name["digits, no grammar"].count == speakers
    everyday = by_name["everyday sentences within the vocabulary"]
    assert everyday.count > 0
    assert everyday.value < 40
    assert by_name["of these, by adults"].count == everyday.count
    assert by_name["of these, by children"].count == 0
