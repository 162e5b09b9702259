/** @file The table of runs on each database, compared with a naive implementation: orders, filters, cells, groups. */
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { logBatch } from "../tracking/log-batch.ts";
import { addProject } from "../tracking/projects.ts";
import { addTrackedRun, changeTrackedRun } from "../tracking/runs.ts";
import type { TrackedStatus } from "../tracking/types.ts";
import { numberIn, type TableColumn } from "./column.ts";
import type { RunComparison, RunExpression } from "./expression.ts";
import { createRunTable, type TableRequest } from "./run-table.ts";

const startMs = Date.UTC(2026, 10, 25);

/** A run as described by a test. */
interface Told {
  readonly name: string;
  readonly status: TrackedStatus;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly params: Readonly<Record<string, string>>;
}

const idOf = (at: number): string => `${at}`.padStart(6, "0");

async function addRuns(database: Database, runs: readonly Told[]): Promise<void> {
  await database.transaction(async (transaction) => {
    for (const [at, { name, status, startedMs, endedMs, metrics, params }] of runs.entries()) {
      const about = {
        id: idOf(at),
        project: 0,
        name,
        status,
        person: "ada",
        startedMs,
        tags: [],
        ...({ client: "mlflow", purpose: "experiment", fingerprint: null, family: null } as const),
      };
      const { id, number } = await addTrackedRun(transaction, about);
      await changeTrackedRun(transaction, number, { endedMs });
      const points = Object.entries(metrics).map(([key, value]) => ({ key, value, step: 1, ms: startedMs }));
      const facts = Object.entries(params).map(([key, value]) => ({ key, value }));
      await logBatch(transaction, id, { metrics: points, params: facts, tags: [] }, startedMs);
    }
  });
}

const told = (more: Partial<Told> = {}): Told => ({
  name: "run",
  status: "completed",
  startedMs: startMs,
  endedMs: null,
  metrics: {},
  params: {},
  ...more,
});

const request = (more: Partial<TableRequest> = {}): TableRequest => ({
  scope: { projects: null, readable: null, stage: "active" },
  where: null,
  order: [],
  columns: [],
  group: [],
  pinned: [],
  offset: 0,
  limit: 500,
  revision: null,
  ...more,
});

const metric = (key: string): TableColumn => ({ of: "metric", key });
const param = (key: string): TableColumn => ({ of: "param", key });
const attribute = (name: "name" | "status" | "start_time" | "end_time" | "project"): TableColumn => ({
  of: "attribute",
  name,
});

