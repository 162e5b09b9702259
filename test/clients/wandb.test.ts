/**
 * @file W&B's own client against the tracking server, with unchanged Python scripts as users write them.
 *
 * `TUNEWISE_WANDB_PYTHON` names the interpreter of an environment with wandb 0.31.0, `TUNEWISE_WANDB_OLD_PYTHON` one
 * with 0.21.2, and `TUNEWISE_WANDB_JS` the main file of npm's @wandb/sdk 0.5.1.
 */
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import {
  addProject,
  changeProject,
  defaultEntity,
  findWandbRun,
  readLooseJson,
  readPoints,
  readTags,
  readWandbFile,
  requestStop,
  type WandbRun,
} from "@tunewise/tracker";
import { describe, expect, test } from "vitest";
import { type Place, place, runProgram, type Saw } from "../support/wandb-clients.ts";

const script = join(import.meta.dirname, "wandb_script.py");

async function runOf({ context }: Place, name: string): Promise<WandbRun> {
  const run = await findWandbRun(context.database, { entity: defaultEntity, project: "tickets", name });
  if (!run) throw new Error(`no run ${name}`);
  return run;
}

async function valuesOf({ context }: Place, run: WandbRun, key: string): Promise<number[][]> {
  const page = { limit: 100, after: null };
  const points = await readPoints(context.database, { run: run.run.number, key }, page);
  return points.map(({ step, value }) => [step, value]);
}

async function rowsOf({ context }: Place, table: string, run: WandbRun): Promise<string[]> {
  const sql = `SELECT content FROM ${table} WHERE run = ? ORDER BY line`;
  return (await context.database.all(sql, run.run.number)).map(({ content }) => String(content));
}

