"""The acoustic network: a time-delay neural network (TDNN).

Waibel et al., "Phoneme recognition using time-delay neural networks" (1989); the sub-sampled form is that of Peddinti
et al., "A time delay neural network architecture for efficient modeling of long temporal contexts" (2015).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.recipes.recogniser.features import BINS
from models.recipes.recogniser.lexicon import PDFS

SUBSAMPLING = 3  # input frames (10 ms) for each output frame (30 ms)
BYPASS = 0.7  # share of a block's input that is added to its output
FIRST_WIDTH = 128

# How far each block looks back and ahead, in output frames. The last two look back further than ahead:
# context ahead costs latency.
BLOCKS = ((1, 1), (1, 1), (1, 1), (1, 1), (2, 1), (2, 1))

# Input frames needed before and after the one that an output frame stands for: 2 from the first two layers.
LEFT_CONTEXT = 2 + SUBSAMPLING * sum(back for back, _ in BLOCKS)
RIGHT_CONTEXT = 2 + SUBSAMPLING * sum(ahead for _, ahead in BLOCKS)


def output_frames(input_frames: int) -> int:
    """The number of output frames for an utterance of `input_frames`."""
    return -(-input_frames // SUBSAMPLING)


def padded(features: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Repeat the first and last row of (n, BINS), as Kaldi does, so that the network puts out `frames` frames."""
    needed = SUBSAMPLING * (frames - 1) + 1 + RIGHT_CONTEXT
    behind = max(0, needed - len(features))
    return np.pad(features, ((LEFT_CONTEXT, behind), (0, 0)), mode="edge")[: LEFT_CONTEXT + needed]


class Layer(nn.Module):
    """Convolution over time, batch normalisation, ReLU: (batch, time, channels) -> (batch, less time, width).

    The convolution is written as a matrix product of spliced frames: its gradient is several times faster on a CPU.
    """

    def __init__(self, channels: int, width: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride
        self.affine = nn.Linear(channels * kernel, width, bias=False)
        self.normalisation = nn.BatchNorm1d(width)

    def forward(self, signal: Tensor) -> Tensor:
        """Apply the layer."""
        frames = (signal.shape[1] - self.kernel) // self.stride + 1
        last = self.stride * (frames - 1) + 1
        spliced = torch.cat([signal[:, k : k + last : self.stride] for k in range(self.kernel)], dim=2)
        affine = self.affine(spliced).flatten(0, 1)
        return torch.relu(self.normalisation(affine)).unflatten(0, (-1, frames))


class Network(nn.Module):
    """MFCC (batch, padded frames, BINS) -> log-likelihoods up to a constant (batch, output frames, PDFS)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(BINS))
        self.register_buffer("deviation", torch.ones(BINS))
        self.first = Layer(BINS, FIRST_WIDTH, 3)
        self.second = Layer(FIRST_WIDTH, width, 3, stride=SUBSAMPLING)
        self.blocks = nn.ModuleList([Layer(width, width, back + 1 + ahead) for back, ahead in BLOCKS])
        self.output = nn.Linear(width, PDFS)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def normalise_for(self, features: NDArray[np.float32]) -> None:
        """Take mean and deviation of the input from a sample of `features` (frames, BINS)."""
        self.mean.copy_(torch.from_numpy(features.mean(axis=0)))
        self.deviation.copy_(torch.from_numpy(features.std(axis=0)))

    def forward(self, features: Tensor) -> Tensor:
        """Apply the network."""
        signal = self.second(self.first((features - self.mean) / self.deviation))
        for block, (back, ahead) in zip(self.blocks, BLOCKS, strict=True):
            signal = block(signal) + BYPASS * signal[:, back : signal.shape[1] - ahead]
        return self.output(signal)
