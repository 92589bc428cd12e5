"""Triton's own HTTP client against a server: what its examples do, and every element type.

Usage: triton_http.py HOST:PORT-FILE
"""

import asyncio
import sys

import numpy as np
import tritonclient.http as http
import tritonclient.http.aio as aio
from tritonclient.utils import InferenceServerException

address = open(sys.argv[1]).read().strip()
client = http.InferenceServerClient(address, concurrency=4)


def pair(model_dtype="INT32", binary=(False, True)):
    a = np.arange(16, dtype=np.int32).reshape(1, 16)
    b = np.full((1, 16), -1, dtype=np.int32)
    inputs = [http.InferInput("INPUT%d" % i, [1, 16], model_dtype) for i in (0, 1)]
    for one, data, form in zip(inputs, (a, b), binary):
        if model_dtype == "BYTES":
            data = np.array([str(x).encode() for x in data.flat], dtype=np.object_).reshape(1, 16)
        one.set_data_from_numpy(data, binary_data=form)
    return a, b, inputs


def check_sum(result, a, b):
    np.testing.assert_array_equal(result.as_numpy("OUTPUT0").astype(np.int64), a + b)
    np.testing.assert_array_equal(result.as_numpy("OUTPUT1").astype(np.int64), a - b)


def infer():
    for asked in (None, (True, False), (False, True)):
        for pack in (None, "gzip", "deflate"):
            a, b, inputs = pair()
            outputs = asked and [
                http.InferRequestedOutput("OUTPUT%d" % i, binary_data=asked[i]) for i in (0, 1)
            ]
            result = client.infer(
                "simple",
                inputs,
                outputs=outputs,
                request_id="seven",
                query_params={"free": 1},
                request_compression_algorithm=pack,
                response_compression_algorithm=pack,
                priority=1,
                timeout=5_000_000,
                parameters={"free": "value", "count": 3, "flag": True},
            )
            check_sum(result, a, b)
            assert result.get_response()["id"] == "seven"
            assert result.get_response()["model_name"] == "simple"


def strings():
    a, b, inputs = pair("BYTES", (True, False))
    check_sum(client.infer("simple_string", inputs), a, b)
    for value in ("he\0llo", "grüße ✓", ""):
        data = np.array([value.encode("utf-8")] * 3, dtype=np.object_).reshape(1, 3)
        for form in (True, False):
            one = http.InferInput("INPUT0", [1, 3], "BYTES").set_data_from_numpy(data, binary_data=form)
            wanted = http.InferRequestedOutput("OUTPUT0", binary_data=form)
            result = client.infer("simple_identity", [one], outputs=[wanted]).as_numpy("OUTPUT0")
            got = [x if isinstance(x, bytes) else x.encode("utf-8") for x in result.flat]
            assert got == list(data.flat), (got, value)


def asynchronous():
    a, b, inputs = pair(binary=(True, True))
    for one in [client.async_infer("simple", inputs) for _ in range(8)]:
        check_sum(one.get_result(), a, b)

    async def over_aio():
        async with aio.InferenceServerClient(address) as other:
            a, b, inputs = pair()
            check_sum(await other.infer("simple", inputs), a, b)
            assert await other.is_model_ready("simple")

    asyncio.run(over_aio())


def types():
    rng = np.random.default_rng(7)
    floats = rng.standard_normal((3, 5)).astype(np.float32)
    floats[0, :3] = (np.nan, np.inf, -np.inf)
    for model, dtype, data in (
        ("floats", "FP32", floats),
        ("bytes", "UINT8", rng.integers(0, 256, (2, 7), dtype=np.uint8)),
        ("halves", "FP16", floats.astype(np.float16)),
        ("brains", "BF16", rng.standard_normal((2, 4)).astype(np.float32)),
    ):
        one = http.InferInput("INPUT0", list(data.shape), dtype).set_data_from_numpy(data)
        result = client.infer(model, [one]).as_numpy("OUTPUT0")
        assert result.shape == data.shape
        if dtype == "BF16":
            np.testing.assert_allclose(result, data, rtol=1 / 128)
        else:
            np.testing.assert_array_equal(result, data)


