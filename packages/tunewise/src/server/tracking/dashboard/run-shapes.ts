/** @file Shapes of replies about a run, for the OpenAPI document. */
import { stopCauses } from "@tunewise/core/run";
import type { JsonSchema } from "@tunewise/tracker/http";
import { bool, int, list, named, number, oneOf, orNull, record, text } from "./schema.ts";

const shownText = { text, length: orNull(int) };
const some = (items: JsonSchema): JsonSchema => record({ items: list(items), total: int });
const special = orNull(oneOf("NaN", "Infinity", "-Infinity"));
const planned = record({
  planned: orNull(record({ low: number, p50: number, p90: number })),
  actual: orNull(number),
});

const own = record({
  model: text,
  model_revision: text,
  data_fingerprint: text,
  recipe: named("ShownText"),
  judgement: orNull(record({ title: text, sentence: text })),
  sessions: int,
  best_step: orNull(int),
  recipe_path: orNull(text),
  recipe_settings: text,
  scores: list(
    record({
      run_id: text,
      arm: text,
      metric: text,
      value: orNull(number),
      rows: int,
      low: orNull(number),
      high: orNull(number),
    }),
  ),
  seconds: planned,
  micro_usd: planned,
  memory_bytes: planned,
  guards: some(named("GuardMark")),
  findings: some({ type: "object" }),
  forgetting: orNull({ type: "object" }),
  safety: orNull(record({ verdict: text, sentence: text })),
});

const difference = record({
  key: text,
  own: orNull(named("ShownText")),
  parent: orNull(named("ShownText")),
});

/** Shapes by name. `length` of a truncated text counts the characters of the whole. */
export const runShapes: Readonly<Record<string, JsonSchema>> = {
  ShownText: record(shownText),
  RunFact: record({ key: text, ...shownText }),
  MetricSummary: record({
    key: text,
    last: orNull(number),
    special,
    last_step: int,
    last_ms: int,
    min: orNull(number),
    max: orNull(number),
    points: int,
  }),
  LedgerPart: record({
    kind: text,
    micro_usd: int,
    seconds: number,
    quantity: number,
    unit: text,
    lines: int,
    price_micro_usd_per_hour: int,
    price_source: text,
    from_ms: int,
    to_ms: int,
  }),
  GuardMark: record({
    step: int,
    ms: int,
    guard: text,
    sentence: text,
    to_step: orNull(int),
    act: oneOf("warn", "stop", "roll-back", "overruled"),
  }),
  RunParent: record({
    id: text,
    name: text,
    kind: oneOf("mlflow-parent", "repeat", "other-seed", "previous"),
    differs: some(difference),
  }),
  RunFile: record({
    path: text,
    bytes: int,
    kind: oneOf("image", "audio", "video", "table", "text", "model", "other"),
  }),
  AnswerRow: record({
    row: int,
    question: named("ShownText"),
    reference: named("ShownText"),
    base: orNull(named("ShownText")),
    tuned: orNull(named("ShownText")),
    base_is_right: orNull(bool),
    tuned_is_right: orNull(bool),
    scores: list(record({ metric: text, base: orNull(number), tuned: orNull(number) })),
  }),
  RunDetails: record({
    id: text,
    name: text,
    project: int,
    project_name: text,
    person: text,
    client: oneOf("tunewise", "mlflow", "wandb", "exec", "api"),
    purpose: oneOf("experiment", "production"),
    status: oneOf(
      ...["scheduled", "running", "completed", "stopped", "interrupted", "killed", "crashed", "failed"],
    ),
    stage: oneOf("active", "deleted"),
    started_ms: int,
    ended_ms: orNull(int),
    seen_ms: int,
    seconds: number,
    spent_micro_usd: int,
    headline: orNull(text),
    stopped: orNull(record({ by: oneOf(...stopCauses), sentence: text })),
    params: some(named("RunFact")),
    tags: some(named("RunFact")),
    metrics: some(named("MetricSummary")),
    ledger: some(named("LedgerPart")),
    budget: record({
      cap_micro_usd: orNull(int),
      cap_seconds: orNull(number),
      shared: list(
        record({
          project: orNull(int),
          project_name: orNull(text),
          period: oneOf("month", "total"),
          micro_usd: int,
          spent_micro_usd: int,
        }),
      ),
    }),
    launched_by: orNull(text),
    launched: some(text),
    parent: orNull(named("RunParent")),
    repeats: orNull(record({ id: text, name: text, sentence: text })),
    approved: orNull(record({ person: text, ms: int, detail: text })),
    datasets: some(record({ name: text, digest: text, context: text })),
    commands: record({
      show: text,
      stop: orNull(text),
      run: orNull(text),
      resume: orNull(text),
      repeat: orNull(text),
    }),
    own: orNull(own),
  }),
};

/** Lists of metrics, for `gives`. */
export const metricsShape: JsonSchema = some(named("MetricSummary"));
/** Lines of a console. */
export const consoleShape: JsonSchema = record({
  lines: list(record({ line: int, ...shownText })),
  total: int,
});
/** Files. */
export const filesShape: JsonSchema = record({
  items: list(named("RunFile")),
  total: int,
  elsewhere: orNull(text),
});
/** Part of a table that was logged as a file. */
export const runTableShape: JsonSchema = record({
  columns: list(record({ name: text, is_number: bool })),
  columns_total: int,
  total: int,
  note: orNull(text),
  rows: list(list(orNull(named("ShownText")))),
});
/** Rows of answers. */
export const answersShape: JsonSchema = record({
  rows: list(named("AnswerRow")),
  total: int,
  unreadable: int,
});
/** Logged rows. */
export const rowsShape: JsonSchema = record({
  rows: list(record({ line: int, step: int, content: named("ShownText") })),
});
