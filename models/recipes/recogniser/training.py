"""Training of the acoustic network: equal alignments first, then soft ones, then LF-MMI.

LF-MMI from scratch stalls on so little data, so the network first learns to tell phones apart: by cross-entropy with
each word string spread evenly over the loud part of its recording, then with the posteriors of the network itself
(expectation maximisation, divided by the pdf priors as in a hybrid system: Bourlard and Morgan 1994). These two phases
see only synthetic speech without any variation: on anything harder they go astray.
"""

import math
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.recipes.recogniser import lexicon, lfmmi, network
from models.recipes.recogniser.alignment import equal_alignment
from models.recipes.recogniser.augmentation import vary_features
from models.recipes.recogniser.dataset import Dataset
from models.recipes.recogniser.phone_model import PhoneModel
from models.recipes.recogniser.plan import Plan

WARM_UP = 60  # steps
WARM_UP_MMI = 150
CROSS_ENTROPY_SHARE = 0.1  # beside LF-MMI: keeps the outputs calibrated
OUTPUT_PENALTY = 1e-4
LARGEST_GRADIENT = 2.0
GAIN_JITTER = 12.0  # in the zeroth cepstrum, while features are not varied otherwise
SMALLEST_PRIOR = 1e-4
SAVE_EVERY = 120.0  # seconds
REPORT_EVERY = 50  # steps


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded features (batch, frames, BINS), output frames of each utterance (batch,), and where they came from."""

    features: torch.Tensor
    lengths: NDArray[np.int64]
    indices: list[int]

    def mask(self) -> NDArray[np.float32]:
        """One where a frame belongs to its utterance: (batch, output frames, 1)."""
        return (np.arange(self.lengths.max())[None] < self.lengths[:, None]).astype(np.float32)[..., None]


@dataclass(slots=True)
class Progress:
    """What a checkpoint remembers besides weights."""

    step: int = 0
    seconds: float = 0.0
    prior: NDArray[np.float64] = field(default_factory=lambda: np.full(lexicon.PDFS, 1 / lexicon.PDFS))


class Trainer:
    """One training run. `report` receives a line of text now and then."""

    def __init__(self, plan: Plan, plain: Dataset, varied: Dataset, phones: PhoneModel, minutes: float | None) -> None:
        torch.manual_seed(plan.training_seed)
        self.plan, self.phones, self.minutes = plan, phones, minutes
        self.plain, self.varied = plain, varied
        self.network = network.Network(plan.width)
        self.network.normalise_for(varied.sample())
        self.optimiser = self._new_optimiser()
        self.progress = Progress()
        self._pool = ThreadPoolExecutor(1)

    def run(self, checkpoint: Path, report: Callable[[str], None]) -> None:
        """Train to the end, from `checkpoint` if it exists; write it every two minutes and at the end."""
        if checkpoint.exists():
            self._load(checkpoint)
            report(f"resuming at step {self.progress.step}")
        started, saved, losses = time.monotonic() - self.progress.seconds, time.monotonic(), list[float]()
        epoch = 0
        while (done := self.done()) < 1:
            rng = random.Random(self.plan.training_seed * 1000 + self.progress.step)
            data = self._data()
            for indices in data.batches(self.plan.batch_frames, rng):
                if (done := self.done()) >= 1 or data is not self._data():
                    break
                losses.append(self._step(indices, done))
                self.progress.step += 1
                self.progress.seconds = time.monotonic() - started
                if self.progress.step % REPORT_EVERY == 0:
                    report(self._line(epoch, done, float(np.mean(losses))))
                    losses.clear()
                if time.monotonic() - saved > SAVE_EVERY:
                    self._save(checkpoint)
                    saved = time.monotonic()
            epoch += 1
        self._save(checkpoint)

    def done(self) -> float:
        """How far training has come: 0 to 1, by steps or by time, whichever is further."""
        by_time = 0.0 if self.minutes is None else self.progress.seconds / (60 * self.minutes)
        return max(self.progress.step / self.plan.steps, by_time)

    def _line(self, epoch: int, done: float, loss: float) -> str:
        minutes = self.progress.seconds / 60
        left = minutes * (1 - done) / max(done, 1e-6)
        return (
            f"step {self.progress.step:5d}  epoch {epoch}  {self._phase():7s}  loss {loss:7.4f}  "
            f"{100 * done:3.0f} %  {minutes:.1f} min, {left:.1f} to go"
        )

    def _phase(self) -> str:
        step = self.progress.step
        return "uniform" if step < self.plan.uniform_steps else "soft" if step < self.plan.soft_steps else "LF-MMI"

    def _data(self) -> Dataset:
        return self.varied if self._phase() == "LF-MMI" else self.plain

    def _step(self, indices: list[int], done: float) -> float:
        """Make one update; returns the loss per frame."""
        phase = self._phase()
        if self.progress.step == self.plan.soft_steps:
            self._begin_mmi()
        for group in self.optimiser.param_groups:
            group["lr"] = self._learning_rate(done)
        batch = self._batch(indices, varied=phase == "LF-MMI")
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = self.network(batch.features)
        loss = self._mmi(outputs.float(), batch) if phase == "LF-MMI" else self._cross_entropy(outputs.float(), batch)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        self.optimiser.step()
        return float(loss.detach())

    def _learning_rate(self, done: float) -> float:
        step = self.progress.step
        warm = (step + 1) / WARM_UP if step < self.plan.soft_steps else (step - self.plan.soft_steps + 1) / WARM_UP_MMI
        return self.plan.learning_rate * min(1.0, warm) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))

    def _batch(self, indices: list[int], varied: bool) -> Batch:
        rng, data = np.random.default_rng((self.plan.training_seed, self.progress.step)), self._data()
        lengths = np.array([network.output_frames(data.features.utterances[i].length) for i in indices])
        rows = []
        for i in indices:
            features = data.features[i].astype(np.float32)
            if varied:
                features = vary_features(features, rng, data.tract_spread(i))
            else:
                features[:, 0] += np.float32(rng.uniform(-GAIN_JITTER, GAIN_JITTER))
            rows.append(network.padded(features, int(lengths.max())))
        return Batch(torch.from_numpy(np.stack(rows)), lengths, indices)

    def _cross_entropy(self, outputs: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Cross-entropy with equal alignments, later with the posteriors given transcript and network."""
        log_posterior = torch.log_softmax(outputs, dim=2)
        mask, known = batch.mask(), log_posterior.detach().numpy()
        mean_posterior = (np.exp(known) * mask).sum((0, 1)) / mask.sum()
        share = 0.02 if self.progress.step else 0.0  # an untrained network says nothing about priors
        self.progress.prior = (1 - share) * self.progress.prior + share * mean_posterior
        if self._phase() == "uniform":
            target = np.zeros(known.shape, np.float32)
            for row, (index, length) in enumerate(zip(batch.indices, batch.lengths, strict=True)):
                pdfs = equal_alignment(self.plain.features[index], self.plain.text(index), int(length))
                target[row, np.arange(length), pdfs] = 1
        else:
            scaled = lfmmi.likelihoods((known - self._log_prior()).astype(np.float32))
            target = lfmmi.numerator(scaled, batch.lengths, [self.plain.graphs[i] for i in batch.indices]).posterior
        return -(log_posterior * torch.from_numpy(target)).sum() / float(mask.sum())

    def _mmi(self, outputs: torch.Tensor, batch: Batch) -> torch.Tensor:
        """A loss whose gradient with respect to `outputs` is that of -LF-MMI, plus two regularisers."""
        scaled = lfmmi.likelihoods(outputs.detach().numpy())
        future = self._pool.submit(lfmmi.denominator, scaled, batch.lengths, self.phones)
        numerator = lfmmi.numerator(scaled, batch.lengths, [self.varied.graphs[i] for i in batch.indices])
        denominator = future.result()
        fits = np.isfinite(numerator.log_likelihood) & np.isfinite(denominator.log_likelihood)
        wanted = torch.from_numpy(numerator.posterior * fits[:, None, None])
        excess = torch.from_numpy((denominator.posterior - numerator.posterior) * fits[:, None, None])
        frames = max(1.0, float(batch.lengths[fits].sum()))
        criterion = (denominator.log_likelihood - numerator.log_likelihood)[fits].sum() / frames
        surrogate = (outputs * excess).sum() / frames
        surrogate = surrogate - surrogate.detach() + criterion  # the value of the criterion, the gradient of `excess`
        cross_entropy = -(torch.log_softmax(outputs, dim=2) * wanted).sum() / frames
        penalty = (outputs.square() * torch.from_numpy(batch.mask())).sum() / frames
        return surrogate + CROSS_ENTROPY_SHARE * cross_entropy + OUTPUT_PENALTY * penalty

    def _log_prior(self) -> NDArray[np.float64]:
        return np.asarray(np.log(self.progress.prior + SMALLEST_PRIOR))

    def _begin_mmi(self) -> None:
        """From posteriors to likelihoods: LF-MMI's own phone model takes the place of the priors.

        Noise and garbage were not seen so far: they start as unlikely as they are.
        """
        log_prior = np.where(self.progress.prior > SMALLEST_PRIOR, self._log_prior(), 0.0)
        with torch.no_grad():
            self.network.output.bias -= torch.from_numpy(log_prior).float()
        self.optimiser = self._new_optimiser()

    def _new_optimiser(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(
            self.network.parameters(), lr=self.plan.learning_rate, weight_decay=1e-3, betas=(0.9, 0.98)
        )

    def start_from(self, checkpoint: Path) -> None:
        """Begin with LF-MMI and the weights of another run, which may lack the last phones: they start as silence."""
        weights = torch.load(checkpoint, weights_only=True)["network"]
        for name in ("output.weight", "output.bias"):
            silence = weights[name][2 * lexicon.PHONE_ID[lexicon.SILENCE] :][:2]
            lacking = (lexicon.PDFS - len(weights[name])) // 2
            weights[name] = torch.cat([weights[name], *[silence - 1.0 * (name == "output.bias")] * lacking])
        self.network.load_state_dict(weights)
        self.progress.step = self.plan.soft_steps + 1

    def _save(self, path: Path) -> None:
        state: dict[str, Any] = {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict()}
        state |= {"step": self.progress.step, "seconds": self.progress.seconds, "prior": self.progress.prior.tolist()}
        part = path.with_suffix(".part")
        torch.save(state, part)
        part.replace(path)

    def _load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.progress = Progress(state["step"], state["seconds"], np.array(state["prior"]))
