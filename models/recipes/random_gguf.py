"""A chat model of any size with random weights: it talks nonsense, but costs what a real one of its shape costs.

For measurements (`parley --chat-model FILE bench`) where no real model is at hand. Run
`python -m models.recipes.random_gguf --out FILE`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from models.recipes.gguf_file import Kind, Tensor, Value, write_gguf

NORMAL, CONTROL, BYTE = 1, 3, 6
"""Types of tokens."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a decoder; `architecture` is "llama" or "qwen2", which has biases in its attention."""

    architecture: str
    width: int
    layers: int
    hidden: int
    heads: int
    key_heads: int
    context: int
    tied: bool = True
    """The matrix of the output is that of the input."""


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """A vocabulary; `metadata` is what else belongs into the file, the chat template among it."""

    tokens: Sequence[str]
    types: Sequence[int]
    metadata: dict[str, Value]


SIZES = {
    "0.5b": (Shape("qwen2", 896, 24, 4864, 14, 2, 32_768), 151_936),
    "1.5b": (Shape("qwen2", 1536, 28, 8960, 12, 2, 32_768), 151_936),
    "3b": (Shape("qwen2", 2048, 36, 11_008, 16, 2, 32_768), 151_936),
}
"""The shapes of Qwen2.5, and the size of its vocabulary."""

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
_TEXTS = Path(__file__).parent / "chat" / "data"


def write_random(path: Path, shape: Shape, tokenizer: Tokenizer, kind: Kind = Kind.Q8_0, seed: int = 1) -> None:
    """Write a model with random weights. It never ends a reply: the outputs of its control tokens are zero."""
    a = shape.architecture
    described: dict[str, Value] = {
        "general.architecture": a,
        "general.name": f"Random {path.stem}",
        f"{a}.context_length": shape.context,
        f"{a}.embedding_length": shape.width,
        f"{a}.block_count": shape.layers,
        f"{a}.feed_forward_length": shape.hidden,
        f"{a}.attention.head_count": shape.heads,
        f"{a}.attention.head_count_kv": shape.key_heads,
        f"{a}.attention.layer_norm_rms_epsilon": 1e-6,
        f"{a}.rope.freq_base": 1e6,
        "tokenizer.ggml.tokens": tokenizer.tokens,
        "tokenizer.ggml.token_type": tokenizer.types,
    }
    write_gguf(
        path, described | tokenizer.metadata, list(_tensors(shape, tokenizer, kind, np.random.default_rng(seed)))
    )


def byte_tokenizer(words: Sequence[str], size: int, controls: Sequence[str], template: str) -> Tokenizer:
    """Byte pairs as in GPT-2 with the word split of Qwen2: `words` are single tokens where a space stands before them.

    `controls` are the control tokens; the first one ends a reply. What is left of `size` are made-up words.
    """
    alphabet = _byte_letters()
    tokens = dict.fromkeys(alphabet)
    merges = []
    for word in words:
        begun = alphabet[ord(" ")]
        for letter in (alphabet[byte] for byte in word.encode()):
            if begun + letter not in tokens:
                merges.append(f"{begun} {letter}")
            tokens[begun + letter] = None
            begun += letter
    number = 0
    while len(tokens) < size - len(controls):
        tokens[f"{alphabet[ord(' ')]}zq{number}"] = None
        number += 1
    if len(tokens) + len(controls) != size:
        raise ValueError(f"{size} tokens are too few for {len(words)} words")
    metadata: dict[str, Value] = {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.merges": merges,
        "tokenizer.ggml.eos_token_id": len(tokens),
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": template,
    }
    types = [NORMAL] * len(tokens) + [CONTROL] * len(controls)
    return Tokenizer([*tokens, *controls], types, metadata)


def common_words() -> list[str]:
    """Words of everyday English: those of the texts that the starter was made from."""
    text = " ".join(path.read_text(encoding="utf-8") for path in sorted(_TEXTS.glob("*.toml")))
    return sorted(set(re.findall(r"[A-Za-z]+", text)))


