/**
 * @file The contract as messages between processes: one JSON object per line, validated against a schema.
 * `schema/run.schema.json` is generated from these schemas, for workers in other languages.
 *
 * Numbers that JSON cannot represent are the strings `NaN`, `Infinity` and `-Infinity`, as in the JSON mapping of
 * Protocol Buffers.
 */
import { z } from "zod";
import type { ExecutionEvent, Numbered, RunCommand } from "./execution.ts";
import type { RunResult, TrainingState } from "./result.ts";
import { runSpecSchema, workerSpecSchema } from "./spec-schema.ts";

const nonFinite = z.enum(["NaN", "Infinity", "-Infinity"]);
const number = z.union([z.number(), nonFinite.transform(Number)]);
const step = z.int().min(0);
const count = z.int().min(0);
const text = z.string();

const severity = z.enum(["error", "warning", "note"]);
const finding = z.object({
  code: text,
  severity,
  title: text,
  detail: text,
  where: z.array(
    z.object({
      file: text,
      line: count.exactOptional(),
      column: count.exactOptional(),
      row: count.exactOptional(),
      text: text.exactOptional(),
    }),
  ),
  count,
  fix: text,
});

const forgettingPoint = {
  step,
  perplexityRise: number.nullable(),
  low: number.nullable(),
  high: number.nullable(),
  taskDrop: number.nullable(),
  probabilityDrop: number.nullable(),
  kl: number.nullable(),
};

const curve = z.array(z.tuple([step, number]));
/** Schema of `TrainingState`. */
export const trainingStateSchema: z.ZodType<TrainingState> = z.object({
  step,
  best: z.object({ step, loss: number }).nullable(),
  curves: z.object({ train: curve, validation: curve }),
  forgetting: z.array(z.object(forgettingPoint)),
  tokens: count,
  trainSeconds: number,
  sessions: count,
});

const statuses = ["completed", "stopped", "failed"] as const;

const kind = <Kind extends string>(name: Kind) => ({ kind: z.literal(name) });
const seq = z.int().min(1);

/** Schema of a transmitted event of an execution. */
export const executionEventSchema: z.ZodType<Numbered<ExecutionEvent>> = z.discriminatedUnion("kind", [
  z.object({
    ...kind("step-end"),
    seq,
    step,
    steps: count,
    loss: number,
    penalty: number,
    learningRate: number,
    gradientNorm: number,
    updateRatio: number,
    tokens: count,
    labelledTokens: count,
    wallSeconds: number,
  }),
  z.object({ ...kind("evaluation-end"), seq, step, loss: number, wallSeconds: number }),
  z.object({ ...kind("forgetting-measured"), seq, ...forgettingPoint, wallSeconds: number }),
  z.object({ ...kind("checkpoint-saved"), seq, step, path: text, wallSeconds: number }),
  z.object({ ...kind("rolled-back"), seq, step, toStep: step, rateScale: number }),
  z.object({ ...kind("finding"), seq, finding }),
  z.object({ ...kind("phase"), seq, name: text, done: count, total: count }),
  z.object({
    ...kind("training-start"),
    seq,
    steps: count,
    stepsPerEpoch: count,
    state: trainingStateSchema,
    rateScale: number,
    vocabularySize: count,
    trainedParameters: count,
    modelParameters: count,
    regularization: z.object({ seconds: number, bytes: count }).nullable(),
  }),
  z.object({ ...kind("forgetting-base"), seq, wallSeconds: number, unmeasured: text.nullable() }),
  z.object({ ...kind("step-start"), seq, step }),
  z.object({ ...kind("loss-not-finite"), seq, step }),
  z.object({ ...kind("write-start"), seq }),
  z.object({ ...kind("training-end"), seq, status: z.enum(statuses), state: trainingStateSchema }),
  z.object({ ...kind("work-start"), seq, work: text, isBooked: z.boolean() }),
]);

/** Schema of a command to an execution. */
export const runCommandSchema: z.ZodType<RunCommand> = z.discriminatedUnion("kind", [
  z.object(kind("stop")),
  z.object(kind("checkpoint")),
  z.object({ ...kind("roll-back"), before: step, rateScale: number }),
  z.object({
    ...kind("evaluate"),
    measure: z.array(z.enum(["answers", "forgetting", "safety", "memorization"])),
  }),
]);

const rowLoss = z.object({ nll: number, labelledTokens: count });
const rowAnswer = z.object({
  answer: z.object({ text, answerTokens: count, probability: number.nullable() }).nullable(),
  loss: rowLoss.nullable(),
});
const figures = z.object({
  texts: z.array(rowLoss),
  choices: z.array(z.array(number)),
  answers: z.array(text),
});
const safetyAnswers = z.object({ code: z.array(text), refusals: z.array(text) });
const lossPair = z.object({ base: z.array(rowLoss), tuned: z.array(rowLoss) });

/** Schema of `RunResult`. */
export const runResultSchema: z.ZodType<RunResult> = z.object({
  status: z.enum(statuses),
  state: trainingStateSchema,
  selectedStep: step.nullable(),
  peakMemoryBytes: count,
  measured: z.object({
    answers: z.object({ tuned: z.array(rowAnswer), base: z.array(rowAnswer) }).nullable(),
    forgetting: z
      .object({
        base: figures,
        tuned: figures,
        wallSeconds: number,
        prompts: z.array(z.object({ sum: number, positions: count })),
      })
      .nullable(),
    safety: z.object({ base: safetyAnswers, tuned: safetyAnswers }).nullable(),
    memorization: z
      .object({
        seen: lossPair,
        heldOut: lossPair,
        verbatim: z.object({ rows: count, base: count, tuned: count }).nullable(),
      })
      .nullable(),
  }),
});

/** A problem, or another error without a `code`, that ended an execution. */
export interface ExecutionFailure {
  readonly code: string | null;
  readonly params: Readonly<Record<string, string | number>>;
  readonly message: string;
}

/** Schema of `ExecutionFailure`. */
export const executionFailureSchema: z.ZodType<ExecutionFailure> = z.object({
  code: text.nullable(),
  params: z.record(text, z.union([text, z.number()])),
  message: text,
});

/** Serializes a message to a line without its line break. */
export function messageLine(message: unknown): string {
  return JSON.stringify(message, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

/** The contract as JSON Schema. */
export function runJsonSchema(): object {
  const schemas = {
    RunSpec: runSpecSchema,
    WorkerSpec: workerSpecSchema,
    ExecutionEvent: executionEventSchema,
    RunCommand: runCommandSchema,
    RunResult: runResultSchema,
    ExecutionFailure: executionFailureSchema,
  };
  const definitions = Object.entries(schemas).map(([name, schema]) => {
    const { $schema: _, ...definition } = z.toJSONSchema(schema, { io: "input" });
    return [name, definition];
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Contract between the controller and the executor of a run",
    $defs: Object.fromEntries(definitions),
  };
}
