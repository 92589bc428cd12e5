"""Files through OpenAI's client for Python: argument 1 is a file with the server's address."""

import io
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
