"""Anthropic's client for Python: argument 1 is a file with the server's address."""

import sys

import anthropic

client = anthropic.Anthropic(base_url=open(sys.argv[1]).read(), api_key="any", max_retries=0)
MODEL = "bard/llama"
HELLO = [{"role": "user", "content": "Speak, Romeo."}]
TOOLS = [{
    "name": "weather",
    "description": "of a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"enum": ["Rome", "Verona"]}},
        "required": ["city"],
        "additionalProperties": False,
    },
}]

whole = client.messages.create(model=MODEL, max_tokens=8, messages=HELLO, extra_body={"temperature": 0})
assert whole.role == "assistant" and whole.type == "message", whole
assert whole.stop_reason == "max_tokens" and whole.usage.output_tokens == 8, whole
text = whole.content[0].text
assert text, whole
print("ok message")

with client.messages.stream(model=MODEL, max_tokens=8, messages=HELLO, extra_body={"temperature": 0}) as stream:
    pieces = list(stream.text_stream)
    last = stream.get_final_message()
assert "".join(pieces) == text and len(pieces) > 1, pieces
assert last.content[0].text == text and last.stop_reason == "max_tokens", last
assert last.usage.output_tokens == 8, last.usage
print("ok stream")

again = client.messages.create(
    model=MODEL,
    max_tokens=8,
    extra_body={"temperature": 0},
    system=[{"type": "text", "text": "Be brief."}],
    messages=HELLO + [
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "hm", "signature": ""},
            {"type": "text", "text": "What?"},
            {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Rome"}},
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "rain"},
            {"type": "text", "text": "More."},
        ]},
    ],
)
assert again.content, again
print("ok blocks")

called = client.messages.create(
    model=MODEL, max_tokens=60, messages=HELLO, tools=TOOLS, tool_choice={"type": "any"}
)
call = next(b for b in called.content if b.type == "tool_use")
assert call.name == "weather" and call.input["city"] in ("Rome", "Verona"), called
assert called.stop_reason == "tool_use", called
with client.messages.stream(
    model=MODEL, max_tokens=60, messages=HELLO, tools=TOOLS, tool_choice={"type": "tool", "name": "weather"}
) as stream:
    last = stream.get_final_message()
call = next(b for b in last.content if b.type == "tool_use")
assert call.input["city"] in ("Rome", "Verona") and last.stop_reason == "tool_use", last
print("ok tools")

first = text.strip().split()[0]
stopped = client.messages.create(
    model=MODEL, max_tokens=8, messages=HELLO, extra_body={"temperature": 0}, stop_sequences=[first]
)
assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", first), stopped
print("ok stop")

counted = client.messages.count_tokens(model=MODEL, messages=HELLO)
assert counted.input_tokens == whole.usage.input_tokens + whole.usage.cache_read_input_tokens
print("ok tokens")

for error, wrong in (
    (anthropic.NotFoundError, {"model": "bard/nobody"}),
    (anthropic.BadRequestError, {"messages": []}),
    (anthropic.BadRequestError, {"extra_body": {"temperature": 7}}),
    (anthropic.BadRequestError, {"messages": [{"role": "user", "content": [{"type": "image"}]}]}),
):
    try:
        client.messages.create(**({"model": MODEL, "max_tokens": 4, "messages": HELLO} | wrong))
        raise AssertionError(wrong)
    except error as e:
        assert e.body["type"] == "error" and e.body["error"]["message"], e.body
print("ok errors")
