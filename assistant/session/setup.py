"""From settings to the options of each part: the one place where names of settings meet names of parameters."""

from dataclasses import dataclass
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
from assistant.engines.voice import Pyttsx3Voice, VoiceOptions
from assistant.library import chat_model_path, probe_speech_model, speech_model_path
from assistant.phrases import load_phrases
from assistant.session.ear import Ear
from assistant.settings import Settings


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
        s = self.settings
        return Pyttsx3Voice(VoiceOptions(s.voice or None, s.voice_rate_wpm, s.voice_volume), log=log)

    def recognisers(self) -> tuple[VoskRecogniser, StopSpotter]:
        """The recogniser and its stop-word companion, loaded. Raises UserError where the model cannot be used."""
        model = VoskModel(self.speech_model)
        return VoskRecogniser(model), StopSpotter(
            model, sorted(self.phrases.cancel), sorted(self.phrases.fillers | self.phrases.before_cancel)
        )

    def front_end(self) -> FrontEnd:
        """The microphone's way to clean speech."""
        wanted = self.settings.echo_cancellation == "auto"
        return FrontEnd(self.frontend, None if wanted else Headset())

    def ear(self) -> Ear:
        """The ear, loaded. Raises UserError where the model cannot be used.

        A model of unknown origin is first loaded in a child process, because native code may crash on it.
        """
        if self.settings.speech_model:
            probe_speech_model(self.speech_model)
        return Ear(*self.recognisers(), self.preroll_s)
