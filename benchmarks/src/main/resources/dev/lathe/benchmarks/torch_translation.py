"""The translation model of the recipe in PyTorch: the same first weights, batches and rates.

Told a number of steps it trains as many and says the seconds of wall clock and of processor that they took. Told "test" it
translates the test sentences, greedily, and says the loss of the validation part and sacreBLEU of its own translations and
of those in a file that is named.
"""
import json, math, os, sys, time
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)
config = json.load(open(os.path.join(folder, "run.json"), encoding="utf-8"))
initial = load_file(os.path.join(folder, "initial.safetensors"))
batches = load_file(os.path.join(folder, "batches.safetensors"))
rates = batches["rates"].tolist()

table = initial.pop("shared.weight")
width = table.shape[1]
layers = 1 + max(int(k.split(".")[2]) for k in initial if k.startswith("encoder.layers."))
inner = initial["encoder.layers.0.linear1.weight"].shape[0]
for i in range(layers):
    name = f"decoder.layers.{i}.multihead_attn."
    for kind in ("weight", "bias"):
        initial[name + "in_proj." + kind] = torch.cat(
            [initial.pop(name + "query." + kind), initial.pop(name + "memory." + kind)])


class Translation(torch.nn.Module):
    def __init__(self):
        super().__init__()
        drop = config["dropout"]
        self.shared = torch.nn.Parameter(table.clone())
        self.net = torch.nn.Transformer(
            width, config["heads"], layers, layers, inner, drop, batch_first=True, norm_first=True)
        self.net.load_state_dict({k.replace("in_proj.", "in_proj_"): v for k, v in initial.items()})
        # Dropout after embeddings and at the end of each branch only, as in ours.
        for layer in list(self.net.encoder.layers) + list(self.net.decoder.layers):
            layer.dropout = torch.nn.Identity()
            layer.self_attn.dropout = 0.0
        for layer in self.net.decoder.layers:
            layer.multihead_attn.dropout = 0.0
        self.drop = torch.nn.Dropout(drop)
        place = torch.arange(4096).unsqueeze(1).double()
        rate = torch.exp(-math.log(10000.0) * torch.arange(0, width, 2).double() / width)
        self.waves = torch.stack([torch.sin(place * rate), torch.cos(place * rate)], 2).flatten(1).float()

    def embed(self, tokens):
        values = F.embedding(tokens, self.shared) * math.sqrt(width)
        return self.drop(values + self.waves[: tokens.shape[1]])

    def encode(self, x):
        return self.net.encoder(self.embed(x), src_key_padding_mask=x == 0)

    def decode(self, memory, x, previous):
        size = previous.shape[1]
        causal = torch.triu(torch.ones(size, size, dtype=torch.bool), 1)
        return self.net.decoder(
            self.embed(previous), memory, tgt_mask=causal, tgt_is_causal=True, memory_key_padding_mask=x == 0)

    def forward(self, x, previous):
        return self.decode(self.encode(x), x, previous) @ self.shared.T


model = Translation()
optimizer = torch.optim.Adam(
    model.parameters(), lr=1.0, betas=(config["beta1"], config["beta2"]), eps=config["epsilon"], fused=True)
done = 0


def loss_of(prefix, smoothing):
    x, previous, target = (batches[f"{prefix}.{name}"] for name in ("x", "previous", "target"))
    scores = model(x, previous)
    return F.cross_entropy(
        scores.flatten(0, 1), target.flatten(), ignore_index=-1, label_smoothing=smoothing, reduction="mean"
    ), (target >= 0).sum().item()


def train(steps):
    global done
    model.train()
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rates[done]
        loss, _ = loss_of(f"train.{done}", config["smoothing"])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), config["clip_norm"])
        optimizer.step()
        done += 1
    return time.perf_counter() - wall, time.process_time() - processor


@torch.no_grad()
def validation():
    total, count, i = 0.0, 0, 0
    while f"validation.{i}.x" in batches:
        loss, places = loss_of(f"validation.{i}", 0.0)
        total, count, i = total + loss.item() * places, count + places, i + 1
    return total / count


@torch.no_grad()
def translate(sentences, tokenizer):
    pad, start, end, most = 0, 1, 2, config["length"]
    lines = [tokenizer.encode(s).ids[: most - 1] + [end] for s in sentences]
    answers = [None] * len(lines)
    order = sorted(range(len(lines)), key=lambda i: len(lines[i]))
    for at in range(0, len(order), 100):
        chosen = order[at : at + 100]
        longest = max(len(lines[i]) for i in chosen)
        x = torch.tensor([lines[i] + [pad] * (longest - len(lines[i])) for i in chosen])
        memory = model.encode(x)
        written = torch.full((len(chosen), 1), start)
        ended = torch.zeros(len(chosen), dtype=torch.bool)
        while written.shape[1] < most and not ended.all():
            best = (model.decode(memory, x, written)[:, -1] @ model.shared.T).argmax(1)
            best[ended] = pad
            ended |= best == end
            written = torch.cat([written, best.unsqueeze(1)], 1)
        for i, tokens in zip(chosen, written[:, 1:].tolist()):
            answers[i] = tokenizer.decode(tokens[: tokens.index(end)] if end in tokens else tokens)
    return answers


def lines_of(name):
    return open(os.path.join(folder, name), encoding="utf-8", newline="\n").read().split("\n")[:-1]


def test(ours):
    import sacrebleu
    from tokenizers import Tokenizer

    model.eval()
    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    references = lines_of("test.target")
    loss = validation()
    found = translate(lines_of("test.source"), tokenizer)
    theirs = [line for line in open(ours, encoding="utf-8", newline="\n").read().split("\n")[:-1]]
    scores = [sacrebleu.corpus_bleu(lines, [references]).score for lines in (found, theirs)]
    return [loss] + scores


print("PyTorch " + torch.__version__, flush=True)
for order in sys.stdin:
    word = order.split()
    answer = test(order[5:].strip()) if word[0] == "test" else train(int(word[0]))
    print(" ".join(map(repr, answer)), flush=True)
