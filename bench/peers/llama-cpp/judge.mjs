// Evaluates a GGUF file with llama.cpp through node-llama-cpp: probabilities, greedy answers, token ids of texts.
//
//   node judge.mjs PEERS JOB.json OUT.json
//
// PEERS is a folder whose node_modules contains node-llama-cpp with a prebuilt binary; nothing is built or downloaded.
// JOB.json: { model, adapter?, rows?: [[id, ...]], prompts?: [{ ids, tokens }], texts?: [text], threads? }
// OUT.json: { rows: [[{ id: probability of the next token }, ...]], answers: [[id, ...]], ids: [[id, ...]],
//   chatTemplate }
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [peers, jobPath, outPath] = process.argv.slice(2);
const entry = pathToFileURL(join(peers, "node_modules/node-llama-cpp/dist/index.js")).href;
const { getLlama, LlamaLogLevel } = await import(entry);
const {
  model: modelPath,
  adapter,
  rows = [],
  prompts = [],
  texts = [],
  threads = 1,
} = JSON.parse(readFileSync(jobPath, "utf8"));

const llama = await getLlama({
  build: "never",
  gpu: false,
  skipDownload: true,
  maxThreads: threads,
  logLevel: LlamaLogLevel.error,
});
const computes = rows.length + prompts.length > 0;
const model = await llama.loadModel({ modelPath, vocabOnly: !computes, gpuLayers: 0 });
const out = {
  rows: [],
  answers: [],
  ids: [],
  chatTemplate: model.fileInfo?.metadata?.tokenizer?.chat_template,
};
for (const text of texts) out.ids.push([...model.tokenize(text, true)]);

if (computes) {
  const longest = Math.max(
    ...rows.map((row) => row.length),
    ...prompts.map(({ ids, tokens }) => ids.length + tokens),
  );
  const context = await model.createContext({
    contextSize: Math.max(64, longest + 1),
    sequences: 1,
    threads,
    flashAttention: false,
    experimentalKvCacheKeyType: "F32",
    experimentalKvCacheValueType: "F32",
    ...(adapter ? { lora: adapter } : {}),
  });
  const sequence = context.getSequence();
  const options = { probabilities: true };
  for (const row of rows) {
    await sequence.clearHistory();
    const results = await sequence.controlledEvaluate(row.map((id) => [id, { generateNext: options }]));
    out.rows.push(results.map((result) => Object.fromEntries(result?.next.probabilities ?? [])));
  }
  for (const { ids, tokens } of prompts) {
    await sequence.clearHistory();
    const answer = [];
    for await (const id of sequence.evaluate(ids, { temperature: 0, yieldEogToken: true })) {
      answer.push(id);
      if (answer.length >= tokens || model.isEogToken(id)) break;
    }
    out.answers.push(answer);
  }
  await context.dispose();
}
await model.dispose();
writeFileSync(outPath, JSON.stringify(out));
process.exit(0);