def _byte_letters() -> list[str]:
    """The letter that stands for each byte: itself where it is printable, else one from 256 on."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def _tensors(shape: Shape, tokenizer: Tokenizer, kind: Kind, random: np.random.Generator) -> Iterator[Tensor]:
    width, keys = shape.width, shape.width // shape.heads * shape.key_heads
    silent = [number for number, of_type in enumerate(tokenizer.types) if of_type == CONTROL]

    def matrix(name: str, rows: int, columns: int, zero: Sequence[int] = ()) -> Tensor:
        make = partial(_random_blocks, random, rows, columns, kind, list(zero))
        return Tensor(f"{name}.weight", (rows, columns), kind, make)

    def vector(name: str, values: float, length: int = width) -> Tensor:
        return Tensor(name, (length,), Kind.F32, np.full(length, values, "<f4").tobytes)

    yield matrix("token_embd", len(tokenizer.tokens), width, silent)
    yield vector("output_norm.weight", 1.0)
    if not shape.tied:
        yield matrix("output", len(tokenizer.tokens), width, silent)
    for block in (f"blk.{layer}" for layer in range(shape.layers)):
        yield vector(f"{block}.attn_norm.weight", 1.0)
        yield vector(f"{block}.ffn_norm.weight", 1.0)
        for name, rows in (("attn_q", width), ("attn_k", keys), ("attn_v", keys)):
            yield matrix(f"{block}.{name}", rows, width)
            if shape.architecture == "qwen2":
                yield vector(f"{block}.{name}.bias", 0.01, rows)
        yield matrix(f"{block}.attn_output", width, width)
        yield matrix(f"{block}.ffn_gate", shape.hidden, width)
        yield matrix(f"{block}.ffn_up", shape.hidden, width)
        yield matrix(f"{block}.ffn_down", width, shape.hidden)


def _random_blocks(random: np.random.Generator, rows: int, columns: int, kind: Kind, zero: list[int]) -> bytes:
    """A matrix of evenly spread numbers with deviation 1/sqrt(columns), in quantised blocks; the rows `zero` are 0."""
    numbers, stored = kind.block
    levels = {Kind.Q4_0: 16, Kind.Q8_0: 256}[kind]
    deviation_of_levels = levels / np.sqrt(12)
    blocks = np.frombuffer(random.bytes(rows * columns // numbers * stored), np.uint8).reshape(rows, -1, stored).copy()
    scale = np.array([1 / np.sqrt(columns) / deviation_of_levels], "<f2")
    blocks[:, :, :2] = scale.view(np.uint8)
    blocks[zero, :, :2] = 0
    return blocks.tobytes()


class Size(StrEnum):
    """The sizes on the command line: parameters of the real model."""

    HALF = "0.5b"
    ONE_AND_A_HALF = "1.5b"
    THREE = "3b"


class Weights(StrEnum):
    """Bits per weight on the command line."""

    FOUR = "q4_0"
    EIGHT = "q8_0"


def main(
    out: Annotated[Path, typer.Option(help="Where to write the file.")],
    size: Annotated[Size, typer.Option(help="Parameters.")] = Size.HALF,
    weights: Annotated[Weights, typer.Option(help="How weights are stored.")] = Weights.EIGHT,
) -> None:
    """Write a chat model with random weights in the shape of a Qwen2.5, to measure what such a model costs."""
    shape, vocabulary = SIZES[size]
    controls = ("<|im_end|>", "<|im_start|>", "<|endoftext|>")
    tokenizer = byte_tokenizer(common_words(), vocabulary, controls, CHATML)
    write_random(out, shape, tokenizer, Kind[weights.upper()])
    Console(soft_wrap=True).print(f"{out}: {out.stat().st_size / 1e6:.0f} MB", highlight=False, markup=False)


if __name__ == "__main__":
    typer.run(main)
