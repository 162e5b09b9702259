/**
 * @file Times short greedy answers: the engine, transformers, and a llama.cpp server, in turns on the same prompts.
 *
 *     npx tsx bench/answers.mjs MODEL_FOLDER ROWS.jsonl [--rows 500] [--batch 32] [--max-new-tokens 32] [--rounds 3]
 *       [--threads 2] [--format float32|stored|nf4] [--compute fp32|bf16]
 *       [--python PYTHON] [--dtype float32|bfloat16]
 *       [--gguf MODEL.gguf --llama-python PYTHON | --llama-url http://127.0.0.1:8080]
 *
 * A row is `{"prompt": "..."}`. PYTHON has `bench/peers/requirements.txt`; LLAMA_PYTHON has `llama-cpp-python[server]`,
 * whose server answers one request at a time. `--llama-url` names another server of the same API, such as llama.cpp's
 * own with `--parallel 32`. Equal quantization is up to the caller: float32 with a GGUF file of F32 and `--dtype float32`,
 * or bfloat16 with BF16 and `--dtype bfloat16` (`tunewise model export --dtype`). Models are opened once, and
 * one round of each way that is not counted comes first; the rounds of the ways take turns, so that all see the same load.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createTokenizer } from "../src/dataset/index.ts";
import { openModel } from "../src/engine/index.ts";
import { resolveModel } from "../src/hub/index.ts";
import { baseOptions } from "./measured-run.mjs";

const text = (value) => ({ type: "string", default: value });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ rows: text("500"), batch: text("32"), "max-new-tokens": text("32"), rounds: text("3") },
    ...{ threads: text("2"), format: text("float32"), compute: text("fp32") },
    ...{ python: text(""), dtype: text("float32") },
    ...{ gguf: text(""), "llama-python": text(""), "llama-url": text("") },
  },
});
const [folder = "", rowsPath = ""] = positionals;
const [rows, batch, most, rounds, threads] = ["rows", "batch", "max-new-tokens", "rounds", "threads"].map(
  (key) => Number(values[key]),
);
const source = { cacheFolder: folder, fetch: null, endpoint: "", token: null, execute: null };
const files = await resolveModel(folder, "main", source);
const tokenizer = createTokenizer(files.tokenizer);
const lines = readFileSync(rowsPath, "utf8").split("\n").filter(Boolean).slice(0, rows);
const texts = lines.map((line) => {
  const messages = [{ role: "user", content: JSON.parse(line).prompt }];
  return tokenizer.hasChatTemplate
    ? tokenizer.render(messages, { addGenerationPrompt: true })
    : messages[0].content;
});
const prompts = texts.map((one) => tokenizer.encode(one, { addSpecialTokens: false }));

const ways = [await engineWay()];
if (values.python !== "") ways.push(await transformersWay());
if (values["llama-url"] !== "" || values["llama-python"] !== "") ways.push(await llamaWay());
const seconds = ways.map(() => []);
const said = [];
for (let round = 0; round <= rounds; round++) {
  for (const at of ways.keys()) {
    const way = (at + round) % ways.length;
    const start = performance.now();
    said[way] = await ways[way].answer();
    if (round > 0) seconds[way].push((performance.now() - start) / 1000);
  }
}
for (const { close } of ways) await close();
const medians = seconds.map(median);
for (const [way, { name }] of ways.entries()) {
  console.log(
    JSON.stringify({
      ...{ name, seconds: seconds[way], median: medians[way], answersPerSecond: texts.length / medians[way] },
      timesTheEngine: medians[0] / medians[way],
      // pairs of one round, so that a slow moment of the machine counts for both
      pairedRatios: seconds[way].map((one, round) => seconds[0][round] / one),
      letters: said[way].reduce((sum, one) => sum + one.length, 0),
      sameAsEngine: said[way].filter((one, row) => one.trim() === said[0][row].trim()).length / texts.length,
    }),
  );
}

async function engineWay() {
  const base = baseOptions(folder, { format: values.format, compute: values.compute });
  const model = await openModel(files, { threads, base });
  const ids = prompts.map((one) => Int32Array.from(one));
  const options = { maxNewTokens: most, temperature: 0, topP: 1, seed: 1, batchSize: batch };
  return {
    name: `engine, ${values.format}, ${values.compute}`,
    answer: async () => {
      const answers = await model.generate(null, ids, { ...options, endIds: tokenizer.endIds });
      return answers.map((one) => tokenizer.decode(one, { skipSpecialTokens: true }));
    },
    close: () => model.close(),
  };
}

/** A process that reads prompts once, and answers all of them for each line on its input. */
async function transformersWay() {
  const program = fileURLToPath(new URL("peers/answer-rounds.py", import.meta.url));
  const given = ["--batch", batch, "--max-new-tokens", most, "--threads", threads, "--dtype", values.dtype];
  const child = spawn(values.python, [program, folder, ...given.map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.write(`${JSON.stringify({ prompts, endIds: tokenizer.endIds })}\n`);
  await output.next(); // the model is open
  return {
    name: `transformers, ${values.dtype}`,
    answer: async () => {
      child.stdin.write("answer\n");
      const { value, done } = await output.next();
      if (done) throw new Error("transformers ended early");
      return JSON.parse(value).map((ids) => tokenizer.decode(ids, { skipSpecialTokens: true }));
    },
    close: () => child.stdin.end(),
  };
}

/** A server of llama.cpp's API, asked by as many clients as there are rows in a batch. */
async function llamaWay() {
  const { url, close } =
    values["llama-url"] === "" ? await startLlama() : { url: values["llama-url"], close: () => {} };
  return {
    name: `llama.cpp, ${values.gguf || url}`,
    answer: async () => {
      const answers = [];
      let next = 0;
      const client = async () => {
        for (let row = next++; row < texts.length; row = next++)
          answers[row] = await complete(url, texts[row]);
      };
      await Promise.all(Array.from({ length: batch }, client));
      return answers;
    },
    close,
  };
}

async function complete(url, prompt) {
  const body = JSON.stringify({ prompt, max_tokens: most, temperature: 0 });
  const headers = { "content-type": "application/json" };
  const reply = await fetch(`${url}/v1/completions`, { method: "POST", headers, body });
  if (!reply.ok) throw new Error(`llama.cpp: status ${reply.status}`);
  return (await reply.json()).choices[0].text;
}

async function startLlama() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  const context = Math.max(...prompts.map(({ length }) => length)) + most + 8;
  const flags = {
    model: values.gguf,
    host: "127.0.0.1",
    port,
    n_ctx: context,
    n_threads: threads,
    verbose: "false",
  };
  const given = Object.entries(flags).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const child = spawn(values["llama-python"], ["-m", "llama_cpp.server", ...given], { stdio: "inherit" });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 240; tries++) {
    if (child.exitCode !== null) throw new Error(`llama.cpp's server ended with ${child.exitCode}`);
    if (
      await fetch(`${url}/v1/models`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return { url, close: () => child.kill() };
    await new Promise((next) => setTimeout(next, 500));
  }
  child.kill();
  throw new Error("llama.cpp's server did not start within two minutes");
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