const key = fc.constantFrom("loss", "😀 `key`", "'; DROP TABLE runs; --", "%_?");
const number = fc.constantFrom(0, -1, 1, 2, 0.1, 0.30000000000000004, 0.3, 1e300, NaN, Infinity, -Infinity);
const text = fc.constantFrom(
  "",
  "1",
  "01",
  "1e-3",
  "0.001",
  "x",
  "X",
  "é",
  "😀",
  "1 ",
  "nan",
  "-",
  "1e",
  "0x10",
);
const status = fc.constantFrom<TrackedStatus>("running", "completed", "failed");
const run: fc.Arbitrary<Told> = fc.record({
  name: text,
  status,
  startedMs: fc.integer({ min: 0, max: 3 }).map((at) => startMs + at),
  endedMs: fc.option(fc.integer({ min: 0, max: 3 }).map((at) => startMs + 10 + at)),
  metrics: fc.dictionary(key, number, { maxKeys: 3 }),
  params: fc.dictionary(key, text, { maxKeys: 3 }),
});
const column: fc.Arbitrary<TableColumn> = fc.oneof(
  key.map(metric),
  key.map(param),
  fc.constantFrom("name", "status", "start_time", "end_time").map((name) => attribute(name as "name")),
);
const order = fc.array(fc.record({ column, isDescending: fc.boolean() }), { maxLength: 3 });
const sign = fc.constantFrom("=", "!=", "<", "<=", ">", ">=");
const finite = fc.constantFrom(0, 1, 0.3, 0.001, -2, 1e300);
const comparison: fc.Arbitrary<RunComparison> = fc.oneof(
  fc.record({
    field: key.map((name) => ({ of: "metric", key: name })),
    comparison: sign,
    values: fc.tuple(finite),
  }),
  fc.record({
    field: key.map((name) => ({ of: "param", key: name })),
    comparison: sign,
    values: fc.tuple(finite),
  }),
  fc.record({
    field: fc.oneof(
      key.map((name) => ({ of: "param", key: name })),
      fc.constant({ of: "attribute", name: "name" }),
    ),
    comparison: fc.constantFrom("=", "!="),
    values: fc.tuple(text),
  }),
  fc.record({
    field: key.map((name) => ({ of: "metric", key: name })),
    comparison: fc.constantFrom("IN", "NOT IN"),
    values: fc.array(finite, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    field: fc.oneof(
      key.map((name) => ({ of: "metric", key: name })),
      key.map((name) => ({ of: "param", key: name })),
      fc.constant({ of: "attribute", name: "end_time" }),
    ),
    comparison: fc.constantFrom("IS NULL", "IS NOT NULL"),
    values: fc.constant([]),
  }),
  fc.record({
    field: fc.constant({ of: "attribute", name: "end_time" }),
    comparison: sign,
    values: fc.tuple(fc.constant(startMs + 11)),
  }),
) as fc.Arbitrary<RunComparison>;
const { expression } = fc.letrec<{ expression: RunExpression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    comparison,
    fc.record({ all: fc.array(tie("expression"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie("expression"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie("expression") }),
  ),
}));

type Value = string | number | null;

function valueIn(runTold: Told, at: number, field: TableColumn | RunComparison["field"]): Value {
  if (field.of === "metric") return runTold.metrics[field.key] ?? null;
  if (field.of === "param") return runTold.params[field.key] ?? null;
  if (field.of !== "attribute") throw new Error("not in these tests");
  const attributes = {
    name: runTold.name,
    status: runTold.status,
    start_time: runTold.startedMs,
    end_time: runTold.endedMs,
    run_id: idOf(at),
  };
  return attributes[field.name as keyof typeof attributes];
}

/** Whether a run matches, according to the grammar. */
function fits(runTold: Told, at: number, asked: RunExpression): boolean {
  if ("all" in asked) return asked.all.every((one) => fits(runTold, at, one));
  if ("any" in asked) return asked.any.some((one) => fits(runTold, at, one));
  if ("not" in asked) return !fits(runTold, at, asked.not);
  const found = valueIn(runTold, at, asked.field);
  const [first] = asked.values;
  if (asked.comparison === "IS NULL") return found === null;
  if (asked.comparison === "IS NOT NULL") return found !== null;
  const value = asked.field.of === "param" && typeof first === "number" ? numberIn(String(found)) : found;
  if (value === null || first === undefined || Number.isNaN(value)) return false;
  switch (asked.comparison) {
    case "=":
      return value === first;
    case "!=":
      return value !== first;
    case "<":
      return value < first;
    case "<=":
      return value <= first;
    case ">":
      return value > first;
    case ">=":
      return value >= first;
    case "IN":
      return asked.values.includes(value);
    default:
      return !asked.values.includes(value);
  }
}

/** Ids in order, by pairwise comparison of runs. */
function naive(
  runs: readonly Told[],
  { where, order: items }: Pick<TableRequest, "where" | "order">,
): string[] {
  const rank = (value: Value): number => {
    if (value === null) return 3;
    if (typeof value === "string") return 1;
    return Number.isNaN(value) ? 2 : 0;
  };
  const sortValue = (at: number, by: TableColumn): Value => {
    const value = valueIn(runs[at] ?? told(), at, by);
    return by.of === "param" && value !== null ? (numberIn(String(value)) ?? value) : value;
  };
  return runs
    .map((_, at) => at)
    .filter((at) => where === null || fits(runs[at] ?? told(), at, where))
    .sort((a, b) => {
      for (const { column: by, isDescending } of items) {
        const [x, y] = [sortValue(a, by), sortValue(b, by)];
        if (rank(x) !== rank(y)) return rank(x) - rank(y);
        if (x === null || y === null || Number.isNaN(x) || x === y) continue;
        return x < y === isDescending ? 1 : -1;
      }
      return (runs[b]?.startedMs ?? 0) - (runs[a]?.startedMs ?? 0) || b - a;
    })
    .map(idOf);
}

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store(runs: readonly Told[] = []): Promise<Database> {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    await addRuns(database, runs);
    return database;
  }

  it("orders and filters as a naive implementation does", { timeout: 120_000 }, async () => {
    const database = await store();
    await fc.assert(
      fc.asyncProperty(
        fc.array(run, { maxLength: 12 }),
        fc.array(fc.tuple(fc.option(expression), order), { minLength: 4, maxLength: 4 }),
        async (runs, questions) => {
          await database.transaction(async (transaction) => {
            for (const table of ["points", "series", "params", "tags", "runs"])
              await transaction.run(`DELETE FROM ${table}`);
          });
          await addRuns(database, runs);
          const table = createRunTable(database);
          for (const [where, items] of questions) {
            const { ids, total } = await table.read(request({ where, order: items }));
            expect(ids).toEqual(naive(runs, { where, order: items }));
            expect(total).toBe(ids.length);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("gives pages of cells by column, and marks texts that are cut", async () => {
    const long = `${"😀".repeat(299)}${"x".repeat(1_000_000)}`;
    const database = await store([
      told({ name: "a", metrics: { loss: 0.1 + 0.2 }, params: { lr: "1e-3", note: long } }),
      told({ name: "b", metrics: { loss: Number.NaN }, startedMs: startMs + 1 }),
      told({
        name: "c",
        metrics: { loss: Number.NEGATIVE_INFINITY },
        startedMs: startMs + 2,
        endedMs: startMs + 5,
      }),
    ]);
    const columns: TableColumn[] = [
      ...[metric("loss"), param("note"), param("none"), attribute("name"), attribute("end_time")],
      ...[attribute("project"), metric("loss")],
    ];
    const page = await createRunTable(database).read(
      request({ columns, offset: 0, limit: 3, pinned: [idOf(0), "gone"] }),
    );
    expect(page.ids).toEqual([idOf(2), idOf(1), idOf(0)]);
    const loss = { kind: "number", values: [Number.NEGATIVE_INFINITY, Number.NaN, 0.1 + 0.2], cut: [] };
    expect(page.columns).toEqual([
      loss,
      { kind: "text", values: [null, null, `${"😀".repeat(299)}x`], cut: [2] },
      { kind: "text", values: [null, null, null], cut: [] },
      { kind: "text", values: ["c", "b", "a"], cut: [] },
      { kind: "time", values: [startMs + 5, null, null], cut: [] },
      { kind: "text", values: ["Default", "Default", "Default"], cut: [] },
      loss,
    ]);
    expect(page.pinned?.ids).toEqual([idOf(0)]);
    expect(page.pinned?.columns[3]?.values).toEqual(["a"]);
    const second = await createRunTable(database).read(
      request({ columns: [attribute("name")], offset: 1, limit: 1 }),
    );
    expect([second.ids, second.total, second.columns[0]?.values]).toEqual([[idOf(1)], 3, ["b"]]);
    const beyond = await createRunTable(database).read(request({ columns, offset: 3 }));
    expect([beyond.ids, beyond.columns[0]?.values]).toEqual([[], []]);
  });

  it("draws a curve by a few values, the first and the latest among them", async () => {
    const database = await store([
      told(),
      told({ startedMs: startMs + 1 }),
      told({ startedMs: startMs + 2 }),
    ]);
    await database.transaction(async (transaction) => {
      const log = (at: number, values: readonly number[], stepOf: (at: number) => number) =>
        logBatch(
          transaction,
          idOf(at),
          {
            metrics: values.map((value, place) => ({
              key: "loss",
              value,
              step: stepOf(place),
              ms: startMs + place,
            })),
            params: [],
            tags: [],
          },
          startMs,
        );
      await log(
        0,
        Array.from({ length: 1000 }, (_, at) => at),
        (at) => at,
      );
      await log(1, [3, Number.NaN, 2], (at) => at * 100);
      await log(
        2,
        Array.from({ length: 400 }, (_, at) => at),
        () => 0,
      );
    });
    const { columns } = await createRunTable(database).read(
      request({ columns: [{ of: "curve", key: "loss" }] }),
    );
    const [same, few, many] = (columns[0]?.values ?? []) as (readonly number[])[];
    expect(same).toEqual([399]);
    expect(few).toEqual([3, Number.NaN, 2]);
    expect(many).toHaveLength(24);
    expect([many?.[0], many?.[23]]).toEqual([0, 999]);
    expect([...(many ?? [])].sort((a, b) => a - b)).toEqual(many);
  });

  it("groups, the runs without a value by themselves", async () => {
    const runs = ["8", "16", "8", null, "8"].map((rank, at) =>
      told({
        startedMs: startMs + at,
        params: rank === null ? {} : { rank },
        metrics: at === 4 ? { loss: Number.NaN } : { loss: at },
      }),
    );
    const database = await store(runs);
    const columns = [metric("loss"), attribute("name")];
    const { groups } = await createRunTable(database).read(
      request({ columns, group: [param("rank")], order: [{ column: param("rank"), isDescending: false }] }),
    );
    const figures = (mean: number, min: number, max: number) => [{ mean, min, max }, null];
    expect(groups).toEqual({
      count: 3,
      groups: [
        { values: ["8"], runs: 3, figures: figures(1, 0, 2) },
        { values: ["16"], runs: 1, figures: figures(1, 1, 1) },
        { values: [null], runs: 1, figures: figures(3, 3, 3) },
      ],
    });
  });

  it("shows what is in the scope alone, in pinned rows too", async () => {
    const database = await store([told({ name: "open" })]);
    await database.transaction(async (transaction) => {
      const hidden = { name: "hidden", artifactRoot: null, tags: [], nowMs: 1 };
      const { number: project } = await addProject(transaction, hidden);
      const about = {
        client: "api",
        person: "",
        purpose: "experiment",
        fingerprint: null,
        family: null,
      } as const;
      const more = {
        ...about,
        id: "hidden",
        name: "h",
        status: "running",
        startedMs: 1,
        tags: [],
        project,
      } as const;
      await addTrackedRun(transaction, more);
    });
    const read = (scope: Partial<TableRequest["scope"]>) =>
      createRunTable(database).read(
        request({ scope: { projects: null, readable: null, stage: "active", ...scope }, pinned: ["hidden"] }),
      );
    const readable = { sql: "projects.name <> ?", values: ["hidden"] };
    expect((await read({})).ids).toEqual([idOf(0), "hidden"]);
    expect((await read({ projects: [0] })).ids).toEqual([idOf(0)]);
    expect((await read({ projects: [] })).ids).toEqual([]);
    const seen = await read({ readable, projects: [0, 1, 2] });
    expect([seen.ids, seen.total, seen.pinned?.ids]).toEqual([[idOf(0)], 1, []]);
    expect((await read({ stage: "deleted" })).total).toBe(0);
  });

  it("keeps an order while one scrolls, and never shows what has gone", async () => {
    const database = await store(
      [0, 1, 2].map((at) => told({ metrics: { loss: at }, startedMs: startMs + at })),
    );
    const table = createRunTable(database);
    const items = [{ column: metric("loss"), isDescending: false }];
    const first = await table.read(request({ order: items, limit: 1 }));
    await database.transaction(async (transaction) => {
      const point = { key: "loss", value: 9, step: 2, ms: startMs };
      await logBatch(transaction, idOf(0), { metrics: [point], params: [], tags: [] }, startMs);
      const [row] = await transaction.all("SELECT number FROM runs WHERE id = ?", idOf(2));
      await changeTrackedRun(transaction, Number(row?.["number"]), { stage: "deleted" });
    });
    const later = await table.read(request({ order: items, revision: first.revision }));
    expect([later.revision, later.total, later.ids]).toEqual([first.revision, 3, [idOf(0), idOf(1)]]);
    const anew = await table.read(request({ order: items }));
    expect([anew.total, anew.ids]).toEqual([2, [idOf(1), idOf(0)]]);
    expect(anew.revision).not.toBe(first.revision);
    const grouped = await table.read(
      request({ order: items, revision: first.revision, group: [attribute("name")] }),
    );
    expect([grouped.total, grouped.groups?.groups.map(({ runs }) => runs)]).toEqual([2, [2]]);
    const unknown = await table.read(request({ order: items, revision: "never" }));
    expect(unknown.revision).not.toBe("never");
  });
});
