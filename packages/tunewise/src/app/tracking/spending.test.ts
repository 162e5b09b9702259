/** @file Costs add up to the same total for every grouping. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SpendRequest } from "@tunewise/tracker";
import {
  addProject,
  addSpend,
  addTrackedRun,
  changeTrackedRun,
  createWriter,
  type Database,
  logBatch,
  openDatabase,
  storePath,
} from "@tunewise/tracker";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRuntime } from "../../runtime/index.ts";
import { type CostReport, reportCosts } from "./cost-report.ts";

const october = Date.UTC(2026, 9, 31, 23);
const hour = 3_600_000;
let folder = "";
let database: Database;

/** Runs in two projects and months: a failed one, a duplicate, and one trained past its best step. */
const runs = [
  { id: "a", project: 0, person: "ada", status: "completed", fingerprint: "same", purpose: "experiment" },
  { id: "b", project: 0, person: "bob", status: "failed", fingerprint: null, purpose: "experiment" },
  { id: "c", project: 1, person: "ada", status: "completed", fingerprint: "same", purpose: "experiment" },
  { id: "d", project: 1, person: "", status: "completed", fingerprint: "other", purpose: "experiment" },
] as const;

/** Hyperparameters as clients log them. */
const methods: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  a: { peft_type: "PeftType.LORA", load_in_4bit: "True" },
  b: { peft_type: "LORA", load_in_4bit: "False" },
  c: { method: "full" },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunewise-spend-"));
  database = await openDatabase(storePath(folder));
  const write = createWriter(database);
  await write((transaction) =>
    addProject(transaction, { name: "two", artifactRoot: null, tags: [], nowMs: 0 }),
  );
  for (const [at, run] of runs.entries()) {
    const startedMs = october + at;
    const tags =
      at === 0
        ? [{ key: "team", value: "search" }]
        : at === 3
          ? [{ key: "tunewise.purpose", value: "production" }]
          : [];
    const added = { ...run, name: run.id, client: "mlflow", startedMs, family: null, tags } as const;
    const { number } = await write((transaction) =>
      addTrackedRun(transaction, { ...added, status: "running" }),
    );
    const metrics = [1, 2, 3, 4].map((step) => ({
      key: "eval_loss",
      step,
      ms: startedMs + (step * hour) / 2,
      value: run.id === "d" ? ([3, 1, 2, 2][step - 1] ?? 0) : 4 - step,
    }));
    const params = Object.entries(methods[run.id] ?? {}).map(([key, value]) => ({ key, value }));
    await write((transaction) => logBatch(transaction, run.id, { metrics, params, tags: [] }, startedMs));
    // the second hour of each run is in November
    for (const part of [0, 1]) {
      const price = {
        kind: "machine",
        quantity: 0,
        unit: "",
        priceMicroUsdPerHour: 2_490_000,
        priceSource: "test",
      };
      const line = {
        run: number,
        ms: startedMs + part * hour,
        microUsd: 1_000_001 + at,
        seconds: 3600,
        ...price,
      };
      await write((transaction) => addSpend(transaction, line));
    }
    await write((transaction) =>
      changeTrackedRun(transaction, number, { status: run.status, endedMs: startedMs + 2 * hour }),
    );
  }
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function sum(request: Omit<SpendRequest, "store">): Promise<CostReport> {
  return reportCosts(
    { store: folder, ...request },
    createRuntime(folder, new AbortController().signal, "test"),
  );
}

const total = 2 * (4 * 1_000_001 + 6);

test.each([
  ["project", { Default: 4_000_006, two: 4_000_014 }],
  ["person", { ada: 4_000_008, bob: 2_000_004, "(unknown)": 2_000_008 }],
  ["purpose", { experiment: 6_000_012, production: 2_000_008 }],
  ["month", { "2026-10": total / 2, "2026-11": total / 2 }],
  ["method", { qlora: 2_000_002, lora: 2_000_004, full: 2_000_006, "(none)": 2_000_008 }],
  ["tag:team", { search: 2_000_002, "(without)": total - 2_000_002 }],
])("by %s", async (by, expected) => {
  const { groups, microUsd } = await sum({ by });
  expect(microUsd).toBe(total);
  expect(groups.reduce((all, group) => all + group.microUsd, 0)).toBe(total);
  expect(Object.fromEntries(groups.map((group) => [group.name, group.microUsd]))).toEqual(expected);
});

