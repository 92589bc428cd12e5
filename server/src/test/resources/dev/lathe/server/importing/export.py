"""Exports the decoder of argv[1] into argv[2]/model.onnx, with a cache as inputs and outputs named as Optimum names them."""

import pathlib
import shutil
import sys

import torch
from transformers import AutoModelForCausalLM
from transformers.cache_utils import DynamicCache

source, target = map(pathlib.Path, sys.argv[1:3])
model = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32, attn_implementation="eager").eval()
config = model.config
layers = config.num_hidden_layers
heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
plain = type(model).forward


def forward(self, input_ids, attention_mask, position_ids, *past):
    cache = DynamicCache()
    for i in range(layers):
        cache.update(past[2 * i], past[2 * i + 1], i)
    out = plain(self, input_ids=input_ids, attention_mask=attention_mask, position_ids=position_ids,
                past_key_values=cache, use_cache=True)
    return (out.logits, *[part for layer in out.past_key_values.layers for part in (layer.keys, layer.values)])


model.forward = forward.__get__(model)
parts = [f"{i}.{part}" for i in range(layers) for part in ("key", "value")]
axes = {name: {0: "batch_size", 1: "sequence_length"} for name in ("input_ids", "position_ids", "logits")}
axes["attention_mask"] = {0: "batch_size", 1: "total_length"}
axes.update({"past_key_values." + part: {0: "batch_size", 2: "past_length"} for part in parts})
axes.update({"present." + part: {0: "batch_size", 2: "total_length"} for part in parts})
past = [torch.zeros(1, heads, 3, head) for _ in parts]
tokens = (torch.ones(1, 4, dtype=torch.long), torch.ones(1, 7, dtype=torch.long), torch.arange(3, 7)[None])
torch.onnx.export(
    model, (*tokens, *past), str(target / "model.onnx"), opset_version=17, dynamo=False, dynamic_axes=axes,
    input_names=["input_ids", "attention_mask", "position_ids", *("past_key_values." + part for part in parts)],
    output_names=["logits", *("present." + part for part in parts)])
shutil.copy(source / "config.json", target / "config.json")
