"""Writes tiny decoders with random weights into folders of argv[1], each with what transformers answers: all of them,
or those that argv[2] names."""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

SMALL = dict(
    vocab_size=97,
    hidden_size=32,
    intermediate_size=48,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
)
LLAMA3 = dict(rope_type="llama3", rope_theta=500.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=16)
YARN = dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=16)
LONG = dict(rope_type="longrope", rope_theta=10000.0, short_factor=[1.0, 1.1, 1.3, 1.6],
            long_factor=[1.5, 2.0, 3.0, 5.0])
TOKENS = 40

CASES = {
    "llama-biases": ("llama", dict(SMALL, attention_bias=True, mlp_bias=True)),
    "llama-tied-gelu": ("llama", dict(SMALL, tie_word_embeddings=True, hidden_act="gelu")),
    "llama-wide-heads": ("llama", dict(SMALL, head_dim=20)),
    "llama-head-of-2": ("llama", dict(SMALL, head_dim=2, num_key_value_heads=1)),
    "llama-head-of-80": ("llama", dict(SMALL, head_dim=80, num_key_value_heads=4)),
    "llama-linear": ("llama", dict(SMALL, rope_parameters=dict(rope_type="linear", rope_theta=100.0, factor=3.0))),
    "llama-dynamic": ("llama", dict(SMALL, rope_parameters=dict(rope_type="dynamic", rope_theta=100.0, factor=2.0))),
    "llama-llama3": ("llama", dict(SMALL, head_dim=16, rope_parameters=LLAMA3)),
    "llama-yarn": ("llama", dict(SMALL, head_dim=16, rope_parameters=YARN)),
    "llama-yarn-scaled": ("llama", dict(SMALL, head_dim=16, rope_parameters=dict(
        YARN, beta_fast=8.0, beta_slow=2.0, mscale=0.7, mscale_all_dim=0.9, truncate=False))),
    "llama-yarn-told": ("llama", dict(SMALL, head_dim=16, rope_parameters=dict(YARN, attention_factor=1.25))),
    "mistral-window": ("mistral", dict(SMALL, head_dim=24, sliding_window=7)),
    "qwen2-some-windows": ("qwen2", dict(SMALL, num_hidden_layers=3, use_sliding_window=True, sliding_window=5,
                                         max_window_layers=1)),
    "qwen3-biases": ("qwen3", dict(SMALL, head_dim=12, attention_bias=True)),
    "gemma2-caps": ("gemma2", dict(SMALL, head_dim=16, query_pre_attn_scalar=24, sliding_window=6,
                                   attn_logit_softcapping=2.0, final_logit_softcapping=3.0)),
    "gemma3-scaled": ("gemma3_text", dict(SMALL, head_dim=16, num_hidden_layers=6, query_pre_attn_scalar=10,
                                          sliding_window=5, final_logit_softcapping=4.0, rope_parameters=dict(
        full_attention=dict(rope_type="linear", rope_theta=1000.0, factor=8.0),
        sliding_attention=dict(rope_type="default", rope_theta=50.0)))),
    "gemma3-pictures": ("gemma3", dict(
        text_config=dict(SMALL, head_dim=16, num_hidden_layers=6, query_pre_attn_scalar=10, sliding_window=5),
        vision_config=dict(hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
                           image_size=28, patch_size=14), mm_tokens_per_image=4, image_token_index=90,
        boi_token_index=91, eoi_token_index=92)),
    "phi3-part": ("phi3", dict(SMALL, pad_token_id=0, rope_parameters=dict(
        rope_type="default", rope_theta=100.0, partial_rotary_factor=0.5), sliding_window=9)),
    "phi3-long": ("phi3", dict(SMALL, pad_token_id=0, original_max_position_embeddings=32, rope_parameters=LONG)),
    "phi3-short": ("phi3", dict(SMALL, pad_token_id=0, original_max_position_embeddings=48, rope_parameters=LONG)),
    "granite": ("granite", dict(SMALL, embedding_multiplier=6.0, logits_scaling=3.0, residual_multiplier=0.3,
                                attention_multiplier=0.2, tie_word_embeddings=True)),
    "granite-biases": ("granite", dict(SMALL, attention_bias=True, mlp_bias=True)),
    "gpt2-scaled": ("gpt2", dict(vocab_size=97, n_embd=32, n_layer=3, n_head=4, n_positions=64, n_inner=40,
                                 scale_attn_by_inverse_layer_idx=True, activation_function="gelu")),
    "gpt2-unscaled": ("gpt2", dict(vocab_size=97, n_embd=32, n_layer=2, n_head=2, n_positions=64,
                                   scale_attn_weights=False, tie_word_embeddings=False)),
}


def write(folder, kind, settings):
    config = AutoConfig.for_model(kind, **settings)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval().float()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    model.save_pretrained(folder)
    tokens = torch.randint(0, 90, (2, TOKENS))
    with torch.no_grad():
        logits = model(tokens).logits
    save_file({"input_ids": tokens, "logits": logits.contiguous()}, str(folder / "expected.safetensors"))


torch.manual_seed(11)
wanted = sys.argv[2].split(",") if len(sys.argv) > 2 else CASES
for name in wanted:
    kind, settings = CASES[name]
    write(pathlib.Path(sys.argv[1]) / name, kind, settings)
