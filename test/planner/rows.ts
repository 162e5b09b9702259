/**
 * @file Published measurements as set-ups that the planner can be asked about.
 *
 * A row says what its source printed. What the source leaves out is taken from how the program works by itself, never
 * from the measured value; what is read from the notes are the switches that the source names in words.
 */
import { readFileSync } from "node:fs";
import type { OptimizerName } from "@tunewise/core/run";
import { describeModel, type ModelDescription } from "../../packages/tunewise/src/catalog/index.ts";
import {
  findStack,
  type StackOptions,
  type StackRules,
  type StackSetting,
  type Trained,
  withOptions,
} from "../../packages/tunewise/src/plan/index.ts";

/** Bytes a file of measurements may have. */
const maxFileBytes = 4 << 20;

/** A row of `memory.csv` or `throughput.csv` by column name. */
export type Row = Readonly<Record<string, string>>;

/** Rows of a CSV file with a header line; quoted fields may hold commas. */
export function readRows(path: string): Row[] {
  const text = readFileSync(path, "utf8");
  if (text.length > maxFileBytes) throw new RangeError(`${path} is larger than ${maxFileBytes} bytes`);
  const [head = [], ...lines] = text
    .trim()
    .split(/\r?\n/)
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((one) => one[1] ?? one[2] ?? ""),
    );
  return lines.map((fields) => Object.fromEntries(head.map((name, at) => [name, fields[at] ?? ""])));
}

/** Whether a row is a measured peak or a run that did not fit; terms and claims are neither. */
export function isScored({ notes = "" }: Row): boolean {
  return !/\b(TERM|CLAIM):/.test(notes);
}

/** Widths of models that the file of speeds names without them. */
const mpt: Readonly<Record<string, readonly [hidden: number, layers: number, heads: number]>> = {
  "MPT-3B": [2560, 32, 20],
  "MPT-7B": [4096, 32, 32],
  "MPT-13B": [5120, 40, 40],
  "MPT-70B": [8192, 80, 64],
};

/** A row of `throughput.csv` with the widths of its model, found in `memory.csv` or known. */
export function withWidths(row: Row, others: readonly Row[]): Row | null {
  const alike = others.filter(({ model }) => model === row["model"]);
  // The same program's table names the same adapter.
  const twin = alike.find(({ stack, method }) => stack === row["stack"] && method === row["method"]);
  const same = twin ?? alike[0];
  const widths = mpt[row["model"] ?? ""];
  const adapter = twin ? {} : { targets: "", rank: "16" };
  if (same) return { ...same, ...adapter, optimizer: "", attention: "flash", source: "", ...row };
  if (!widths) return null;
  const [hidden, layers, heads] = widths.map(String);
  const feedForward = String(4 * Number(hidden));
  return {
    ...row,
    hidden: hidden ?? "",
    layers: layers ?? "",
    heads: heads ?? "",
    intermediate: feedForward,
    vocab: "50368",
    tied_embeddings: "true",
  };
}

