"""Writes the trained network as a GGUF file of the "llama" architecture, with its tokenizer and chat template."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from torch import Tensor

from models.recipes.chat.network import Shape
from models.recipes.chat.tokenizer import CALL_MARKS, END_OF_TEXT, TURN_END

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
NAMES = {
    "attention_norm.weight": "attn_norm",
    "attention.query.weight": "attn_q",
    "attention.key.weight": "attn_k",
    "attention.value.weight": "attn_v",
    "attention.output.weight": "attn_output",
    "forward_norm.weight": "ffn_norm",
    "feed_forward.gate.weight": "ffn_gate",
    "feed_forward.up.weight": "ffn_up",
    "feed_forward.down.weight": "ffn_down",
}


def export(checkpoint: Path, tokenizer: Path, target: Path) -> None:
    """Write ``target`` from a checkpoint and its tokenizer: matrices in Q8_0, norms in float32.

    The file appears under its name only when it is complete.
    """
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    shape = Shape(**state["shape"])
    fresh = target.with_suffix(".new")
    writer = gguf.GGUFWriter(str(fresh), "llama")
    _describe(writer, shape)
    _add_tokenizer(writer, json.loads(tokenizer.read_text(encoding="utf-8")), shape.vocabulary)
    _add_weights(writer, state["network"], shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    fresh.replace(target)


def _describe(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_name("Parley starter")
    writer.add_description("A very small chat model for trying Parley, trained on self-written dialogues")
    writer.add_license("MIT")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_chat_template(CHAT_TEMPLATE)


def _add_tokenizer(writer: gguf.GGUFWriter, stored: dict[str, Any], size: int) -> None:
    """The vocabulary in the form of GPT-2 with the word split of Llama 3; unused places are filled."""
    vocabulary: dict[str, int] = stored["model"]["vocab"]
    tokens = [f"[PAD{i}]" for i in range(size)]
    types = [gguf.TokenType.UNUSED] * size
    for token, i in vocabulary.items():
        tokens[i], types[i] = token, gguf.TokenType.NORMAL
    for special in stored["added_tokens"]:
        # Calls have to be visible in the generated text, so their marks are no control tokens.
        shown = special["content"] in CALL_MARKS
        types[special["id"]] = gguf.TokenType.USER_DEFINED if shown else gguf.TokenType.CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([" ".join(pair) for pair in stored["model"]["merges"]])
    writer.add_bos_token_id(vocabulary[END_OF_TEXT])
    writer.add_eos_token_id(vocabulary[TURN_END])
    writer.add_pad_token_id(vocabulary[END_OF_TEXT])
    writer.add_add_bos_token(False)


def _add_weights(writer: gguf.GGUFWriter, weights: dict[str, Tensor], shape: Shape) -> None:
    """All tensors; without an output matrix llama.cpp uses the embedding for it, which is tied here."""
    _add(writer, "token_embd", weights["embedding.weight"])
    _add(writer, "output_norm", weights["norm.weight"])
    for layer in range(shape.layers):
        for ours, theirs in NAMES.items():
            _add(writer, f"blk.{layer}.{theirs}", weights[f"blocks.{layer}.{ours}"])


def _add(writer: gguf.GGUFWriter, name: str, weight: Tensor) -> None:
    array = weight.float().numpy().astype(np.float32)
    if array.ndim == 1:
        writer.add_tensor(f"{name}.weight", array)
        return
    q8 = gguf.GGMLQuantizationType.Q8_0
    writer.add_tensor(f"{name}.weight", gguf.quants.quantize(array, q8), raw_dtype=q8)
