"""The official Python client against a server of Lathe: what its README shows, and what goes wrong."""

import asyncio
import json
import sys

import openai

base = open(sys.argv[1]).read()
client = openai.OpenAI(base_url=base + "/v1", api_key="any", max_retries=0)
MODEL = "bard/llama"
HELLO = [{"role": "user", "content": "Speak, Romeo."}]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"enum": ["Rome", "Verona"]}, "days": {"type": "integer", "minimum": 1, "maximum": 9}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "of a city", "parameters": SCHEMA}}]


def models():
    listed = client.models.list().data
    assert MODEL in [m.id for m in listed], listed
    assert listed[0].object == "model" and listed[0].created > 0
    assert client.models.retrieve(MODEL).id == MODEL


def chat():
    answer = client.chat.completions.create(model=MODEL, messages=HELLO, temperature=0, max_tokens=12)
    assert answer.choices[0].message.content and answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    return answer.choices[0].message.content


def stream():
    said, usage = "", None
    for chunk in client.chat.completions.create(
        model=MODEL, messages=HELLO, temperature=0, max_tokens=12, stream=True, stream_options={"include_usage": True}
    ):
        usage = chunk.usage or usage
        if chunk.choices:
            said += chunk.choices[0].delta.content or ""
    assert said == chat(), said
    assert usage.completion_tokens <= 12


def tools():
    answer = client.chat.completions.create(
        model=MODEL, messages=HELLO, tools=TOOLS, tool_choice="required", max_tokens=200, temperature=0
    )
    call = answer.choices[0].message.tool_calls[0]
    arguments = json.loads(call.function.arguments)
    assert call.function.name == "weather" and arguments["city"] in ("Rome", "Verona"), arguments
    again = HELLO + [
        answer.choices[0].message,
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"},
    ]
    assert client.chat.completions.create(model=MODEL, messages=again, tools=TOOLS, max_tokens=5).choices
    with client.chat.completions.stream(
        model=MODEL, messages=HELLO, tools=TOOLS, tool_choice="required", max_tokens=200, temperature=0
    ) as events:
        for _ in events:
            pass
        final = events.get_final_completion()
    assert json.loads(final.choices[0].message.tool_calls[0].function.arguments) == arguments


def schema():
    answer = client.chat.completions.create(
        model=MODEL,
        messages=HELLO,
        max_tokens=200,
        response_format={"type": "json_schema", "json_schema": {"name": "trip", "strict": True, "schema": SCHEMA}},
    )
    assert 1 <= json.loads(answer.choices[0].message.content)["days"] <= 9


def schema_or_tools():
    seen = set()
    strict = [{"type": "function", "function": {**TOOLS[0]["function"], "strict": True}}]
    for seed in range(6):
        with client.chat.completions.stream(
            model=MODEL,
            messages=HELLO,
            tools=strict,
            seed=seed,
            temperature=2,
            max_tokens=200,
            response_format={"type": "json_schema", "json_schema": {"name": "trip", "strict": True, "schema": SCHEMA}},
        ) as events:
            for _ in events:
                pass
            choice = events.get_final_completion().choices[0]
        called = choice.message.tool_calls
        assert bool(called) != bool(choice.message.content)
        told = json.loads(called[0].function.arguments if called else choice.message.content)
        assert choice.finish_reason == ("tool_calls" if called else "stop") and 1 <= told["days"] <= 9
        seen.add(choice.finish_reason)
        if len(seen) == 2:
            break
    assert seen <= {"stop", "tool_calls"} and seen


def completions():
    answer = client.completions.create(model=MODEL, prompt=["ROMEO:", "JULIET:"], max_tokens=5, logprobs=2, echo=True)
    assert [c.text.split(":")[0] for c in answer.choices] == ["ROMEO", "JULIET"]
    assert answer.choices[0].logprobs.token_logprobs[0] is None
    pieces = client.completions.create(model=MODEL, prompt="ROMEO:", max_tokens=5, stream=True)
    assert "".join(p.choices[0].text for p in pieces)


def many():
    answer = client.chat.completions.create(model=MODEL, messages=HELLO, n=3, seed=1, max_tokens=5, logprobs=True)
    assert [c.index for c in answer.choices] == [0, 1, 2]
    assert len(answer.choices[0].logprobs.content) <= 5


def embeddings():
    answer = client.embeddings.create(model="demo/vectors", input=["7 8 9", "10"])
    vector = answer.data[0].embedding
    assert abs(sum(x * x for x in vector) - 1) < 1e-4 and answer.usage.total_tokens == 4
    plain = client.embeddings.create(model="demo/vectors", input=[7, 8, 9], encoding_format="float")
    assert max(abs(a - b) for a, b in zip(plain.data[0].embedding, vector)) < 1e-6
    short = client.embeddings.create(model="demo/vectors", input="7", dimensions=4)
    assert len(short.data[0].embedding) == 4


def responses():
    whole = client.responses.create(model=MODEL, input="Speak, Romeo.", temperature=0, max_output_tokens=12)
    assert whole.output_text and whole.usage.output_tokens <= 12
    with client.responses.stream(
        model=MODEL, input="Speak, Romeo.", temperature=0, max_output_tokens=12
    ) as events:
        said = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert said == whole.output_text
    call = client.responses.create(
        model=MODEL,
        input="Speak, Romeo.",
        max_output_tokens=200,
        tools=[{"type": "function", "name": "weather", "parameters": SCHEMA, "strict": True}],
        tool_choice="required",
    ).output[0]
    assert call.type == "function_call" and json.loads(call.arguments)["city"] in ("Rome", "Verona")


def errors():
    for status, kind, ask in (
        (404, openai.NotFoundError, dict(model="bard/nobody", messages=HELLO)),
        (400, openai.BadRequestError, dict(model=MODEL, messages=[])),
        (400, openai.BadRequestError, dict(model=MODEL, messages=HELLO, extra_body={"nonsense": 1})),
    ):
        try:
            client.chat.completions.create(**ask)
            raise AssertionError("answered")
        except kind as e:
            assert e.status_code == status and e.body["message"], e.body
            assert e.request_id, e.response.headers
    try:
        client.chat.completions.create(model=MODEL, messages=[])
    except openai.BadRequestError as e:
        assert e.param == "messages" and e.type == "invalid_request_error", e.body


def asynchronous():
    async def ask():
        async with openai.AsyncOpenAI(base_url=base + "/v1", api_key="any", max_retries=0) as many:
            asked = [
                many.chat.completions.create(model=MODEL, messages=HELLO, temperature=0, max_tokens=12)
                for _ in range(4)
            ]
            return {a.choices[0].message.content for a in await asyncio.gather(*asked)}

    assert asyncio.run(ask()) == {chat()}


CHECKS = (
    models,
    chat,
    stream,
    tools,
    schema,
    schema_or_tools,
    completions,
    many,
    embeddings,
    responses,
    errors,
    asynchronous,
)
for check in CHECKS:
    check()
    print("ok", check.__name__)
