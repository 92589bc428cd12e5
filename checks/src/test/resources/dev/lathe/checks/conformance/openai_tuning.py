"""Fine-tuning as users of OpenAI's client for Python do it. Argument: a file with the server's address."""

import sys
import time

import openai

address = open(sys.argv[1]).read()
client = openai.OpenAI(base_url=address + "/v1", api_key="any", max_retries=0)

LINES = b"""
{"messages": [{"role": "user", "content": "who are you"}, {"role": "assistant", "content": "i am a small lathe"}]}
{"messages": [{"role": "user", "content": "how much"}, {"role": "assistant", "content": "ten a day"}]}
"""
file = client.files.create(file=("chats.jsonl", LINES), purpose="fine-tune")
print("ok upload")

job = client.fine_tuning.jobs.create(
    model="demo/talk",
    training_file=file.id,
    suffix="python",
    seed=3,
    metadata={"who": "python"},
    method={
        "type": "supervised",
        "supervised": {
            "hyperparameters": {"n_epochs": 50, "batch_size": 1, "learning_rate_multiplier": 50}
        },
    },
)
assert job.id.startswith("ftjob-") and job.object == "fine_tuning.job", job
assert job.method.supervised.hyperparameters.n_epochs == 50, job
print("ok create")

until = time.time() + 90
while job.status not in ("succeeded", "failed", "cancelled") and time.time() < until:
    time.sleep(0.2)
    job = client.fine_tuning.jobs.retrieve(job.id)
assert job.status == "succeeded", job
assert job.error is None and job.finished_at >= job.created_at and job.metadata == {"who": "python"}
print("ok wait")

events = list(client.fine_tuning.jobs.list_events(job.id, limit=2))
assert len(events) > 4 and len({event.id for event in events}) == len(events), events
assert events[0].message == "The job has successfully completed", events[0]
assert any(event.type == "metrics" and event.data["train_loss"] < 1 for event in events), events
print("ok events")

checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id))
assert [c.fine_tuned_model_checkpoint for c in checkpoints] == [job.fine_tuned_model], checkpoints
assert checkpoints[0].step_number == 100, checkpoints
assert [one.id for one in client.fine_tuning.jobs.list(metadata={"who": "python"})] == [job.id]
assert list(client.fine_tuning.jobs.list(metadata={"who": "java"})) == []
print("ok list")

answer = client.chat.completions.create(
    model=job.fine_tuned_model,
    messages=[{"role": "user", "content": "who are you"}],
    temperature=0,
    max_tokens=12,
)
assert answer.choices[0].message.content.strip() == "i am a small lathe", answer
assert answer.choices[0].finish_reason == "stop", answer
print("ok chat")

bad = client.files.create(
    file=("bad.jsonl", LINES + b'{"messages": [{"role": "user", "content": "a"}]}\n'),
    purpose="fine-tune",
)
try:
    client.fine_tuning.jobs.create(model="demo/talk", training_file=bad.id)
    raise AssertionError("a bad file was taken")
except openai.BadRequestError as e:
    assert e.param == "training_file" and "bad.jsonl: line 4: messages[0].role" in e.message, e
try:
    client.fine_tuning.jobs.create(model="demo/none", training_file=file.id)
    raise AssertionError("an unknown model was taken")
except openai.NotFoundError as e:
    assert e.code == "model_not_found", e
print("ok errors")
