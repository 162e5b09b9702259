/** @file Forecasts from the ledger: only the selected projects, from whole days, and including active runs. */

import {
  addLaunch,
  addProject,
  addSpend,
  addTrackedRun,
  createDailyCosts,
  createWriter,
  type Database,
  dayMs,
  openDatabase,
  putTags,
  readMonth,
  reportSpending,
  setBudget,
  type Write,
} from "@tunewise/tracker";
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../../test/support/store-places.ts";
import { listRunsAtWork } from "./alive-runs.ts";
import { type CostOutlook, forecastCosts } from "./outlook.ts";

/** Noon on Friday, November 20. */
const nowMs = Date.UTC(2026, 10, 20, 12);
const usd = 1e6;
const price = { microUsdPerHour: 0, source: "" };

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  interface Place {
    readonly database: Database;
    readonly write: Write;
    readonly project: number;
    readonly add: (id: string, project: number, status?: "running" | "completed") => Promise<number>;
    readonly spend: (run: number, ms: number, dollars: number) => Promise<void>;
    readonly outlook: (among?: { sql: string; values: number[] } | null) => Promise<CostOutlook>;
  }

  async function place(): Promise<Place> {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    const write = createWriter(database);
    const about = { name: "tickets", artifactRoot: null, tags: [], nowMs: nowMs - 90 * dayMs };
    const project = (await write((transaction) => addProject(transaction, about))).number;
    const readDailyCosts = createDailyCosts(database);
    return {
      database,
      write,
      project,
      add: async (id, at, status = "completed") => {
        const run = { id, project: at, name: id, status, client: "mlflow", person: "ada" } as const;
        const rest = { purpose: "experiment", startedMs: Date.now() - 3_600_000, tags: [] } as const;
        const added = { ...run, ...rest, fingerprint: null, family: null };
        return (await write((transaction) => addTrackedRun(transaction, added))).number;
      },
      spend: (run, ms, dollars) => {
        const line = {
          run,
          ms,
          kind: "machine",
          microUsd: dollars * usd,
          seconds: 60,
          quantity: 0,
          unit: "",
        };
        return write((transaction) =>
          addSpend(transaction, { ...line, priceMicroUsdPerHour: 0, priceSource: "test" }),
        );
      },
      outlook: async (among = null) =>
        forecastCosts(database, {
          nowMs,
          readDailyCosts,
          among,
          atWork: await listRunsAtWork(database, { nowMs: Date.now(), price, among }),
        }),
    };
  }

  it("sums the month and forecasts its rest, for the projects that may be read", async () => {
    const { add, spend, outlook, project, write } = await place();
    const [own, other] = [await add("a", project), await add("b", 0)];
    for (let day = 1; day <= 40; day++) {
      await spend(own, nowMs - day * dayMs, 2);
      await spend(other, nowMs - day * dayMs, 1);
    }
    await spend(own, nowMs - 1000, 5);
    await write((transaction) => setBudget(transaction, { project, period: "month", microUsd: 50 * usd }));
    await write((transaction) =>
      setBudget(transaction, { project: null, period: "total", microUsd: 150 * usd }),
    );
    const all = await outlook();
    // 19 days at $3 plus $5 today; then half of today and ten days at $3. The first day is excluded.
    expect(all).toMatchObject({ spentMicroUsd: 62 * usd, days: 39, monthEndMs: Date.UTC(2026, 11, 1) });
    expect(all.forecast).toEqual({ low: 93.5 * usd, median: 93.5 * usd, high: 93.5 * usd });
    // databases differ in the order of a budget for all projects
    const budgets = [...all.budgets].sort((a, b) => (a.period < b.period ? -1 : 1));
    expect(budgets.map(({ period, chanceOver }) => [period, chanceOver])).toEqual([
      ["month", 1],
      ["total", null],
    ]);
    // $125 of $150 are spent: half of today, and eight more days
    expect(budgets[1]?.spentBy?.median).toBe(Date.UTC(2026, 10, 28));
    const reader = await outlook({ sql: "projects.number = ?", values: [project] });
    expect(reader).toMatchObject({ spentMicroUsd: 43 * usd });
    expect(reader.forecast?.median).toBe(64 * usd);
    expect(reader.budgets.map(({ period }) => period)).toEqual(["month"]);
    const nobody = await outlook({ sql: "projects.number = ?", values: [-1] });
    expect(nobody).toMatchObject({ spentMicroUsd: 0, forecast: null, days: 0, budgets: [] });
  });

  it("does not take days before a ledger began for days without costs", async () => {
    const { add, spend, outlook } = await place();
    const run = await add("a", 0);
    for (let day = 1; day <= 6; day++) await spend(run, nowMs - day * dayMs, 1);
    expect(await outlook()).toMatchObject({ forecast: null, days: 5 });
  });

  it("knows runs at work, their prices and caps", async () => {
    const { add, database, write, project } = await place();
    const command = await add("command", project, "running");
    const part = await add("part", project, "running");
    const tagged = await add("tagged", 0, "running");
    await add("plain", 0, "running");
    await add("ended", 0);
    await write(async (transaction) => {
      await transaction.run("UPDATE runs SET launched_by = ? WHERE number = ?", command, part);
      await putTags(transaction, tagged, [{ key: "tunewise.rate", value: "2.5/h" }]);
      const launch = { run: command, command: "python", host: "", capMicroUsd: 9 * usd };
      await addLaunch(transaction, { ...launch, price: { microUsdPerHour: 4 * usd, source: "test" } });
    });
    const found = await listRunsAtWork(database, { nowMs: Date.now(), price });
    expect(found.map(({ id, microUsdPerHour, capMicroUsd }) => [id, microUsdPerHour, capMicroUsd])).toEqual([
      ["command", 4 * usd, 9 * usd],
      ["tagged", 2.5 * usd, null],
      ["plain", null, null],
    ]);
    const among = { sql: "projects.number = ?", values: [project] };
    expect(await listRunsAtWork(database, { nowMs: Date.now(), price, among })).toHaveLength(1);
    expect(await listRunsAtWork(database, { nowMs: Date.now() + 2 * dayMs, price })).toEqual([]);
  });

  it("sums a month as the report does", async () => {
    const { add, spend, database, write } = await place();
    const [before, within] = [await add("before", 0), await add("within", 0)];
    await spend(before, Date.UTC(2026, 9, 31), 3);
    await spend(before, Date.UTC(2026, 10, 1), 4);
    await spend(within, Date.UTC(2026, 10, 2), 5);
    await write((transaction) =>
      transaction.run(
        "UPDATE runs SET status = 'failed', ended_ms = seen_ms WHERE number IN (?, ?)",
        before,
        within,
      ),
    );
    const month = await readMonth(database, nowMs, null);
    const report = await reportSpending(database, { by: "status", since: "2026-11" });
    expect(month).toEqual({ microUsd: 9 * usd, runs: 2, wastedMicroUsd: 9 * usd, wastedRuns: 2 });
    expect(report.microUsd).toBe(month.microUsd);
    expect(report.waste.reduce((sum, { microUsd }) => sum + microUsd, 0)).toBe(month.wastedMicroUsd);
  });
});
