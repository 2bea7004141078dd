"""Training on the CPU by the clock: the learning rate falls with the time used, and a stopped run goes on.

The matrices are trained with Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon), the embedding and the norms
with AdamW (Loshchilov and Hutter 2017, arXiv:1711.05101).
"""

import logging
import time
from dataclasses import astuple, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.recipes.chat.batches import Batches, Phase
from models.recipes.chat.network import Network, Shape

log = logging.getLogger(__name__)
SEED = 7
TOKENS = 2048  # of a batch
MUON_RATE, ADAM_RATE = 0.02, 3e-3
WARM_UP_STEPS = 40
DRILLED_BELOW = 0.3  # nats; the training begins with copying drills alone, until their smoothed loss is below this
DRILL_SHARE = 0.2  # of the time, at most, for that beginning
DECAY_FROM = 0.45  # share of the time after which the learning rate falls linearly
SAVE_EVERY_S = 120.0
REPORT_EVERY = 25


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to train: seconds in all, over every resumed run, and at most so many steps.

    ``fuse``: compile the network first, which takes minutes and makes it a fifth faster; it needs a C++ compiler.
    """

    seconds: float
    steps: int = 1_000_000
    fuse: bool = False


@dataclass(slots=True)
class Progress:
    """What a checkpoint remembers besides the weights."""

    step: int = 0
    seconds: float = 0.0
    tokens: int = 0
    drill_loss: float = 10.0  # smoothed over some ten steps


def rate(progress: Progress, budget: Budget) -> float:
    """The factor on the learning rates: warm-up, plateau, linear fall to two percent."""
    used = min(1.0, progress.seconds / budget.seconds)
    fall = 1.0 if used < DECAY_FROM else max(0.02, (1.0 - used) / (1.0 - DECAY_FROM))
    return min(1.0, (progress.step + 1) / WARM_UP_STEPS) * fall


def phase(progress: Progress, budget: Budget) -> Phase:
    """What is trained now: first copying alone, then dialogues."""
    learned = progress.drill_loss < DRILLED_BELOW or progress.seconds > DRILL_SHARE * budget.seconds
    return "dialogues" if learned else "drills"


def optimizers(network: Network) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the blocks, AdamW for the embedding and the norms."""
    matrices = [p for p in network.blocks.parameters() if p.dim() == 2]
    chosen = {id(p) for p in matrices}
    rest = [p for p in network.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(matrices, lr=MUON_RATE, momentum=0.95, weight_decay=0.01, adjust_lr_fn="original"),
        torch.optim.AdamW(rest, lr=ADAM_RATE, betas=(0.9, 0.95), weight_decay=0.0),
    ]


class Trainer:
    """A network in training with its checkpoint file."""

    def __init__(
        self, tokenizer: Tokenizer, checkpoint: Path, budget: Budget, shape: Shape, tokens: int = TOKENS
    ) -> None:
        torch.manual_seed(SEED)
        self.network = Network(shape)
        self.progress = Progress()
        self._optimizers = optimizers(self.network)
        self._batches = Batches(tokenizer, tokens)
        self._budget, self._checkpoint = budget, checkpoint
        if budget.fuse:
            for block in self.network.blocks:
                block.compile(dynamic=False)
        self._base = [group["lr"] for optimizer in self._optimizers for group in optimizer.param_groups]
        if checkpoint.exists():
            self._resume()

    def run(self) -> Progress:
        """Train until the budget is used, with a checkpoint every two minutes and at the end."""
        log.info("%.2f million parameters", sum(p.numel() for p in self.network.parameters()) / 1e6)
        started, before, saved, losses = time.monotonic(), self.progress.seconds, 0.0, list[float]()
        while self.progress.seconds < self._budget.seconds and self.progress.step < self._budget.steps:
            losses.append(self._step())
            self.progress.seconds = before + time.monotonic() - started
            if self.progress.step % REPORT_EVERY == 0:
                self._report(losses)
                losses = []
            if self.progress.seconds - saved > SAVE_EVERY_S:
                saved = self.progress.seconds
                self.save()
        self.save()
        log.info("validation loss %.4f", self.validate())
        return self.progress

    def validate(self, batches: int = 6) -> float:
        """Mean loss on dialogues that were never drawn for training (the same templates, other combinations)."""
        with torch.no_grad():
            return sum(self._loss(f"validation {k}", "dialogues").item() for k in range(batches)) / batches

    def save(self) -> None:
        """Write the checkpoint, replacing the old one only when the new one is complete."""
        state = {
            "shape": self.network.shape.as_dict(),
            "network": self.network.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
            "progress": astuple(self.progress),
        }
        fresh = self._checkpoint.with_suffix(".new")
        torch.save(state, fresh)
        fresh.replace(self._checkpoint)

    def _resume(self) -> None:
        state = torch.load(self._checkpoint, map_location="cpu", weights_only=True)
        self.network.load_state_dict(state["network"])
        for optimizer, stored in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(stored)
        self.progress = Progress(*state["progress"])
        log.info("going on after step %d, %.0f s", self.progress.step, self.progress.seconds)

    def _loss(self, name: str, kind: Phase) -> Tensor:
        """The loss (a scalar) on the batch of that name."""
        tokens, mask = self._batches.batch(f"{SEED} {name}", kind)
        self._seen = tokens.size
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.network(torch.from_numpy(tokens), torch.from_numpy(mask))

    def _step(self) -> float:
        factor = rate(self.progress, self._budget)
        groups = [group for optimizer in self._optimizers for group in optimizer.param_groups]
        for group, base in zip(groups, self._base, strict=True):
            group["lr"] = base * factor
        kind = phase(self.progress, self._budget)
        loss = self._loss(f"train {self.progress.step}", kind)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        for optimizer in self._optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.progress.step += 1
        self.progress.tokens += self._seen
        if kind == "drills":
            self.progress.drill_loss += 0.1 * (loss.item() - self.progress.drill_loss)
        return loss.item()

    def _report(self, losses: list[float]) -> None:
        done = self.progress
        log.info(
            "step %d, %.0f of %.0f s, %s, loss %.4f, %.0f tokens/s", done.step, done.seconds, self._budget.seconds,
            phase(done, self._budget), sum(losses) / len(losses), done.tokens / done.seconds,
        )  # fmt: skip
