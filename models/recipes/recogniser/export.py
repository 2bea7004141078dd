"""From a checkpoint to the files `am/` and `conf/` of a Vosk model: a Kaldi nnet3 network in plain affine parts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.recipes.recogniser import kaldi_format as kaldi
from models.recipes.recogniser import lexicon, network
from models.recipes.recogniser.features import BINS, CONF
from models.recipes.recogniser.graph import PAUSES, PLACED_ID, PLACED_PHONES, plain_phone

Matrix = NDArray[np.float64]

PAUSE_IDS = ":".join(str(PLACED_ID[phone]) for phone in PAUSES)  # without them Vosk finds no end of an utterance

# Silence after which an utterance counts as finished: 0.5 s if it could well end there, up to 1 s if not.
DECODING = f"""--min-active=100
--max-active=1500
--beam=10.0
--lattice-beam=2.0
--acoustic-scale=1.0
--frame-subsampling-factor={network.SUBSAMPLING}
--frames-per-chunk=9
--endpoint.silence-phones={PAUSE_IDS}
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""


def write(folder: Path, checkpoint: Path, width: int) -> None:
    """Write `am/final.mdl`, `conf/mfcc.conf` and `conf/model.conf` into `folder`."""
    trained = network.Network(width)
    trained.load_state_dict(torch.load(checkpoint, weights_only=True)["network"])
    trained.eval()
    (folder / "am").mkdir(parents=True)
    (folder / "conf").mkdir()
    model = kaldi.BINARY_HEADER + transition_model() + Nnet3(trained).encoded()
    (folder / "am" / "final.mdl").write_bytes(model)
    (folder / "conf" / "mfcc.conf").write_text(CONF, encoding="utf-8")
    (folder / "conf" / "model.conf").write_text(DECODING, encoding="utf-8")


def transition_model() -> bytes:
    """The HMM topology: every phone one state, with one pdf for its first frame and one for all others."""
    phones = range(1, len(PLACED_PHONES) + 1)
    stay_or_leave = kaldi.integer(0) + kaldi.single(0.5) + kaldi.integer(1) + kaldi.single(0.5)
    # A state: its two pdf classes, 0 and 1, and its two ways on.
    emitting = kaldi.integer(0) + kaldi.integer(1) + kaldi.integer(2) + stay_or_leave
    final = kaldi.integer(-1) + kaldi.integer(-1) + kaldi.integer(0)
    topology = kaldi.integers(phones) + kaldi.integers([-1, *(0 for _ in phones)])  # every phone has entry 0
    topology += kaldi.integer(-1) + kaldi.integer(1)  # -1: two pdf classes per state; one entry
    topology += kaldi.integer(2) + emitting + final
    tuples = kaldi.integer(len(phones))
    for number, placed in zip(phones, PLACED_PHONES, strict=True):
        phone = plain_phone(placed)
        pdfs = kaldi.integer(lexicon.entry_pdf(phone)) + kaldi.integer(lexicon.loop_pdf(phone))
        tuples += kaldi.integer(number) + kaldi.integer(0) + pdfs
    log_probabilities = kaldi.vector([0.0, *(np.log(0.5) for _ in range(2 * len(phones)))])
    return _wrapped(
        "TransitionModel",
        _wrapped("Topology", topology) + _wrapped("Tuples", tuples) + _wrapped("LogProbs", log_probabilities),
    )


def _wrapped(name: str, content: bytes) -> bytes:
    return kaldi.token(f"<{name}>") + content + kaldi.token(f"</{name}>")


