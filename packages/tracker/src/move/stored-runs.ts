/** @file Reads runs of the store for export. */

import type { Reader, SqlRow } from "../database/database.ts";
import { placeholders } from "../database/rows.ts";
import { readModelInputs, readOutputs } from "../models/outputs.ts";
import { numberOf } from "../points/point.ts";
import { problem } from "../problem/index.ts";
import { readInputs } from "../tracking/datasets.ts";
import { readFacts, readTagsOf, runParams } from "../tracking/facts.ts";
import { listProjects } from "../tracking/projects.ts";
import { runColumns, trackedRunFrom } from "../tracking/runs.ts";
import type { ClientKind, Project, Purpose, Stage } from "../tracking/types.ts";
import type { MovedPoint, MovedRun } from "./history.ts";

/** A run of the store. */
export interface StoredRun extends MovedRun {
  /** Number of its row in the store. */
  readonly number: number;
  readonly projectName: string;
  readonly client: ClientKind;
  readonly purpose: Purpose;
  readonly fingerprint: string | null;
  readonly spentMicroUsd: number;
}

/** Selection of runs. */
export interface RunChoice {
  /** `null`: of all projects. */
  readonly project: Project | null;
  /** Ids, prefixes of ids, or names; empty: all. */
  readonly ids: readonly string[];
}

/**
 * Numbers of the selected runs. All runs are ordered by start; selected ones are in the order of `ids`.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
 */
export async function chooseRuns(
  reader: Reader,
  { project, ids }: RunChoice,
  store: string,
  stage: Stage = "active",
): Promise<number[]> {
  const [within, values] = project ? ["AND project = ?", [project.number]] : ["", []];
  if (ids.length === 0) {
    const sql = `SELECT number FROM runs WHERE stage = 'active' ${within} ORDER BY started_ms, id`;
    return (await reader.all(sql, ...values)).map(({ number }) => Number(number));
  }
  const numbers: number[] = [];
  for (const id of ids) {
    const of = (condition: string, ...wanted: (string | number)[]) =>
      reader.all(
        `SELECT number, id FROM runs WHERE stage = ? AND ${condition} ${within} ORDER BY id LIMIT 10`,
        ...[stage, ...wanted, ...values],
      );
    const begun = await of("substr(id, 1, ?) = ?", id.length, id);
    const rows = begun.length > 0 ? begun : await of("name = ?", id);
    const found = rows.find((row) => row["id"] === id) ?? rows[0];
    if (!found) throw problem("RUN_NOT_FOUND", { id, store });
    if (rows.length > 1 && found["id"] !== id) {
      const runs = rows.map((row) => String(row["id"])).join(", ");
      throw problem("RUN_AMBIGUOUS", { id, count: rows.length, runs, example: String(rows[0]?.["id"]) });
    }
    numbers.push(Number(found["number"]));
  }
  return [...new Set(numbers)];
}

/** Runs per query. */
const atOnce = 200;

/** Runs by their numbers, in the given order. */
export async function* readStoredRuns(reader: Reader, numbers: readonly number[]): AsyncGenerator<StoredRun> {
  const query = {
    stages: ["active", "deleted"] as const,
    conditions: [],
    order: [],
    limit: 1_000_000,
    offset: 0,
  };
  const names = new Map((await listProjects(reader, query)).map(({ number, name }) => [number, name]));
  for (let from = 0; from < numbers.length; from += atOnce) {
    const some = numbers.slice(from, from + atOnce);
    const sql = `SELECT ${runColumns} FROM runs WHERE number IN (${placeholders(some)})`;
    const rows = await reader.all(sql, ...some);
    const byNumber = new Map(rows.map((row) => [Number(row["number"]), trackedRunFrom(row)]));
    const [params, tags] = [await readFacts(reader, runParams, some), await readTagsOf(reader, some)];
    const [inputs, outputs] = [await readInputs(reader, some), await readOutputs(reader, some)];
    const modelInputs = await readModelInputs(reader, some);
    for (const number of some) {
      const run = byNumber.get(number);
      if (!run) continue;
      yield {
        ...run,
        project: String(run.project),
        projectName: names.get(run.project) ?? String(run.project),
        params: params.get(number) ?? [],
        tags: tags.get(number) ?? [],
        inputs: inputs.get(number) ?? [],
        modelInputs: modelInputs.get(number) ?? [],
        outputs: outputs.get(number) ?? [],
      };
    }
  }
}

/** Points per query. */
const pointsAtOnce = 20_000;

/** Sort keys of points, for each order. Together they identify a point. */
const pointColumns = {
  step: ["step", "ms", "series", "value", "special"],
  time: ["ms", "step", "series", "value", "special"],
} as const;

/** All points of a run in batches, ordered by step and then time, or by time and then step. */
export async function* readStoredPoints(
  reader: Reader,
  run: number,
  by: keyof typeof pointColumns = "step",
): AsyncGenerator<MovedPoint[]> {
  const columns = pointColumns[by];
  const list = columns.map((column) => (column === "series" ? "s.number" : `p.${column}`)).join(", ");
  const select = `SELECT s.number AS series, s.key, p.step, p.ms, p.value, p.special
    FROM series s JOIN points p ON p.series = s.number WHERE s.run = ?`;
  const order = `ORDER BY ${list} LIMIT ?`;
  let rows = await reader.all(`${select} ${order}`, run, pointsAtOnce);
  for (;;) {
    if (rows.length === 0) return;
    yield rows.map(pointFrom);
    if (rows.length < pointsAtOnce) return;
    const last = rows.at(-1) as SqlRow;
    const after = `AND (${list}) > (?, ?, ?, ?, ?)`;
    const values = columns.map((column) => last[column] ?? null);
    rows = await reader.all(`${select} ${after} ${order}`, run, ...values, pointsAtOnce);
  }
}

function pointFrom(row: SqlRow): MovedPoint {
  return { key: String(row["key"]), step: Number(row["step"]), ms: Number(row["ms"]), value: numberOf(row) };
}

/** Number of points that a run has in the store. */
export async function countPoints(reader: Reader, run: number): Promise<number> {
  const sql =
    "SELECT count(*) AS points FROM points WHERE series IN (SELECT number FROM series WHERE run = ?)";
  const [row] = await reader.all(sql, run);
  return Number(row?.["points"] ?? 0);
}
