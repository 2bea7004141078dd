from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.audio.pcm import SAMPLE_RATE, Pcm, Resampler, dbfs, read_wav, resample, to_float, to_int16, write_wav
from assistant.errors import UserError
from tests.audio.sounds import silence


def tone(rate: int, seconds: float = 1.0, hz: float = 440.0, peak: float = 0.5) -> Pcm:
    time = np.arange(round(rate * seconds)) / rate
    return to_int16((peak * np.sin(2.0 * np.pi * hz * time)).astype(np.float32))


def test_levels() -> None:
    assert dbfs(silence(0.1)) == -100.0
    assert dbfs(np.zeros(0, dtype=np.int16)) == -100.0
    assert dbfs(tone(16_000, peak=1.0)) == pytest.approx(-3.01, abs=0.01)
    assert dbfs(to_float(tone(16_000, peak=0.1))) == pytest.approx(-23.01, abs=0.01)


def test_floats_beyond_full_scale_clip() -> None:
    samples = np.array([2.0, -2.0, 0.5], dtype=np.float32)
    assert to_int16(samples).tolist() == [32767, -32768, 16384]


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_any_rate_channels_and_format_is_read(tmp_path: Path, rate: int, subtype: str) -> None:
    path = tmp_path / "tone.wav"
    mono = to_float(tone(rate))
    soundfile.write(path, np.stack((mono, mono), axis=1), rate, subtype=subtype)
    pcm = read_wav(path)
    assert pcm.dtype == np.int16
    assert pcm.size == pytest.approx(SAMPLE_RATE, abs=2)
    assert dbfs(pcm) == pytest.approx(-9.03, abs=0.1)


def test_written_sound_is_read_back_exactly(tmp_path: Path) -> None:
    pcm = tone(SAMPLE_RATE)
    write_wav(tmp_path / "mono.wav", pcm)
    assert np.array_equal(read_wav(tmp_path / "mono.wav"), pcm)


def test_stereo_has_left_and_right_and_pads_the_shorter(tmp_path: Path) -> None:
    write_wav(tmp_path / "stereo.wav", tone(SAMPLE_RATE), tone(SAMPLE_RATE, 0.5))
    table, rate = soundfile.read(tmp_path / "stereo.wav", dtype="int16")
    assert (rate, table.shape) == (SAMPLE_RATE, (SAMPLE_RATE, 2))
    assert np.array_equal(table[:, 0], tone(SAMPLE_RATE))
    assert not table[SAMPLE_RATE // 2 :, 1].any()


@pytest.mark.parametrize(("content", "reason"), [(b"dear diary", "not a sound file"), (None, "no such file")])
def test_a_file_that_is_no_sound_is_refused_by_name(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "diary.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=f"diary.wav.*{reason}"):
        read_wav(path)


def test_an_empty_sound_is_refused_by_name(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "empty.wav", np.zeros((0, 1)), 16_000)
    with pytest.raises(UserError, match=r"empty\.wav is empty"):
        read_wav(tmp_path / "empty.wav")


def test_a_folder_that_is_missing_is_named_on_writing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere.out\.wav"):
        write_wav(tmp_path / "nowhere" / "out.wav", silence(0.1))


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_streaming_keeps_the_time_line(rate: int) -> None:
    pcm = tone(rate, seconds=2.0)
    resampler = Resampler(rate, SAMPLE_RATE)
    block = rate // 50
    pieces = [resampler.push(pcm[start : start + block]) for start in range(0, pcm.size, block)]
    streamed = np.concatenate(pieces)
    whole = resample(pcm, rate, SAMPLE_RATE)[: streamed.size]
    assert streamed.size > 1.95 * SAMPLE_RATE
    # Away from the beginning, where the whole file is extended differently, both are the same sound at the same time.
    assert np.abs(streamed[200:].astype(int) - whole[200:]).max() < 40
