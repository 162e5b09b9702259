/** @file Writes a batch of records of the built-in engine's runs atomically, with the metrics derived from events. */

import type { Metric, RunEvent } from "@tunewise/core/run";
import type { Target, Transaction } from "../database/database.ts";
import { eventLine } from "../event-log.ts";
import { numberColumns } from "../points/point.ts";
import { writePoints } from "../points/write-points.ts";
import { problem } from "../problem/index.ts";
import type { Artifact, RecordBatch, ScoreEntry, SpendEntry, TagEntry } from "../store.ts";
import { putTags } from "../tracking/facts.ts";
import { noteChange } from "../tracking/runs.ts";
import { changeRun } from "./write-run.ts";

/**
 * Writes a batch.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND` if a record's run does not exist
 */
export async function writeBatch(transaction: Transaction, batch: RecordBatch, path: string): Promise<void> {
  const numbers = await numbersOf(transaction, batch, path);
  const run = (id: string): number => numbers.get(id) as number;
  if (batch.run) await changeRun(transaction, run(batch.run.id), batch.run.change);
  const { events } = batch;
  const told = (events?.items ?? []).flatMap(metricsOf);
  const points = [...(batch.metrics ?? []), ...told].map(({ runId, key, step, value, time }) => ({
    run: run(runId),
    key,
    step,
    value,
    ms: Date.parse(time),
  }));
  await writePoints(transaction, points, "replace");
  const lines = (events?.items ?? []).map((item) => [run(events?.runId ?? ""), item.kind, eventLine(item)]);
  await transaction.insert(eventTarget, lines);
  for (const { runId, key, value } of [...(batch.tags ?? []), ...errorTags(events)])
    await putTags(transaction, run(runId), [{ key, value }]);
  for (const artifact of batch.artifacts ?? []) await putArtifact(transaction, run(artifact.runId), artifact);
  for (const score of batch.scores ?? []) await putScore(transaction, run(score.runId), score);
  const spend = (batch.spend ?? []).map((entry) => spendRow(run(entry.runId), entry));
  await transaction.insert(spendTarget, spend);
  for (const id of new Set((batch.spend ?? []).map(({ runId }) => runId)))
    await updateTotals(transaction, run(id));
  for (const number of numbers.values()) await noteChange(transaction, number);
  if (events !== undefined) await noteHeard(transaction, run(events.runId), events.items);
}

/** Updates the time of last activity from a run's latest event. */
async function noteHeard(
  transaction: Transaction,
  number: number,
  items: readonly Pick<RunEvent, "time">[],
): Promise<void> {
  const ms = items.reduce((last, { time }) => Math.max(last, Date.parse(time)), 0);
  await transaction.run("UPDATE runs SET seen_ms = ? WHERE number = ? AND seen_ms < ?", ms, number, ms);
}

const eventTarget: Target = { table: "events", columns: { run: "integer", kind: "text", line: "text" } };

/** The tag of a run with error findings; its value is the title of the last one. */
export const findingTag = "tunewise.finding";

function errorTags(events: RecordBatch["events"]): TagEntry[] {
  return (events?.items ?? []).flatMap((event) =>
    event.kind === "finding" && event.finding.severity === "error"
      ? [{ runId: events?.runId ?? "", key: findingTag, value: event.finding.title.slice(0, 200) }]
      : [],
  );
}

/** Sets a run's total cost and time to the sums of its ledger entries, from any writer. */
async function updateTotals(transaction: Transaction, number: number): Promise<void> {
  const sums = `UPDATE runs SET spent_micro_usd = (SELECT sum(micro_usd) FROM spend WHERE run = ?),
    wall_seconds = (SELECT sum(seconds) FROM spend WHERE run = ?) WHERE number = ?`;
  await transaction.run(sums, number, number, number);
}

/** Numbers of all runs in the batch. */
async function numbersOf(
  transaction: Transaction,
  batch: RecordBatch,
  path: string,
): Promise<ReadonlyMap<string, number>> {
  const { metrics = [], artifacts = [], scores = [], spend = [], tags = [] } = batch;
  const facts = [metrics, artifacts, scores, spend, tags].flat();
  const ids = new Set(facts.map((fact) => fact.runId));
  if (batch.run) ids.add(batch.run.id);
  if (batch.events) ids.add(batch.events.runId);
  const numbers = new Map<string, number>();
  for (const id of ids) {
    const [row] = await transaction.all("SELECT number FROM runs WHERE id = ?", id);
    if (!row) throw problem("RUN_NOT_FOUND", { id, store: path });
    numbers.set(id, Number(row["number"]));
  }
  return numbers;
}

async function putArtifact(
  transaction: Transaction,
  run: number,
  { path, bytes, sha256 }: Artifact,
): Promise<void> {
  await transaction.run(
    `INSERT INTO artifacts (run, path, bytes, sha256) VALUES (?, ?, ?, ?)
     ON CONFLICT (run, path) DO UPDATE SET bytes = excluded.bytes, sha256 = excluded.sha256`,
    ...[run, path, bytes, sha256],
  );
}

async function putScore(transaction: Transaction, run: number, score: ScoreEntry): Promise<void> {
  const { arm, metric, value, low, high, rows } = score;
  await transaction.run(
    `INSERT INTO scores (run, arm, metric, value, special, low, high, row_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (run, metric, arm) DO UPDATE SET value = excluded.value, special = excluded.special,
       low = excluded.low, high = excluded.high, row_count = excluded.row_count`,
    ...[run, arm, metric, ...numberColumns(value), low, high, rows],
  );
}

const spendTarget: Target = {
  table: "spend",
  columns: {
    run: "integer",
    ms: "integer",
    kind: "text",
    micro_usd: "integer",
    seconds: "real",
    quantity: "real",
    unit: "text",
    price_micro_usd_per_hour: "integer",
    price_source: "text",
  },
};

function spendRow(run: number, entry: SpendEntry): (number | string)[] {
  const { time, kind, spent, duration, priceUsdPerHour, priceSource } = entry;
  return [run, Date.parse(time), kind, spent, duration, 0, "", priceUsdPerHour, priceSource];
}

/** Metrics of an event; none for most kinds. */
export function metricsOf(event: RunEvent): Metric[] {
  const { run: runId, time } = event;
  const metric = (key: string, step: number, value: number): Metric => ({ runId, key, step, value, time });
  switch (event.kind) {
    case "step-end":
      return [
        metric("train/loss", event.step, event.loss),
        metric("train/gradient_norm", event.step, event.gradientNorm),
        metric("train/learning_rate", event.step, event.learningRate),
        metric("train/tokens_per_second", event.step, event.tokens / Math.max(event.wallSeconds, 1e-9)),
      ];
    case "evaluation-end":
      return [metric("validation/loss", event.step, event.loss)];
    case "forgetting-measured":
      return (
        [
          ["forgetting/perplexity_rise", event.perplexityRise],
          ["forgetting/task_drop", event.taskDrop],
          ["forgetting/kl", event.kl],
        ] as const
      ).flatMap(([key, value]) => (value === null ? [] : [metric(key, event.step, value)]));
    default:
      return [];
  }
}
