"""Lattice-free MMI: the log-likelihood of the transcript minus that of any phone sequence, and its gradient.

Povey et al., "Purely sequence-trained neural networks for ASR based on lattice-free MMI" (2016), with whole utterances
and the flat start of Hadian et al., "End-to-end speech recognition using lattice-free MMI" (2018). The gradient with
respect to the network's outputs is the difference of two state occupancies, each from one forward-backward pass.

Both models share one trick. A phone is one state with an entry pdf and a loop pdf, and where one may go next does not
depend on which of the two was just used. So one number per phone and frame is enough:

    forward[t] = entered[t] * p(entry) + forward[t - 1] * p(loop),    entered[t] = forward[t - 1] @ transitions

Probabilities are kept in the linear domain and scaled to sum to one at each frame. The graph of a transcript carries no
phone probabilities, so the value of the criterion is off by about a constant; its gradient is not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.recipes.recogniser.lexicon import TranscriptGraph
from models.recipes.recogniser.phone_model import PhoneModel

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How likely each pdf was used at each frame (batch, frames, PDFS), and the log-likelihoods (batch,).

    Where the transcript does not fit into the frames, the log-likelihood is -inf and the occupancy is zero.
    """

    posterior: Floats
    log_likelihood: Doubles


def likelihoods(log_likelihoods: Floats) -> Floats:
    """Turn network outputs (batch, frames, PDFS) into likelihoods of at most one; each frame has its own scale."""
    return np.exp(np.maximum(log_likelihoods - log_likelihoods.max(-1, keepdims=True), -60.0))


@dataclass(frozen=True, slots=True)
class _Forward:
    """A forward pass: the scaled probability of being in a state by entering it and by staying, and the scales."""

    entered: NDArray[np.floating]  # (frames, *states)
    looped: NDArray[np.floating]  # (frames, *states)
    scale: NDArray[np.floating]  # (frames, batch)

    def log_likelihood(self, lengths: NDArray[np.int64]) -> Doubles:
        """Sum the scales up to the end of each utterance: (batch,)."""
        inside = np.arange(len(self.scale))[:, None] < lengths
        return np.asarray(-np.log(self.scale, where=inside, out=np.zeros(inside.shape)).sum(0))


def denominator(likelihood: Floats, lengths: NDArray[np.int64], model: PhoneModel) -> Occupancy:
    """Run forward-backward over all phone sequences, weighted by the trigram `model`.

    `likelihood` (batch, frames, PDFS) comes from `likelihoods`; utterance b ends after `lengths[b]` frames. The state
    is the pair of the current phone p and the one before it, o: arrays are (P, batch, P + 1), indexed [p, b, o].
    """
    batch, frames, pdfs = likelihood.shape
    phones = pdfs // 2
    entry = np.ascontiguousarray(likelihood[:, :, 0::2].transpose(1, 2, 0))[..., None]  # (frames, P, batch, 1)
    loop = np.ascontiguousarray(likelihood[:, :, 1::2].transpose(1, 2, 0))[..., None]
    forward = _denominator_forward(entry, loop, model)
    log_likelihood = forward.log_likelihood(lengths)
    posterior = np.zeros((frames, phones, 2, batch), np.float32)
    backward = np.zeros((phones, batch, phones + 1), np.float32)
    back_next = np.ascontiguousarray(model.next.transpose(0, 2, 1))
    for t in reversed(range(frames)):
        entered, looped = forward.entered[t], forward.looped[t]
        ends = np.equal(lengths, t + 1)
        if ends.any():
            total = ((entered + looped) * model.final[:, None, :]).sum((0, 2))
            log_likelihood += np.where(ends, np.log(total), 0)
            backward = np.where(ends[:, None], model.final[:, None, :] / total[:, None], backward)
        np.einsum("pbo,pbo->pb", entered, backward, out=posterior[t, :, 0])
        np.einsum("pbo,pbo->pb", looped, backward, out=posterior[t, :, 1])
        if t:
            into = (backward[:, :, :phones] * entry[t]).transpose(2, 1, 0)
            backward = (np.matmul(into, back_next) + backward * loop[t]) * forward.scale[t, :, None]
    return Occupancy(posterior.transpose(3, 0, 1, 2).reshape(batch, frames, pdfs), log_likelihood)


