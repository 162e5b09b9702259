// Evaluates an ONNX folder with transformers.js: logits, also with a cache and with padding, and greedy answers.
//
//   node judge.mjs PEERS JOB.json OUT.json
//
// PEERS is a folder whose node_modules contains @huggingface/transformers; nothing is downloaded.
// JOB.json: { folder, web?: path of a model, rows?: [[id, ...]], prompts?: [{ ids, tokens }],
//   chats?: [{ text, tokens }] }
// OUT.json: { rows: [{ whole, cached, padded, web }], answers: [[id, ...]], chats: [{ prompt, ids, text }] }
// Logits are base64 of float32 [T, V]. `cached`: the last token, with the others in the cache; `padded`: in a batch
// with a longer row; `web`: with the WebAssembly runtime that browsers use.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [peers, jobPath, outPath] = process.argv.slice(2);
const entry = join(peers, "node_modules/@huggingface/transformers/dist/transformers.node.mjs");
const { AutoModelForCausalLM, AutoTokenizer, Tensor, env } = await import(pathToFileURL(entry).href);
const { folder, web, rows = [], prompts = [], chats = [] } = JSON.parse(readFileSync(jobPath, "utf8"));

env.allowRemoteModels = false;
env.localModelPath = dirname(folder);
const sessions = { intraOpNumThreads: 1, interOpNumThreads: 1 };
const model = await AutoModelForCausalLM.from_pretrained(basename(folder), { session_options: sessions });

/** Left-padded rows as tensors. */
function batch(list) {
  const length = Math.max(...list.map((row) => row.length));
  const pad = (row, filler, value) => [...new Array(length - row.length).fill(filler), ...row.map(value)];
  const tensor = (lines) => new Tensor("int64", lines.flat().map(BigInt), [list.length, length]);
  return {
    input_ids: tensor(list.map((row) => pad(row, 0, (id) => id))),
    attention_mask: tensor(list.map((row) => pad(row, 0, () => 1))),
  };
}

/** The logits of the last `count` tokens of a row. */
function packed({ data, dims: [, length, width] }, row, count) {
  const end = (row + 1) * length * width;
  const part = Float32Array.from(data.slice(end - count * width, end));
  return Buffer.from(part.buffer).toString("base64");
}

/** A function that returns the logits of a complete row, computed with the browser runtime. */
async function webRuntime(path) {
  const place = join(peers, "node_modules/onnxruntime-web/dist/ort.node.min.mjs");
  const ort = await import(pathToFileURL(place).href);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(path)));
  return async (row) => {
    const tensor = (values) =>
      new ort.Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
    const feeds = {
      input_ids: tensor(row),
      attention_mask: tensor(row.map(() => 1)),
      position_ids: tensor(row.map((_, at) => at)),
    };
    for (const { name, shape } of session.inputMetadata) {
      if (!name.startsWith("past_key_values")) continue;
      feeds[name] = new ort.Tensor("float32", new Float32Array(0), [1, shape[1], 0, shape[3]]);
    }
    return (await session.run(feeds)).logits;
  };
}

const inBrowser = web ? await webRuntime(web) : null;
const out = { rows: [], answers: [], chats: [] };
for (const row of rows) {
  const whole = await model(batch([row]));
  const first = await model(batch([row.slice(0, -1)]));
  const past = Object.fromEntries(
    Object.entries(first)
      .filter(([name]) => name.startsWith("present."))
      .map(([name, value]) => [name.replace("present", "past_key_values"), value]),
  );
  const last = { ...batch([row.slice(-1)]), attention_mask: batch([row]).attention_mask };
  const cached = await model({ ...last, past_key_values: past });
  const padded = await model(batch([row, [...row, ...row]]));
  out.rows.push({
    whole: packed(whole.logits, 0, row.length),
    cached: packed(cached.logits, 0, 1),
    padded: packed(padded.logits, 0, row.length),
    ...(inBrowser ? { web: packed(await inBrowser(row), 0, row.length) } : {}),
  });
}
for (const { ids, tokens } of prompts) {
  const made = await model.generate({ ...batch([ids]), max_new_tokens: tokens, do_sample: false });
  out.answers.push([...made.data].slice(ids.length).map(Number));
}
if (chats.length > 0) {
  const tokenizer = await AutoTokenizer.from_pretrained(basename(folder));
  for (const { text, tokens } of chats) {
    const messages = [{ role: "user", content: text }];
    const given = tokenizer.apply_chat_template(messages, { add_generation_prompt: true, return_dict: true });
    const prompt = [...given.input_ids.data].map(Number);
    const made = await model.generate({ ...given, max_new_tokens: tokens, do_sample: false });
    const ids = [...made.data].slice(prompt.length).map(Number);
    out.chats.push({ prompt, ids, text: tokenizer.decode(ids, { skip_special_tokens: true }) });
  }
}
writeFileSync(outPath, JSON.stringify(out));
