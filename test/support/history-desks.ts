/** @file For tests: tracking contexts with histories, and the content of a store as text, to compare two stores. */
import { join } from "node:path";
import {
  type Database,
  endKeptRun,
  type HistorySource,
  type ImportOptions,
  keepPoints,
  keepProject,
  keepRun,
  type MovedPoint,
  type MovedRun,
  openTrackingContext,
  type TrackingContext,
} from "@tunewise/tracker";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "./track-disk.ts";

/** An empty tracking context that is closed with the test. */
export async function emptyDesk(
  store = ":memory:",
  now = (): Date => new Date(1_795_000_000_000),
): Promise<TrackingContext> {
  const artifacts = join(await temporaryFolder(), "artifacts");
  const desk = await openTrackingContext({ store, artifacts }, { now, random: Math.random });
  onTestFinished(() => desk.close());
  return desk;
}

/** Import options with defaults for tests. */
export function importOptions(more: Partial<ImportOptions> = {}): ImportOptions {
  return {
    project: null,
    files: null,
    isDryRun: false,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...more,
  };
}

/** A run in the form that imports read. */
export function movedRun(id: string, more: Partial<MovedRun> = {}): MovedRun {
  return {
    id,
    project: "1",
    name: `run ${id}`,
    status: "completed",
    stage: "active",
    deletedMs: null,
    person: "ada",
    startedMs: 1_700_000_000_000,
    endedMs: 1_700_000_100_000,
    params: [],
    tags: [{ key: "mlflow.runName", value: `run ${id}` }],
    inputs: [],
    modelInputs: [],
    outputs: [],
    ...more,
  };
}

/** Adds runs with their points to a project. */
export async function fillDesk(
  desk: TrackingContext,
  project: string,
  runs: readonly { readonly run: MovedRun; readonly points: readonly MovedPoint[] }[],
): Promise<void> {
  const about = { name: project, stage: "active", tags: [] } as const;
  const { number } = await desk.write((transaction) => keepProject(transaction, about, 1));
  for (const { run, points } of runs) {
    const kept = await desk.write((transaction) => keepRun(transaction, run, number));
    await desk.write((transaction) => keepPoints(transaction, kept.run, points));
    await desk.write((transaction) => endKeptRun(transaction, kept, run, 1));
  }
}

/** An in-memory source of histories. */
export function sourceOf(
  runs: readonly { readonly run: MovedRun; readonly points: readonly MovedPoint[] }[],
  more: Partial<HistorySource> = {},
): HistorySource {
  return {
    place: "memory",
    projects: async function* () {
      yield { id: "1", name: "tickets", stage: "active", tags: [{ key: "team", value: "search" }] };
    },
    runs: async function* () {
      for (const { run } of runs) yield run;
    },
    points: async function* ({ id }) {
      for (const point of runs.find(({ run }) => run.id === id)?.points ?? []) yield [point];
    },
    models: async function* () {},
    registry: async function* () {},
    files: async function* () {},
    others: async function* () {},
    close: async () => undefined,
    ...more,
  };
}

/** Everything that runs logged, as sorted lines. */
export async function linesOf(database: Database): Promise<string[]> {
  const lines: string[] = [];
  const queries = [
    `SELECT r.id, p.name AS project, r.name, r.status, r.stage, r.person, r.started_ms, r.ended_ms
     FROM runs r JOIN projects p ON p.number = r.project`,
    "SELECT r.id, f.key AS param, f.value FROM params f JOIN runs r ON r.number = f.run",
    "SELECT r.id, f.key AS tag, f.value FROM tags f JOIN runs r ON r.number = f.run",
    `SELECT r.id, s.key AS metric, p.step, p.ms, p.value, p.special FROM points p
     JOIN series s ON s.number = p.series JOIN runs r ON r.number = s.run`,
    `SELECT r.id, d.name AS dataset, d.digest, d.source_type, d.source, d.schema, d.profile, i.context, i.tags
     FROM inputs i JOIN datasets d ON d.number = i.dataset JOIN runs r ON r.number = i.run`,
  ];
  for (const sql of queries) {
    for (const row of await database.all(sql)) {
      // PostgreSQL returns large integers as text.
      lines.push(
        Object.entries(row)
          .map(([key, value]) => `${key}=${value}`)
          .join(" "),
      );
    }
  }
  return lines.sort();
}

/** A logged model of run `a`, without its ID and state. */
export const movedModel = {
  project: "1",
  name: "tuned",
  kind: "",
  sourceRun: "a",
  createdMs: 5,
  changedMs: 9,
  tags: [],
  params: [],
} as const;
