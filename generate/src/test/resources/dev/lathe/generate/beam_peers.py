"""Writes a tiny BART of transformers whose targets end sooner or later, and what it writes by many settings."""

import json
import sys
from pathlib import Path

import torch
import transformers as t

torch.set_num_threads(1)
out = Path(sys.argv[1])
config = t.BartConfig(
    vocab_size=64, d_model=32, encoder_layers=1, decoder_layers=2, encoder_attention_heads=4,
    decoder_attention_heads=4, encoder_ffn_dim=48, decoder_ffn_dim=48, max_position_embeddings=64,
    forced_eos_token_id=None, num_beams=1)
torch.manual_seed(11)
model = t.BartForConditionalGeneration(config).eval()
with torch.no_grad():
    for values in model.parameters():
        values.add_(torch.randn_like(values) * 0.25)
    model.final_logits_bias[0, 2] = 3.0
model.generation_config.forced_eos_token_id = None
model.save_pretrained(out / "model")

settings = [
    {},
    {"max_length": 6},
    {"length_penalty": 0.0},
    {"length_penalty": 2.0},
    {"length_penalty": -1.0},
    {"early_stopping": True},
    {"early_stopping": "never", "length_penalty": 2.0},
    {"early_stopping": "never", "length_penalty": -0.5},
    {"min_length": 8},
    {"min_new_tokens": 5},
    {"no_repeat_ngram_size": 2},
    {"encoder_no_repeat_ngram_size": 1},
    {"repetition_penalty": 1.7},
    {"bad_words_ids": [[2], [7], [9, 11], [12, 13, 14]]},
    {"suppress_tokens": [4, 5, 6], "begin_suppress_tokens": [2, 8]},
    {"forced_bos_token_id": 33, "begin_suppress_tokens": [21]},
    {"forced_eos_token_id": 5, "max_length": 7},
    {"forced_eos_token_id": [5, 2], "max_length": 7, "forced_bos_token_id": 3},
    {"eos_token_id": [2, 17]},
    {"renormalize_logits": True, "suppress_tokens": [3]},
]
cases = []
for index, setting in enumerate(settings):
    for beams in (1, 4):
        for seed in range(2):
            torch.manual_seed(100 * index + seed)
            ids = torch.randint(5, 64, (1, 4 + 8 * seed))
            how = {"max_length": 16, **setting}
            told = model.generate(
                ids, attention_mask=torch.ones_like(ids), num_beams=beams, do_sample=False, num_return_sequences=1,
                return_dict_in_generate=True, output_scores=True, **how)
            cases.append({
                "settings": how, "beams": beams, "source": ids[0].tolist(), "tokens": told.sequences[0].tolist(),
                "score": told.sequences_scores[0].item() if beams > 1 else None})
(out / "cases.json").write_text(json.dumps(cases))
