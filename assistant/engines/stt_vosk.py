"""Vosk: transcripts of whole utterances, and a second, small-grammar recogniser that only listens for stop words."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import vosk

from assistant.engines.protocols import Pcm, TimedWord, Transcript
from assistant.errors import UserError

RATE = 16_000
"""Hz."""

UNKNOWN = "[unk]"
"""What Vosk writes for sound that is none of its words."""

DECOYS = (
    "the a i you it is to what tell me how why who when where can do about story time my we have like want that this "
    "not yes yeah right go on say play set start give good morning was are for of in with old long day night number "
    "moon sun water"
).split()
"""Common words that the stop-word grammar can hear instead: without them any speech is bent into a stop word sooner or
later. The price is that stop words are recognised a little later."""

STABLE_S = 0.1
"""A stop word counts once it has stood in the partial transcript for this much sound."""


class VoskModel:
    """A Vosk model folder, loaded; several recognisers may share it."""

    def __init__(self, folder: Path) -> None:
        """Load it (0.1 s for a small one); raises UserError if Vosk cannot use the folder."""
        vosk.SetLogLevel(-1)
        advice = "choose the folder of a Vosk model in the settings"
        if not folder.is_dir():
            raise UserError(f"There is no speech recognition model at {folder}: {advice}.")
        if not any(folder.rglob("final.mdl")):
            raise UserError(f"{folder} is not a Vosk model (it has no final.mdl): {advice}.")
        try:
            self.handle = vosk.Model(str(folder))
            vosk.KaldiRecognizer(self.handle, RATE)  # a missing graph is noticed only here
        except Exception as error:  # Vosk raises nothing more specific, and gives no reason
            problem = "damaged or incomplete" if "create" in str(error) else f"unusable ({error})"
            raise UserError(f"The speech recognition model {folder} is {problem}: {advice}.") from error
        self.folder = folder

    def knows(self, word: str) -> bool:
        """Whether `word` is in the model's vocabulary."""
        return bool(self.handle.vosk_model_find_word(word) >= 0)


class _Stream:
    """A Kaldi recogniser that is fed one utterance at a time, and whose own endpointing does not show.

    Vosk ends a segment wherever it sees fit; what it then gives is kept and the next segment is appended to it.
    """

    def __init__(self, model: VoskModel, grammar: Sequence[str] | None = None) -> None:
        arguments = [] if grammar is None else [json.dumps(list(grammar))]
        self._kaldi = vosk.KaldiRecognizer(model.handle, RATE, *arguments)
        self._kaldi.SetWords(True)
        self._settled: list[dict[str, Any]] = []
        self._began = 0
        """Samples before this utterance: Vosk counts time from the first sample it ever got."""
        self.samples = 0
        """Samples of this utterance."""

    def accept(self, pcm: Pcm) -> list[str]:
        """Take sound; return the words so far."""
        if pcm.dtype != np.int16 or pcm.ndim != 1:
            raise TypeError(f"int16 samples of shape (n,) expected, got {pcm.dtype} of shape {pcm.shape}")
        if pcm.size == 0:
            return self._texts([])
        self.samples += pcm.size
        if self._kaldi.AcceptWaveform(pcm.tobytes()):
            self._settled.append(json.loads(self._kaldi.Result()))
            return self._texts([])
        partial: str = json.loads(self._kaldi.PartialResult()).get("partial", "")
        return self._texts(partial.split())

    def finish(self) -> Transcript:
        """End the utterance and return its transcript, with times from its first sample."""
        if self.samples:
            self._settled.append(json.loads(self._kaldi.FinalResult()))
        offset = self._began / RATE
        words = tuple(
            TimedWord(word["word"], max(0.0, word["start"] - offset), max(0.0, word["end"] - offset), word["conf"])
            for segment in self._settled
            for word in segment.get("result", ())
            if word["word"] != UNKNOWN
        )
        text = " ".join(word for word in self._texts([]) if word != UNKNOWN)
        self._settled.clear()
        self._began += self.samples
        self.samples = 0
        return Transcript(text, words)

    def _texts(self, partial: list[str]) -> list[str]:
        return [word for segment in self._settled for word in segment.get("text", "").split()] + partial


class VoskRecogniser:
    """Speech recognition with the model's whole vocabulary: a `Recogniser`. One thread owns it."""

    def __init__(self, model: VoskModel) -> None:
        """Make a recogniser; the model stays loaded as long as any of its recognisers lives."""
        self._stream = _Stream(model)

    def accept(self, pcm: Pcm) -> str:
        """As in `protocols.Recogniser`."""
        return " ".join(word for word in self._stream.accept(pcm) if word != UNKNOWN)

    def final(self) -> Transcript:
        """As in `protocols.Recogniser`."""
        return self._stream.finish()

    def reset(self) -> None:
        """As in `protocols.Recogniser`.

        Vosk's own `Reset` would leave sound not yet decoded to the next utterance, so the utterance is ended instead.
        """
        self._stream.finish()


class StopSpotter:
    """Listens for a few phrases at the beginning of what is said, in any model. One thread owns it."""

    def __init__(self, model: VoskModel, phrases: Sequence[str], fillers: Sequence[str] = ()) -> None:
        """Listen for `phrases`, which may follow any number of `fillers` ("okay", "please") but no other word.

        Phrases with a word that the model does not know cannot be heard and are left out: `phrases` tells which stay,
        `unheard` which go.
        """
        self.phrases = tuple(phrase for phrase in phrases if all(model.knows(word) for word in phrase.split()))
        joined = {phrase.replace(" ", "") for phrase in self.phrases}  # "nevermind" is heard as "never mind"
        self.unheard = tuple(phrase for phrase in phrases if phrase.replace(" ", "") not in joined)
        self._wanted = sorted((phrase.split() for phrase in self.phrases), key=len, reverse=True)
        self._fillers = tuple(word for word in fillers if model.knows(word))
        decoys = (word for word in DECOYS if model.knows(word))
        # Every entry once: phrases and decoys are then equally likely to the recogniser.
        grammar = dict.fromkeys([*self.phrases, *self._fillers, *decoys, UNKNOWN])
        self._stream = _Stream(model, list(grammar))
        self._since: int | None = None

    def accept(self, pcm: Pcm) -> str | None:
        """Take sound (int16, mono, 16 kHz); the phrase, on every call from when it has been heard for STABLE_S."""
        phrase = self._match(self._stream.accept(pcm))
        if phrase is None:
            self._since = None
        elif self._since is None:
            self._since = self._stream.samples
        elif self._stream.samples - self._since >= STABLE_S * RATE:
            return phrase
        return None

    def reset(self) -> None:
        """Forget everything heard; a new utterance begins."""
        self._stream.finish()
        self._since = None

    def _match(self, words: list[str]) -> str | None:
        for start in range(len(words)):
            for wanted in self._wanted:
                if words[start : start + len(wanted)] == wanted:
                    return " ".join(wanted)
            if words[start] not in self._fillers:
                return None
        return None


class ModelCheck:
    """Loads a model and lets go of it: run in a child process before a folder of unknown origin is used here."""

    facts = None

    def __init__(self, folder: Path) -> None:
        """Raises UserError as VoskModel does."""
        VoskRecogniser(VoskModel(folder)).accept(np.zeros(RATE, np.int16))

    def close(self) -> None:
        """Nothing is left to close."""
