/** @file Data logged by W&B clients, on each database. */
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { keepServerSecret } from "../access/tokens.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { readPoints } from "../points/history.ts";
import { requestStop } from "../tracking/stop.ts";
import { createWriter, type Write } from "../tracking/writer.ts";
import {
  addArtifact,
  addArtifactFiles,
  commitArtifact,
  findArtifactNamed,
  findArtifactOfClient,
  findArtifactOfDigest,
  listArtifactFiles,
  type NewWandbArtifact,
  setFileSizes,
  sumArtifactFiles,
} from "./artifact.ts";
import { type StreamPart, writeStream } from "./stream.ts";
import {
  addWandbRun,
  configFacts,
  findWandbRun,
  keepConfig,
  openWandbProject,
  type WandbRun,
} from "./wandb-run.ts";

const startMs = Date.UTC(2026, 10, 25);
const nothing: StreamPart = { history: null, events: null, console: null, summary: null, exitCode: null };

/** A row at a step, some seconds after the start. */
function row(step: number, values: object): string {
  return JSON.stringify({ _step: step, _timestamp: startMs / 1000 + step, _runtime: step, ...values });
}

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store(): Promise<{
    database: Database;
    write: Write;
    add: (name: string, entity?: string) => Promise<WandbRun>;
  }> {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    const write = createWriter(database);
    const add = (name: string, entity = "tunewise"): Promise<WandbRun> =>
      write(async (transaction) => {
        const path = { entity, project: "tickets", name };
        const { number } = await openWandbProject(transaction, path, startMs);
        const about = {
          displayName: name,
          person: "ada",
          spareId: `spare-${entity}`,
          tags: [],
          nowMs: startMs,
          fingerprint: null,
          family: null,
          launchedBy: null,
        };
        return addWandbRun(transaction, path, { project: number, ...about });
      });
    return { database, write, add };
  }

  async function values(database: Database, run: WandbRun, key: string): Promise<number[][]> {
    const page = { limit: 100, after: null };
    const points = await readPoints(database, { run: run.run.number, key }, page);
    return points.map(({ step, value }) => [step, value]);
  }

  async function stream(
    write: Write,
    run: WandbRun,
    part: Partial<StreamPart>,
    nowMs = startMs,
  ): Promise<void> {
    await write((transaction) => writeStream(transaction, run.run.number, { ...nothing, ...part }, nowMs));
  }

  it("keeps runs of one name apart by entity", async () => {
    const { database, add } = await store();
    const [own, other] = [await add("first"), await add("first", "team")];
    expect([own.run.id, other.run.id]).toEqual(["first", "spare-team"]);
    expect(own.run.project).not.toBe(other.run.project);
    const path = { entity: "team", project: "tickets", name: "first" };
    expect(await findWandbRun(database, path)).toEqual(other);
    expect(await findWandbRun(database, { ...path, name: "second" })).toBeNull();
  });

  it("turns rows into points, and keeps the rest of them", async () => {
    const { database, write, add } = await store();
    const run = await add("first");
    const content = [
      row(0, { loss: 2, eval: { f1: 0.5, word: "x" } }),
      `{"_step":1,"_timestamp":${startMs / 1000 + 1},"loss":NaN,"low":-Infinity,"say":"a NaN \\" here"}`,
      row(2, { loss: 1, page: { _type: "html-file", size: 3 } }),
      "no JSON",
    ];
    await stream(write, run, { history: { offset: 0, content } });
    expect(await values(database, run, "loss")).toEqual([
      [0, 2],
      [1, Number.NaN],
      [2, 1],
    ]);
    expect(await values(database, run, "low")).toEqual([[1, Number.NEGATIVE_INFINITY]]);
    expect(await values(database, run, "eval.f1")).toEqual([[0, 0.5]]);
    expect(await database.all("SELECT line, step, content FROM wandb_rows ORDER BY line")).toEqual([
      { line: 0, step: 0, content: '{"eval":{"word":"x"}}' },
      { line: 1, step: 1, content: '{"say":"a NaN \\" here"}' },
      { line: 2, step: 2, content: '{"page":{"_type":"html-file","size":3}}' },
    ]);
    const { historyLines, loggedMs } = (await findWandbRun(database, { number: run.run.number })) as WandbRun;
    expect([historyLines, loggedMs]).toEqual([4, startMs + 2000]);
  });

  it("changes nothing when lines come again, and takes the new word where they differ", async () => {
    const { database, write, add } = await store();
    const run = await add("first");
    const history = { offset: 0, content: [row(0, { loss: 3, word: "a" }), row(1, { loss: 2, word: "b" })] };
    const console = { offset: 0, content: ["one", "two"] };
    for (let time = 0; time < 3; time++) await stream(write, run, { history, console });
    expect(await values(database, run, "loss")).toEqual([
      [0, 3],
      [1, 2],
    ]);
    await stream(write, run, {
      history: { offset: 1, content: [row(1, { loss: 5 }), row(2, { loss: 1 })] },
      console: { offset: 1, content: ["2\u0000"] },
    });
    expect(await values(database, run, "loss")).toEqual([
      [0, 3],
      [1, 5],
      [2, 1],
    ]);
    const rests = await database.all("SELECT content FROM wandb_rows ORDER BY line");
    expect(rests.map(({ content }) => content)).toEqual(['{"word":"a"}']);
    const lines = await database.all("SELECT content FROM console_lines ORDER BY line");
    expect(lines.map(({ content }) => content)).toEqual(["one", "2\uFFFD"]);
    expect(await findWandbRun(database, { number: run.run.number })).toMatchObject({
      historyLines: 3,
      consoleLines: 2,
      historyTail: row(2, { loss: 1 }),
    });
  });

  it("counts the system's rows by their lines", async () => {
    const { database, write, add } = await store();
    const run = await add("first");
    const content = ['{"system.cpu":10,"_timestamp":5}', '{"system.cpu":20,"_timestamp":6}'];
    await stream(write, run, { events: { offset: 0, content } });
    expect(await values(database, run, "system/cpu")).toEqual([
      [0, 10],
      [1, 20],
    ]);
  });

  it("joins the summaries of several writers of one run, and takes that of a single one as a whole", async () => {
    const { database, write, add } = await store();
    const run = await add("r");
    const isShared = true;
    await stream(write, run, { isShared, summary: '{"a":1,"both":NaN,"_wandb":{"runtime":2}}' });
    await stream(write, run, { isShared, summary: '{"b":2,"both":3}' });
    const summary = async () => (await findWandbRun(database, { number: run.run.number }))?.summary;
    expect(JSON.parse((await summary()) ?? "")).toEqual({ a: 1, b: 2, both: 3, _wandb: { runtime: 2 } });
    await stream(write, run, { summary: '{"b":4}' });
    expect(await summary()).toBe('{"b":4}');
  });

  it("counts what a run has worked by its client's own clock, in rows and in the summary", async () => {
    const { database, write, add } = await store();
    const worked = async (run: WandbRun): Promise<unknown> =>
      (await database.all("SELECT worked_ms FROM runs WHERE number = ?", run.run.number))[0]?.["worked_ms"];
    const run = await add("first");
    await stream(write, run, { history: { offset: 0, content: ['{"loss":1,"_runtime":90.5}'] } });
    expect(await worked(run)).toBe(90_500);
    await stream(write, run, { summary: '{"_wandb":{"runtime":120}}' });
    expect(await worked(run)).toBe(120_000);
    await stream(write, run, {
      history: { offset: 1, content: ['{"loss":1,"_runtime":-5}', '{"_runtime":1e300}'] },
    });
    expect(await worked(run)).toBe(120_000);
  });

  it("ends a run by its exit code, when its last row came if that was long ago", async () => {
    const { database, write, add } = await store();
    const ended = async (name: string, exitCode: number, nowMs: number): Promise<unknown> => {
      const run = await add(name);
      if (name === "asked")
        await write((transaction) =>
          requestStop(transaction, run.run.number, { by: "person", reason: "enough" }, 1),
        );
      const history = { offset: 0, content: [row(60, { loss: 1 })] };
      await stream(write, run, { history, exitCode, summary: '{"best":1}' }, nowMs);
      const after = (await findWandbRun(database, { number: run.run.number })) as WandbRun;
      expect(after.summary).toBe('{"best":1}');
      return [after.run.status, after.run.startedMs, after.run.endedMs];
    };
    const soon = startMs + 61_000;
    expect(await ended("good", 0, soon)).toEqual(["completed", startMs, soon]);
    expect(await ended("bad", 1, soon)).toEqual(["failed", startMs, soon]);
    expect(await ended("asked", 255, soon)).toEqual(["stopped", startMs, soon]);
    expect(await ended("late", 0, startMs + 86_400_000)).toEqual(["completed", startMs, startMs + 60_000]);
  });

  it("keeps the last word of a configuration as parameters", async () => {
    const { database, write, add } = await store();
    const { number } = (await add("first")).run;
    const keep = (config: object): Promise<void> =>
      write((transaction) => keepConfig(transaction, number, JSON.stringify(config)));
    await keep({ lr: { value: 0.1 }, gone: { value: true }, _wandb: { value: { t: 1 } } });
    await keep({ lr: { value: 0.2, desc: null }, model: { value: { rank: 8, names: ["q", "v"] } } });
    expect(await database.all("SELECT key, value FROM params WHERE run = ? ORDER BY key", number)).toEqual([
      { key: "lr", value: "0.2" },
      { key: "model.names", value: '["q","v"]' },
      { key: "model.rank", value: "8" },
    ]);
    expect(configFacts("no JSON")).toEqual(new Map());
  });

  it("gives artifacts versions when they are committed", async () => {
    const { database, write, add } = await store();
    const { project } = (await add("first")).run;
    const artifact: NewWandbArtifact = {
      project,
      entity: "tunewise",
      projectName: "tickets",
      type: "dataset",
      collection: "rows",
      digest: "d0",
      description: null,
      metadata: "{}",
      run: null,
      createdMs: startMs,
      historyStep: null,
      aliases: ["best"],
      clientId: "mine",
      sequenceClientId: null,
    };
    const place = { project, collection: "rows" };
    const first = await write((transaction) => addArtifact(transaction, artifact));
    expect(await findArtifactNamed(database, { ...place, alias: "best" })).toBeNull();
    const files = ["b", "a", "c"].map((name) => ({ name, md5: "0".repeat(32) }));
    await write((transaction) => addArtifactFiles(transaction, first.number, files));
    const sizes = new Map(files.map(({ name }) => [name, 5]));
    await write((transaction) => setFileSizes(transaction, first.number, sizes));
    expect(await sumArtifactFiles(database, first.number)).toEqual({ files: 3, bytes: 15 });
    const page = await listArtifactFiles(database, first.number, { after: "a", limit: 1 });
    expect(page).toEqual([{ name: "b", md5: "0".repeat(32), bytes: 5 }]);

    await write((transaction) => commitArtifact(transaction, first.number));
    const next = await write((transaction) => addArtifact(transaction, { ...artifact, digest: "d1" }));
    expect(await findArtifactNamed(database, { ...place, alias: "latest" })).toMatchObject({ version: 0 });
    expect(await findArtifactNamed(database, { ...place, alias: "best" })).toMatchObject({ version: 0 });
    const committed = await write((transaction) => commitArtifact(transaction, next.number));
    expect(committed).toMatchObject({ version: 1, aliases: ["best", "latest"] });
    expect(await write((transaction) => commitArtifact(transaction, next.number))).toEqual(committed);
    expect(await findArtifactNamed(database, { ...place, alias: "v0" })).toMatchObject({ aliases: [] });
    expect(await findArtifactOfDigest(database, place, "d0")).toMatchObject({ version: 0 });
    expect(await findArtifactOfClient(database, "mine")).toMatchObject({ version: 1 });
  });

  it("keeps the first secret of a name", async () => {
    const { write } = await store();
    const keep = (fresh: string): Promise<string> =>
      write((transaction) => keepServerSecret(transaction, "files", fresh));
    expect([await keep("one"), await keep("two")]).toEqual(["one", "one"]);
  });
});
