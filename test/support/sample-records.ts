/** @file For tests: a run of this engine and its metrics, as records. */
import type { Metric, NewRun } from "@tunewise/core/run";

export const time = "2026-11-24T20:45:12.000Z";

/** A run in the form that `createRun` accepts. */
export function run(id: string, more: Partial<NewRun> = {}): NewRun {
  return {
    id,
    name: "tickets",
    status: "running",
    createdAt: time,
    endedAt: null,
    recipeText: "model: 'x'; DROP TABLE runs; --\n✓ end",
    configuration: "{}",
    dataFingerprint: "f".repeat(64),
    model: "smollm2",
    modelRevision: "main",
    versions: '{"tunewise":"0.1.0"}',
    folder: "runs/x",
    wallSeconds: 0,
    spentMicroUsd: 0,
    summary: "{}",
    project: more.name ?? "tickets",
    params: {},
    ...more,
  };
}

/** A metric of run `a`. */
export function metric(step: number, value: number, key = "train/loss"): Metric {
  return { runId: "a", key, step, value, time };
}
