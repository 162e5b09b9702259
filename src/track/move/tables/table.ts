/**
 * @file The tables that runs are taken out as, whatever the format: their columns, and their rows a few thousand at a
 * time.
 */
import type { Reader } from "../../database/database.ts";
import { readStoredPoints, type StoredRun } from "../stored-runs.ts";

/** What a column holds. `time` is milliseconds since 1970; a missing value is `null`. */
export type ColumnKind = "text" | "whole" | "real" | "time";

/** A value of a row. */
export type Cell = string | number | null;

/** A table. */
export interface Table {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** A run's rows, in parts. */
  readonly rows: (reader: Reader, run: StoredRun) => AsyncIterable<readonly (readonly Cell[])[]>;
}

/** Every table, in the order of their making. */
export const tables: readonly Table[] = [
  {
    name: "runs",
    columns: {
      run_id: "text",
      project: "text",
      name: "text",
      status: "text",
      client: "text",
      person: "text",
      purpose: "text",
      started: "time",
      ended: "time",
      fingerprint: "text",
      spent_micro_usd: "whole",
    },
    rows: async function* (_, run) {
      const { id, projectName, name, status, client, person, purpose, startedMs, endedMs } = run;
      yield [
        [
          id,
          projectName,
          name,
          status,
          client,
          person,
          purpose,
          startedMs,
          endedMs,
          run.fingerprint,
          run.spentMicroUsd,
        ],
      ];
    },
  },
  {
    name: "params",
    columns: { run_id: "text", key: "text", value: "text" },
    rows: async function* (_, { id, params }) {
      yield params.map(({ key, value }) => [id, key, value]);
    },
  },
  {
    name: "tags",
    columns: { run_id: "text", key: "text", value: "text" },
    rows: async function* (_, { id, tags }) {
      yield tags.map(({ key, value }) => [id, key, value]);
    },
  },
  {
    name: "metrics",
    columns: { run_id: "text", key: "text", step: "whole", time: "time", value: "real" },
    rows: async function* (reader, { id, number }) {
      for await (const points of readStoredPoints(reader, number))
        yield points.map(({ key, step, ms, value }) => [id, key, step, ms, value]);
    },
  },
  {
    name: "spend",
    columns: {
      run_id: "text",
      time: "time",
      kind: "text",
      micro_usd: "whole",
      seconds: "real",
      quantity: "real",
      unit: "text",
      price_micro_usd_per_hour: "whole",
      price_source: "text",
    },
    rows: async function* (reader, { id, number }) {
      const rows = await reader.all("SELECT * FROM spend WHERE run = ? ORDER BY sequence", number);
      yield rows.map((row) => [
        id,
        ...[Number(row["ms"]), String(row["kind"]), Number(row["micro_usd"]), Number(row["seconds"])],
        ...[Number(row["quantity"]), String(row["unit"]), Number(row["price_micro_usd_per_hour"])],
        String(row["price_source"]),
      ]);
    },
  },
];
