"""Files and batches through OpenAI's client for Python: argument 1 is a file with the server's address."""

import io
import json
import sys

import openai

client = openai.OpenAI(base_url=open(sys.argv[1]).read() + "/v1", api_key="any", max_retries=0)

body = b'{"a": 1}\n' * 100_000
made = client.files.create(file=("big one.jsonl", io.BytesIO(body)), purpose="batch")
assert made.bytes == len(body) and made.filename == "big one.jsonl", made
assert made.object == "file" and made.status == "processed", made
print("ok upload")

more = [client.files.create(file=b"x", purpose="user_data") for _ in range(3)]
ids = [f.id for f in client.files.list(limit=2, order="asc")]
assert ids == [made.id] + [f.id for f in more], ids
assert [f.id for f in client.files.list(purpose="batch")] == [made.id]
print("ok list")

assert client.files.content(made.id).read() == body
assert client.files.retrieve(made.id) == made
assert client.files.wait_for_processing(made.id).id == made.id
print("ok content")

brief = client.files.create(
    file=b"x", purpose="batch", expires_after={"anchor": "created_at", "seconds": 3600}
)
assert brief.expires_at == brief.created_at + 3600, brief
print("ok expiry")

assert client.files.delete(made.id).deleted
for wrong in (lambda: client.files.retrieve(made.id), lambda: client.files.delete("file-x")):
    try:
        wrong()
        raise AssertionError("found")
    except openai.NotFoundError as e:
        assert e.body["param"] == "id" and e.type == "invalid_request_error", e.body
try:
    client.files.create(file=b"x", purpose="poetry")
    raise AssertionError("taken")
except openai.BadRequestError as e:
    assert e.param == "purpose", e.body
print("ok errors")


def run(lines, **more):
    file = client.files.create(file=("in.jsonl", lines), purpose="batch")
    batch = client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", **more
    )
    while batch.status in ("validating", "in_progress", "finalizing"):
        batch = client.batches.retrieve(batch.id)
    return batch


def line(i):
    body = {"model": "bard/llama", "messages": [{"role": "user", "content": f"{i}"}], "max_tokens": 3}
    return json.dumps({"custom_id": f"r{i}", "method": "POST", "url": "/v1/chat/completions", "body": body})


batch = run("\n".join(map(line, range(20))).encode(), metadata={"why": "a test"})
assert batch.status == "completed" and batch.metadata == {"why": "a test"}, batch
assert (batch.request_counts.total, batch.request_counts.completed) == (20, 20), batch
told = [json.loads(t) for t in client.files.content(batch.output_file_id).text.splitlines()]
assert sorted(t["custom_id"] for t in told) == sorted(f"r{i}" for i in range(20)), told
assert all(t["response"]["body"]["object"] == "chat.completion" for t in told)
assert batch.error_file_id is None
assert [b.id for b in client.batches.list(limit=1)] == [batch.id]
print("ok batch")

batch = run((line(1) + "\n" + line(1) + "\nno json").encode())
assert batch.status == "failed", batch
assert [e.line for e in batch.errors.data] == [2, 3], batch.errors
assert batch.errors.data[0].code == "duplicate_custom_id", batch.errors
try:
    client.batches.cancel(batch.id)
    raise AssertionError("cancelled")
except openai.ConflictError as e:
    assert e.param == "id", e.body
print("ok problems")

first = client.responses.create(model="bard/llama", input="Speak.", max_output_tokens=4)
assert first.store, first
again = client.responses.retrieve(first.id)
assert again.output_text == first.output_text and again.id == first.id
items = client.responses.input_items.list(first.id).data
assert items[0].content[0].text == "Speak.", items
second = client.responses.create(
    model="bard/llama", input="More.", previous_response_id=first.id, max_output_tokens=4
)
assert second.usage.input_tokens > first.usage.input_tokens
client.responses.delete(first.id)
try:
    client.responses.retrieve(first.id)
    raise AssertionError("found")
except openai.NotFoundError as e:
    assert e.body["param"] == "id", e.body
print("ok responses")
