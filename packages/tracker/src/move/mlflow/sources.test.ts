/** @file MLflow databases and folders: from other releases, damaged, and malicious. */
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { loadDriver } from "../../database/sqlite.ts";
import {
  type Damage,
  type HistorySource,
  isDamage,
  type MovedPoint,
  type MovedProject,
  type MovedRun,
} from "../history.ts";
import { mlflowFolder } from "./folder-source.ts";
import { readMetricLine } from "./metric-line.ts";
import { mlflowSqlite } from "./sqlite-source.ts";

interface Seen {
  readonly projects: MovedProject[];
  readonly runs: MovedRun[];
  readonly points: Record<string, MovedPoint[]>;
  readonly damage: Damage[];
}

async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function seenIn(source: HistorySource): Promise<Seen> {
  const seen: Seen = { projects: [], runs: [], points: {}, damage: [] };
  for await (const project of source.projects()) {
    if (isDamage(project)) {
      seen.damage.push(project);
      continue;
    }
    seen.projects.push(project);
    for await (const run of source.runs(project)) {
      if (isDamage(run)) {
        seen.damage.push(run);
        continue;
      }
      seen.runs.push(run);
      const own: MovedPoint[] = [];
      for await (const points of source.points(run)) own.push(...points);
      seen.points[run.id] = own;
    }
    for await (const model of source.models(project)) if (isDamage(model)) seen.damage.push(model);
  }
  for await (const name of source.registry()) if (isDamage(name)) seen.damage.push(name);
  await source.close();
  return seen;
}

test("a database of an early release is read with what it has", async () => {
  const path = join(await temporaryFolder(), "mlflow.db");
  const { DatabaseSync } = await loadDriver();
  const database = new DatabaseSync(path);
  database.exec(`
    CREATE TABLE experiments (
      experiment_id INTEGER PRIMARY KEY, name TEXT, artifact_location TEXT, lifecycle_stage TEXT);
    CREATE TABLE runs (
      run_uuid TEXT PRIMARY KEY, name TEXT, user_id TEXT, status TEXT, start_time BIGINT, end_time BIGINT,
      lifecycle_stage TEXT, artifact_uri TEXT, experiment_id INTEGER);
    CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT);
    CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
    INSERT INTO experiments VALUES (1, 'old', '', 'active');
    INSERT INTO runs VALUES ('r', '', 'ada', 'FINISHED', 5, 9, 'active', '/etc', 1);
    INSERT INTO metrics VALUES ('loss', 0.5, 7, 'r'), ('loss', 1.7976931348623157e308, 8, 'r');
    INSERT INTO tags VALUES ('mlflow.runName', 'named', 'r');
    CREATE TABLE trace_info (request_id TEXT, experiment_id INTEGER);
    INSERT INTO trace_info VALUES ('tr-1', 1);
    CREATE TABLE trace_tags (key TEXT);
    INSERT INTO trace_tags VALUES ('k');
    CREATE TABLE webhooks (url TEXT);
    INSERT INTO webhooks VALUES ('a'), ('b');`);
  database.close();
  const source = await mlflowSqlite(path, join(path, ".."));
  const files: unknown[] = [];
  for await (const file of source.files({ of: "run", id: "r", project: "1" })) files.push(file);
  expect(files).toEqual([
    expect.objectContaining({ kind: "damage", reason: expect.stringContaining("outside") }),
  ]);
  expect(await allOf(source.others())).toEqual([
    { kind: "traces", count: 1, names: ["tr-1"] },
    { kind: "rows of the table webhooks", count: 2, names: [] },
  ]);
  const seen = await seenIn(source);
  expect(seen.damage).toEqual([]);
  expect(seen.runs).toMatchObject([
    { id: "r", name: "named", person: "ada", status: "completed", params: [], inputs: [] },
  ]);
  expect(seen.points["r"]).toEqual([
    { key: "loss", step: 0, ms: 7, value: 0.5 },
    { key: "loss", step: 0, ms: 8, value: Number.POSITIVE_INFINITY },
  ]);
});

