/** @file Exported histories are unchanged after an import, in every format. */
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  emptyDesk,
  fillDesk,
  importOptions,
  linesOf,
  movedRun,
  sourceOf,
} from "../../../../test/support/history-desks.ts";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import type { TrackingContext } from "../tracking-context.ts";
import { exportHistories, type HistoryExport } from "./export-histories.ts";
import type { MovedPoint, MovedRun } from "./history.ts";
import { importHistory } from "./import-history.ts";
import { importWandb } from "./import-wandb.ts";
import { mlflowFolder } from "./mlflow/folder-source.ts";
import { openMlflowSource } from "./open-mlflow-source.ts";

const startMs = 1_700_000_000_000;

function request(
  format: HistoryExport["format"],
  to: string,
  more: Partial<HistoryExport> = {},
): HistoryExport {
  return {
    format,
    to,
    project: null,
    runs: [],
    isForced: false,
    producer: "tunewise-0",
    cwd: "/",
    env: {},
    signal: new AbortController().signal,
    onRun: () => undefined,
    ...more,
  };
}

const value = fc.oneof(
  fc.double({ noNaN: false }).map((number) => (Object.is(number, -0) ? 0 : number)),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1e-300),
);
const key = fc.constantFrom("loss", "eval/f1", "eval/deep/x", "a.b", "with space");
const point = fc.record({
  key,
  step: fc.integer({ min: 0, max: 50 }),
  ms: fc.integer({ min: startMs, max: startMs + 100_000 }),
  value,
});
const text = fc
  .string({ unit: "grapheme", maxLength: 60 })
  .map((letters) => letters.replaceAll(/[\0\ud800-\udfff]/g, "x"));
const facts = fc
  .dictionary(fc.constantFrom("lr", "model/rank", "note", "x.y"), text)
  .map((fields) => Object.entries(fields).map(([name, said]) => ({ key: name, value: String(said) })));
const history = fc
  .array(fc.record({ points: fc.array(point, { maxLength: 30 }), params: facts, tags: facts }), {
    maxLength: 4,
  })
  .map((items) =>
    items.map(({ points, params, tags }, at) => ({
      run: movedRun(`r${at}`, { params, tags: [{ key: "mlflow.runName", value: `run r${at}` }, ...tags] }),
      points,
    })),
  );

type History = { readonly run: MovedRun; readonly points: readonly MovedPoint[] }[];

async function deskOf(runs: History): Promise<TrackingContext> {
  const context = await emptyDesk();
  await fillDesk(context, "tickets", runs);
  return context;
}

