/**
 * @file The settings whose memory is planned and measured.
 *
 * `rows`: number of training rows, and their approximate min. and max. length in tokens; `answer`: tokens of the
 * answer; `judged`: number of validation rows and of test rows, 0 for a run that only trains. The other keys are a
 * recipe's.
 */

const usual = {
  rows: [16, 128, 128],
  answer: 16,
  shared: 0,
  judged: 8,
  batch: 8,
  rank: 8,
  targets: "all-linear",
  recompute: "none",
  optimizer: "adamw",
  batching: "length",
  gradient_accumulation_steps: 1,
  newTokens: 16,
  answers: true,
  forgetting: { measure: false },
};

const attention = ["q_proj", "v_proj"];

const full = { kind: "full" };
const qlora = { kind: "qlora" };
const ewc = { method: "ewc", examples: 8 };

/** Settings; each name begins with the name of its model. */
export const settings = Object.entries({
  "small-plain": { rows: [32, 100, 300] },
  "small-large-batch": { rows: [64, 80, 200], batch: 64, rank: 16 },
  "smol-short": { rows: [32, 40, 90], batch: 16, rank: 16 },
  "smol-one-row": { rows: [2, 512, 512], batch: 1, judged: 0, loss: "all" },
  "smol-long": { rows: [4, 900, 1400], batch: 1, answer: 120, judged: 2 },
  "smol-long-recomputed": { rows: [4, 900, 1400], batch: 2, answer: 120, judged: 2, recompute: "layer" },
  "smol-ragged": {
    rows: [24, 60, 330],
    batch: 4,
    gradientAccumulationSteps: 2,
    answer: 60,
    newTokens: 64,
    rank: 16,
  },
  "smol-shuffled": { rows: [24, 40, 300], batch: 8, batching: "shuffle" },
  "smol-packed": { rows: [36, 30, 120], batch: 2, batching: "pack", most: 512 },
  "smol-few-steps": { rows: [64, 40, 700], batch: 4, batching: "shuffle", steps: 2, judged: 4 },
  "small-few-steps": { rows: [64, 40, 480], batch: 4, steps: 3, judged: 4 },
  "smol-shared": { rows: [16, 150, 200], batch: 16, shared: 120, judged: 16 },
  "smol-attention-sgd": { rows: [8, 256, 256], targets: attention, optimizer: "sgd", rank: 4 },
  "smol-recomputed": { rows: [16, 200, 256], batch: 16, recompute: "layer", judged: 0 },
  "smol-high-rank": { rows: [8, 100, 130], batch: 4, rank: 128 },
  "smol-answers": { rows: [8, 60, 80], batch: 4, judged: 32, judgedTogether: 32, newTokens: 200, answer: 20 },
  "llama-plain": { rows: [16, 100, 200], answer: 40 },
  "llama-recomputed": { rows: [8, 300, 400], batch: 4, recompute: "layer", answer: 100, loss: "all" },
  "llama-attention": { rows: [8, 384, 384], batch: 2, targets: attention, rank: 16, optimizer: "sgd" },
  "llama-train-only": { rows: [12, 60, 130], batch: 12, judged: 0, rank: 32 },
  "qwen-plain": { rows: [8, 60, 130], batch: 4 },
  "qwen-one-row": { rows: [2, 512, 512], batch: 1, judged: 0, loss: "all" },
  "qwen-recomputed": { rows: [8, 150, 250], batch: 4, recompute: "layer", rank: 16, judged: 4 },
  "qwen3-plain": { rows: [16, 80, 160], batch: 8, answer: 30 },
  "qwen3-recomputed": { rows: [4, 500, 700], batch: 2, recompute: "layer", optimizer: "sgd", judged: 2 },
  "gemma-plain": { rows: [16, 60, 150], batch: 8 },
  "gemma-all-labels": { rows: [4, 256, 256], batch: 2, loss: "all", judged: 4 },
  "small-watched": { rows: [16, 60, 120], forgetting: {} },
  "smol-watched": { rows: [16, 60, 150], batch: 4, forgetting: {} },
  "llama-watched": { rows: [8, 100, 200], batch: 4, forgetting: { every_checkpoint: false } },
  "smol-nf4": { rows: [16, 100, 200], batch: 4, method: qlora },
  "smol-nf4-disk": { rows: [8, 256, 256], batch: 2, method: qlora, weights: "disk", loss: "all" },
  "llama-nf4-recomputed": { rows: [8, 200, 300], batch: 4, method: qlora, recompute: "layer", judged: 4 },
  "qwen-nf4": { rows: [4, 300, 300], batch: 1, method: qlora, judged: 0, loss: "all" },
  "gemma-nf4": { rows: [8, 80, 120], batch: 4, method: qlora, judged: 4 },
  "llama-stored-disk": { rows: [8, 100, 200], batch: 4, weights: "disk" },
  "smol-full": { rows: [8, 100, 150], batch: 4, method: full },
  "smol-full-moments-disk": { rows: [8, 100, 150], batch: 4, method: full, moments: "disk", judged: 0 },
  "small-full-recomputed": { rows: [16, 200, 300], batch: 8, method: full, recompute: "layer" },
  "smol-ewc": { rows: [8, 80, 130], batch: 4, regularization: ewc },
  "smol-ewc-whole": { rows: [8, 80, 130], batch: 4, regularization: { ...ewc, fisher: "full" } },
  "small-full-ewc": { rows: [16, 80, 130], batch: 4, method: full, regularization: ewc },
}).map(([name, changes]) => ({ name, model: name.split("-")[0], ...usual, ...changes }));

/** The recipe of a setting as JSON, which is valid YAML. */
export function recipeOf(setting, model, system) {
  const hasTest = setting.judged > 0;
  const low = { rank: setting.rank, targets: setting.targets };
  return {
    name: setting.name,
    model,
    data: {
      train: "train.jsonl",
      ...(hasTest ? { validation: "validation.jsonl", test: "test.jsonl" } : {}),
      ...(hasTest ? {} : { split: { validation: 0, test: 0 } }),
      max_length: setting.most ?? 2048,
      loss: setting.loss ?? "completion",
      ...(system === null ? {} : { system }),
    },
    task: { kind: "text", metrics: ["perplexity", "rouge_l"] },
    method: setting.method?.kind === "full" ? full : { ...setting.method, ...low },
    ...(setting.regularization ? { regularization: setting.regularization } : {}),
    forgetting: setting.forgetting,
    machine: { weights: setting.weights ?? "auto" },
    training: {
      ...(setting.steps ? { steps: setting.steps } : { epochs: 1 }),
      batch_size: setting.batch,
      gradient_accumulation_steps: setting.gradientAccumulationSteps,
      gradient_checkpointing: setting.recompute,
      optimizer: setting.optimizer,
      optimizer_state: setting.moments ?? "memory",
      batching: setting.batching,
      learning_rate: 1e-5,
    },
    evaluation: { max_new_tokens: setting.newTokens, batch_size: setting.judgedTogether ?? 8, base: false },
    budget: { minutes: 30 },
  };
}
