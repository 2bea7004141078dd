"""Settings: declared once, found in four places, never destroyed."""

import os
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from assistant.core.options import Options
from assistant.core.presets import PRESETS
from assistant.errors import UserError
from assistant.settings import Settings, needs_restart, problem_with, setting_info
from assistant.settings_file import load_settings, save_settings

NAMES = tuple(Settings.model_fields)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file of an otherwise empty home; not there yet."""
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path))
    folder = tmp_path / "config"
    folder.mkdir()
    return folder / "settings.toml"


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_describes_itself(name: str) -> None:
    info = setting_info(name)
    assert info.label
    assert info.help.endswith(".")
    assert problem_with(name, info.default, strict=True) is None
    if info.kind in (int, float):
        assert info.low is not None
        assert info.high is not None
        assert problem_with(name, info.high, strict=True) is None
        assert problem_with(name, info.high + (info.step or 1)) is not None
        assert problem_with(name, info.low - (info.step or 1)) is not None


@pytest.mark.parametrize("name", NAMES)
def test_names_end_in_the_unit(name: str) -> None:
    endings = {"s": "_s", "ms": "_ms", "dB": "_db", "dBFS": "_dbfs", "words/min": "_wpm", "words": "_words"}
    unit = setting_info(name).unit
    assert name.endswith(endings.get(unit, ""))
    assert unit or not name.endswith(tuple(endings.values()))


def test_the_options_of_the_core_are_settings_with_the_same_defaults() -> None:
    assert Settings().options() == Options()
    for field in fields(Options):
        assert issubclass(type(field.default), setting_info(field.name).kind), field.name
    assert Settings(barge_in=False).options().barge_in is False


def test_without_file_or_variables_all_is_default() -> None:
    assert load_settings() == (Settings(), [])


def test_command_line_beats_environment_beats_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('voice_rate_wpm = 100\nblock_ms = 30\ntheme = "dark"\n')
    monkeypatch.setenv("PARLEY_BLOCK_MS", "40")
    monkeypatch.setenv("PARLEY_THEME", "light")
    settings, problems = load_settings({"theme": "system"})
    assert problems == []
    assert (settings.voice_rate_wpm, settings.block_ms, settings.theme) == (100, 40, "system")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('endpoint_silence_s = "soon"', '"endpoint_silence_s" must be a number from 0.2 to 3 s, not "soon"'),
        ('endpoint_silence_s = "0.6"', '"endpoint_silence_s" must be a number from 0.2 to 3 s, not "0.6"'),
        ("endpoint_silence_s = nan", '"endpoint_silence_s" must be a number from 0.2 to 3 s, not nan'),
        ("barge_in = 1", '"barge_in" must be true or false, not 1'),
        (
            "chat_context_tokens = 1000",
            '"chat_context_tokens" must be a whole number from 512 to 32768 tokens, a mult',
        ),
        ('theme = "pink"', '"theme" must be one of "system", "light", "dark", "contrast", not "pink"'),
        ("voice = 7", '"voice" must be text in quotes, not 7'),
        ("voice = [1]", '"voice" must be text in quotes, not [1]'),
        ("voise = 'x'", '"voise" is not a setting; did you mean "voice": it is ignored'),
        ("zzzzzz = 1", '"zzzzzz" is not a setting: it is ignored'),
    ],
)
def test_a_mistake_in_the_file_is_named_and_keeps_its_default(file: Path, line: str, said: str) -> None:
    text = f"{line}\nblock_ms = 30\n"
    file.write_text(text)
    settings, problems = load_settings()
    assert settings == Settings(block_ms=30)
    (problem,) = problems
    assert said in problem
    assert str(file) in problem
    assert file.read_text() == text


@pytest.mark.parametrize("content", [b"block_ms = = 3", b"\xff\xfe\x00", b"block_ms = 30\nblock_ms = 40"])
def test_a_file_that_is_not_toml_is_named_and_left_alone(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    settings, problems = load_settings()
    assert settings == Settings()
    assert len(problems) == 1
    assert str(file) in problems[0]
    with pytest.raises(UserError, match="Nothing was saved"):
        save_settings({"block_ms": 30})
    assert file.read_bytes() == content


def test_a_mistaken_variable_is_named_and_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_BLOCK_MS", "loud")
    settings, problems = load_settings()
    assert settings == Settings()
    assert problems == [
        'The variable PARLEY_BLOCK_MS is ignored: "block_ms" must be a whole number from 10 to 40 ms, '
        'a multiple of 10, not "loud".'
    ]


@pytest.mark.parametrize("changes", [{"block_ms": 7}, {"blok_ms": 20}])
def test_a_mistake_on_the_command_line_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UserError, match="block_ms"):
        load_settings(changes)


def test_saving_keeps_comments_unknown_keys_and_mistakes(file: Path) -> None:
    file.write_text('# my notes\nvoice = "Anna" # nice\nfuture = [1, 2]\nblock_ms = "x"\n')
    save_settings({"voice": "Ben", "theme": "dark"})
    assert file.read_text() == ('# my notes\nvoice = "Ben" # nice\nfuture = [1, 2]\nblock_ms = "x"\ntheme = "dark"\n')
    assert load_settings()[0] == Settings(voice="Ben", theme="dark")


def test_every_setting_survives_saving(file: Path) -> None:
    changes = {name: setting_info(name).default for name in NAMES} | {"voice": 'Zoë "the voice" \\ 1'}
    save_settings(changes)
    assert tomllib.loads(file.read_text(encoding="utf-8")) == changes
    assert load_settings() == (Settings(voice='Zoë "the voice" \\ 1'), [])
    assert os.listdir(file.parent) == [file.name]  # noqa: PTH208 - only the names matter; no leftover beside it


def test_an_unfit_value_is_not_saved(file: Path) -> None:
    with pytest.raises(UserError, match="voice_volume"):
        save_settings({"voice_volume": 2.0})
    assert not file.exists()


def test_saving_goes_through_a_symbolic_link(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.toml"
    target.write_text("block_ms = 30\n")
    file.symlink_to(target)
    save_settings({"block_ms": 40})
    assert file.is_symlink()
    assert target.read_text() == "block_ms = 40\n"


def test_where_the_folder_cannot_be_made_saving_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "occupied").write_text("a file, not a folder")
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path / "occupied"))
    with pytest.raises(UserError, match="occupied"):
        save_settings({"block_ms": 30})


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_stands_in_for_what_is_not_set(preset: str) -> None:
    options = load_settings({"interruption_preset": preset})[0].options()
    for name, value in PRESETS[preset].items():
        assert getattr(options, name) == value


def test_what_is_set_beats_the_preset_wherever_it_is_set(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('interruption_preset = "deliberate"\nendpoint_silence_s = 0.6\n')
    monkeypatch.setenv("PARLEY_BARGE_IN_MIN_WORDS", "1")
    options = load_settings({"barge_in_speech_s": "0.6"})[0].options()
    assert (options.endpoint_silence_s, options.barge_in_min_words, options.barge_in_speech_s) == (0.6, 1, 0.6)
    assert options.barge_in_min_speech_s == PRESETS["deliberate"]["barge_in_min_speech_s"]
    changed = load_settings()[0].with_changes({"theme": "dark"}).options()
    assert changed.barge_in_speech_s == PRESETS["deliberate"]["barge_in_speech_s"]
    assert changed.endpoint_silence_s == 0.6


def test_presets_differ_and_balanced_is_the_default() -> None:
    assert set(PRESETS) == set(setting_info("interruption_preset").choices)
    assert Settings(interruption_preset="balanced").options() == Options()
    assert len({Settings().with_changes({"interruption_preset": name}).options() for name in PRESETS}) == len(PRESETS)


def test_tools_are_switched_one_by_one() -> None:
    every = Settings().enabled_tools()
    assert every == {"get_time", "get_date", "set_timer", "cancel_timer", "calculate"}
    assert Settings(tool_timers=False).enabled_tools() == every - {"set_timer", "cancel_timer"}


def test_those_that_need_a_restart_are_known() -> None:
    old = Settings()
    assert needs_restart(old, old) == ()
    assert needs_restart(old, old.with_changes({"duck_db": 3, "voice": "Ben", "barge_in": False})) == ()
    changed = old.with_changes({"seed": 3, "microphone": "desk", "duck_db": 3})
    assert needs_restart(old, changed) == ("microphone", "seed")


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().block_ms = 30
