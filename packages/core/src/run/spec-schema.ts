/** @file Schemas of the specifications of a run, validated whenever one is read from a file. */
import { z } from "zod";
import { lossNames } from "./losses.ts";
import { optimizerNames } from "./optimizers.ts";
import type { RunSpec, WorkerSpec } from "./spec.ts";

const text = z.string();
const count = z.int().min(0);
const recompute = z.enum(["none", "layer"]);

const enginePlacement = z.object({
  kind: z.literal("this-machine"),
  base: z.object({
    format: z.enum(["float32", "stored", "nf4"]),
    place: z.enum(["memory", "disk"]),
    compute: z.enum(["fp32", "bf16"]).exactOptional(),
  }),
  recompute,
});

const torchPlacement = z.object({
  kind: z.literal("torch"),
  device: z.enum(["cpu", "cuda", "mps"]),
  dtype: z.enum(["float32", "bfloat16", "float16"]),
  recompute,
  processes: z.int().min(1),
  cards: z.array(text).min(1).exactOptional(),
  sharding: z.enum(["none", "fsdp"]).exactOptional(),
  host: z
    .object({
      address: text,
      leaseSeconds: z.number().positive(),
      onLeaseEnd: text.nullable(),
      eventsAhead: count,
      storage: text.exactOptional(),
      minProcesses: count.exactOptional(),
    })
    .exactOptional(),
});

const model = z.object({ source: text, revision: text });
const runSpec = z.object({
  v: z.literal(1),
  run: text,
  folder: text,
  recipe: z.object({ configuration: text, folder: text, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  model,
  data: z.object({ fingerprint: text }),
  placement: z.discriminatedUnion("kind", [enginePlacement, torchPlacement]),
  until: z.number().positive().max(1).nullable(),
  sweep: z.object({ low: z.number().positive(), high: z.number().positive() }).nullable(),
  limits: z.object({ seconds: z.number().nullable() }),
});

/** Schema of `RunSpec`. */
export const runSpecSchema: z.ZodType<RunSpec> = runSpec;

const penalty = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("l2-sp"), lambda: z.number() }),
  z.object({
    kind: z.literal("ewc"),
    lambda: z.number(),
    estimator: z.enum(["empirical", "sampled"]),
    storage: z.enum(["full", "factored"]),
    modelKey: text,
    dataKey: text,
    isKnown: z.boolean(),
  }),
]);

/** Schema of `WorkerSpec`. */
export const workerSpecSchema: z.ZodType<WorkerSpec> = runSpec.extend({
  placement: torchPlacement,
  model: model.extend({ folder: text }),
  threads: z.int().min(1),
  method: z.object({
    kind: z.enum(["lora", "qlora", "full"]),
    rank: z.int().min(1),
    alpha: z.number(),
    dropout: z.number(),
    rslora: z.boolean(),
    dora: z.boolean(),
    rankPattern: z.record(text, z.number()),
    alphaPattern: z.record(text, z.number()),
    targets: z.union([z.literal("all-linear"), z.array(text)]),
    doubleQuantization: z.boolean(),
    freeze: z.array(text),
  }),
  training: z.object({
    seed: z.int(),
    steps: count,
    stepsPerEpoch: count,
    lastStep: count,
    every: z.object({ evaluation: count, forgetting: count, checkpoint: count }),
    checkpointSelection: z.enum(["best", "last", "best-tradeoff"]),
    loss: z.enum(lossNames),
    optimizer: z.enum(optimizerNames),
    weightDecay: z.number(),
    beta1: z.number(),
    beta2: z.number(),
    epsilon: z.number(),
    maxGradNorm: z.number(),
    batching: z.enum(["shuffle", "length", "pack"]),
    masterDtype: z.enum(["auto", "float32", "bfloat16"]),
    penalty: penalty.nullable(),
  }),
  inputs: z.object({
    train: text,
    validation: text.nullable(),
    reference: text.nullable(),
    steps: text,
    adapter: text.nullable(),
  }),
});
