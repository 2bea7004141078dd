"""Presets: values for the parameters of interruption that fit together, each with its trade-off.

A parameter that the user has set wins over the preset.

`sensitive`: for a quiet room and one speaker, best with a headset. Words cut after 0.15 s, any voice after 0.4 s, and a
    turn is over after 0.45 s of silence: the quickest exchange. The price: a long cough or somebody else's voice stops
    Parley, and who pauses to think is answered too early.
`balanced`: the defaults. "Stop" and real words cut within a fraction of a second, a cough and "mm-hm" do not, and a
    pause of 0.6 s ends a turn. The price: a wordless "hey!" takes 0.85 s to cut.
`deliberate`: for a noisy room, a television, several people, or a speaker who thinks aloud. Two real words that were
    understood with some certainty are needed, for 0.4 s, or 1.2 s of voice; turns end after 0.9 s. The price: Parley
    yields about a quarter of a second later, one-word corrections ("Paris!") wait for the limit without words, and
    every answer comes 0.3 s later. "Stop" cuts as quickly as ever.
"""

from assistant.core.options import Options

_NAMES = (
    "endpoint_silence_s",
    "endpoint_patience_s",
    "barge_in_min_speech_s",
    "barge_in_min_words",
    "barge_in_speech_s",
    "barge_in_confidence",
    "debounce_s",
)
"""The options that presets are made of."""


def _preset(**values: float) -> dict[str, object]:
    defaults = Options()
    return {name: values.get(name, getattr(defaults, name)) for name in _NAMES}


PRESETS: dict[str, dict[str, object]] = {
    "sensitive": _preset(
        endpoint_silence_s=0.45, endpoint_patience_s=1.1, barge_in_min_speech_s=0.15, barge_in_speech_s=0.4
    ),
    "balanced": _preset(),
    "deliberate": _preset(
        endpoint_silence_s=0.9,
        endpoint_patience_s=2.0,
        barge_in_min_speech_s=0.4,
        barge_in_min_words=2,
        barge_in_speech_s=1.2,
        barge_in_confidence=0.4,
        debounce_s=0.1,
    ),
}
"""Values of options by their names, by the name of the preset; each preset has the same names."""
