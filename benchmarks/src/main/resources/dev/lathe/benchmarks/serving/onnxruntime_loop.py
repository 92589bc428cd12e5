"""The bare engine in Python: told a number of seconds, it prints how often it ran the model."""
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(
    str(Path(sys.argv[1]) / f"{sys.argv[2]}.onnx"), options
)
SIZES = {"mlp": (1, 784), "image": (1, 3, 224, 224), "bert": (1, 32)}
TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
inputs = {
    value.name: np.ones(SIZES[sys.argv[2]], dtype=TYPES[value.type])
    for value in session.get_inputs()
}
print(f"ONNX Runtime {onnxruntime.__version__} in Python", flush=True)
for line in sys.stdin:
    end = time.perf_counter() + float(line)
    count = 0
    while True:
        session.run(None, inputs)
        count += 1
        if time.perf_counter() >= end:
            break
    print(count, flush=True)
