"""Writes the models of argv[1] as GGUF files into argv[2], as llama.cpp's converter orders them; beside each, the same
model as a folder of transformers with the numbers that the file's blocks stand for."""

import json
import math
import pathlib
import sys

import gguf
import numpy as np
from safetensors.numpy import load_file, save_file

MODELS = {
    "llama": "llama", "llama3-rope": "llama", "qwen2": "qwen2", "qwen3": "qwen3",
    "gemma2": "gemma2", "gemma3": "gemma3", "phi3": "phi3", "gpt2": "gpt2", "granite": "granite",
    "phi3-short": "phi3", "phi3-long": "phi3",
}


def permuted(weight, heads):
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def llama3_factors(config, rope):
    dim = config["head_dim"]
    base = rope["rope_theta"]
    trained = rope["original_max_position_embeddings"]
    factors = []
    for i in range(0, dim, 2):
        wave = 2 * math.pi * base ** (i / dim)
        low, high = trained / rope["low_freq_factor"], trained / rope["high_freq_factor"]
        if wave < high:
            factors.append(1.0)
        elif wave > low:
            factors.append(rope["factor"])
        else:
            smooth = (trained / wave - rope["low_freq_factor"]) / (rope["high_freq_factor"] - rope["low_freq_factor"])
            factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return np.array(factors, dtype=np.float32)


def metadata(writer, config, arch):
    heads = config.get("num_attention_heads", config.get("n_head"))
    writer.add_context_length(config.get("max_position_embeddings", config.get("n_positions")))
    writer.add_embedding_length(config.get("hidden_size", config.get("n_embd")))
    writer.add_block_count(config.get("num_hidden_layers", config.get("n_layer")))
    writer.add_feed_forward_length(config.get("intermediate_size") or config.get("n_inner") or 4 * config["n_embd"])
    writer.add_head_count(heads)
    writer.add_vocab_size(config["vocab_size"])
    writer.add_file_type(0)
    if arch == "gpt2":
        writer.add_layer_norm_eps(config["layer_norm_epsilon"])
        return
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    head = config.get("head_dim") or config["hidden_size"] // heads
    writer.add_key_length(head)
    writer.add_value_length(head)
    rope = config["rope_parameters"]
    if arch == "gemma3":
        rope = rope["full_attention"]
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_rope_dimension_count(int(head * rope.get("partial_rotary_factor", 1.0)))
    if rope["rope_type"] == "llama3":
        writer.add_tensor("rope_freqs.weight", llama3_factors(config, rope))
    if rope["rope_type"] == "longrope":
        writer.add_rope_scaling_orig_ctx_len(config["original_max_position_embeddings"])
        scale = config["max_position_embeddings"] / config["original_max_position_embeddings"]
        writer.add_rope_scaling_attn_factors(
            math.sqrt(1 + math.log(scale) / math.log(config["original_max_position_embeddings"])))
        writer.add_tensor("rope_factors_long.weight", np.array(rope["long_factor"], dtype=np.float32))
        writer.add_tensor("rope_factors_short.weight", np.array(rope["short_factor"], dtype=np.float32))
    if arch == "phi3" and config.get("sliding_window"):
        writer.add_sliding_window(config["sliding_window"])
    if arch == "granite":
        writer.add_attention_scale(config["attention_multiplier"])
        writer.add_embedding_scale(config["embedding_multiplier"])
        writer.add_residual_scale(config["residual_multiplier"])
        writer.add_logit_scale(config["logits_scaling"])
    if arch.startswith("gemma"):
        writer.add_sliding_window(config["sliding_window"])
    if arch == "gemma2":
        writer.add_attn_logit_softcapping(config["attn_logit_softcapping"])
        writer.add_final_logit_softcapping(config["final_logit_softcapping"])


def ordered(name, weight, config, arch):
    """A weight in the converter's order."""
    if arch in ("llama", "granite") and ".q_proj." in name:
        return permuted(weight, config["num_attention_heads"])
    if arch in ("llama", "granite") and ".k_proj." in name:
        return permuted(weight, config["num_key_value_heads"])
    if arch.startswith("gemma") and "norm" in name:
        return weight + 1
    if arch == "gpt2" and ".h." in name and weight.ndim == 2:
        return weight.T
    return weight


def write(source, target, arch, kind):
    config = json.loads((source / "config.json").read_text())
    target.mkdir(parents=True)
    blocks = config.get("num_hidden_layers", config.get("n_layer"))
    names = gguf.get_tensor_name_map(getattr(gguf.MODEL_ARCH, arch.upper()), blocks)
    writer = gguf.GGUFWriter(str(target / "model.gguf"), arch)
    metadata(writer, config, arch)
    stood_for = {}
    for name, weight in load_file(source / "model.safetensors").items():
        moved = np.ascontiguousarray(ordered(name, weight, config, arch))
        new = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if kind is None or moved.ndim < 2 or moved.shape[-1] % gguf.GGML_QUANT_SIZES[kind][0]:
            writer.add_tensor(new, moved)
            stood_for[name] = weight
            continue
        packed = gguf.quants.quantize(moved, kind)
        writer.add_tensor(new, packed, raw_dtype=kind)
        meant = gguf.quants.dequantize(packed, kind).astype(np.float32).reshape(moved.shape)
        stood_for[name] = np.ascontiguousarray(unordered(name, meant, config, arch))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(stood_for, str(target / "model.safetensors"))
    (target / "config.json").write_text((source / "config.json").read_text())


def unordered(name, weight, config, arch):
    """A weight in the order of transformers."""
    if arch in ("llama", "granite") and (".q_proj." in name or ".k_proj." in name):
        heads = config["num_attention_heads" if ".q_proj." in name else "num_key_value_heads"]
        return weight.reshape(heads, weight.shape[0] // heads // 2, 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)
    if arch == "gpt2" and ".h." in name and weight.ndim == 2:
        return weight.T
    return weight


kinds = gguf.GGMLQuantizationType
for model, arch in MODELS.items():
    source = pathlib.Path(sys.argv[1]) / model
    if source.exists():
        for kind in (None, kinds.Q8_0, kinds.Q4_0) if model in ("llama", "gpt2") else (None, kinds.BF16):
            label = model + "-" + ("F32" if kind is None else kind.name)
            config = json.loads((source / "config.json").read_text())
            write(source, pathlib.Path(sys.argv[2]) / label, arch, kind)
