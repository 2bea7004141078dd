"""docs/interruption.md lists every capability, and whatever it names exists."""

import re
from dataclasses import fields
from pathlib import Path

from assistant.core.options import Options
from assistant.core.presets import PRESETS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "interruption.md"
CAPABILITIES = [
    *(f"A{n}" for n in range(1, 25)),
    *(f"B{n}" for n in range(1, 22)),
    *(f"C{n}" for n in range(1, 12)),
    *("X1", "X2", "X3", "X7", "X8"),
]


def table() -> dict[str, str]:
    """Capability to what shows it."""
    rows = re.findall(r"^\| ([ABCX]\d+) \| .+? \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def test_every_capability_is_listed_in_order_and_shown_by_something() -> None:
    assert list(table()) == CAPABILITIES
    assert all("](../tests/" in shown for shown in table().values())


def test_everything_that_is_linked_exists() -> None:
    text = PAGE.read_text(encoding="utf-8")
    headings = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.+)$", text, re.M)}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        assert not path or (PAGE.parent / path).exists(), target
        assert path or anchor in headings, target


def test_every_scenario_is_named() -> None:
    named = set(re.findall(r"scenarios/(\w+)\.toml", PAGE.read_text(encoding="utf-8")))
    others = {"fan", "headset", "mute", "two_turns"}  # rooms, and a conversation without an interruption
    assert named == {path.stem for path in (ROOT / "tests" / "scenarios").glob("*.toml")} - others


def test_the_table_of_presets_is_right() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in next(iter(PRESETS.values())):
        (row,) = re.findall(rf"^\| [^|]*\(`{name}`\) \| (.+) \|$", text, re.MULTILINE)
        shown = [float(cell.removesuffix(" s")) for cell in row.split(" | ")]
        assert shown == [PRESETS[preset][name] for preset in ("sensitive", "balanced", "deliberate")]


def test_parameters_that_are_named_are_options_or_settings() -> None:
    from assistant.settings import Settings

    known = {field.name for field in fields(Options)} | set(Settings.model_fields)
    named = re.findall(r"`([a-z]+(?:_[a-z]+)+)(?: = [^`]+)?`", PAGE.read_text(encoding="utf-8"))
    assert set(named) - known <= {"speech_interrupted"}