/** Which family has the widths and the number of parameters that a row states. */
export function modelOf(row: Row): ModelDescription | null {
  const declared = Number(row["params_total"]);
  const config = {
    hidden_size: Number(row["hidden"]),
    num_hidden_layers: Number(row["layers"]),
    num_attention_heads: Number(row["heads"]),
    num_key_value_heads: Number(row["kv_heads"] || row["heads"]),
    ...(row["head_dim"] ? { head_dim: Number(row["head_dim"]) } : {}),
    intermediate_size: Number(row["intermediate"]),
    vocab_size: Number(row["vocab"]),
    tie_word_embeddings: row["tied_embeddings"] === "true",
  };
  const wished = /gemma-?2/i.test(row["model"] ?? "") ? ["gemma2"] : ["llama", "qwen2", "qwen3", "gemma"];
  const described = [...wished, "phi", "gpt_neox", "starcoder2"]
    .map((model_type) => describeModel({ model_type, ...config }).model)
    .filter((model) => model !== null);
  const distance = (model: ModelDescription): number => Math.abs(model.parameters.total - declared);
  return described.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

/** The set-up of a row, and what had to be assumed. */
export interface ReadRow {
  readonly setting: StackSetting;
  readonly assumed: readonly string[];
}

/**
 * Longest row of the Alpaca set with Llama 2's tokenizer, in tokens: what an unpacked run without a cap pads its worst
 * batch to. LitGPT's table states it.
 */
const longestAlpaca = 1304;
/** Worst batch in the first steps of a run over rows "far shorter than the maximum". */
const shortAlpaca = 512;
/** Batches of a sample of lengths. */
const sampledBatches = 32;

/** Reads a row of `memory.csv`; `null` where the model's widths are not there. */
export function settingOf(row: Row): ReadRow | null {
  const model = modelOf(row);
  if (model === null) return null;
  const notes = row["notes"] ?? "";
  const assumed: string[] = [];
  const known = findStack(row["stack"] ?? "");
  if (known === null) assumed.push("an unknown program, taken for Hugging Face Trainer");
  const stack = switched(known ?? (findStack("hf-trl") as StackRules), row);
  const devices = Number(row["gpu_count"] || 1);
  if (!row["seq_len"]) assumed.push(`length ${longestAlpaca}`);
  if (/far shorter/.test(notes)) assumed.push(`length ${shortAlpaca}`);
  if (!row["grad_checkpointing"]) assumed.push("recomputation as the program does by itself");
  const length = /far shorter/.test(notes) ? shortAlpaca : Number(row["seq_len"] || longestAlpaca);
  return {
    assumed,
    setting: {
      model,
      trained: trainedOf(row, model, stack),
      stack,
      rows: Number(row["micro_batch"] || 1),
      length,
      lengths: lengthsOf(row, length),
      accumulates: false,
      checkpointing: row["grad_checkpointing"] ? row["grad_checkpointing"] === "true" : null,
      attention: row["attention"] === "eager" || /plain Hugging/.test(notes) ? "eager" : "fused",
      optimizer: optimizerOf(row),
      devices,
      sharding: devices > 1 ? "fsdp" : "none",
      offload: /CPU offload/i.test(notes) ? "all" : "none",
      evaluation: null,
    },
  };
}

/**
 * Padded lengths of batches where the source states the mean length of its rows: of distributions with a mean the
 * exponential one assumes the least. Cut at the maximum, each the longest of a batch.
 */
function lengthsOf(row: Row, length: number): number[] {
  const stated = /mean ([\d,]+) tokens/.exec(row["notes"] ?? "")?.[1];
  if (stated === undefined) return [];
  const mean = Number(stated.replaceAll(",", ""));
  const rows = Number(row["micro_batch"] || 1);
  return Array.from({ length: sampledBatches }, (_, at) => {
    const share = ((at + 0.5) / sampledBatches) ** (1 / rows);
    return Math.min(length, Math.ceil(-mean * Math.log(1 - share)));
  });
}

/** Program with the switches that a row's notes name; torchtune's table adds them one by one. */
function switched(stack: StackRules, row: Row): StackRules {
  const notes = row["notes"] ?? "";
  if (stack.name !== "torchtune") {
    return withOptions(stack, {
      fusedLoss: /liger|cut cross/i.test(notes),
      ...(/states as stated by --dtype bf16/.test(notes) ? { masterDtype: "bfloat16" } : {}),
    });
  }
  const ladder = [
    "baseline",
    "+ packed",
    "+ compile",
    "+ chunked",
    "+ activation checkpointing",
    "+ optimizer step",
  ];
  const rung = ladder.findIndex((name) => notes.includes(name));
  const offloads = /activation offloading|8-bit AdamW|as m25a/.test(notes);
  // The tutorials are older than the loss in pieces and do not compile.
  const isOld = /tutorials/.test(row["source"] ?? "");
  const options: StackOptions = {
    compile: !isOld && (rung < 0 || rung >= 2),
    chunkedLoss: !isOld && (rung < 0 || rung >= 3),
    offloadActivations: offloads,
    optimizerInBackward:
      rung >= 5 ||
      /\+ (activation off|8-bit)/.test(notes) ||
      (row["method"] === "full" && isOneSmallCard(row)),
  };
  return withOptions(stack, options);
}

/** The single-GPU recipe of a full fine-tuning steps inside the backward pass; the 3B table adds that by itself. */
function isOneSmallCard(row: Row): boolean {
  return row["gpu_count"] === "1" && /8-bit optimizer|optimizer settings/.test(row["notes"] ?? "");
}

function trainedOf(row: Row, model: ModelDescription, stack: StackRules): Trained {
  if (row["method"] === "full") return { kind: "full" };
  const words = (row["targets"] ?? "").split("+").filter(Boolean);
  const names = words.flatMap((word) => projectionOf(word, model));
  const usual = stack.name === "torchtune" ? ["q", "v", "o", "gate", "up", "down"] : ["q", "v"];
  return {
    kind: row["method"] === "qlora" ? "qlora" : "lora",
    rank: Number(row["rank"] || 8),
    targets:
      words[0] === "all"
        ? "all-linear"
        : names.length > 0
          ? names
          : usual.flatMap((word) => projectionOf(word, model)),
    head: words.includes("head"),
    dropout: stack.name === "litgpt" ? 0.05 : 0,
    // bitsandbytes as LitGPT calls it says so in the notes; the others quantize scales by themselves
    doubleQuantization:
      stack.name === "litgpt" || stack.name === "hf-loop" ? /double/.test(row["notes"] ?? "") : true,
  };
}

function projectionOf(word: string, { projections }: ModelDescription): string[] {
  const names = projections.map(({ name }) => name);
  const exact = names.filter((name) => name === `${word}_proj`);
  if (exact.length > 0) return exact;
  return ["q", "k", "v"].includes(word) ? names.slice(0, 1) : [];
}

function optimizerOf(row: Row): OptimizerName {
  const text = row["optimizer"] ?? "";
  if (text.startsWith("paged")) return "paged-adamw-8bit";
  // Pages of a paged optimizer stay on a card that has room for them.
  if (/optimizer settings/.test(row["notes"] ?? "") && row["method"] === "full") return "adamw-8bit";
  if (text.includes("8bit")) return "adamw-8bit";
  return /sgd/.test(text) ? "sgd" : "adamw";
}
