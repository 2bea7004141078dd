"""A small Llama network (Touvron et al. 2023, arXiv:2302.13971) in torch.

Pre-normalisation with RMSNorm (Zhang and Sennrich 2019, arXiv:1910.07467), rotary positions (RoPE, Su et al. 2021,
arXiv:2104.09864), grouped-query attention (Ainslie et al. 2023, arXiv:2305.13245), SwiGLU (Shazeer 2020,
arXiv:2002.05202), tied input and output embeddings.
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network. ``context``: the longest sequence it is trained on, in tokens."""

    vocabulary: int
    width: int = 256
    layers: int = 5
    heads: int = 8
    key_heads: int = 4
    hidden: int = 512
    context: int = 1024
    rope_base: float = 10_000.0
    epsilon: float = 1e-5

    @property
    def head_width(self) -> int:
        """Dimensions of one head."""
        return self.width // self.heads

    def as_dict(self) -> dict[str, Any]:
        """For the checkpoint."""
        return asdict(self)


def rope_table(shape: Shape) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the rotary angles, each (context, head_width / 2)."""
    frequencies = shape.rope_base ** (-torch.arange(0, shape.head_width, 2).float() / shape.head_width)
    angles = torch.arange(shape.context).float()[:, None] * frequencies[None]
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Apply RoPE to x (batch, heads, time, head_width) on interleaved pairs, the order that GGUF's "llama" expects."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


class Attention(nn.Module):
    """Causal self-attention with ``heads`` query heads that share ``key_heads`` key and value heads."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        keys = shape.key_heads * shape.head_width
        self.query = nn.Linear(shape.width, shape.width, bias=False)
        self.key = nn.Linear(shape.width, keys, bias=False)
        self.value = nn.Linear(shape.width, keys, bias=False)
        self.output = nn.Linear(shape.width, shape.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Map x (batch, time, width) to the same shape."""
        batch, time, width = x.shape

        def split(y: Tensor, heads: int) -> Tensor:
            return y.view(batch, time, heads, self.shape.head_width).transpose(1, 2)

        value = split(self.value(x), self.shape.key_heads)
        query = rotate(split(self.query(x), self.shape.heads), cos, sin).to(value.dtype)
        key = rotate(split(self.key(x), self.shape.key_heads), cos, sin).to(value.dtype)
        group = self.shape.heads // self.shape.key_heads
        key, value = key.repeat_interleave(group, 1), value.repeat_interleave(group, 1)
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.output(mixed.transpose(1, 2).reshape(batch, time, width))


class FeedForward(nn.Module):
    """SwiGLU: down(silu(gate(x)) * up(x))."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (batch, time, width) to the same shape."""
        return self.down(functional.silu(self.gate(x)) * self.up(x))


class Block(nn.Module):
    """One layer: attention and feed-forward, each after a norm and added to its input."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.attention = Attention(shape)
        self.forward_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.feed_forward = FeedForward(shape)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Map x (batch, time, width) to the same shape."""
        x = x + self.attention(self.attention_norm(x), cos, sin)
        return x + self.feed_forward(self.forward_norm(x))


class Network(nn.Module):
    """The language model."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, 0.0, 0.02)
        cos, sin = rope_table(shape)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Mean cross-entropy (a scalar, nats) of the next tokens.

        tokens: (batch, time + 1) int64; mask: (batch, time + 1) bool, true for the tokens that are learned. Only the
        learned positions are projected onto the vocabulary, which saves most of that product.
        """
        x = self.embedding(tokens[:, :-1])
        time = x.shape[1]
        for block in self.blocks:
            x = block(x, self.cos[:time], self.sin[:time])
        learned = mask[:, 1:]
        logits = self.norm(x)[learned] @ self.embedding.weight.T
        return functional.cross_entropy(logits.float(), tokens[:, 1:][learned])
