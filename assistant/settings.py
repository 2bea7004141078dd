"""The settings, each declared once with default, unit, bounds, label and help; `settings_file` loads and saves them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.core.options import CutStyle, Options
from assistant.core.presets import PRESETS
from assistant.errors import UserError

_TURN = Options()  # the defaults of turn-taking are declared there

SYSTEM_PROMPT = (
    "You are Parley, a friendly voice assistant on the user's own computer. Answer in two or three short sentences "
    "of plain spoken English. A reply that ends in ... was cut off there by the user; they did not hear the rest."
)


def _setting(
    default: object,
    label: str,
    help: str,  # the word that a reader of the table expects
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    step: int | None = None,
    restart: bool = False,
) -> Any:
    """Declare one setting; `low` and `high` are inclusive, `step` is a divisor of the value.

    `restart`: a change takes effect when Parley is started again.
    """
    return Field(
        default,
        title=label,
        description=help,
        ge=low,
        le=high,
        multiple_of=step,
        json_schema_extra={"unit": unit, "low": low, "high": high, "step": step, "restart": restart},
    )


_TOOLS = {
    "tool_time": ("get_time",),
    "tool_date": ("get_date",),
    "tool_timers": ("set_timer", "cancel_timer"),
    "tool_calculator": ("calculate",),
}
"""The tools that each of these settings switches."""


class Settings(BaseModel):
    """All settings; immutable (`with_changes` makes a changed copy). Times ending in `_s` are seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    # Turn-taking: the fields of `Options`, under the same names. What is not set has the value of the preset.
    interruption_preset: Literal["sensitive", "balanced", "deliberate"] = _setting(
        "balanced", "How easily you interrupt", "Sensitive: at once; deliberate: only by real words."
    )
    endpoint_silence_s: float = _setting(
        _TURN.endpoint_silence_s, "Pause that ends your turn", "Shorter answers sooner.", unit="s", low=0.2, high=3.0
    )
    endpoint_patience_s: float = _setting(
        _TURN.endpoint_patience_s, "Pause after “and” or “um”", "Time to think.", unit="s", low=0.2, high=6.0
    )
    speculate: bool = _setting(_TURN.speculate, "Prepare answers early", "Begins to think while you pause.")
    speculate_after_s: float = _setting(
        _TURN.speculate_after_s, "Pause before preparing", "Shorter costs more work.", unit="s", low=0.05, high=3.0
    )
    barge_in: bool = _setting(_TURN.barge_in, "Interrupt by speaking", "Off: only Stop, Esc and typing interrupt.")
    barge_in_min_speech_s: float = _setting(
        _TURN.barge_in_min_speech_s, "Least speech with words", "To interrupt.", unit="s", low=0.05, high=2.0
    )
    barge_in_min_words: int = _setting(
        _TURN.barge_in_min_words, "Least words", "To interrupt; “mm-hm” does not count.", unit="words", low=1, high=10
    )
    barge_in_speech_s: float = _setting(
        _TURN.barge_in_speech_s, "Least speech without words", "To interrupt.", unit="s", low=0.1, high=5.0
    )
    barge_in_confidence: float = _setting(
        _TURN.barge_in_confidence, "Least certainty of words", "To interrupt; 0: any.", low=0.0, high=1.0
    )
    debounce_s: float = _setting(
        _TURN.debounce_s, "Wait before a cut", "Forgives short sounds; “stop” never waits.", unit="s", low=0.0, high=2.0
    )
    cut_style: Literal["fade", "word_boundary"] = _setting(
        _TURN.cut_style.value, "When interrupted", "Fade: stops at once; word_boundary: ends the word first."
    )
    short_remainder_sentences: int = _setting(
        _TURN.short_remainder_sentences,
        "Finish a short rest",
        "With fewer sentences left, it is spoken to its end; 0: never.",
        low=0,
        high=10,
    )
    typing_interrupts: bool = _setting(
        _TURN.typing_interrupts, "Typing interrupts", "With the first key; off: when you send."
    )
    acknowledge_stop: bool = _setting(_TURN.acknowledge_stop, "Answer to “stop”", "A word, instead of silence.")
    offer_to_continue: bool = _setting(
        _TURN.offer_to_continue, "Offer to go on", "After your question, with the reply that it cut off."
    )
    adapt: bool = _setting(_TURN.adapt, "Learn from your sounds", "Waits longer if your “mm-hm” lasts longer.")
    max_reply_s: float = _setting(
        _TURN.max_reply_s, "Longest spoken reply", "The text stays; 0: no limit.", unit="s", low=0.0, high=3600.0
    )
    interrupted_shown_s: float = _setting(
        _TURN.interrupted_shown_s, "“Interrupted” is shown for", "Then Parley listens.", unit="s", low=0.0, high=5.0
    )

    # Tools: what the chat model may do besides talking.
    tool_time: bool = _setting(True, "Tell the time", "The model may look at the clock.")
    tool_date: bool = _setting(True, "Tell the date", "The model may look at the calendar.")
    tool_timers: bool = _setting(True, "Set timers", "They ring by voice, and can be undone.")
    tool_calculator: bool = _setting(True, "Calculate", "Exactly, instead of by heart.")
    max_tool_calls: int = _setting(
        _TURN.max_tool_calls, "Most tool calls", "For one question of yours.", unit="calls", low=0, high=10
    )

    # Sound.
    microphone: str = _setting("", "Microphone", "Its name or a part of it; empty: the system's default.", restart=True)
    loudspeaker: str = _setting(
        "", "Loudspeaker", "Its name or a part of it; empty: the system's default.", restart=True
    )
    echo_cancellation: Literal["auto", "off"] = _setting(
        "auto",
        "Echo cancellation",
        "Auto: while an echo of Parley's voice is heard; off: for headsets only.",
        restart=True,
    )
    use_sound_check: bool = _setting(
        True, "Use the sound check", "Its thresholds on its devices, where you have set none yourself.", restart=True
    )
    wake_phrase: str = _setting(
        "", "Wake phrase", "Words that wake Parley, such as “hey computer”; empty: it always listens.", restart=True
    )
    block_ms: int = _setting(
        20, "Sound block", "Longer if the sound crackles.", unit="ms", low=10, high=40, step=10, restart=True
    )
    vad_threshold_db: float = _setting(
        9.0, "Speech above background", "Higher ignores more noise.", unit="dB", low=3.0, high=40.0, restart=True
    )
    vad_min_dbfs: float = _setting(
        -50.0, "Quietest speech", "What is quieter is never speech.", unit="dBFS", low=-90.0, high=-10.0, restart=True
    )
    vad_start_s: float = _setting(
        0.06, "Speech begins after", "Skips clicks.", unit="s", low=0.01, high=1.0, restart=True
    )
    vad_stop_s: float = _setting(
        0.25, "Speech ends after", "Bridges short gaps.", unit="s", low=0.05, high=2.0, restart=True
    )
    preroll_s: float = _setting(
        0.5, "Pre-roll", "Keeps the first word whole.", unit="s", low=0.1, high=2.0, restart=True
    )
    duck_db: float = _setting(20.0, "Duck by", "While you may be interrupting.", unit="dB", low=0.0, high=60.0)
    duck_ramp_ms: int = _setting(30, "Duck within", "Shorter is more abrupt.", unit="ms", low=5, high=500)
    cut_fade_ms: int = _setting(8, "Fade on a cut", "Avoids a click.", unit="ms", low=1, high=50)

    # Models.
    speech_model: str = _setting("", "Speech model", "Folder of a Vosk model; empty: the starter model.", restart=True)
    chat_model: str = _setting("", "Chat model", "GGUF file of a chat model; empty: the starter model.", restart=True)
    chat_context_tokens: int = _setting(
        2048,
        "Context",
        "More remembers more and needs memory.",
        unit="tokens",
        low=512,
        high=32768,
        step=256,
        restart=True,
    )
    chat_max_tokens: int = _setting(400, "Longest reply", "Then it ends.", unit="tokens", low=16, high=4096)
    chat_temperature: float = _setting(
        0.0, "Temperature", "0: the likeliest words; higher: more varied.", low=0.0, high=2.0, restart=True
    )
    chat_threads: int = _setting(0, "Threads", "0: all cores but one.", unit="threads", low=0, high=256, restart=True)
    seed: int = _setting(
        0, "Seed", "For temperatures above 0: the same seed, the same words.", low=0, high=2**32 - 1, restart=True
    )
    system_prompt: str = _setting(SYSTEM_PROMPT, "Instructions", "What the chat model is told about itself.")

    # Voice.
    voice: str = _setting("", "Voice", "Its name or id; empty: the system's default.")
    voice_rate_wpm: int = _setting(175, "Speaking rate", "Of Parley's voice.", unit="words/min", low=80, high=450)
    voice_volume: float = _setting(1.0, "Volume", "Of Parley's voice.", low=0.0, high=1.0)

    # Window and privacy.
    theme: Literal["system", "light", "dark", "contrast"] = _setting("system", "Theme", "Colours of the window.")
    text_scale: float = _setting(1.0, "Text size", "1: the usual size.", low=0.75, high=2.0)
    reduced_motion: Literal["system", "on", "off"] = _setting(
        "system", "Reduced motion", "On: nothing moves by itself."
    )

    def options(self) -> Options:
        """The part that the conversation core needs: what is set, and the preset for the rest."""
        values = {field.name: getattr(self, field.name) for field in fields(Options)}
        preset = PRESETS[self.interruption_preset]
        values |= {name: value for name, value in preset.items() if name not in self.model_fields_set}
        return Options(**values | {"cut_style": CutStyle(values["cut_style"])})

    def enabled_tools(self) -> frozenset[str]:
        """The names of the tools that are switched on."""
        return frozenset(tool for switch, tools in _TOOLS.items() if getattr(self, switch) for tool in tools)

    def with_changes(self, changes: Mapping[str, object]) -> "Settings":
        """Return a copy with `changes` (names to values). Raises UserError for an unknown name or an unfit value."""
        for name, value in changes.items():
            problem = problem_with(name, value)
            if problem:
                raise UserError(f"{problem}.")
        return Settings.model_validate({**self.model_dump(exclude_unset=True), **changes})


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """What a settings page needs to show one setting; `choices` is empty unless the setting is one of a few words."""

    name: str
    kind: type
    label: str
    help: str
    default: object
    unit: str
    low: float | None
    high: float | None
    step: int | None
    restart: bool
    choices: tuple[str, ...]

    @property
    def expected(self) -> str:
        """What a value must be, to follow "must be"."""
        if self.choices:
            return "one of " + ", ".join(f'"{choice}"' for choice in self.choices)
        if self.kind is bool:
            return "true or false"
        if self.kind is str:
            return "text in quotes"
        number = "a whole number" if self.kind is int else "a number"
        multiple = f", a multiple of {self.step}" if self.step else ""
        return f"{number} from {self.low:g} to {self.high:g} {self.unit}".rstrip() + multiple


