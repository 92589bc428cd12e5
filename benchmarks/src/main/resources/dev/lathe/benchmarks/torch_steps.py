"""The peer: PyTorch eager on the same work. Reads block lengths in seconds, prints milliseconds per step."""
import sys, time, torch

sizes = [int(s) for s in sys.argv[1].split(",")]
batch, optimizer = int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(1)
torch.manual_seed(1)
layers = []
for i in range(len(sizes) - 1):
    layers.append(torch.nn.Linear(sizes[i], sizes[i + 1]))
    if i < len(sizes) - 2:
        layers.append(torch.nn.ReLU())
model = torch.nn.Sequential(*layers)
opt = torch.optim.Adam(model.parameters(), lr=0.001) if optimizer == "adam" else torch.optim.SGD(model.parameters(), lr=0.01)
loss_of = torch.nn.CrossEntropyLoss()
x = torch.randn(batch, sizes[0])
y = torch.randint(0, sizes[-1], (batch,))
print(torch.__version__, flush=True)
for line in sys.stdin:
    seconds, steps, start = float(line), 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(10):
            opt.zero_grad()
            loss = loss_of(model(x), y)
            loss.backward()
            opt.step()
        steps += 10
    print((time.perf_counter() - start) * 1000 / steps, flush=True)
