"""Two SentencePiece models as Marian has them, and how transformers' tokenizer reads with them."""

import json
import sys
from pathlib import Path

import sentencepiece as spm
from transformers import MarianTokenizer

out = Path(sys.argv[1])
words = "the a sky is blue horse rides dog dogs play in park man woman children with ball over fence red green".split()
english = [" ".join(words[(i * k) % len(words)] for i in range(1, 9)) + "." for k in range(1, 400)]
woerter = "der ein Himmel ist blau Pferd reitet Hund Hunde spielen im Park Mann Frau Kinder mit Ball über Zaun grün".split()
german = [" ".join(woerter[(i * k) % len(woerter)] for i in range(1, 9)) + "!" for k in range(1, 400)]
for name, lines in (("source", english), ("target", german)):
    (out / f"{name}.txt").write_text("\n".join(lines))
    spm.SentencePieceTrainer.train(
        input=str(out / f"{name}.txt"), model_prefix=str(out / name), vocab_size=60, hard_vocab_limit=False, model_type="unigram",
        character_coverage=1.0, normalization_rule_name="nmt_nfkc", minloglevel=2)
    (out / f"{name}.model").rename(out / f"{name}.spm")
vocabulary = {"</s>": 0, "<unk>": 1}
for name in ("source", "target"):
    model = spm.SentencePieceProcessor(str(out / f"{name}.spm"))
    for i in range(model.get_piece_size()):
        vocabulary.setdefault(model.id_to_piece(i), len(vocabulary))
vocabulary.setdefault(">>deu<<", len(vocabulary))
vocabulary["<pad>"] = len(vocabulary)
(out / "vocab.json").write_text(json.dumps(vocabulary))
tokenizer = MarianTokenizer(str(out / "source.spm"), str(out / "target.spm"), str(out / "vocab.json"))
texts = english[:20] + [
    "", " ", "The  sky\u00a0is   blue .", "\ufb01sh & chips", ">>deu<< the sky is blue", "dogs\nplay\tin the park",
    "  a man  ", "Zebra xylophone", "a\u0301 horse"]
cases = [{"text": text, "ids": tokenizer(text).input_ids} for text in texts]
for case in cases:
    case["decoded"] = tokenizer.decode(case["ids"], skip_special_tokens=True) if case["text"] in english else ""
(out / "cases.json").write_text(json.dumps(cases))
