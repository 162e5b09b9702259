/** @file Datasets of runs, as described by clients. */

import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { listsOf, placeholders, readAmong, textOrNull } from "../database/rows.ts";
import { problem } from "../problem/index.ts";
import type { KeyValue, TrackedRun } from "./types.ts";

/** A client's description of a dataset. Name and digest together identify it. */
export interface Dataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema: string | null;
  readonly profile: string | null;
}

/** A dataset and what a run used it for. */
export interface RunInput {
  readonly dataset: Dataset;
  /** Such as `training`; empty if unspecified. */
  readonly context: string;
  readonly tags: readonly KeyValue[];
}

/** A short form of a project's dataset. */
export interface DatasetSummary {
  readonly project: number;
  readonly name: string;
  readonly digest: string;
  readonly context: string;
}

/**
 * Records a run's input datasets; existing records stay unchanged.
 *
 * @throws {TunewiseError} `RUN_DELETED`
 */
export async function addInputs(
  transaction: Transaction,
  run: TrackedRun,
  inputs: readonly RunInput[],
): Promise<void> {
  if (run.stage === "deleted") throw problem("RUN_DELETED", { id: run.id });
  for (const { dataset, context, tags } of inputs) {
    const { name, digest, sourceType, source, schema, profile } = dataset;
    await transaction.run(
      `INSERT INTO datasets (project, name, digest, source_type, source, schema, profile)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (project, name, digest) DO NOTHING`,
      ...[run.project, name, digest, sourceType, source, schema, profile],
    );
    await transaction.run(
      `INSERT INTO inputs (run, dataset, context, tags)
       SELECT ?, number, ?, ? FROM datasets WHERE project = ? AND name = ? AND digest = ?
       ON CONFLICT (run, dataset) DO NOTHING`,
      ...[run.number, context, JSON.stringify(tags), run.project, name, digest],
    );
  }
}

/** Input datasets of runs, by the runs' numbers; runs without any are missing. */
export async function readInputs(
  reader: Reader,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, readonly RunInput[]>> {
  const rows = await readAmong(
    reader,
    numbers,
    (
      among,
    ) => `SELECT inputs.run, inputs.context, inputs.tags, datasets.name, datasets.digest, datasets.source_type,
         datasets.source, datasets.schema, datasets.profile
       FROM inputs JOIN datasets ON datasets.number = inputs.dataset
       WHERE inputs.run IN (${among}) ORDER BY inputs.run, inputs.dataset`,
  );
  const given = rows.map(({ run }) => Number(run));
  return listsOf(given, "run", rows, inputFrom);
}

function inputFrom(row: SqlRow): RunInput {
  return {
    dataset: {
      name: String(row["name"]),
      digest: String(row["digest"]),
      sourceType: String(row["source_type"]),
      source: String(row["source"]),
      schema: textOrNull(row, "schema"),
      profile: textOrNull(row, "profile"),
    },
    context: String(row["context"]),
    tags: JSON.parse(String(row["tags"])) as KeyValue[],
  };
}

/** Datasets that runs of some projects used; one entry per dataset and context. */
export async function listDatasets(
  reader: Reader,
  projects: readonly number[],
  limit: number,
): Promise<DatasetSummary[]> {
  const rows = await reader.all(
    `SELECT DISTINCT datasets.project, datasets.name, datasets.digest, inputs.context
     FROM datasets JOIN inputs ON inputs.dataset = datasets.number
     WHERE datasets.project IN (${placeholders(projects)})
     ORDER BY datasets.project, datasets.name, datasets.digest, inputs.context LIMIT ?`,
    ...projects,
    limit,
  );
  return rows.map((row) => ({
    project: Number(row["project"]),
    name: String(row["name"]),
    digest: String(row["digest"]),
    context: String(row["context"]),
  }));
}
