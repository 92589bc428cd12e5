"""FastAPI and ONNX Runtime: the Open Inference Protocol as a careful user writes it by hand.

Bodies are read raw: orjson and NumPy for JSON, numpy.frombuffer for binary tensors. One process,
uvicorn on uvloop with httptools, the model run in the event loop, since there is one core.
`/checked/...` is the same the way FastAPI's tutorial does it: a pydantic model and a dict.
"""
import sys
from pathlib import Path
from typing import List

import fastapi
import numpy as np
import onnxruntime
import orjson
import pydantic
import uvicorn

folder, port = Path(sys.argv[1]), int(sys.argv[2])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
sessions = {
    file.stem: onnxruntime.InferenceSession(str(file), options) for file in folder.glob("*.onnx")
}
TYPES = {"FP32": np.float32, "INT64": np.int64}
app = fastapi.FastAPI()


@app.post("/v2/models/{name}/infer")
async def infer(name: str, request: fastapi.Request):
    body = await request.body()
    length = request.headers.get("inference-header-content-length")
    head = orjson.loads(body if length is None else memoryview(body)[: int(length)])
    at = None if length is None else int(length)
    inputs = {}
    for tensor in head["inputs"]:
        kind = TYPES[tensor["datatype"]]
        if at is None:
            values = np.array(tensor["data"], dtype=kind)
        else:
            size = tensor["parameters"]["binary_data_size"]
            values = np.frombuffer(body, dtype=kind, count=size // kind().itemsize, offset=at)
            at += size
        inputs[tensor["name"]] = values.reshape(tensor["shape"])
    wanted = [output["name"] for output in head["outputs"]]
    results = sessions[name].run(wanted, inputs)
    outputs, raw = [], []
    for output, values in zip(wanted, results):
        entry = {"name": output, "datatype": "FP32", "shape": values.shape}
        if at is None:
            entry["data"] = values.ravel()
        else:
            raw.append(values.tobytes())
            entry["parameters"] = {"binary_data_size": len(raw[-1])}
        outputs.append(entry)
    answer = orjson.dumps(
        {"model_name": name, "outputs": outputs}, option=orjson.OPT_SERIALIZE_NUMPY
    )
    if at is None:
        return fastapi.Response(answer, media_type="application/json")
    return fastapi.Response(
        b"".join([answer, *raw]),
        media_type="application/octet-stream",
        headers={"Inference-Header-Content-Length": str(len(answer))},
    )


class Tensor(pydantic.BaseModel):
    name: str
    shape: List[int]
    datatype: str
    data: List[float]


class Output(pydantic.BaseModel):
    name: str


class Body(pydantic.BaseModel):
    inputs: List[Tensor]
    outputs: List[Output]


@app.post("/checked/{name}")
async def checked(name: str, body: Body):
    inputs = {
        tensor.name: np.array(tensor.data, dtype=TYPES[tensor.datatype]).reshape(tensor.shape)
        for tensor in body.inputs
    }
    wanted = [output.name for output in body.outputs]
    results = sessions[name].run(wanted, inputs)
    return {
        "model_name": name,
        "outputs": [
            {"name": n, "datatype": "FP32", "shape": list(v.shape), "data": v.ravel().tolist()}
            for n, v in zip(wanted, results)
        ],
    }


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(
            f"FastAPI {fastapi.__version__}, uvicorn {uvicorn.__version__} (uvloop, httptools),"
            f" orjson {orjson.__version__}, ONNX Runtime {onnxruntime.__version__}",
            flush=True,
        )


Server(
    uvicorn.Config(
        app, port=port, loop="uvloop", http="httptools", log_level="error", access_log=False
    )
).run()