describe("a round trip", () => {
  test("through a folder of MLflow's brings every run, point, parameter and tag", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (runs) => {
        const [context, folder] = [await deskOf(runs), join(await temporaryFolder(), "mlruns")];
        await exportHistories(context, request("mlflow", folder));
        const other = await emptyDesk();
        const report = await importHistory(mlflowFolder(folder), other, importOptions());
        expect(report).toMatchObject({ leftOut: [], runs: { fresh: runs.length } });
        expect(await linesOf(other.database)).toEqual(await linesOf(context.database));
        const again = await importHistory(mlflowFolder(folder), other, importOptions());
        expect(again).toMatchObject({
          runs: { fresh: 0, more: 0, there: runs.length },
          points: { added: 0 },
        });
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  test("through offline runs of W&B brings every run, point and parameter", async () => {
    const pointsOf = async (context: TrackingContext): Promise<string[]> =>
      (await linesOf(context.database)).filter(
        (line) => line.includes(" metric=") || line.includes(" param="),
      );
    await fc.assert(
      fc.asyncProperty(history, async (runs) => {
        // A row has one value per key, and the client's clock counts in fractions of milliseconds.
        const [context, folder] = [await deskOf(runs), join(await temporaryFolder(), "wandb")];
        await exportHistories(context, request("wandb", folder));
        if (runs.length === 0) return;
        const other = await emptyDesk();
        const report = await importWandb(folder, "/", other, importOptions());
        expect(report).toMatchObject({ leftOut: [], runs: { fresh: runs.length } });
        expect(await pointsOf(other)).toEqual(await pointsOf(context));
        const again = await importWandb(folder, "/", other, importOptions());
        expect(again).toMatchObject({
          runs: { fresh: 0, more: 0, there: runs.length },
          points: { added: 0 },
        });
        expect(await pointsOf(other)).toEqual(await pointsOf(context));
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});

describe("an import", () => {
  const points = Array.from({ length: 20 }, (_, step) => ({
    key: "loss",
    step,
    ms: startMs + step,
    value: 1 / (step + 1),
  }));
  const two = [
    { run: movedRun("a", { params: [{ key: "lr", value: "1" }] }), points },
    { run: movedRun("b", { stage: "deleted", deletedMs: 5 }), points: points.slice(0, 3) },
  ];

  test("goes on where it was stopped, and adds what is new", async () => {
    const context = await emptyDesk();
    const stop = new AbortController();
    const broken = sourceOf(two, {
      points: async function* () {
        yield points.slice(0, 7);
        stop.abort();
        yield points.slice(7);
      },
    });
    const first = await importHistory(broken, context, importOptions({ signal: stop.signal }));
    expect(first).toMatchObject({ wasStopped: true, leftOut: [] });
    const half = await linesOf(context.database);
    expect(half.filter((line) => line.includes("metric="))).toHaveLength(7);
    // A partially imported run must not look complete.
    expect(half.join("\n")).toContain("status=running");
    const second = await importHistory(sourceOf(two), context, importOptions());
    expect(second).toMatchObject({ runs: { fresh: 1, more: 1, there: 0 }, points: { read: 23, added: 16 } });
    const grown = [
      { run: two[0]?.run as MovedRun, points: [...points, { key: "new", step: 1, ms: 1, value: 2 }] },
    ];
    const third = await importHistory(sourceOf(grown), context, importOptions());
    expect(third).toMatchObject({ runs: { fresh: 0, more: 1, there: 0 }, points: { added: 1 } });
    const whole = await linesOf(context.database);
    expect(whole.join("\n")).toContain("status=completed stage=active");
    expect(whole.join("\n")).toContain("status=completed stage=deleted");
    expect(await context.database.all("SELECT key, value FROM project_tags")).toEqual([
      { key: "team", value: "search" },
    ]);
  });

  test("leaves out what is damaged, and brings the rest", async () => {
    const context = await emptyDesk();
    await fillDesk(context, "other", [
      { run: movedRun("taken", { params: [{ key: "lr", value: "9" }] }), points: [] },
    ]);
    const runs = [
      { run: movedRun("taken", { params: [{ key: "lr", value: "1" }] }), points },
      { run: movedRun("../up"), points },
      { run: movedRun("long", { params: [{ key: "k".repeat(1001), value: "1" }] }), points },
      { run: movedRun("odd"), points: [{ key: "", step: 0, ms: 0, value: 1 }] },
      { run: movedRun("fine"), points },
    ];
    const report = await importHistory(sourceOf(runs), context, importOptions());
    expect(report.leftOut.map(({ kind, what }) => `${kind} ${what}`)).toEqual([
      "runs taken",
      "runs ../up",
      "runs long",
      "runs odd",
    ]);
    expect(report.leftOut[0]?.reason).toContain("lr = 9");
    expect(report.leftOut[1]?.reason).toBe("Run ../up was skipped: its id is not valid."); // MOVE_RUN_INVALID
    expect(report.runs.fresh).toBe(1);
  });

  test("tells what would come, and keeps nothing", async () => {
    const context = await emptyDesk();
    await fillDesk(context, "tickets", two.slice(0, 1));
    const before = await linesOf(context.database);
    const report = await importHistory(sourceOf(two), context, importOptions({ isDryRun: true }));
    expect(report).toMatchObject({
      isDryRun: true,
      runs: { fresh: 1, there: 1 },
      points: { read: 23, added: 0 },
    });
    expect(await linesOf(context.database)).toEqual(before);
  });

  test("puts all runs into one project where it is told to", async () => {
    const context = await emptyDesk();
    const report = await importHistory(sourceOf(two), context, importOptions({ project: "mine" }));
    expect(report.projects).toEqual([{ name: "mine", isNew: true }]);
    expect(await context.database.all("SELECT name FROM projects WHERE number > 0")).toEqual([
      { name: "mine" },
    ]);
  });

  test("brings files by names that stay in their run, and refuses where the disk is too full", async () => {
    const [context, root] = [await emptyDesk(), join(await temporaryFolder(), "mlruns")];
    const source = await deskOf([{ run: movedRun("a"), points }]);
    await exportHistories(source, request("mlflow", root));
    const secret = join(await temporaryFolder(), "secret");
    await writeFile(secret, "secret");
    const place = join(root, "1", "a", "artifacts");
    await mkdir(join(place, "deep"), { recursive: true });
    await writeFile(join(place, "deep", "model.bin"), "weights");
    await writeFile(join(place, "odd%name"), "x");
    await writeFile(join(place, "back\\slash"), "x");
    await symlink(secret, join(place, "link"));
    const free = { freeBytes: async () => 10 * 1024 ** 3 };
    const bring = () => importHistory(mlflowFolder(root), context, importOptions({ files: free }));
    const report = await bring();
    expect(report.files).toEqual({ fresh: 2, there: 0, bytes: 8 });
    expect(report.leftOut).toEqual([
      {
        kind: "files",
        what: "back\\slash of a",
        reason: "its name is none that files may have here",
      },
      { kind: "files", what: "run a", reason: "link is a link, which is not followed" },
    ]);
    const [run] = await context.database.all("SELECT project FROM runs WHERE id = 'a'");
    expect(await context.artifacts.size(`${run?.["project"]}/a/artifacts/deep/model.bin`)).toBe(7);
    expect(await context.artifacts.size(`${run?.["project"]}/a/artifacts/odd%name`)).toBe(1);
    expect((await bring()).files).toEqual({ fresh: 0, there: 2, bytes: 0 });
    await rm(place, { recursive: true });
    await symlink(join(secret, ".."), place);
    const led = await bring();
    expect([led.files.fresh, led.leftOut[0]?.reason]).toEqual([0, expect.stringContaining("lie outside of")]);
    await rm(place);
    await mkdir(place);
    await writeFile(join(place, "more.bin"), "more");
    const full = importOptions({ files: { freeBytes: async () => 1024 } });
    await expect(importHistory(mlflowFolder(root), context, full)).rejects.toMatchObject({
      code: "MOVE_NO_ROOM",
    });
  });

  test("says what it does not know how to read", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.txt"), "text");
    const signal = new AbortController().signal;
    for (const word of ["none", "a.txt", "."]) {
      await expect(openMlflowSource(word, { cwd: folder, env: {}, signal })).rejects.toMatchObject({
        code: "MOVE_SOURCE_UNKNOWN",
      });
    }
    await expect(importWandb(".", folder, await emptyDesk(), importOptions())).rejects.toMatchObject({
      code: "MOVE_SOURCE_UNKNOWN",
      message: expect.stringContaining("it contains no file that ends in .wandb"),
    });
  });
});

describe("an export", () => {
  const runs = [
    {
      run: movedRun("one", {
        params: [
          { key: "=cmd", value: "=1+1" },
          { key: "lr", value: "-0.5" },
        ],
      }),
      points: [],
    },
    {
      run: movedRun("two", { name: 'said "no",\nthen' }),
      points: [{ key: "x", step: 2, ms: startMs, value: 0.1 }],
    },
  ];

  test("writes tables whose numbers are exact and whose texts are no formulas", async () => {
    const [context, to] = [await deskOf(runs), join(await temporaryFolder(), "csv")];
    const report = await exportHistories(
      context,
      request("csv", to, { runs: ["on", "two"], project: "tickets" }),
    );
    expect(report.files.map(({ path, rows }) => `${path} ${rows}`)).toEqual([
      "runs.csv 2",
      "params.csv 2",
      "tags.csv 2",
      "metrics.csv 1",
      "spend.csv 0",
      ...["summary", "values", "alerts", "files"].map((name) => `${name}.csv 0`),
    ]);
    expect(await readFile(join(to, "params.csv"), "utf8")).toBe(
      "run_id,key,value\r\none,'=cmd,'=1+1\r\none,lr,-0.5\r\n",
    );
    expect(await readFile(join(to, "metrics.csv"), "utf8")).toBe(
      "run_id,key,step,time,value\r\ntwo,x,2,2023-11-14T22:13:20.000Z,0.1\r\n",
    );
    expect(await readFile(join(to, "runs.csv"), "utf8")).toContain(
      'two,tickets,"said ""no"",\nthen",completed,',
    );
  });

  test("replaces nothing unless it is told to, and a full disk leaves nothing", async () => {
    const [context, folder] = [await deskOf(runs), await temporaryFolder()];
    const to = join(folder, "out");
    await mkdir(to);
    await writeFile(join(to, "mine"), "mine");
    await expect(exportHistories(context, request("parquet", to))).rejects.toMatchObject({
      code: "MOVE_TARGET_THERE",
    });
    expect(await readdir(folder)).toEqual(["out"]);
    const stopped = request("parquet", to, {
      isForced: true,
      onRun: () => {
        throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
      },
    });
    await expect(exportHistories(context, stopped)).rejects.toMatchObject({
      code: "MOVE_WRITE_FAILED",
      message: expect.stringContaining("no space left on the disk"),
    });
    expect([await readdir(folder), await readdir(to)]).toEqual([["out"], ["mine"]]);
    await exportHistories(context, request("parquet", to, { isForced: true }));
    expect(await readdir(to)).toEqual([
      ...["alerts", "files", "metrics", "params", "runs", "spend", "summary", "tags", "values"].map(
        (name) => `${name}.parquet`,
      ),
    ]);
  });

  test("says which run or project it does not know", async () => {
    const [context, to] = [await deskOf(runs), join(await temporaryFolder(), "out")];
    const asked = (more: Partial<HistoryExport>) => exportHistories(context, request("csv", to, more));
    await expect(asked({ project: "none" })).rejects.toMatchObject({ code: "PROJECT_NOT_FOUND" });
    await expect(asked({ runs: ["three"] })).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    await fillDesk(context, "tickets", [{ run: movedRun("twofold"), points: [] }]);
    await expect(asked({ runs: ["tw"] })).rejects.toMatchObject({ code: "RUN_AMBIGUOUS" });
    expect((await asked({ runs: ["two"] })).runs).toBe(1);
  });
});
