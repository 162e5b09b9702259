/**
 * @file Times short greedy answers of the engine, transformers and llama.cpp, alternating on the same prompts.
 *
 *     npx tsx bench/answers.mjs MODEL_FOLDER ROWS.jsonl [--rows 500] [--batch 32] [--max-new-tokens 32] [--rounds 3]
 *       [--threads 2] [--format float32|stored|nf4] [--compute fp32|bf16]
 *       [--python PYTHON] [--dtype float32|bfloat16]
 *       [--llama-cpp FOLDER]
 *
 * A row is `{"prompt": "..."}`. PYTHON has `bench/peers/requirements.txt` installed; FOLDER has what
 * `bench/peers/llama-cpp` lists. `--dtype` is that of the peers: bfloat16 to match `--compute bf16`. Models are opened
 * once, each program first runs one round that is not counted, and rounds alternate, so that all see the same load.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { mergedModel, openModel, planExport } from "@tunewise/engine";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { resolveModel } from "../packages/tunewise/src/hub/index.ts";
import { baseOptions } from "./measured-run.mjs";

const text = (value) => ({ type: "string", default: value });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: text("500"),
    batch: text("32"),
    "max-new-tokens": text("32"),
    rounds: text("3"),
    threads: text("2"),
    format: text("float32"),
    compute: text("fp32"),
    python: text(""),
    dtype: text("float32"),
    "llama-cpp": text(""),
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
if (values["llama-cpp"] !== "") ways.push(await llamaWay());
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
      name,
      seconds: seconds[way],
      median: medians[way],
      answersPerSecond: texts.length / medians[way],
      timesTheEngine: medians[0] / medians[way],
      // ratios within a round, so that a slow moment of the machine affects both
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

/** A process that reads the prompts once, then answers all of them for each line on its input. */
async function transformersWay() {
  const program = fileURLToPath(new URL("peers/answer-rounds.py", import.meta.url));
  const given = ["--batch", batch, "--max-new-tokens", most, "--threads", threads, "--dtype", values.dtype];
  const child = spawn(values.python, [program, folder, ...given.map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.write(`${JSON.stringify({ prompts, endIds: tokenizer.endIds })}\n`);
  await output.next(); // resolves once the model is open
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

/**
 * llama.cpp on the same weights in a GGUF file with equal numbers, with one sequence per row of a batch in one context.
 * A finished sequence takes the next prompt, and all sequences are computed together, as its server does with
 * `--parallel`.
 */
async function llamaWay() {
  const file = join(mkdtempSync(join(tmpdir(), "tunewise-answers-")), "model.gguf");
  const dtype = values.dtype === "bfloat16" ? "bf16" : "f32";
  const plan = planExport(mergedModel(files, null), { format: "gguf", name: "model", dtype });
  const pieces = [];
  for await (const piece of plan.files.find(({ path }) => path.endsWith(".gguf")).chunks())
    pieces.push(piece);
  writeFileSync(file, Buffer.concat(pieces));
  const entry = join(values["llama-cpp"], "node_modules/node-llama-cpp/dist/index.js");
  const { getLlama } = await import(pathToFileURL(entry).href);
  const llama = await getLlama({
    build: "never",
    skipDownload: true,
    gpu: false,
    logLevel: "error",
    maxThreads: threads,
  });
  const loaded = await llama.loadModel({ modelPath: file });
  const contextSize = Math.max(...prompts.map(({ length }) => length)) + most + 8;
  const context = await loaded.createContext({ contextSize, sequences: batch, threads, batchSize: 1024 });
  const sequences = Array.from({ length: batch }, () => context.getSequence());
  return {
    name: `llama.cpp, ${dtype}`,
    answer: async () => {
      const answers = [];
      let next = 0;
      const client = async (sequence) => {
        for (let row = next++; row < prompts.length; row = next++) {
          await sequence.clearHistory();
          const ids = [];
          const options = { temperature: 0, yieldEogToken: true };
          for await (const id of sequence.evaluate([...prompts[row]], options)) {
            if (loaded.isEogToken(id) || ids.push(id) >= most) break;
          }
          answers[row] = tokenizer.decode(ids, { skipSpecialTokens: true });
        }
      };
      await Promise.all(sequences.map(client));
      return answers;
    },
    close: async () => {
      await llama.dispose();
      rmSync(file);
    },
  };
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
