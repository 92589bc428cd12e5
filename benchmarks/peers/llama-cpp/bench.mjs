// llama.cpp's side of benchmarks/run generate: writes a GGUF of random weights, reads prompts and writes texts with it.
// One argument, JSON: {file, kind: "Q4_0" | "Q8_0", vocabulary, width, inner, layers, heads, keyHeads, capacity, prompts,
// streams, begun, steps} with tries, or with arrivals (seconds from the start). Prints JSON: {read: {prompt: tokens/s}, written:
// {streams: tokens/s}}, or {first: [ms], next: [ms]}.
// `npm install --ignore-scripts` in this folder fetches the library with prebuilt natives for several processors.
import fs from "node:fs";
import {getLlama} from "node-llama-cpp";

const scale = JSON.parse(process.argv[2]);
const TYPES = {F32: {code: 0, block: 1, bytes: 4}, Q4_0: {code: 2, block: 32, bytes: 18}, Q8_0: {code: 8, block: 32, bytes: 34}};
const ALIGNMENT = 32;

function u32(value) { const b = Buffer.alloc(4); b.writeUInt32LE(value); return b; }
function u64(value) { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(value)); return b; }
function f32(value) { const b = Buffer.alloc(4); b.writeFloatLE(value); return b; }
function text(value) { const b = Buffer.from(value); return Buffer.concat([u64(b.length), b]); }
const key = (name, type, value) => Buffer.concat([text(name), u32(type), value]);
const number = (name, value) => key(name, 4, u32(value));
const real = (name, value) => key(name, 6, f32(value));
const string = (name, value) => key(name, 8, text(value));
const array = (name, type, values) => key(name, 9, Buffer.concat([u32(type), u64(values.length), ...values]));

function tensors() {
  const {vocabulary, width, inner, layers, heads, keyHeads, kind} = scale;
  const shared = width / heads * keyHeads;
  const all = [["token_embd.weight", [width, vocabulary], "Q8_0"], ["output_norm.weight", [width], "F32"],
    ["output.weight", [width, vocabulary], "Q8_0"]];
  for (let i = 0; i < layers; i++) {
    const name = part => `blk.${i}.${part}.weight`;
    all.push([name("attn_norm"), [width], "F32"], [name("ffn_norm"), [width], "F32"],
      [name("attn_q"), [width, width], kind], [name("attn_k"), [width, shared], kind], [name("attn_v"), [width, shared], kind],
      [name("attn_output"), [width, width], kind], [name("ffn_gate"), [width, inner], kind],
      [name("ffn_up"), [width, inner], kind], [name("ffn_down"), [inner, width], kind]);
  }
  return all;
}

function size([, dims, type]) {
  return dims.reduce((a, b) => a * b) / TYPES[type].block * TYPES[type].bytes;
}

/** Random levels under scales of about 0.002; norms of 1. */
function content(type, bytes) {
  const data = Buffer.alloc(bytes);
  if (type === "F32") {
    for (let i = 0; i < bytes; i += 4) data.writeFloatLE(1, i);
    return data;
  }
  let seed = 1;
  for (let i = 0; i < bytes; i += 4) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    data.writeUInt32LE(seed, Math.min(i, bytes - 4));
  }
  for (let i = 0; i < bytes; i += TYPES[type].bytes) data.writeUInt16LE(type === "Q4_0" ? 0x1819 : 0x0c19, i);
  return data;
}

