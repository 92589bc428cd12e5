"""Writes tiny models of transformers with drawn weights, and what they give, into folders."""

import json
import sys
from pathlib import Path

import torch
import transformers as t
from safetensors.torch import save_file

torch.set_num_threads(1)
out = Path(sys.argv[1])
small = dict(vocab_size=96, d_model=32, encoder_layers=2, decoder_layers=3, encoder_attention_heads=4,
             decoder_attention_heads=2, encoder_ffn_dim=48, decoder_ffn_dim=40, max_position_embeddings=40)
bert = dict(vocab_size=96, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
            max_position_embeddings=40)
t5 = dict(vocab_size=96, d_model=24, d_kv=10, d_ff=48, num_layers=2, num_decoder_layers=3, num_heads=4,
          relative_attention_num_buckets=10, relative_attention_max_distance=13, decoder_start_token_id=0)
distil = dict(vocab_size=96, dim=32, hidden_dim=48, n_layers=2, n_heads=4, max_position_embeddings=40)

cases = {
    "bart": (t.BartForConditionalGeneration, t.BartConfig(**small, scale_embedding=True)),
    "bart-plain": (t.BartForConditionalGeneration, t.BartConfig(**small, activation_function="relu")),
    "mbart": (t.MBartForConditionalGeneration, t.MBartConfig(**small, scale_embedding=True)),
    "m2m": (t.M2M100ForConditionalGeneration, t.M2M100Config(**small)),
    "pegasus": (t.PegasusForConditionalGeneration, t.PegasusConfig(**small, scale_embedding=True)),
    "marian-apart": (t.MarianMTModel, t.MarianConfig(
        **{**small, "vocab_size": 80}, decoder_vocab_size=96, share_encoder_decoder_embeddings=False,
        pad_token_id=0, decoder_start_token_id=0, activation_function="swish")),
    "t5": (t.T5ForConditionalGeneration, t.T5Config(**t5)),
    "t5-gated": (t.T5ForConditionalGeneration, t.T5Config(
        **t5, feed_forward_proj="gated-gelu", tie_word_embeddings=False)),
    "t5-silu": (t.T5ForConditionalGeneration, t.T5Config(**t5, feed_forward_proj="gated-silu")),
    "mt5": (t.MT5ForConditionalGeneration, t.MT5Config(**t5, feed_forward_proj="gated-gelu")),
    "t5-encoder": (t.T5EncoderModel, t.T5Config(**t5)),
    "xlmr-embed": (t.XLMRobertaModel, t.XLMRobertaConfig(**bert, type_vocab_size=1)),
    "xlmr-classes": (t.XLMRobertaForSequenceClassification, t.XLMRobertaConfig(**bert, num_labels=5)),
    "roberta-tokens": (t.RobertaForTokenClassification, t.RobertaConfig(**bert, num_labels=4)),
    "roberta-span": (t.RobertaForQuestionAnswering, t.RobertaConfig(**bert, type_vocab_size=1)),
    "roberta-masked": (t.RobertaForMaskedLM, t.RobertaConfig(**bert, hidden_act="relu")),
    "camembert": (t.CamembertModel, t.CamembertConfig(**bert)),
    "bert-masked": (t.BertForMaskedLM, t.BertConfig(**bert, hidden_act="gelu_new")),
    "bert-tokens": (t.BertForTokenClassification, t.BertConfig(**bert, num_labels=3)),
    "distil-embed": (t.DistilBertModel, t.DistilBertConfig(**distil)),
    "distil-classes": (t.DistilBertForSequenceClassification, t.DistilBertConfig(**distil, num_labels=3)),
    "distil-span": (t.DistilBertForQuestionAnswering, t.DistilBertConfig(**distil)),
    "distil-masked": (t.DistilBertForMaskedLM, t.DistilBertConfig(**distil)),
}

for seed, (name, (kind, config)) in enumerate(cases.items()):
    torch.manual_seed(seed)
    model = kind(config).eval()
    with torch.no_grad():
        for values in list(model.parameters()) + list(model.buffers()):
            if values.is_floating_point() and "Sinusoidal" not in str(type(values)):
                values.add_(torch.randn_like(values) * 0.15)
        if hasattr(model, "lm_head") and name == "t5-gated":
            model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight) * 0.3)
    folder = out / name
    model.save_pretrained(folder)
    model = kind.from_pretrained(folder).eval()
    pad = config.pad_token_id
    ids = torch.randint(5, 80, (3, 19))
    mask = torch.ones_like(ids)
    for row, length in enumerate((19, 11, 1)):
        ids[row, length:] = pad
        mask[row, length:] = 0
    inputs = {"input_ids": ids, "attention_mask": mask}
    types = getattr(config, "type_vocab_size", 1)
    if types > 1:
        inputs["token_type_ids"] = torch.randint(0, types, ids.shape)
    if config.is_encoder_decoder and "Encoder" not in kind.__name__:
        inputs["decoder_input_ids"] = torch.randint(5, 80, (3, 17))
    with torch.no_grad():
        given = model(**inputs)
    names = ("logits", "last_hidden_state", "pooler_output", "start_logits", "end_logits")
    told = {key: given[key] for key in names if key in given and given[key] is not None}
    save_file({key: value.contiguous() for key, value in {**inputs, **told}.items()}, folder / "expected.safetensors")
