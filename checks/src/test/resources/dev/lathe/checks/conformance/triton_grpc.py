"""Triton's own gRPC client against a server: what its examples do, and what gRPC itself asks.

Usage: triton_grpc.py HOST:PORT-FILE
"""

import asyncio
import queue
import sys
import threading

import grpc
import numpy as np
import tritonclient.grpc as triton
import tritonclient.grpc.aio as aio
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

address = open(sys.argv[1]).read().strip()
client = triton.InferenceServerClient(address)


def pair(datatype="INT32", shift=0, kind=triton):
    a = np.arange(16, dtype=np.int32).reshape(1, 16) + shift
    b = np.full((1, 16), -1, dtype=np.int32)
    inputs = [kind.InferInput("INPUT%d" % i, [1, 16], datatype) for i in (0, 1)]
    for one, data in zip(inputs, (a, b)):
        if datatype == "BYTES":
            data = np.array([str(x).encode() for x in data.flat], dtype=np.object_).reshape(1, 16)
        one.set_data_from_numpy(data)
    return a, b, inputs


def check_sum(result, a, b):
    np.testing.assert_array_equal(result.as_numpy("OUTPUT0").astype(np.int64), a + b)
    np.testing.assert_array_equal(result.as_numpy("OUTPUT1").astype(np.int64), a - b)


def infer():
    for pack in (None, "gzip", "deflate"):
        a, b, inputs = pair()
        outputs = [triton.InferRequestedOutput("OUTPUT%d" % i) for i in (0, 1)]
        result = client.infer(
            "simple",
            inputs,
            model_version="1",
            outputs=outputs,
            request_id="seven",
            priority=1,
            timeout=5_000_000,
            client_timeout=20,
            headers={"test": "1"},
            compression_algorithm=pack,
            parameters={"free": "value", "count": 3, "flag": True, "real": 0.5},
        )
        check_sum(result, a, b)
        assert result.get_response().id == "seven"
        assert result.get_response().model_name == "simple"


def strings():
    a, b, inputs = pair("BYTES")
    check_sum(client.infer("simple_string", inputs), a, b)
    for words in ([[b"", b"a\x00b", "é€😀".encode()]], [[b"a" * 70000]]):
        data = np.array(words, dtype=np.object_)
        one = triton.InferInput("INPUT0", list(data.shape), "BYTES")
        one.set_data_from_numpy(data)
        found = client.infer("simple_identity", [one]).as_numpy("OUTPUT0")
        assert found.tolist() == data.tolist(), found


def explicit():
    stub = service_pb2_grpc.GRPCInferenceServiceStub(grpc.insecure_channel(address))
    request = service_pb2.ModelInferRequest(model_name="simple")
    for i in (0, 1):
        one = request.inputs.add(name="INPUT%d" % i, datatype="INT32", shape=[1, 16])
        one.contents.int_contents[:] = range(16)
    answer = stub.ModelInfer(request)
    found = np.frombuffer(answer.raw_output_contents[0], dtype=np.int32)
    np.testing.assert_array_equal(found, 2 * np.arange(16))
    request.raw_input_contents.append(b"\x00" * 64)
    request.raw_input_contents.append(b"\x00" * 64)
    try:
        stub.ModelInfer(request)
        raise AssertionError("both forms were taken")
    except grpc.RpcError as e:
        assert e.code() == grpc.StatusCode.INVALID_ARGUMENT, e


def types():
    cases = [("floats", "FP32", np.float32), ("halves", "FP16", np.float16)]
    for model, datatype, dtype in cases + [("bytes", "UINT8", np.uint8)]:
        data = np.random.default_rng(1).integers(0, 200, size=(3, 5)).astype(dtype)
        one = triton.InferInput("INPUT0", [3, 5], datatype)
        one.set_data_from_numpy(data)
        np.testing.assert_array_equal(client.infer(model, [one]).as_numpy("OUTPUT0"), data)
    data = np.array([[1.5, -2.0, 0.25]], dtype=np.float32)
    one = triton.InferInput("INPUT0", [1, 3], "BF16")
    one.set_data_from_numpy(data)
    np.testing.assert_array_equal(client.infer("brains", [one]).as_numpy("OUTPUT0"), data)