test("a database of another program is refused", async () => {
  const path = join(await temporaryFolder(), "other.db");
  const { DatabaseSync } = await loadDriver();
  const database = new DatabaseSync(path);
  database.exec("CREATE TABLE runs (a); CREATE VIEW experiments AS SELECT 1");
  database.close();
  await expect(mlflowSqlite(path, "/")).rejects.toMatchObject({
    code: "MOVE_SOURCE_UNKNOWN",
    message: expect.stringContaining("no table experiments"),
  });
});

/** An experiment with intact and damaged runs. */
async function damagedFolder(): Promise<string> {
  const root = await temporaryFolder();
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), text);
  };
  await put("1/meta.yaml", "name: 1e3\nlifecycle_stage: active\n");
  await put("bad/meta.yaml", "name: [");
  await put(
    "1/whole/meta.yaml",
    "run_name: 'null'\nstatus: 4\nstart_time: 5\nend_time: null\nuser_id: ada\n",
  );
  await put("1/whole/metrics/a/b", "5 nan 1\n6 -inf 2\n7 1e-3\n");
  await put("1/bomb/meta.yaml", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\nrun_name: y\n");
  await put("1/twice/meta.yaml", "run_name: a\nrun_name: b\n");
  await put("1/cut/meta.yaml", 'run_name: "a\n');
  await put("1/torn/meta.yaml", "run_name: torn\nstatus: 1\n");
  await put("1/torn/metrics/loss", "5 0.5 1\n6 0.2");
  await put("1/none/params/lr", "1");
  await put("secret", "secret");
  await put("1/linked/meta.yaml", "run_name: linked\n");
  await mkdir(join(root, "1/linked/params"));
  await symlink(join(root, "secret"), join(root, "1/linked/params/key"));
  await put("1/whole/tags/a/b", "value");
  await put("1/whole/notes.txt", "a file in a place of values");
  await put("1/notes.txt", "mine");
  await put("1/traces/tr-1/trace_info.yaml", "");
  await put("1/whole/artifacts/meta/deep.txt", "a file of the run");
  await put("models/name/meta.yaml", "name: name\n");
  await put("models/name/version-1/meta.yaml", "version: 1\n");
  await put("models/name/version-1/tags/key", "value");
  await put("models/name/aliases/best", "1");
  await put("models/name/version-x/meta.yaml", "version: x\n");
  await symlink(root, join(root, "models/all"));
  return root;
}

test("what a folder holds beside a history is listed, links first of all", async () => {
  const source = mlflowFolder(await damagedFolder());
  expect(await allOf(source.others())).toEqual([
    { kind: "damage", what: "1/linked/params/key", reason: "it is a link, which is not followed" },
    { kind: "damage", what: "models/all", reason: "it is a link, which is not followed" },
    { kind: "traces", count: 1, names: ["tr-1"] },
    {
      kind: "files that are not MLflow's",
      count: 4,
      names: ["1/notes.txt", "1/whole/notes.txt", "models/name/version-x/meta.yaml", "secret"],
    },
  ]);
});

test("a damaged folder gives what is whole in it, words, and names the rest", async () => {
  const seen = await seenIn(mlflowFolder(await damagedFolder()));
  expect(seen.projects.map(({ name }) => name)).toEqual(["1e3"]);
  expect(seen.damage.map(({ what }) => what).sort()).toEqual(["bad", "cut", "none", "twice"]);
  const bomb = seen.runs.find(({ id }) => id === "bomb");
  expect(bomb).toMatchObject({ name: "y" });
  expect(seen.runs.find(({ id }) => id === "whole")).toMatchObject({
    status: "failed",
    endedMs: null,
    person: "ada",
  });
  expect(seen.points["whole"]).toEqual([
    { key: "a/b", step: 1, ms: 5, value: Number.NaN },
    { key: "a/b", step: 2, ms: 6, value: Number.NEGATIVE_INFINITY },
    { key: "a/b", step: 0, ms: 7, value: 0.001 },
  ]);
  expect(seen.points["torn"]).toHaveLength(2);
  expect(seen.runs.find(({ id }) => id === "linked")?.params).toEqual([]);
});

test.each(["", "5", "5 x 1", "5 0.5 1.5", "x 0.5 1", "5 0x10 1".repeat(500), "99999999999999999 1 1"])(
  "%s is no point",
  (line) => {
    expect(readMetricLine(line)).toBeNull();
  },
);
