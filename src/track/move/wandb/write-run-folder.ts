/** @file A run as the folder of an offline run, which `wandb sync` takes. */
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { Reader } from "../../database/database.ts";
import { readKeys } from "../../points/history.ts";
import { bestFigures, resultFigures } from "../../record/result-figures.ts";
import { readScores, readSummary } from "../../record/rows.ts";
import { isObject, readLooseObject } from "../../wandb/loose-json.ts";
import { defaultEntity, findWandbRun } from "../../wandb/wandb-run.ts";
import {
  FrameWriter,
  type KeyValue,
  RecordWriter,
  type WrittenRun,
} from "../../wandb-file/write-wandb-file.ts";
import type { MovedPoint } from "../history.ts";
import { readStoredPoints, type StoredRun } from "../stored-runs.ts";
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
 * Writes a run into a folder that is there.
 *
 * @param producer name and version of this program
 */
export async function writeRunFolder(
  folder: string,
  reader: Reader,
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
  try {
    await handle.appendFile(frames.head());
    const known = await findWandbRun(reader, { number: run.number });
    const words = runWords(run, known?.config ?? null);
    await write([records.header(producer), records.run({ ...words, entity: entityOf(known?.entity) })]);
    if (isOwn(run)) await writeOwnRows(reader, run, records, write);
    else await writeRows(reader, run, records, write);
    await writeConsole(reader, run, records, write);
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

/** Ours is the one of clients that name none. */
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

/** A run of this machine's engine: its parameters, rows and summary are those that it logs live. */
function isOwn({ client }: Pick<StoredRun, "client">): boolean {
  return client === "tunewise";
}

function configItems(config: string): KeyValue[] {
  const entries = Object.entries(readLooseObject(config) ?? {}).filter(([key]) => key !== "_wandb");
  return entries.map(([key, entry]) => [key, isObject(entry) && "value" in entry ? entry["value"] : entry]);
}

/** Points of one step and instant are a row; figures of the system are rows of their own kind. */
async function writeRows(
  reader: Reader,
  run: StoredRun,
  records: RecordWriter,
  write: (bytes: readonly Uint8Array[]) => Promise<void>,
): Promise<void> {
  const rests = new Map<number, Record<string, unknown>>();
  const sql = "SELECT step, content FROM wandb_rows WHERE run = ? AND kind = 'history' ORDER BY line";
  for (const row of await reader.all(sql, run.number)) {
    const step = Number(row["step"]);
    rests.set(step, { ...rests.get(step), ...readLooseObject(String(row["content"])) });
  }
  let row: MovedPoint[] = [];
  const rowBytes = (): Uint8Array[] => {
    const [first] = row;
    if (!first) return [];
    const { step, ms } = first;
    const system = row.filter(({ key }) => key.startsWith("system/"));
    const own = row.filter(({ key }) => !key.startsWith("system/"));
    const bytes: Uint8Array[] = [];
    if (system.length > 0)
      bytes.push(
        records.stats(
          ms,
          system.map(({ key, value }) => [key.slice("system/".length), value]),
        ),
      );
    if (own.length === 0) return bytes;
    const rest = rests.get(step) ?? {};
    rests.delete(step);
    const about: KeyValue[] = [
      ["_step", step],
      ["_timestamp", ms / 1000],
      ["_runtime", (ms - run.startedMs) / 1000],
    ];
    const items = [...own.map(({ key, value }): KeyValue => [key, value]), ...Object.entries(rest), ...about];
    return [...bytes, records.history(step, items)];
  };
  for await (const points of readStoredPoints(reader, run.number)) {
    const bytes: Uint8Array[] = [];
    for (const point of points) {
      const [first] = row;
      const isSame = first?.step === point.step && first.ms === point.ms;
      // A point that comes a second time at its instant, with another value, is a row of its own.
      if (!isSame || row.some(({ key }) => key === point.key)) {
        bytes.push(...rowBytes());
        row = [];
      }
      row.push(point);
    }
    await write(bytes);
  }
  await write(rowBytes());
  for (const [step, rest] of rests)
    await write([records.history(step, [...Object.entries(rest), ["_step", step]])]);
}

/** Rows of an own run, as it logs them live. */
async function writeOwnRows(
  reader: Reader,
  run: StoredRun,
  records: RecordWriter,
  write: (bytes: readonly Uint8Array[]) => Promise<void>,
): Promise<void> {
  const keys = await readKeys(reader, run.number);
  await write([records.metric(globalStep, null), ...keys.map((key) => records.metric(key, globalStep))]);
  const builder = new RowBuilder();
  let line = 0;
  const recordOf = (row: PointRow): Uint8Array => {
    const fields = rowFields(row, line, (row[0].ms - run.startedMs) / 1000);
    return records.history(line++, fields);
  };
  for await (const points of readStoredPoints(reader, run.number, "time")) {
    const rows = points.map((point) => builder.add(point)).filter((row) => row !== null);
    await write(rows.map(recordOf));
  }
  const last = builder.end();
  if (last !== null) await write([recordOf(last)]);
}

/** What came out of an own run, beyond the last values of its metrics. */
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

async function writeConsole(
  reader: Reader,
  run: StoredRun,
  records: RecordWriter,
  write: (bytes: readonly Uint8Array[]) => Promise<void>,
): Promise<void> {
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

/** The latest value of each metric: what a client's summary holds. */
async function lastValues(reader: Reader, number: number): Promise<Record<string, unknown>> {
  const sql =
    "SELECT key, last_value, last_special FROM series WHERE run = ? AND key NOT LIKE 'system/%' ORDER BY key";
  const rows = await reader.all(sql, number);
  return Object.fromEntries(
    rows.map((row) => [String(row["key"]), Number(row["last_special"] || row["last_value"])]),
  );
}