describe.each([
  ["wandb 0.31.0", process.env["TUNEWISE_WANDB_PYTHON"]],
  ["wandb 0.21.2", process.env["TUNEWISE_WANDB_OLD_PYTHON"]],
])("%s", (_, python) => {
  const it = test.skipIf(python === undefined);

  async function play(where: Place, name: string, env: NodeJS.ProcessEnv = {}): Promise<Saw> {
    const ended = await runProgram(python as string, [script, name], { ...where.env, ...env });
    const [saw] = ended.saw;
    if (!saw) throw new Error(ended.output);
    return saw;
  }

  it("logs metrics, media, configuration, console, files and the system", async () => {
    const where = await place();
    expect(await play(where, "log_all", { LINGER: "16" })).toEqual({ done: true });
    const run = await runOf(where, "first");
    expect(run.run).toMatchObject({ name: "a first run", status: "completed", client: "wandb" });
    expect(run.run.endedMs).toBeGreaterThan(run.run.startedMs);
    expect(await valuesOf(where, run, "loss")).toEqual([0, 1, 2, 3, 4].map((step) => [step, 1 / (step + 1)]));
    expect(await valuesOf(where, run, "eval.accuracy")).toHaveLength(5);
    expect(await valuesOf(where, run, "eval.deep.f1")).toHaveLength(5);
    expect(await valuesOf(where, run, "odd")).toEqual([[5, Number.NaN]]);
    expect(await valuesOf(where, run, "high")).toEqual([[5, Number.POSITIVE_INFINITY]]);
    expect(await valuesOf(where, run, "low")).toEqual([[5, Number.NEGATIVE_INFINITY]]);
    const rest = (await rowsOf(where, "wandb_rows", run)).map((row) => JSON.parse(row));
    expect(rest).toContainEqual({ word: "hello" });
    expect(rest).toContainEqual(
      expect.objectContaining({ spread: expect.objectContaining({ _type: "histogram" }) }),
    );
    expect(rest).toContainEqual({ answers: expect.objectContaining({ _type: "table-file", nrows: 2 }) });
    expect((await rowsOf(where, "console_lines", run)).join("\n")).toContain("a line of the console");
    const params = await where.context.database.all(
      "SELECT key, value FROM params WHERE run = ?",
      run.run.number,
    );
    expect(Object.fromEntries(params.map(({ key, value }) => [key, value]))).toEqual({
      lr: "0.2",
      "model.rank": "8",
      "model.name": "tiny",
      layers: "[1,2]",
      epochs: "3",
    });
    expect(readLooseJson(run.summary)).toMatchObject({ best: 0.2, loss: { min: 0.2 } });
    expect(Object.fromEntries(await readTags(where.context.database, run.run.number))).toMatchObject({
      "wandb.group": "night",
      "wandb.job_type": "train",
      "wandb.tags": '["lora","small"]',
      "wandb.notes": "for the test",
    });
    const notes = await where.context.artifacts.open(`runs/${run.run.number}/notes.txt`);
    expect(notes && (await text(notes.content))).toBe("kept");
    const media = await where.context.artifacts.list(`runs/${run.run.number}/media`);
    expect(media.map(({ name }) => name)).toEqual(["html", "table"]);
    const sql = "SELECT key FROM series WHERE run = ? AND key LIKE 'system/%'";
    expect((await where.context.database.all(sql, run.run.number)).length).toBeGreaterThan(3);
  });

  it("keeps artifacts in versions, and gives them back", async () => {
    const where = await place();
    expect(await play(where, "artifacts")).toEqual({
      name: "rows:best",
      version: "v1",
      aliases: ["best", "latest"],
      metadata: { n: 1 },
      old: { n: 0 },
      texts: { "same.txt": "same", "sub/changed.txt": "number 1" },
      size: 12,
    });
    // Content shared by both versions is stored once.
    const [content] = await where.context.artifacts.list("wandb/content");
    expect(await where.context.artifacts.list(`wandb/content/${content?.name}`)).toHaveLength(3);
    expect(await where.context.database.all("SELECT * FROM wandb_uses")).toHaveLength(1);
  });

  it("gives a table back as it was logged", async () => {
    expect(await play(await place(), "table")).toEqual({
      type: "run_table",
      columns: ["question", "score"],
      data: [
        ["why", 0.5],
        ["how", 0.75],
      ],
    });
  });

  it.each(["must", "allow"])("goes on with a run: resume=%s", async (mode) => {
    const where = await place();
    const saw = await play(where, "resume", { RESUME: mode });
    expect(saw).toMatchObject({ best: 2, lr: 0.1, resumed: true });
    const run = await runOf(where, "again");
    expect(await valuesOf(where, run, "loss")).toEqual([
      [0, 3],
      [1, 2],
      [2, 1],
    ]);
    expect(run).toMatchObject({ historyLines: 3, run: { status: "completed" } });
  });

  it("says that there is no run to go on with", async () => {
    expect(await play(await place(), "missing")).toMatchObject({ error: "UsageError" });
  });

  it("refuses a run at once, with a reason its user reads", async () => {
    const where = await place();
    await where.context.write(async (transaction) => {
      const about = { name: "closed", artifactRoot: null, tags: [], nowMs: 0 };
      const { number } = await addProject(transaction, about);
      await changeProject(transaction, number, { stage: "deleted" }, 0);
    });
    const saw = await play(where, "refused", { PROJECT: "closed" });
    expect(saw).toMatchObject({
      error: expect.stringMatching(/^(Comm)?Error$/),
      text: expect.stringContaining("The project closed is deleted: restore it, or log to another one."),
    });
    expect(saw["seconds"]).toBeLessThan(20);
  });

  it("stops a run that was asked to stop", async () => {
    const where = await place();
    const ask = async (): Promise<void> => {
      const { run } = await runOf(where, "endless");
      await where.context.write((transaction) =>
        requestStop(transaction, run.number, { by: "person", reason: "the budget is spent" }, Date.now()),
      );
    };
    const asked: Promise<void>[] = [];
    const ended = await runProgram(python as string, [script, "stopped"], where.env, (saw) => {
      if (saw["started"] === true) asked.push(ask());
    });
    await Promise.all(asked);
    expect(ended.saw.at(-1)).toMatchObject({ interrupted: true });
    expect(ended.saw.at(-1)?.["seconds"]).toBeLessThan(60);
    expect((await runOf(where, "endless")).run.status).toBe("stopped");
  });

  it("tells a run that failed from one that ended", async () => {
    const where = await place();
    expect((await runProgram(python as string, [script, "failing"], where.env)).exitCode).toBe(3);
    expect((await runOf(where, "broken")).run.status).toBe("failed");
  });

  it("takes a run that was made offline, from its client and from its file", async () => {
    const where = await place();
    const { folder } = await play(where, "offline", { FOLDER: where.folder });
    const sync = join(dirname(python as string), "wandb");
    const ended = await runProgram(sync, ["sync", String(folder)], where.env);
    const run = await runOf(where, "away").catch(() => Promise.reject(new Error(ended.output)));
    expect(run.run.status).toBe("completed");
    const losses = [3, 2, 1].map((value, step) => [step, value]);
    expect(await valuesOf(where, run, "loss")).toEqual(losses);
    // An artifact of the offline run was uploaded too, and another run can fetch it.
    expect(await play(where, "fetching", { FOLDER: join(where.folder, "fetched") })).toEqual({
      version: "v0",
      text: "three rows",
      metadata: { n: 3 },
    });

    const [file] = (await readdir(String(folder))).filter((name) => name.endsWith(".wandb"));
    const parts: Saw[] = [];
    for await (const part of readWandbFile(createReadStream(join(String(folder), file ?? "")))) {
      parts.push(part as unknown as Saw);
    }
    expect(parts.filter(({ kind }) => kind === "damage")).toEqual([]);
    expect(parts).toContainEqual(expect.objectContaining({ kind: "run", runId: "away", project: "tickets" }));
    expect(parts).toContainEqual(expect.objectContaining({ kind: "exit", exitCode: 0 }));
    const rows = parts.filter(({ kind }) => kind === "history").map(({ row }) => JSON.parse(String(row)));
    expect(rows.map(({ _step, loss }) => [_step, loss])).toEqual(losses);
    const written = parts.filter(({ kind }) => kind === "output").map((part) => part["text"]);
    expect(written.join("")).toContain("spoken offline");
  });
});

const sdk = process.env["TUNEWISE_WANDB_JS"];

test.skipIf(sdk === undefined)("@wandb/sdk 0.5.1 logs a run", async () => {
  const where = await place();
  const program = join(import.meta.dirname, "wandb-script.mjs");
  const ended = await runProgram(process.execPath, [program, String(sdk)], where.env);
  expect(ended.saw, ended.output).toEqual([{ done: true }]);
  const [row] = await where.context.database.all("SELECT name FROM wandb_runs");
  const run = await runOf(where, String(row?.["name"]));
  expect(run.run.status).toBe("completed");
  expect(await valuesOf(where, run, "acc")).toEqual([
    [0, 0.9],
    [1, 0.91],
  ]);
  const params = await where.context.database.all("SELECT key, value FROM params");
  expect(params).toEqual([{ key: "test", value: "1" }]);
});
