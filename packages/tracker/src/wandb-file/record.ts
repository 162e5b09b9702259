/**
 * @file Decodes the records of a `.wandb` file, in which a client recorded a run.
 *
 * @source wandb/wandb wandb/proto/wandb_internal.proto
 */
import { BrokenMessage, MessageFields } from "@tunewise/core/format";
import { keepable, readLooseJson } from "../wandb/loose-json.ts";
import { putAt } from "./put-at.ts";

/** A value at a path of a nested object. */
export interface PathValue {
  readonly path: readonly string[];
  /** NaN and the infinities are strings. */
  readonly value: unknown;
}

/** Changes to a configuration or summary. */
export interface Changes {
  readonly update: readonly PathValue[];
  readonly remove: readonly (readonly string[])[];
}

/** Identity and metadata of the run. */
export interface RunRecord {
  readonly kind: "run";
  readonly runId: string;
  readonly entity: string;
  readonly project: string;
  readonly group: string;
  readonly jobType: string;
  readonly displayName: string;
  readonly notes: string;
  readonly tags: readonly string[];
  readonly sweepId: string;
  readonly host: string;
  /** `null` if the record has no start time. */
  readonly startedMs: number | null;
  readonly gitRemote: string;
  readonly gitCommit: string;
  readonly config: Changes;
}

/** The machine and program of a run. */
export interface EnvironmentRecord {
  readonly kind: "environment";
  readonly os: string;
  readonly python: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly host: string;
  readonly username: string;
  readonly gitRemote: string;
  readonly gitCommit: string;
  readonly cpuCount: number;
  readonly gpuType: string;
  readonly gpuCount: number;
  readonly cudaVersion: string;
}

/** A record. Rows are JSON in the format that clients send to a server. */
export type WandbRecord =
  | { readonly kind: "header"; readonly producer: string }
  | RunRecord
  | EnvironmentRecord
  | ({ readonly kind: "config" | "summary" } & Changes)
  | { readonly kind: "history" | "stats"; readonly row: string }
  | { readonly kind: "output"; readonly ms: number | null; readonly isError: boolean; readonly text: string }
  | { readonly kind: "files"; readonly paths: readonly string[] }
  | { readonly kind: "alert"; readonly title: string; readonly text: string; readonly severity: string }
  | { readonly kind: "exit"; readonly exitCode: number; readonly runtimeSeconds: number }
  | { readonly kind: "other"; readonly field: number };

/** Decoders by field number of `Record`. */
const readers: Readonly<Record<number, (message: MessageFields) => WandbRecord>> = {
  2: (message) => ({ kind: "history", row: rowText(message.messages(1), historyStep(message)) }),
  3: (message) => ({ kind: "summary", ...changesOf(message) }),
  4: outputOf,
  5: (message) => ({ kind: "config", ...changesOf(message) }),
  6: (message) => ({ kind: "files", paths: message.messages(1).map((file) => file.text(1)) }),
  7: statsOf,
  10: (message) => ({
    kind: "alert",
    title: message.text(1),
    text: message.text(2),
    severity: message.text(3),
  }),
  13: outputOf,
  17: runOf,
  18: (message) => ({ kind: "exit", exitCode: message.integer(1), runtimeSeconds: message.integer(2) }),
  21: (message) => ({ kind: "header", producer: message.message(1)?.text(1) ?? "" }),
  26: environmentOf,
};

/** Fields of `Record` that are metadata of the record itself. */
const envelope: ReadonlySet<number> = new Set([1, 16, 19, 200]);

/** Decodes a record's bytes; `null` if they are damaged. */
export function readRecord(bytes: Uint8Array): WandbRecord | null {
  try {
    const message = new MessageFields(bytes);
    const field = message.numbers().find((number) => !envelope.has(number)) ?? 0;
    const inner = readers[field] ? message.message(field) : null;
    return inner ? (readers[field]?.(inner) ?? null) : { kind: "other", field };
  } catch (error) {
    if (error instanceof BrokenMessage) return null;
    throw error;
  }
}

/** A key is written either as one text or as the parts of its path. */
function pathOf(item: MessageFields): string[] {
  const nested = item.texts(2);
  return nested.length > 0 ? nested : [item.text(1)];
}

function valuesOf(items: readonly MessageFields[]): PathValue[] {
  return items.map((item) => ({ path: pathOf(item), value: readLooseJson(item.text(16)) ?? null }));
}

function changesOf(message: MessageFields): Changes {
  return { update: valuesOf(message.messages(1)), remove: message.messages(2).map(pathOf) };
}

function historyStep(message: MessageFields): readonly PathValue[] {
  const step = message.message(2);
  return step ? [{ path: ["_step"], value: step.integer(1) }] : [];
}

function rowText(items: readonly MessageFields[], more: readonly PathValue[]): string {
  const row: Record<string, unknown> = Object.create(null);
  for (const { path, value } of [...more, ...valuesOf(items)]) putAt(row, path, value);
  return JSON.stringify(row);
}

function msOf(timestamp: MessageFields | null): number | null {
  if (!timestamp?.has(1)) return null;
  return timestamp.integer(1) * 1000 + Math.floor(timestamp.integer(2) / 1_000_000);
}

function statsOf(message: MessageFields): WandbRecord {
  const time = message.message(2);
  const items = message.messages(3).map((item) => ({
    path: [`system.${item.text(1)}`],
    value: readLooseJson(item.text(16)) ?? null,
  }));
  const row: Record<string, unknown> = Object.create(null);
  for (const { path, value } of items) putAt(row, path, value);
  // Computed as the client does for a server: fractions of a millisecond affect the rounding.
  if (time?.has(1)) row["_timestamp"] = time.integer(1) + time.integer(2) / 1e9;
  return { kind: "stats", row: JSON.stringify(row) };
}

function outputOf(message: MessageFields): WandbRecord {
  const isError = message.integer(1) === 0;
  return { kind: "output", ms: msOf(message.message(2)), isError, text: keepable(message.text(3)) };
}

function runOf(message: MessageFields): WandbRecord {
  const git = message.message(21);
  const config = message.message(4);
  return {
    kind: "run",
    runId: message.text(1),
    entity: message.text(2),
    project: message.text(3),
    group: message.text(6),
    jobType: message.text(7),
    displayName: message.text(8),
    notes: message.text(9),
    tags: message.texts(10),
    sweepId: message.text(12),
    host: message.text(13),
    startedMs: msOf(message.message(17)),
    gitRemote: git?.text(1) ?? "",
    gitCommit: git?.text(2) ?? "",
    config: config ? changesOf(config) : { update: [], remove: [] },
  };
}

function environmentOf(message: MessageFields): WandbRecord {
  const git = message.message(9);
  return {
    kind: "environment",
    os: message.text(1),
    python: message.text(2),
    program: message.text(6),
    args: message.texts(5),
    host: message.text(12),
    username: message.text(13),
    gitRemote: git?.text(1) ?? "",
    gitCommit: git?.text(2) ?? "",
    cpuCount: message.integer(16),
    gpuType: message.text(18),
    gpuCount: message.integer(19),
    cudaVersion: message.text(25),
  };
}
