"""What the settings page says: groups, presets, choices. Labels and help of the settings are declared with them."""

from typing import Final

from assistant.settings import SettingInfo

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "Interrupting": (
        "barge_in",
        "cut_style",
        "typing_interrupts",
        "acknowledge_stop",
        "adapt",
        "barge_in_min_speech_s",
        "barge_in_min_words",
        "barge_in_speech_s",
        "barge_in_confidence",
        "debounce_s",
        "short_remainder_sentences",
        "duck_db",
        "duck_ramp_ms",
        "cut_fade_ms",
        "interrupted_shown_s",
    ),
    "Answers": (
        "offer_to_continue",
        "max_reply_s",
        "chat_max_tokens",
        "speculate",
        "speculate_after_s",
        "endpoint_silence_s",
        "endpoint_patience_s",
        "system_prompt",
    ),
    "Tools": ("tool_time", "tool_date", "tool_timers", "tool_calculator", "max_tool_calls"),
    "Voice": ("voice", "voice_rate_wpm", "voice_volume"),
    "Sound": (
        "microphone",
        "loudspeaker",
        "echo_cancellation",
        "use_sound_check",
        "wake_phrase",
        "vad_threshold_db",
        "vad_min_dbfs",
        "vad_start_s",
        "vad_stop_s",
        "preroll_s",
        "block_ms",
    ),
    "Models": (
        "speech_model",
        "chat_model",
        "chat_context_tokens",
        "chat_temperature",
        "chat_threads",
        "seed",
    ),
    "Appearance": ("theme", "text_scale", "reduced_motion"),
}
"""The settings of each group, the ones most often changed first; `interruption_preset` is shown as cards."""
PRESET_GROUP: Final = "Interrupting"
PRESET_TITLE: Final = "How easily you can interrupt"
PRESET_HINT: Final = "Pick the room you are in. Speak now and watch the bar."
PRESET_CARDS: Final[dict[str, tuple[str, str]]] = {
    "sensitive": ("Quiet room", "One word is enough"),
    "balanced": ("Everyday", "Ignores coughs"),
    "deliberate": ("Noisy room", "Needs a clear voice"),
    "": ("Custom", "Your own values"),
}
PRESET_PRICE: Final[dict[str, str]] = {
    "sensitive": "The quickest exchange. The price: a long cough or somebody else’s voice stops Parley, and who pauses "
    "to think is answered too early. Best with a headset.",
    "balanced": "“Stop” and real words stop Parley within a fraction of a second; a cough and “mm-hm” do not. "
    "The price: a wordless “hey!” takes most of a second.",
    "deliberate": "For a television, several people, or thinking aloud. The price: Parley yields about a quarter of a "
    "second later and answers 0.3 s later. “Stop” is as quick as ever.",
    "": "You have changed values of a preset below. Pick a card to take its values again.",
}
CUSTOM_HINT: Final = "Change a value below to set your own"
HELP: Final[dict[str, str]] = {
    "cut_style": "At once by a short fade, or after the word that is being spoken.",
    "barge_in_min_speech_s": "How long you must speak before words can stop Parley.",
    "barge_in_min_words": "How many words stop Parley; “mm-hm” does not count.",
    "barge_in_speech_s": "How long any voice must last before it stops Parley.",
    "barge_in_confidence": "How sure Parley must be of your words to stop; 0: not at all.",
}
"""In place of what is declared, which speaks of values as they are written in the settings file."""
CHOICES: Final[dict[str, str]] = {
    "fade": "Stops at once",
    "word_boundary": "Ends the word",
    "auto": "Automatic",
    "off": "Off",
    "on": "On",
    "system": "Like the system",
    "light": "Light",
    "dark": "Dark",
    "contrast": "High contrast",
}
PICK: Final[dict[str, str]] = {"speech_model": "folder", "chat_model": "file"}
"""Settings that name a file or a folder."""
LONG: Final = frozenset({"system_prompt"})
"""Settings of more than a line."""
EMPTY_TEXT: Final = {"speech_model": "Starter model", "chat_model": "Starter model"}
USUAL_EMPTY_TEXT: Final = "System default"
SEARCH: Final = "Search settings"
GROUP_NAME: Final = "Group of settings"
RESULTS: Final = "Found"
CHOOSE: Final = "Choose: {}"
LESS: Final = "Less: {}"
MORE: Final = "More: {}"
RESET: Final = "Reset to {}"
RESET_NAME: Final = "Reset: {}, to {}"
RESET_ALL: Final = "Reset these settings"
RESTART_NEEDED: Final = "Takes effect when Parley is started again."
ON, OFF = "on", "off"
ROOM_NOISE: Final = "Room noise"
ONSET: Final = "Lower voice"


def nothing_found(words: str) -> str:
    """Where the search finds no setting."""
    return f"Nothing found for “{words}”. Try fewer words."


def restart_notice(count: int) -> str:
    """That changes wait for a restart."""
    return f"{count} change{'s' if count > 1 else ''} will take effect when Parley is started again."


def shown(info: SettingInfo, value: object) -> str:
    """A value as it is read out."""
    if isinstance(value, bool):
        return ON if value else OFF
    if info.choices:
        return CHOICES.get(str(value), str(value))
    if isinstance(value, str):
        text = value or EMPTY_TEXT.get(info.name, USUAL_EMPTY_TEXT)
        return text if len(text) <= 40 else text[:39] + "…"
    return f"{value:g} {info.unit}".rstrip()


def level_sentence(level: float, onset: float, noise: float) -> str:
    """What Parley makes of the level at the microphone; all in dBFS."""
    if level <= -99:
        return "Nothing is heard: the microphone is muted or missing."
    now = f"{level:.0f} dB now".replace("-", "−")
    if level >= onset:
        return f"{now}: it would lower its voice."
    if level > noise + 3:
        return f"{now}: too quiet to be taken for you."
    return f"{now}: the room alone."


def cut_sentence(min_speech_s: float, min_words: int, speech_s: float, confidence: float) -> str:
    """When it stops, after it has lowered its voice."""
    words = "a real word" if min_words <= 1 else f"{min_words} real words"
    sure = " that it is fairly sure of" if confidence > 0 else ""
    return (
        f"It then stops at “stop” at once, after {min_speech_s:g} s with {words}{sure}, "
        f"or after {speech_s:g} s of any voice."
    )
