/** @file Writes a run as the folder of an offline run, for `wandb sync`. */
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactStore } from "../../artifacts/artifact-store.ts";
import type { Reader } from "../../database/database.ts";
import { readKeys } from "../../points/history.ts";
import { bestFigures, readScores, readSummary, resultFigures } from "../../record/rows.ts";
import { isObject, readLooseObject } from "../../wandb/loose-json.ts";
import { wandbFileRoot } from "../../wandb/run-files.ts";
import { defaultEntity, findWandbRun } from "../../wandb/wandb-run.ts";
import {
  FrameWriter,
  type ItemValue,
  RecordWriter,
  type WrittenRun,
} from "../../wandb-file/write-wandb-file.ts";
import { readStoredPoints, type StoredRun } from "../stored-runs.ts";
import { writeFilesBelow } from "../write-files.ts";
import {
  configValue,
  globalStep,
  type PointRow,
  RowBuilder,
  rowFields,
  wandbId,
  wandbProject,
} from "./own-rows.ts";

/** The name of a run's folder. */
export function offlineFolder({ id, startedMs }: Pick<StoredRun, "id" | "startedMs">): string {
  const [day, time] = new Date(startedMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").split("T");
  return `offline-run-${day}_${time}-${wandbId(id)}`;
}

/**
 * Writes a run into an existing folder, including files that W&B clients logged, such as tables and media.
 *
 * @param producer name and version of this program
 */
export async function writeRunFolder(
  folder: string,
  { database: reader, artifacts }: { readonly database: Reader; readonly artifacts: ArtifactStore },
  run: StoredRun,
  producer: string,
): Promise<void> {
  const place = join(folder, offlineFolder(run));
  await mkdir(join(place, "files"), { recursive: true });
  const [records, frames] = [new RecordWriter(), new FrameWriter()];
  const handle = await open(join(place, `run-${wandbId(run.id)}.wandb`), "wx");
  const write = async (bytes: readonly Uint8Array[]): Promise<void> => {
    await handle.appendFile(Buffer.concat(bytes.map((record) => frames.frame(record))));
  };
  const out: RunWriter = { reader, run, records, write };
  try {
    await handle.appendFile(frames.head());
    const known = await findWandbRun(reader, { number: run.number });
    const words = runWords(run, known?.config ?? null);
    await write([records.header(producer), records.run({ ...words, entity: entityOf(known?.entity) })]);
    if (run.client === "wandb") {
      const written = await writeFilesBelow(join(place, "files"), artifacts, wandbFileRoot(run.number));
      const names = written.filter((name) => !madeAnew.has(name));
      if (names.length > 0) await write([records.files(names)]);
    }
    if (isOwn(run)) await writeOwnRows(out);
    else await writeRows(out);
    await writeConsole(out);
    const last = { ...(await lastValues(reader, run.number)), ...(await ownFigures(reader, run)) };
    const summary = readLooseObject(known?.summary ?? "") ?? last;
    await write([records.summary(Object.entries(summary).filter(([key]) => key !== "_wandb"))]);
    if (run.status !== "running" && run.status !== "scheduled") {
      const seconds = Math.max(0, Math.round(((run.endedMs ?? run.startedMs) - run.startedMs) / 1000));
      await write([records.exit(run.status === "completed" ? 0 : 1, seconds)]);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Files that a client generates itself when it sends the run. */
const madeAnew: ReadonlySet<string> = new Set(["wandb-summary.json", "config.yaml", "output.log"]);

/** A run, and where to write its records. */
interface RunWriter {
  readonly reader: Reader;
  readonly run: StoredRun;
  readonly records: RecordWriter;
  readonly write: (bytes: readonly Uint8Array[]) => Promise<void>;
}

/** The entity to write; empty for the default entity, which stands for clients that name none. */
function entityOf(entity: string | undefined): string {
  return entity === undefined || entity === defaultEntity ? "" : entity;
}

function runWords(run: StoredRun, config: string | null): WrittenRun {
  const tag = (key: string): string => run.tags.find((fact) => fact.key === `wandb.${key}`)?.value ?? "";
  const tags: unknown = JSON.parse(tag("tags") || "[]");
  const project = run.client === "wandb" ? (run.projectName.split("/").at(-1) ?? "") : run.projectName;
  return {
    runId: wandbId(run.id),
    entity: "",
    project: wandbProject(project),
    displayName: run.name,
    group: tag("group"),
    jobType: tag("job_type"),
    notes: tag("notes") || (run.tags.find(({ key }) => key === "mlflow.note.content")?.value ?? ""),
    tags: Array.isArray(tags) ? tags.filter((item) => typeof item === "string") : [],
    host: tag("host"),
    startedMs: run.startedMs,
    gitRemote: tag("repo"),
    gitCommit: tag("commit") || (run.tags.find(({ key }) => key === "mlflow.source.git.commit")?.value ?? ""),
    config:
      config === null
        ? run.params.map((fact) => [fact.key, isOwn(run) ? configValue(fact) : fact.value])
        : configItems(config),
  };
}

/** Whether this is a run of the built-in engine. Its parameters, rows and summary are the same as those logged live. */
function isOwn({ client }: Pick<StoredRun, "client">): boolean {
  return client === "tunewise";
}

function configItems(config: string): ItemValue[] {
  const entries = Object.entries(readLooseObject(config) ?? {}).filter(([key]) => key !== "_wandb");
  return entries.map(([key, entry]) => [key, isObject(entry) && "value" in entry ? entry["value"] : entry]);
}

/** Writes a run's points as rows; a row has one step and time, and distinct keys. */
async function writePointRows(
  { reader, run, write }: RunWriter,
  by: "step" | "time",
  recordsOf: (row: PointRow) => Uint8Array[],
): Promise<void> {
  const builder = new RowBuilder();
  for await (const points of readStoredPoints(reader, run.number, by)) {
    const rows = points.map((point) => builder.add(point)).filter((row) => row !== null);
    await write(rows.flatMap(recordsOf));
  }
  const last = builder.end();
  if (last !== null) await write(recordsOf(last));
}

/** Writes the rows of another client's run; system metrics are separate records. */
async function writeRows(out: RunWriter): Promise<void> {
  const { reader, run, records, write } = out;
  const rests = new Map<number, Record<string, unknown>>();
  const sql = "SELECT step, content FROM wandb_rows WHERE run = ? AND kind = 'history' ORDER BY line";
  for (const row of await reader.all(sql, run.number)) {
    const step = Number(row["step"]);
    rests.set(step, { ...rests.get(step), ...readLooseObject(String(row["content"])) });
  }
  await writePointRows(out, "step", (row) => {
    const [{ step, ms }] = row;
    // Points at steps below 0 belong to the summary, not to a row.
    if (step < 0 && run.client === "wandb") return [];
    const items = row.map(({ key, value }): ItemValue => [key, value]);
    const system = items.filter(([key]) => key.startsWith(systemPrefix));
    const own = items.filter(([key]) => !key.startsWith(systemPrefix));
    const named = system.map(([key, value]): ItemValue => [key.slice(systemPrefix.length), value]);
    const stats = system.length > 0 ? [records.stats(ms, named)] : [];
    if (own.length === 0) return stats;
    const rest = Object.entries(rests.get(step) ?? {});
    rests.delete(step);
    const about: ItemValue[] = [
      ["_step", step],
      ["_timestamp", ms / 1000],
      ["_runtime", (ms - run.startedMs) / 1000],
    ];
    return [...stats, records.history(step, [...own, ...rest, ...about])];
  });
  for (const [step, rest] of rests)
    await write([records.history(step, [...Object.entries(rest), ["_step", step]])]);
}

const systemPrefix = "system/";

/** Writes the rows of a run of the built-in engine, identical to those logged live. */
async function writeOwnRows(out: RunWriter): Promise<void> {
  const { reader, run, records, write } = out;
  const keys = await readKeys(reader, run.number);
  await write([records.metric(globalStep, null), ...keys.map((key) => records.metric(key, globalStep))]);
  let line = 0;
  await writePointRows(out, "time", (row) => {
    const fields = rowFields(row, line, (row[0].ms - run.startedMs) / 1000);
    return [records.history(line++, fields)];
  });
}

/** Results of a run of the built-in engine, besides the last values of its metrics. */
async function ownFigures(reader: Reader, run: StoredRun): Promise<Record<string, unknown>> {
  if (!isOwn(run)) return {};
  const [row] = await reader.all(
    `SELECT r.wall_seconds, s.low FROM runs r
     LEFT JOIN series s ON s.run = r.number AND s.key = 'validation/loss' WHERE r.number = ?`,
    run.number,
  );
  const scores = await readScores(reader, run.id);
  const { spentMicroUsd } = run;
  const figures = resultFigures({ scores, spentMicroUsd, wallSeconds: Number(row?.["wall_seconds"] ?? 0) });
  const step = readLooseObject((await readSummary(reader, run.number)) ?? "")?.["best_step"];
  const loss = row?.["low"];
  const best = typeof step === "number" && loss != null ? bestFigures({ step, loss: Number(loss) }) : [];
  return Object.fromEntries([...figures, ...best]);
}

async function writeConsole({ reader, run, records, write }: RunWriter): Promise<void> {
  for (let after = -1; ; ) {
    const sql = "SELECT line, content FROM console_lines WHERE run = ? AND line > ? ORDER BY line LIMIT 1000";
    const rows = await reader.all(sql, run.number, after);
    if (rows.length === 0) return;
    await write(rows.map(({ content }) => consoleRecord(records, run, String(content))));
    after = Number(rows.at(-1)?.["line"]);
  }
}

function consoleRecord(records: RecordWriter, run: StoredRun, content: string): Uint8Array {
  const parts = /^(ERROR )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\d{0,6}Z? (.*)$/s.exec(content);
  const ms = parts ? Date.parse(`${parts[2]}Z`) : run.startedMs;
  return records.output(ms, parts?.[1] !== undefined, `${parts?.[3] ?? content}\n`);
}

/** The latest value of each metric, as in a client's summary. */
async function lastValues(reader: Reader, number: number): Promise<Record<string, unknown>> {
  const sql =
    "SELECT key, last_value, last_special FROM series WHERE run = ? AND key NOT LIKE 'system/%' ORDER BY key";
  const rows = await reader.all(sql, number);
  return Object.fromEntries(
    rows.map((row) => [String(row["key"]), Number(row["last_special"] || row["last_value"])]),
  );
}