def large():
    data = np.random.default_rng(2).random((4, 1 << 20), dtype=np.float32)
    one = triton.InferInput("INPUT0", list(data.shape), "FP32")
    one.set_data_from_numpy(data)
    np.testing.assert_array_equal(client.infer("floats", [one]).as_numpy("OUTPUT0"), data)
    try:
        data = np.zeros((17, 1 << 20), dtype=np.float32)
        one = triton.InferInput("INPUT0", list(data.shape), "FP32")
        one.set_data_from_numpy(data)
        client.infer("floats", [one])
        raise AssertionError("a message beyond the limit was taken")
    except InferenceServerException as e:
        assert e.status() == "StatusCode.RESOURCE_EXHAUSTED", e
    assert client.is_server_live()


def asynchronous():
    a, b, inputs = pair()
    found = queue.Queue()
    for _ in range(200):
        client.async_infer("simple", inputs, lambda result, error: found.put((result, error)))
    for _ in range(200):
        result, error = found.get(timeout=20)
        assert error is None, error
        check_sum(result, a, b)

    async def many():
        async with aio.InferenceServerClient(address) as one:
            a, b, inputs = pair()
            for result in await asyncio.gather(*[one.infer("simple", inputs) for _ in range(50)]):
                check_sum(result, a, b)

    asyncio.run(many())


def stream():
    found = queue.Queue()
    client.start_stream(lambda result, error: found.put((result, error)))
    for i in range(300):
        name = "wrong" if i % 100 == 50 else "simple"
        client.async_stream_infer(
            name, pair(shift=i)[2], request_id=str(i), enable_empty_final_response=True
        )
    for i in range(300):
        result, error = found.get(timeout=20)
        if i % 100 == 50:
            assert "wrong" in str(error), error
        else:
            assert error is None, error
            a, b, _ = pair(shift=i)
            check_sum(result, a, b)
            answer = result.get_response()
            assert answer.id == str(i)
            assert answer.parameters["triton_final_response"].bool_param
    client.stop_stream()
    client.start_stream(lambda result, error: found.put((result, error)))
    for i in range(50):
        client.async_stream_infer("simple", pair()[2])
    client.stop_stream(cancel_requests=True)
    assert client.is_server_live()


def sequences():
    found = {}
    ended = threading.Semaphore(0)

    def take(result, error):
        assert error is None, error
        answer = result.get_response()
        found.setdefault(answer.id, []).append(int(result.as_numpy("OUTPUT")[0][0]))
        ended.release()

    values = [11, 7, 5, 3, 2, 0, 1]
    client.start_stream(take)
    for i, value in enumerate(values):
        for name, sign in ((1001, 1), ("1002", -1)):
            one = triton.InferInput("INPUT", [1, 1], "INT32")
            one.set_data_from_numpy(np.array([[sign * value]], dtype=np.int32))
            client.async_stream_infer(
                "simple_string_dyna_sequence",
                [one],
                request_id=str(name),
                sequence_id=name,
                sequence_start=i == 0,
                sequence_end=i == len(values) - 1,
            )
    for _ in range(2 * len(values)):
        assert ended.acquire(timeout=20), found
    client.stop_stream()
    sums = np.cumsum(values).tolist()
    expected = {"1001": sums[:-1] + [sums[-1] + 1001], "1002": [-x for x in sums]}
    expected["1002"][-1] += 1002
    assert found == expected, found
    for model, last in (("simple_sequence", 0), ("simple_dyna_sequence", 77)):
        for i, value in enumerate(values):
            one = triton.InferInput("INPUT", [1, 1], "INT32")
            one.set_data_from_numpy(np.array([[value]], dtype=np.int32))
            start, end = i == 0, i == len(values) - 1
            result = client.infer(
                model, [one], sequence_id=77, sequence_start=start, sequence_end=end
            )
            wanted = value + start + (last if end else 0)
            assert int(result.as_numpy("OUTPUT")[0][0]) == wanted, (model, i)


def classes():
    one = triton.InferInput("INPUT0", [1, 3], "FP32")
    one.set_data_from_numpy(np.array([[0.1, 0.7, 0.2]], dtype=np.float32))
    outputs = [triton.InferRequestedOutput("OUTPUT0", class_count=2)]
    found = client.infer("named", [one], outputs=outputs).as_numpy("OUTPUT0")
    assert [x.decode().split(":")[1:] for x in found[0]] == [["1", "dog"], ["2", "owl"]], found