def _denominator_forward(entry: Floats, loop: Floats, model: PhoneModel) -> _Forward:
    """`entry` and `loop` are the likelihoods of the two pdfs of each phone, (frames, P, batch, 1)."""
    frames, phones, batch, _ = entry.shape
    entered = np.zeros((frames, phones, batch, phones + 1), np.float32)
    looped = np.zeros_like(entered)
    scale = np.ones((frames, batch), np.float32)
    entered[0, :, :, phones] = model.first[:, None] * entry[0, :, :, 0]
    state = np.zeros_like(entered[0])
    for t in range(frames):
        if t:
            # model.next[p] maps [b, o] to [b, q]; p is then the phone before q.
            np.multiply(np.matmul(state, model.next).transpose(2, 1, 0), entry[t], out=entered[t, :, :, :phones])
            np.multiply(state, loop[t], out=looped[t])
        scale[t] = 1 / (entered[t] + looped[t]).sum((0, 2))
        entered[t] *= scale[t, :, None]
        looped[t] *= scale[t, :, None]
        state = entered[t] + looped[t]
    return _Forward(entered, looped, scale)


class _Joined:
    """The graphs of a batch side by side, as one graph."""

    def __init__(self, graphs: list[TranscriptGraph]) -> None:
        sizes = [len(graph.phone) for graph in graphs]
        offsets = np.cumsum([0, *sizes[:-1]])
        self.nodes, self.batch = sum(sizes), len(graphs)
        self.utterance = np.repeat(np.arange(len(graphs)), sizes)
        self.phone = np.concatenate([graph.phone for graph in graphs])
        self.first = np.concatenate([graph.first for graph in graphs])
        self.last = np.concatenate([graph.last for graph in graphs])
        self.source = np.concatenate([graph.source + at for graph, at in zip(graphs, offsets, strict=True)])
        self.target = np.concatenate([graph.target + at for graph, at in zip(graphs, offsets, strict=True)])

    def forward(self, state: Doubles) -> Doubles:
        """Sum over the arcs into each node."""
        return np.bincount(self.target, state[self.source], self.nodes).astype(np.float64, copy=False)

    def backward(self, state: Doubles) -> Doubles:
        """Sum over the arcs out of each node."""
        return np.bincount(self.source, state[self.target], self.nodes).astype(np.float64, copy=False)

    def per_utterance(self, values: Doubles) -> Doubles:
        """Sum over the nodes of each utterance: (batch,)."""
        return np.bincount(self.utterance, values, self.batch).astype(np.float64, copy=False)


def numerator(likelihood: Floats, lengths: NDArray[np.int64], graphs: list[TranscriptGraph]) -> Occupancy:
    """Run forward-backward over all ways to say each transcript; arguments as for `denominator`.

    Double precision: the right path may for a while be much less likely than some dead end.
    """
    batch, frames, pdfs = likelihood.shape
    joined = _Joined(graphs)
    doubles = likelihood.astype(np.float64)
    entry = doubles[joined.utterance, :, 2 * joined.phone].T  # (frames, nodes)
    loop = doubles[joined.utterance, :, 2 * joined.phone + 1].T
    forward = _numerator_forward(entry, loop, joined)
    log_likelihood = forward.log_likelihood(lengths)
    used = np.zeros((2, frames, joined.nodes))
    backward = np.zeros(joined.nodes)
    for t in reversed(range(frames)):
        ends = np.equal(lengths, t + 1)
        if ends.any():
            total = joined.per_utterance((forward.entered[t] + forward.looped[t]) * joined.last)
            with np.errstate(divide="ignore"):
                log_likelihood += np.where(ends, np.log(total), 0)
            final = joined.last * np.divide(1, total, where=total > 0, out=np.zeros(batch))[joined.utterance]
            backward = np.where(ends[joined.utterance], final, backward)
        used[0, t] = forward.entered[t] * backward
        used[1, t] = forward.looped[t] * backward
        if t:
            inflow = joined.backward(backward * entry[t]) + backward * loop[t]
            backward = inflow * forward.scale[t, joined.utterance]
    posterior = np.zeros((batch, frames, pdfs), np.float32)
    for half in (0, 1):
        index = (joined.utterance[:, None], np.arange(frames)[None], 2 * joined.phone[:, None] + half)
        np.add.at(posterior, index, used[half].T)
    return Occupancy(posterior, log_likelihood)


def _numerator_forward(entry: Doubles, loop: Doubles, joined: _Joined) -> _Forward:
    """`entry` and `loop` are the likelihoods of the two pdfs at each node, (frames, nodes)."""
    entered, looped = np.zeros_like(entry), np.zeros_like(entry)
    scale = np.ones((len(entry), joined.batch))
    entered[0] = np.where(joined.first, entry[0], 0)
    state = np.zeros(joined.nodes)
    for t in range(len(entry)):
        if t:
            entered[t] = joined.forward(state) * entry[t]
            looped[t] = state * loop[t]
        scale[t] = 1 / np.maximum(joined.per_utterance(entered[t] + looped[t]), np.finfo(np.float64).tiny)
        entered[t] *= scale[t, joined.utterance]
        looped[t] *= scale[t, joined.utterance]
        state = entered[t] + looped[t]
    return _Forward(entered, looped, scale)