def needs_restart(old: Settings, new: Settings) -> tuple[str, ...]:
    """The settings that differ and take effect when Parley is started again, by name."""
    return tuple(
        name
        for name in Settings.model_fields
        if setting_info(name).restart and getattr(old, name) != getattr(new, name)
    )


def setting_info(name: str) -> SettingInfo:
    """Describe the setting `name`. Raises KeyError if there is none."""
    field = Settings.model_fields[name]
    extra: dict[str, Any] = field.json_schema_extra  # type: ignore[assignment]  # always the dict from _setting
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    kind = type(field.default)
    return SettingInfo(name, kind, field.title or "", field.description or "", field.default, choices=choices, **extra)


def problem_with(name: str, value: object, *, strict: bool = False) -> str | None:
    """Say in one clause what is wrong with `value` for the setting `name`; None if nothing is.

    `strict` is for values that already have a type, as in TOML: "0.6" is then no number.
    """
    if name not in Settings.model_fields:
        close = get_close_matches(name, Settings.model_fields, n=1)
        return f'"{name}" is not a setting' + (f'; did you mean "{close[0]}"?' if close else "")
    try:
        Settings.model_validate({name: value}, strict=strict)
    except ValidationError:
        shown = f'"{value}"' if isinstance(value, str) else str(value)
        return f'"{name}" must be {setting_info(name).expected}, not {shown}'
    return None
