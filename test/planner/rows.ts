/**
 * @file Published measurements as setups for the planner.
 *
 * A row holds what its source printed. Values that the source omits follow from the program's defaults, never from the
 * measured value. Notes contribute only switches that the source names explicitly.
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

/** Maximum size of a measurement file in bytes. */
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

/** Whether a row is a measured peak or a run that ran out of memory; terms and claims are neither. */
export function isScored({ notes = "" }: Row): boolean {
  return !/\b(TERM|CLAIM):/.test(notes);
}

/** Widths of models that the speed file names without them. */
const mpt: Readonly<Record<string, readonly [hidden: number, layers: number, heads: number]>> = {
  "MPT-3B": [2560, 32, 20],
  "MPT-7B": [4096, 32, 32],
  "MPT-13B": [5120, 40, 40],
  "MPT-70B": [8192, 80, 64],
};

/** A row of `throughput.csv` with the widths of its model, from `memory.csv` or the table of known ones. */
export function withWidths(row: Row, others: readonly Row[]): Row | null {
  const alike = others.filter(({ model }) => model === row["model"]);
  // The table of the same program uses the same adapter.
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

/** The model family with the widths and the number of parameters that a row states. */
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

/** The setup of a row, and the assumptions made. */
export interface ReadRow {
  readonly setting: StackSetting;
  readonly assumed: readonly string[];
}

/**
 * Longest row of the Alpaca data set with Llama 2's tokenizer, in tokens, as stated in LitGPT's table. An unpacked run
 * without a cap pads its largest batch to this length.
 */
const longestAlpaca = 1304;
/** Length of the largest batch in the first steps, for rows "far shorter than the maximum". */
const shortAlpaca = 512;
/** Number of batches in a sample of lengths. */
const sampledBatches = 32;

/** Reads a row of `memory.csv`; `null` if the model's widths are unknown. */
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
 * Padded lengths of batches if the source states the mean length of its rows. Assumes an exponential distribution,
 * which has the maximum entropy for a given mean. Each length is the longest of its batch, cut at the maximum.
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

/** The program with the switches named in a row's notes; torchtune's table adds them one by one. */
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
  // The tutorials are older than the chunked loss and do not compile.
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

/**
 * Whether the row uses the single-GPU recipe for full fine-tuning, which steps inside the backward pass. The 3B table
 * adds that as a separate switch.
 */
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
    // LitGPT and plain loops use double quantization only where the notes say so; other programs use it by default
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
  // A paged optimizer stays in GPU memory if there is enough.
  if (/optimizer settings/.test(row["notes"] ?? "") && row["method"] === "full") return "adamw-8bit";
  if (text.includes("8bit")) return "adamw-8bit";
  return /sgd/.test(text) ? "sgd" : "adamw";
}
