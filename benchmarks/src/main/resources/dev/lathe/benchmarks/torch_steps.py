"""The peer: PyTorch eager on the same work. Speaks as StepPeer says: version, then milliseconds per step."""
import sys, time, torch
from torch import nn
from torch.nn import functional as F


def mlp(*sizes):
    layers = []
    for i in range(len(sizes) - 1):
        layers.append(nn.Linear(sizes[i], sizes[i + 1]))
        if i < len(sizes) - 2:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def cnn(normalized):
    norm = nn.BatchNorm2d if normalized else lambda channels: nn.Identity()
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), norm(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), norm(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, 10))


class ResBlock(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        stride = 1 if a == b else 2
        self.first, self.second = nn.Conv2d(a, b, 3, stride, 1), nn.Conv2d(b, b, 3, 1, 1)
        self.norm1, self.norm2 = nn.BatchNorm2d(b), nn.BatchNorm2d(b)
        self.shortcut = nn.Identity() if a == b else nn.Conv2d(a, b, 1, stride)

    def forward(self, x):
        y = F.relu(self.norm1(self.first(x)))
        return F.relu(self.norm2(self.second(y)) + self.shortcut(x))


def resnet8():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
        ResBlock(16, 16), ResBlock(16, 32), ResBlock(32, 64),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


class DecoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(128), nn.LayerNorm(128)
        self.joined, self.out = nn.Linear(128, 384), nn.Linear(128, 128)
        self.wide, self.narrow = nn.Linear(128, 512), nn.Linear(512, 128)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.joined(self.norm1(x)).view(n, t, 3, 4, d // 4).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(n, t, d))
        return x + self.narrow(F.gelu(self.wide(self.norm2(x))))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.places = nn.Embedding(65, 128), nn.Parameter(torch.zeros(64, 128))
        self.layers = nn.Sequential(*[DecoderLayer() for _ in range(4)])
        self.norm, self.head = nn.LayerNorm(128), nn.Linear(128, 65, bias=False)

    def forward(self, x):
        return self.head(self.norm(self.layers(self.tokens(x) + self.places))).flatten(0, 1)


class LanguageModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.characters = nn.Embedding(96, 8)
        self.layers, self.head = nn.LSTM(8, 256, 2, batch_first=True), nn.Linear(256, 96)

    def forward(self, x):
        return self.head(self.layers(self.characters(x))[0]).flatten(0, 1)


def subject(name, batch):
    """Model, inputs and classes."""
    if name == "MLP_TINY":
        return mlp(20, 32, 16, 3), torch.randn(batch, 20), torch.randint(0, 3, (batch,))
    if name == "MLP":
        return mlp(784, 200, 200, 10), torch.randn(batch, 784), torch.randint(0, 10, (batch,))
    if name in ("CNN", "CNN_BN"):
        return cnn(name == "CNN_BN"), torch.randn(batch, 1, 28, 28), torch.randint(0, 10, (batch,))
    if name == "LSTM":
        return LanguageModel(), torch.randint(0, 96, (batch, 80)), torch.randint(0, 96, (batch * 80,))
    if name == "RESNET8":
        return resnet8(), torch.randn(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
    if name == "TRANSFORMER":
        return Decoder(), torch.randint(0, 65, (batch, 64)), torch.randint(0, 65, (batch * 64,))
    raise SystemExit("no such model: " + name)


def peak_mebibytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


torch.set_num_threads(int(sys.argv[4]))
torch.manual_seed(1)
model, x, y = subject(sys.argv[1], int(sys.argv[2]))
rate = 0.001
opt = (torch.optim.Adam if sys.argv[3] == "adam" else torch.optim.SGD)(model.parameters(), lr=rate)
loss_of = nn.CrossEntropyLoss()
print(torch.__version__, flush=True)
for line in sys.stdin:
    if line.strip() == "memory":
        print(peak_mebibytes(), flush=True)
        continue
    seconds, steps, start = float(line), 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        opt.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        opt.step()
        steps += 1
    print((time.perf_counter() - start) * 1000 / steps, flush=True)