def about():
    assert client.is_server_live(headers={"test": "1"}) and client.is_server_ready()
    assert client.is_model_ready("simple") and client.is_model_ready("simple", "1")
    assert not client.is_model_ready("wrong_model_name")
    server = client.get_server_metadata()
    assert server.name == "triton" and "statistics" in server.extensions
    model = client.get_model_metadata("simple")
    assert model.name == "simple" and model.platform and len(model.inputs) == 2
    assert list(model.inputs[0].shape) == [-1, 16] and model.inputs[0].datatype == "INT32"
    config = client.get_model_config("simple").config
    assert config.name == "simple" and config.max_batch_size > 1
    assert [list(x.dims) for x in config.input] == [[16], [16]]
    statistics = client.get_inference_statistics("simple").model_stats[0]
    assert statistics.inference_count > 0 and statistics.inference_stats.success.count > 0
    assert len(client.get_inference_statistics().model_stats) > 1
    assert client.get_trace_settings().settings["trace_rate"].value == ["1000"]
    changed = client.update_trace_settings(settings={"trace_rate": "5"})
    assert changed.settings["trace_rate"].value == ["5"]
    client.update_trace_settings(settings={"trace_rate": None})
    assert client.get_log_settings().settings
    assert client.update_log_settings({"log_verbose_level": 1}).settings[
        "log_verbose_level"
    ].uint32_param == 1
    client.update_log_settings({"log_verbose_level": 0})


def control():
    client.load_model("simple")
    index = client.get_model_repository_index().models
    assert any(x.name == "simple" and x.state == "READY" for x in index), index
    client.load_model("simple", config='{"max_batch_size": "16"}')
    assert client.get_model_config("simple").config.max_batch_size == 16
    for config, files in (("{", None), ("{}", {"file:1/model.onnx": b"a"})):
        try:
            client.load_model("simple", config=config, files=files)
            raise AssertionError("a model was loaded otherwise than its registry says")
        except InferenceServerException as e:
            assert "failed to load" in e.message(), e
    client.load_model("simple")
    assert client.get_model_config("simple").config.max_batch_size == 64
    client.unload_model("floats")
    assert not client.is_model_ready("floats")
    client.load_model("floats")
    assert client.is_model_ready("floats")
    try:
        client.load_model("wrong")
        raise AssertionError("a model that there is not was loaded")
    except InferenceServerException as e:
        assert "failed to load" in e.message(), e


def errors():
    for call in (client.get_system_shared_memory_status, client.get_cuda_shared_memory_status):
        try:
            call()
            raise AssertionError("shared memory was offered")
        except InferenceServerException as e:
            assert e.status() == "StatusCode.UNIMPLEMENTED" and "shared memory" in e.message(), e
    channel = grpc.insecure_channel(address)
    try:
        # A watch has no end of its own, so that only the deadline can end it.
        list(channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=0.5))
        raise AssertionError("a watch ended by itself")
    except grpc.RpcError as e:
        assert e.code() == grpc.StatusCode.DEADLINE_EXCEEDED, e
    stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
    a, b, inputs = pair()
    request = service_pb2.ModelInferRequest(model_name="simple")
    for one in inputs:
        request.inputs.extend([one._get_tensor()])
        request.raw_input_contents.append(one._get_content())
    for _ in range(300):
        stub.ModelInfer.future(request).cancel()
    assert stub.ServerLive(service_pb2.ServerLiveRequest()).live

    def half():
        yield request
        raise RuntimeError("the caller breaks off")

    try:
        list(stub.ModelStreamInfer(half()))
    except grpc.RpcError as e:
        assert e.code() in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED), e
    assert stub.ServerLive(service_pb2.ServerLiveRequest()).live


def keepalive():
    options = triton.KeepAliveOptions(
        keepalive_time_ms=100,
        keepalive_timeout_ms=5000,
        keepalive_permit_without_calls=True,
        http2_max_pings_without_data=0,
    )
    with triton.InferenceServerClient(address, keepalive_options=options) as one:
        a, b, inputs = pair()
        check_sum(one.infer("simple", inputs), a, b)
    arguments = [("grpc.max_send_message_length", 1 << 20)]
    with triton.InferenceServerClient(address, channel_args=arguments) as one:
        a, b, inputs = pair()
        check_sum(one.infer("simple", inputs), a, b)


for part in (
    infer,
    strings,
    explicit,
    types,
    large,
    asynchronous,
    stream,
    sequences,
    classes,
    about,
    control,
    errors,
    keepalive,
):
    part()
    print("ok", part.__name__)
