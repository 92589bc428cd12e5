// The official client of npm against a server of Lathe.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [address, modules] = process.argv.slice(2);
const require = createRequire(pathToFileURL(modules + "/"));
const { default: OpenAI } = await import(pathToFileURL(require.resolve("openai")));
const client = new OpenAI({ baseURL: readFileSync(address, "utf8") + "/v1", apiKey: "any", maxRetries: 0 });
const model = "bard/llama";
const messages = [{ role: "user", content: "Speak, Romeo." }];
const assert = (truth, what) => {
  if (!truth) throw new Error(what);
};

const whole = await client.chat.completions.create({ model, messages, temperature: 0, max_tokens: 12 });
assert(whole.choices[0].message.content, "no content");
console.log("ok chat");

let said = "";
const pieces = await client.chat.completions.create({ model, messages, temperature: 0, max_tokens: 12, stream: true });
for await (const piece of pieces) said += piece.choices[0]?.delta?.content ?? "";
assert(said === whole.choices[0].message.content, said);
console.log("ok stream");

const schema = { type: "object", properties: { a: { enum: ["x", "y"] } }, required: ["a"], additionalProperties: false };
const tools = [{ type: "function", function: { name: "pick", parameters: schema } }];
const called = await client.chat.completions.create({ model, messages, tools, tool_choice: "required", max_tokens: 100 });
assert(["x", "y"].includes(JSON.parse(called.choices[0].message.tool_calls[0].function.arguments).a), "arguments");
console.log("ok tools");

const format = { type: "json_schema", json_schema: { name: "s", strict: true, schema } };
const strict = await client.chat.completions.create({ model, messages, response_format: format, max_tokens: 100 });
assert(["x", "y"].includes(JSON.parse(strict.choices[0].message.content).a), strict.choices[0].message.content);
console.log("ok schema");

const vectors = await client.embeddings.create({ model: "demo/vectors", input: "7 8 9" });
const length = vectors.data[0].embedding.reduce((sum, x) => sum + x * x, 0);
assert(Math.abs(length - 1) < 1e-4, "length " + length);
console.log("ok embeddings");

const stopped = await client.chat.completions.create({ model, messages, stream: true, max_tokens: 900 });
for await (const piece of stopped) {
  stopped.controller.abort();
  break;
}
console.log("ok abort");

try {
  await client.chat.completions.create({ model: "bard/nobody", messages });
  throw new Error("answered");
} catch (e) {
  assert(e instanceof OpenAI.NotFoundError && e.code === "model_not_found", String(e));
}
console.log("ok errors");