function write() {
  const {vocabulary, width, inner, layers, heads, keyHeads, capacity, file} = scale;
  const tokens = [...Array(vocabulary).keys()];
  const byte = i => i >= 3 && i < 259;
  const word = i => i < 3 ? ["<unk>", "<s>", "</s>"][i] : byte(i) ? `<0x${(i - 3).toString(16).toUpperCase().padStart(2, "0")}>` : `w${i}`;
  const keys = [string("general.architecture", "llama"), number("llama.context_length", capacity),
    number("llama.embedding_length", width), number("llama.block_count", layers), number("llama.feed_forward_length", inner),
    number("llama.attention.head_count", heads), number("llama.attention.head_count_kv", keyHeads),
    number("llama.rope.dimension_count", width / heads), real("llama.rope.freq_base", 10000),
    real("llama.attention.layer_norm_rms_epsilon", 1e-5), number("llama.vocab_size", vocabulary),
    string("tokenizer.ggml.model", "llama"), array("tokenizer.ggml.tokens", 8, tokens.map(i => text(word(i)))),
    array("tokenizer.ggml.scores", 6, tokens.map(i => f32(-i))),
    array("tokenizer.ggml.token_type", 5, tokens.map(i => u32(i < 3 ? 3 : byte(i) ? 6 : 1))),
    number("tokenizer.ggml.bos_token_id", 1), number("tokenizer.ggml.eos_token_id", 2)];
  const all = tensors();
  let offset = 0;
  const infos = all.map(tensor => {
    const [name, dims, type] = tensor;
    const info = Buffer.concat([text(name), u32(dims.length), ...dims.map(u64), u32(TYPES[type].code), u64(offset)]);
    offset += Math.ceil(size(tensor) / ALIGNMENT) * ALIGNMENT;
    return info;
  });
  const head = Buffer.concat([Buffer.from("GGUF"), u32(3), u64(all.length), u64(keys.length), ...keys, ...infos]);
  const out = fs.openSync(file, "w");
  const pad = bytes => fs.writeSync(out, Buffer.alloc((ALIGNMENT - bytes % ALIGNMENT) % ALIGNMENT));
  fs.writeSync(out, head);
  pad(head.length);
  const made = new Map();
  for (const tensor of all) {
    const bytes = size(tensor);
    const id = `${tensor[2]} ${bytes}`;
    if (!made.has(id)) made.set(id, content(tensor[2], bytes));
    fs.writeSync(out, made.get(id));
    pad(bytes);
  }
  fs.closeSync(out);
}

const random = count => Array.from({length: count}, () => 300 + Math.floor(Math.random() * (scale.vocabulary - 300)));
const seconds = since => Number(process.hrtime.bigint() - since) / 1e9;

async function read(context, prompt) {
  const sequence = context.getSequence();
  const tokens = random(prompt);
  const start = process.hrtime.bigint();
  await sequence.evaluateWithoutGeneratingNewTokens(tokens);
  const rate = prompt / seconds(start);
  sequence.dispose();
  return rate;
}

async function written(context, streams) {
  const sequences = [];
  for (let i = 0; i < streams; i++) {
    const sequence = context.getSequence();
    await sequence.evaluateWithoutGeneratingNewTokens(random(scale.begun));
    sequences.push(sequence);
  }
  const texts = sequences.map(sequence => sequence.evaluate(random(1), {temperature: 0, yieldEogToken: true}));
  await Promise.all(texts.map(each => each.next()));
  const start = process.hrtime.bigint();
  for (let step = 0; step < scale.steps; step++) await Promise.all(texts.map(each => each.next()));
  const rate = streams * scale.steps / seconds(start);
  await Promise.all(texts.map(each => each.return()));
  sequences.forEach(sequence => sequence.dispose());
  return rate;
}

/** One text: milliseconds to its first token, and from each to the next. */
async function asked(sequence, since, waits) {
  await sequence.clearHistory();
  let before = since;
  let count = 0;
  for await (const _ of sequence.evaluate(random(scale.begun), {temperature: 0, yieldEogToken: true})) {
    const now = performance.now();
    (count === 0 ? waits.first : waits.next).push(now - before);
    before = now;
    if (++count === scale.steps) break;
  }
}

/** As many texts at once as there are sequences; later ones wait. */
async function arrivals(context, most) {
  const waits = {first: [], next: []};
  const free = Array.from({length: most}, () => context.getSequence());
  const queue = [];
  const start = performance.now();
  await Promise.all(scale.arrivals.map(async second => {
    await new Promise(done => setTimeout(done, second * 1000));
    const sequence = free.pop() ?? await new Promise(done => queue.push(done));
    await asked(sequence, start + second * 1000, waits);
    if (queue.length) queue.shift()(sequence);
    else free.push(sequence);
  }));
  return waits;
}

if (!fs.existsSync(scale.file)) write();
const llama = await getLlama({gpu: false, build: "never", progressLogs: false, maxThreads: 1, logLevel: "error"});
const model = await llama.loadModel({modelPath: scale.file, gpuLayers: 0});
const most = Math.max(...scale.streams);
const context = await model.createContext({contextSize: scale.capacity, batchSize: 512, sequences: most, threads: 1, flashAttention: true});
if (scale.arrivals) {
  console.log(JSON.stringify(await arrivals(context, most)));
  process.exit(0);
}
const result = {read: {}, written: {}, system: llama.systemInfo};
for (let i = 0; i < scale.tries; i++) {
  for (const prompt of scale.prompts) result.read[prompt] = Math.max(result.read[prompt] ?? 0, await read(context, prompt));
  for (const streams of scale.streams) result.written[streams] = Math.max(result.written[streams] ?? 0, await written(context, streams));
}
console.log(JSON.stringify(result));
process.exit(0);
