/**
 * @file Compares step times from traces (a GPU roofline over the traced kernels) with published tokens per second.
 *
 *     TUNEWISE_PYTHON=/path/to/python npx tsx bench/trace/speed.mjs developed|opened
 *
 * The rows are those of programs that train with a plain loop over transformers and PEFT. `developed` are those of
 * LLaMA-Factory; `opened` are the others, which were held out until the roofline was written. Reads
 * `../shared/data/measurements`. The result contains only row names and errors.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { traceSteps } from "../../packages/tunewise/src/executors/index.ts";
import { estimateStackSpeed, tracedSpeed, traceKey } from "../../packages/tunewise/src/plan/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { speedRows } from "../../test/planner/sources.ts";

const group = process.argv[2] ?? "developed";
const programs = { developed: ["llama-factory"], opened: ["hf-peft", "fsdp-qlora"] }[group];
const runtime = createRuntime(process.cwd(), new AbortController().signal, "0");
const errors = {};

for (const { row, setting, device, measured } of speedRows()) {
  const { model, trained } = setting;
  if (!programs.includes(row.stack) || /plain Hugging Face attention/.test(row.notes) || device === null)
    continue;
  const config = {
    model_type: "llama",
    hidden_size: model.hidden,
    num_hidden_layers: model.layers,
    num_attention_heads: model.heads,
    num_key_value_heads: model.kvHeads,
    head_dim: model.headWidth,
    intermediate_size: model.feedForward,
    vocab_size: model.vocabulary,
    max_position_embeddings: 65536,
    tie_word_embeddings: model.tied,
  };
  const adapter = { rank: trained.rank, targets: trained.targets, dropout: 0 };
  const request = {
    program: "peft",
    dtype: "bfloat16",
    method: {
      kind: trained.kind,
      ...(trained.kind === "full" ? {} : adapter),
      ...(trained.kind === "qlora" ? { doubleQuantization: trained.doubleQuantization } : {}),
    },
    training: {
      recompute: (setting.checkpointing ?? setting.stack.checkpointing) ? "layer" : "none",
      batching: "pad",
    },
    batches: [Array(setting.rows).fill(setting.length)],
    evaluation: [],
    accumulates: false,
    labelledShare: 1,
    card: { capability: device.capability },
    world: { size: 1, sharding: "none" },
  };
  const step = (
    await traceSteps({ config, requests: [request], seconds: 600, onStart: () => {} }, runtime)
  ).get(traceKey(request));
  if (step === undefined) throw new Error(`${row.id} was not traced`);
  const found = tracedSpeed(step, setting, device, 1);
  const rules = estimateStackSpeed(setting, device);
  const error = (speed) => Math.round(1000 * (speed.tokensPerSecondPerDevice.expected / measured - 1)) / 10;
  errors[row.id] = { traced: error(found), rules: error(rules) };
  const parts = found.parts.map(({ name, seconds }) => `${name} ${seconds.toFixed(2)}`).join(", ");
  console.log(`${row.id} ${row.stack} ${row.method} ${JSON.stringify(errors[row.id])} ${parts}`);
}
const path = fileURLToPath(new URL("./results/speed.json", import.meta.url));
const known = (() => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { unit: "percent: expected / published tokens per second - 1" };
  }
})();
const entry = { command: `npx tsx bench/trace/speed.mjs ${group}`, rows: Object.keys(errors).length, errors };
writeFileSync(path, `${JSON.stringify({ ...known, [group]: entry }, null, 1)}\n`);
