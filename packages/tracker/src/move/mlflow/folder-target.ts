/**
 * @file Runs as an `mlruns` folder that MLflow reads.
 *
 * @source mlflow/mlflow mlflow/store/tracking/file_store.py
 */
import { createHash } from "node:crypto";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ArtifactStore } from "../../artifacts/artifact-store.ts";
import { runFilesKey } from "../../artifacts/run-places.ts";
import type { Reader } from "../../database/database.ts";
import { readKeys } from "../../points/history.ts";
import { projectTags, readFacts } from "../../tracking/facts.ts";
import type { KeyValue } from "../../tracking/types.ts";
import { readStoredPoints, type StoredRun } from "../stored-runs.ts";
import { writeFilesBelow } from "../write-files.ts";
import { metricLine } from "./metric-line.ts";
import { mlflowKeys } from "./mlflow-keys.ts";
import { nameTag, statusNumber } from "./mlflow-rows.ts";

/** A value in a document. */
type Scalar = string | number | null;

/**
 * Writes runs into an existing folder.
 *
 * @param home final location of the folder, because MLflow stores absolute addresses
 * @param onRun called after each run, with the keys that were renamed
 */
export async function writeMlflowFolder(
  folder: string,
  home: string,
  { database: reader, artifacts }: { readonly database: Reader; readonly artifacts: ArtifactStore },
  runs: AsyncIterable<StoredRun>,
  onRun: (run: StoredRun, renamed: readonly string[]) => void,
): Promise<void> {
  const projects = new Set<string>();
  const openProject = async (id: string, name: string): Promise<void> => {
    if (projects.has(id)) return;
    projects.add(id);
    await writeProject(folder, home, id, name);
    const tags = (await readFacts(reader, projectTags, [Number(id)])).get(Number(id)) ?? [];
    await writeFacts(join(folder, id, "tags"), tags);
  };
  await openProject("0", "Default");
  for await (const run of runs) {
    await openProject(run.project, run.projectName);
    const renamed = await writeRun(folder, home, reader, run);
    await writeFilesBelow(join(folder, run.project, run.id, "artifacts"), artifacts, runFilesKey(run));
    onRun(run, renamed);
  }
}

async function writeProject(folder: string, home: string, id: string, name: string): Promise<void> {
  await mkdir(join(folder, id), { recursive: true });
  await writeDocument(join(folder, id), {
    artifact_location: pathToFileURL(join(home, id)).href,
    creation_time: 0,
    experiment_id: id,
    last_update_time: 0,
    lifecycle_stage: "active",
    name,
  });
}

async function writeRun(folder: string, home: string, reader: Reader, run: StoredRun): Promise<string[]> {
  const place = join(folder, run.project, run.id);
  for (const name of ["metrics", "params", "tags", "artifacts"])
    await mkdir(join(place, name), { recursive: true });
  await writeDocument(place, {
    artifact_uri: pathToFileURL(join(home, run.project, run.id, "artifacts")).href,
    end_time: run.endedMs,
    entry_point_name: "",
    experiment_id: run.project,
    lifecycle_stage: "active",
    run_id: run.id,
    run_name: run.name,
    source_name: "",
    source_type: 4,
    source_version: "",
    start_time: run.startedMs,
    status: statusNumber(run.status),
    user_id: run.person,
  });
  const named = run.tags.some(({ key }) => key === nameTag)
    ? run.tags
    : [...run.tags, { key: nameTag, value: run.name }];
  await writeInputs(join(folder, run.project), place, run);
  return [
    ...(await writeFacts(join(place, "params"), run.params)),
    ...(await writeFacts(join(place, "tags"), named)),
    ...(await writePointFiles(join(place, "metrics"), reader, run.number)),
  ];
}

/** Writes one file per fact. Returns the keys that were renamed. */
async function writeFacts(folder: string, facts: readonly KeyValue[]): Promise<string[]> {
  const names = mlflowKeys(
    facts.map(({ key }) => key),
    false,
  );
  for (const { key, value } of facts) {
    const path = join(folder, names.get(key) ?? key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, value);
  }
  return [...names].filter(([key, name]) => key !== name).map(([key]) => key);
}

/** Writes one file per metric, ordered by step. Returns the keys that were renamed. */
async function writePointFiles(folder: string, reader: Reader, number: number): Promise<string[]> {
  const names = mlflowKeys(await readKeys(reader, number), false);
  for await (const points of readStoredPoints(reader, number)) {
    const lines = new Map<string, string>();
    for (const point of points) lines.set(point.key, (lines.get(point.key) ?? "") + metricLine(point));
    for (const [key, text] of lines) {
      const path = join(folder, names.get(key) ?? key);
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, text);
    }
  }
  return [...names].filter(([key, name]) => key !== name).map(([key]) => key);
}

async function writeInputs(experiment: string, place: string, run: StoredRun): Promise<void> {
  for (const { dataset, tags } of run.inputs) {
    const id = md5(dataset.name, dataset.digest);
    const about = join(experiment, "datasets", id);
    await mkdir(about, { recursive: true });
    const { name, digest, source, schema, profile, sourceType } = dataset;
    await writeDocument(about, { name, digest, source, source_type: sourceType, schema, profile });
    const link = join(place, "inputs", md5(id, run.id));
    await mkdir(link, { recursive: true });
    await writeDocument(
      link,
      { destination_id: id, destination_type: "RUN", source_id: id, source_type: "DATASET" },
      tags,
    );
  }
}

/** MLflow names these folders by an MD5 hash; it protects no secret. */
function md5(...parts: readonly string[]): string {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

async function writeDocument(
  folder: string,
  fields: Readonly<Record<string, Scalar>>,
  tags: readonly KeyValue[] = [],
): Promise<void> {
  const lines = Object.entries(fields).map(([key, value]) => `${key}: ${yamlText(value)}\n`);
  const inner = tags.map(({ key, value }) => `  ${yamlText(key)}: ${yamlText(value)}\n`);
  const list = inner.length > 0 ? `tags:\n${inner.join("")}` : "";
  await writeFile(join(folder, "meta.yaml"), lines.join("") + list);
}

/** YAML's double-quoted text is JSON, except for characters that YAML requires to be escaped. */
function yamlText(value: Scalar): string {
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