test("of a month alone", async () => {
  expect((await sum({ by: "run", since: "2026-11" })).microUsd).toBe(total / 2);
  expect((await sum({ by: "run", until: "2026-11" })).microUsd).toBe(total / 2);
  expect((await sum({ by: "run", since: "2027-01-01" })).groups).toEqual([]);
});

test("what bought nothing is named, each run once", async () => {
  const { waste } = await sum({ by: "run" });
  expect(waste.map(({ id, kind, microUsd }) => [id, kind, microUsd])).toEqual([
    ["c", "duplicate", 2_000_006],
    ["b", "failed", 2_000_004],
    ["d", "past-best", 1_000_004],
  ]);
});

test("months are split by what they bought, to the micro-dollar", async () => {
  const { months } = await sum({ by: "project" });
  expect(months).toEqual([
    { name: "2026-10", experiment: 1_000_001, production: 1_000_004, wasted: 2_000_005 },
    // a run's waste is deducted from its last month
    { name: "2026-11", experiment: 1_000_001, production: 0, wasted: 3_000_009 },
  ]);
});

test("a ledger of two days says that it cannot tell what comes", async () => {
  const { outlook, refused } = await sum({ by: "project" });
  expect(outlook).toMatchObject({ forecast: null, minDays: 7, budgets: [] });
  expect(refused).toEqual([]);
});

test("words that say nothing are refused", async () => {
  await expect(sum({ by: "color" })).rejects.toMatchObject({ code: "SPEND_GROUP_UNKNOWN" });
  await expect(sum({ by: "tag:" })).rejects.toMatchObject({ code: "SPEND_GROUP_UNKNOWN" });
  await expect(sum({ by: "run", since: "yesterday" })).rejects.toMatchObject({ code: "SPEND_DAY_INVALID" });
});

test("sums of any amounts are exact", async () => {
  const own = await openDatabase(":memory:");
  const write = createWriter(own);
  await fc.assert(
    fc.asyncProperty(
      fc.uuid(),
      fc.array(fc.integer({ min: 0, max: 1e12 }), { maxLength: 20 }),
      async (id, amounts) => {
        const about = {
          id,
          project: 0,
          name: id,
          status: "running",
          client: "api",
          person: "",
          purpose: "experiment",
        } as const;
        const run = await write((transaction) =>
          addTrackedRun(transaction, { ...about, startedMs: 0, fingerprint: null, family: null, tags: [] }),
        );
        const rest = {
          ms: 0,
          kind: "tokens",
          seconds: 0,
          quantity: 7,
          unit: "token",
          priceMicroUsdPerHour: 0,
          priceSource: "",
        };
        for (const microUsd of amounts)
          await write((transaction) => addSpend(transaction, { run: run.number, microUsd, ...rest }));
        const [row] = await own.all("SELECT spent_micro_usd FROM runs WHERE number = ?", run.number);
        expect(row?.["spent_micro_usd"]).toBe(amounts.reduce((all, amount) => all + amount, 0));
      },
    ),
    { numRuns: 20 },
  );
  await own.close();
});

test("a person who is not known is one group, whatever a client wrote, also in rows of an older store", async () => {
  const place = await mkdtemp(join(tmpdir(), "tunewise-person-"));
  const own = await openDatabase(storePath(place));
  const write = createWriter(own);
  const about = { project: 0, status: "completed", client: "wandb", purpose: "experiment" } as const;
  for (const [at, person] of ["", "unknown", "earlier", "ada"].entries()) {
    const run = { ...about, id: `r${at}`, name: "", person, startedMs: 0, fingerprint: null, family: null };
    const { number } = await write((transaction) => addTrackedRun(transaction, { ...run, tags: [] }));
    const price = { quantity: 0, unit: "", priceMicroUsdPerHour: 1, priceSource: "test" };
    const line = { run: number, ms: 0, kind: "machine", microUsd: 1, seconds: 1, ...price };
    await write((transaction) => addSpend(transaction, line));
  }
  const named = async (): Promise<unknown[]> =>
    (await own.all("SELECT person FROM runs ORDER BY id")).map(({ person }) => person);
  expect(await named()).toEqual(["", "", "earlier", "ada"]);
  await write(({ run }) => run("UPDATE runs SET person = 'unknown' WHERE person = 'earlier'"));
  await own.close();
  const { groups } = await reportCosts(
    { store: place, by: "person" },
    createRuntime(place, new AbortController().signal, "test"),
  );
  expect(groups.map(({ name, runs: count }) => [name, count])).toEqual([
    ["(unknown)", 3],
    ["ada", 1],
  ]);
  await rm(place, { recursive: true, force: true });
});