def large():
    data = np.random.default_rng(1).integers(0, 256, (4, 1_000_000), dtype=np.uint8)
    one = http.InferInput("INPUT0", list(data.shape), "UINT8").set_data_from_numpy(data)
    np.testing.assert_array_equal(client.infer("bytes", [one]).as_numpy("OUTPUT0"), data)


def classes():
    data = np.array([[0.5, 2.5, 1.5]], dtype=np.float32)
    one = http.InferInput("INPUT0", [1, 3], "FP32").set_data_from_numpy(data)
    for form in (True, False):
        wanted = http.InferRequestedOutput("OUTPUT0", binary_data=form, class_count=2)
        best = client.infer("named", [one], outputs=[wanted]).as_numpy("OUTPUT0")
        text = [x.decode() if isinstance(x, bytes) else x for x in best.flat]
        assert text == ["2.5:1:dog", "1.5:2:owl"], text


def about():
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("simple") and client.is_model_ready("simple", "1")
    assert not client.is_model_ready("nothing")
    server = client.get_server_metadata()
    assert server["name"] == "triton"
    assert {"binary_tensor_data", "classification", "statistics"} <= set(server["extensions"])
    metadata = client.get_model_metadata("simple", query_params={"a": 1})
    assert metadata["name"] == "simple" and metadata["versions"] == ["v1"]
    assert metadata["inputs"][0] == {"name": "INPUT0", "datatype": "INT32", "shape": [-1, 16]}
    config = client.get_model_config("simple")
    assert config["max_batch_size"] > 0 and config["input"][0]["dims"] == [16]
    assert config["input"][0]["data_type"] == "TYPE_INT32"
    (stats,) = client.get_inference_statistics("simple")["model_stats"]
    assert stats["inference_stats"]["success"]["count"] > 0
    assert len(client.get_inference_statistics()["model_stats"]) > 1
    client.update_log_settings({"log_verbose_level": 1})
    assert client.get_log_settings()["log_verbose_level"] == 1
    client.update_log_settings({"log_verbose_level": 0})
    assert client.update_trace_settings("simple", {"trace_rate": "5"})["trace_rate"] == "5"
    assert client.get_trace_settings("simple")["trace_rate"] == "5"
    assert client.get_trace_settings()["trace_level"] == ["OFF"]


def control():
    index = client.get_model_repository_index()
    assert {"name": "simple", "version": "v1", "state": "READY", "reason": ""} in index
    client.load_model("simple")
    assert client.is_model_ready("simple")
    client.unload_model("halves")
    assert not client.is_model_ready("halves")
    client.load_model("halves")
    assert client.is_model_ready("halves")
    refused("failed to load", lambda: client.load_model("wrong_model_name"))
    client.load_model("simple", config='{"max_batch_size": "16"}')
    assert client.get_model_config("simple")["max_batch_size"] == 16
    refused("failed to load", lambda: client.load_model("simple", config="{"))
    client.load_model("simple")
    assert client.get_model_config("simple")["max_batch_size"] == 64


def refused(words, action):
    try:
        action()
    except InferenceServerException as e:
        assert words in e.message(), e.message()
    else:
        raise AssertionError("expected an error about: " + words)


def errors():
    a, b, inputs = pair()
    refused("unknown model", lambda: client.infer("nothing", inputs))
    refused("missing", lambda: client.infer("simple", inputs[:1]))
    refused("given twice", lambda: client.infer("simple", inputs + inputs[:1]))
    wrong = http.InferInput("INPUT0", [1, 15], "INT32").set_data_from_numpy(a[:, :15])
    refused("shape", lambda: client.infer("simple", [wrong, inputs[1]]))
    refused("shared memory", client.get_system_shared_memory_status)


for flow in (infer, strings, asynchronous, types, large, classes, about, control, errors):
    flow()
    print("ok " + flow.__name__)
