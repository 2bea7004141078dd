"""From settings to the options of each part: the one place where names of settings meet names of parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assistant.audio.echo import Headset
from assistant.audio.frontend import FrontEnd, FrontEndOptions
from assistant.audio.playout import PlayoutOptions
from assistant.audio.vad import VadOptions
from assistant.core.events import Engine
from assistant.core.options import Options
from assistant.core.phrases import Phrases
from assistant.engines.mind import LlamaMind, MindOptions
from assistant.engines.stt_vosk import StopSpotter, VoskModel, VoskRecogniser
from assistant.engines.stt_vosk_wake import WakeSpotter
from assistant.engines.voice import Pyttsx3Voice, VoiceOptions
from assistant.library import chat_model_path, probe_speech_model, speech_model_path
from assistant.phrases import load_phrases
from assistant.session.ear import Ear
from assistant.session.wake import WakeGate
from assistant.settings import Settings
from assistant.tools.clock import WallClock
from assistant.tools.toolbox import Toolbox, standard_tools


def local_time() -> datetime:
    """The time of this computer, with its zone."""
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that the parts of a session need to know; made from the settings once."""

    settings: Settings
    options: Options
    phrases: Phrases
    system_prompt: str
    frontend: FrontEndOptions
    playout: PlayoutOptions
    preroll_s: float
    max_tokens: int
    speech_model: Path
    chat_model: Path

    @classmethod
    def of(cls, settings: Settings) -> "Setup":
        """Use the models that the settings name, the starters where they name none."""
        return cls(
            settings=settings,
            options=settings.options(),
            phrases=load_phrases(),
            system_prompt=settings.system_prompt,
            frontend=FrontEndOptions(
                vad=VadOptions(
                    threshold_db=settings.vad_threshold_db,
                    min_dbfs=settings.vad_min_dbfs,
                    start_s=settings.vad_start_s,
                    stop_s=settings.vad_stop_s,
                )
            ),
            playout=PlayoutOptions(
                duck_db=settings.duck_db, duck_ramp_ms=settings.duck_ramp_ms, cut_fade_ms=settings.cut_fade_ms
            ),
            preroll_s=settings.preroll_s,
            max_tokens=settings.chat_max_tokens,
            speech_model=speech_model_path(settings),
            chat_model=chat_model_path(settings),
        )

    @property
    def starter(self) -> bool:
        """True while at least one starter model is in use."""
        return not (self.settings.speech_model and self.settings.chat_model)

    def model_name(self, engine: Engine) -> str:
        """What the window calls the model of `engine`."""
        if engine is Engine.VOICE:
            return self.settings.voice or "system voice"
        chosen, path = (
            (self.settings.speech_model, self.speech_model)
            if engine is Engine.EAR
            else (self.settings.chat_model, self.chat_model)
        )
        return path.name if chosen else "starter model"

    def mind(self, log: Path | None = None) -> LlamaMind:
        """The language model, not yet started."""
        s = self.settings
        options = MindOptions(
            context_tokens=s.chat_context_tokens,
            threads=s.chat_threads or None,
            temperature=s.chat_temperature,
            seed=s.seed,
        )
        return LlamaMind(self.chat_model, options, log=log)

    def voice(self, log: Path | None = None) -> Pyttsx3Voice:
        """The synthesiser, not yet started."""
        return Pyttsx3Voice(self.voice_options, log=log)

    @property
    def voice_options(self) -> VoiceOptions:
        """How to speak."""
        s = self.settings
        return VoiceOptions(s.voice or None, s.voice_rate_wpm, s.voice_volume)

    def toolbox(self, now: WallClock = local_time) -> Toolbox:
        """The tools, those switched off included; `now` tells the local time with its zone."""
        return Toolbox(standard_tools(now), self.settings.enabled_tools())

    def recognisers(self) -> tuple[VoskRecogniser, StopSpotter]:
        """The recogniser and its stop-word companion, loaded. Raises UserError where the model cannot be used."""
        model = VoskModel(self.speech_model)
        return VoskRecogniser(model), self._stop_spotter(model)

    def front_end(self) -> FrontEnd:
        """The microphone's way to clean speech."""
        wanted = self.settings.echo_cancellation == "auto"
        return FrontEnd(self.frontend, None if wanted else Headset())

    def ear(self, tell: Callable[[str], None] | None = None) -> Ear:
        """The ear, loaded; `tell` takes a sentence for the user about stop words that the model does not know.

        Raises UserError where the model cannot be used. A model of unknown origin is first loaded in a child process,
        because native code may crash on it.
        """
        if self.settings.speech_model:
            probe_speech_model(self.speech_model)
        recogniser, stop_words = self.recognisers()
        if tell is not None and stop_words.unheard:
            tell(_about_unheard(stop_words))
        return Ear(recogniser, stop_words, self.preroll_s, self.gate())

    def gate(self) -> WakeGate | None:
        """What waits for the wake phrase; None where none is wanted. Raises UserError where it can never be heard."""
        phrase = self.settings.wake_phrase.strip()
        if not phrase:
            return None
        model = VoskModel(self.speech_model)
        return WakeGate(WakeSpotter(model, phrase), self._stop_spotter(model))

    def _stop_spotter(self, model: VoskModel) -> StopSpotter:
        fillers = self.phrases.fillers | self.phrases.before_cancel
        return StopSpotter(model, sorted(self.phrases.cancel), sorted(fillers))


def _about_unheard(stop_words: StopSpotter) -> str:
    if not stop_words.phrases:
        return "The speech recognition model knows no stop word: use the Stop button, or choose another model."
    unheard = ", ".join(f"“{phrase}”" for phrase in stop_words.unheard)
    return f"The speech recognition model does not know {unheard}: say “{min(stop_words.phrases, key=len)}” instead."