class Nnet3:
    """A trained network as nnet3 components; batch normalisation and input scaling become part of the affine ones."""

    def __init__(self, trained: network.Network) -> None:
        self._weights = {name: value.double().numpy() for name, value in trained.state_dict().items()}
        self._config = [f"input-node name=input dim={BINS}"]
        self._components: list[tuple[str, bytes]] = []
        node = self._layer("first", _appended("input", (-1, 0, 1)), kaldi.matrix_16_bit, of_input=True)
        node = self._layer("second", _appended(node, (-1, 0, 1)), kaldi.matrix_8_bit)
        for i, (back, ahead) in enumerate(network.BLOCKS):
            steps = tuple(network.SUBSAMPLING * k for k in range(-back, ahead + 1))
            block = self._layer(f"blocks.{i}", _appended(node, steps), kaldi.matrix_8_bit)
            node = self._sum(f"sum{i}", f"Sum({block}, Scale({network.BYPASS}, {node}))")
        output, bias = self._weights["output.weight"], self._weights["output.bias"]
        node = self._affine("output.affine", node, output, bias, kaldi.matrix_16_bit)
        self._config.append(f"output-node name=output input={node} objective=linear")

    def encoded(self) -> bytes:
        """The network as Kaldi's AmNnetSimple reads it."""
        config = "\n" + "\n".join(self._config) + "\n\n"
        components = b"".join(kaldi.token("<ComponentName>") + kaldi.token(n) + data for n, data in self._components)
        body = config.encode() + kaldi.token("<NumComponents>") + kaldi.integer(len(self._components)) + components
        context = kaldi.token("<LeftContext>") + kaldi.integer(network.LEFT_CONTEXT)
        context += kaldi.token("<RightContext>") + kaldi.integer(network.RIGHT_CONTEXT)
        priors = kaldi.token("<Priors>") + kaldi.vector([])
        return kaldi.token("<Nnet3>") + body + kaldi.token("</Nnet3>") + context + priors

    def _layer(self, name: str, source: str, pack: Callable[[Matrix], bytes], of_input: bool = False) -> str:
        """Add affine part and ReLU of a layer; returns the name of its output node."""
        part: dict[str, Any] = {key: self._weights[f"{name}.normalisation.{key}"] for key in ("weight", "bias")}
        part |= {key: self._weights[f"{name}.normalisation.{key}"] for key in ("running_mean", "running_var")}
        gain = part["weight"] / np.sqrt(part["running_var"] + 1e-5)
        weight = self._weights[f"{name}.affine.weight"] * gain[:, None]
        bias = part["bias"] - part["running_mean"] * gain
        if of_input:
            kernel = weight.shape[1] // BINS
            weight = weight / np.tile(self._weights["deviation"], kernel)
            bias = bias - weight @ np.tile(self._weights["mean"], kernel)
        affine = self._affine(f"{name}.affine", source, weight, bias, pack)
        statistics = kaldi.token("<ValueAvg>") + kaldi.vector([]) + kaldi.token("<DerivAvg>") + kaldi.vector([])
        size = kaldi.token("<Dim>") + kaldi.integer(len(bias))
        relu = size + statistics + kaldi.token("<Count>") + kaldi.double(0)
        return self._add(f"{name}.relu", affine, "RectifiedLinearComponent", relu)

    def _affine(self, name: str, source: str, weight: Matrix, bias: Matrix, pack: Callable[[Matrix], bytes]) -> str:
        data = kaldi.token("<LinearParams>") + pack(weight) + kaldi.token("<BiasParams>") + kaldi.vector(bias)
        return self._add(name, source, "FixedAffineComponent", data)

    def _sum(self, name: str, source: str) -> str:
        size = kaldi.token("<Dim>") + kaldi.integer(len(self._weights["output.weight"][0]))
        return self._add(name, source, "NoOpComponent", size + kaldi.token("<BackpropScale>") + kaldi.single(1.0))

    def _add(self, name: str, source: str, kind: str, data: bytes) -> str:
        self._components.append((name, _wrapped(kind, data)))
        self._config.append(f"component-node name={name} component={name} input={source}")
        return name


def _appended(node: str, steps: tuple[int, ...]) -> str:
    """The frames of `node` at these steps, one after the other: what a spliced layer sees."""
    return "Append(" + ", ".join(node if step == 0 else f"Offset({node}, {step})" for step in steps) + ")"
