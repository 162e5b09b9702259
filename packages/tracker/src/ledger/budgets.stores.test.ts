/** @file Spending per budget: of one project or all, in a UTC month or in total. */
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { type TrackedStore, trackedStore } from "../../../../test/support/tracked-store.ts";
import { type Budget, budgetsOf, dropBudget, readBudgets, setBudget } from "./budgets.ts";
import { addSpend } from "./spend.ts";

const november = Date.UTC(2026, 10, 1);
const nowMs = Date.UTC(2026, 10, 25, 12);

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  /** Two projects with a run each, and costs from the last moment of October on. */
  async function spent(): Promise<TrackedStore & { readonly tickets: number; readonly vision: number }> {
    const store = await trackedStore(await make());
    const [tickets, vision] = [await store.project("tickets"), await store.project("vision")];
    const runs = [await store.add("t", { project: tickets }), await store.add("v", { project: vision })];
    const line = {
      kind: "machine",
      seconds: 1,
      quantity: 0,
      unit: "",
      priceMicroUsdPerHour: 1,
      priceSource: "",
    };
    const lines: [run: number | undefined, ms: number, microUsd: number][] = [
      ...([
        [runs[0], november - 1, 1],
        [runs[0], november, 20],
        [runs[0], nowMs, 300],
      ] as const),
      ...([
        [runs[1], november - 1, 4000],
        [runs[1], november, 50_000],
      ] as const),
    ].map(([run, ms, microUsd]) => [run, ms, microUsd]);
    await store.write(async (transaction) => {
      for (const [run = 0, ms, microUsd] of lines)
        await addSpend(transaction, { ...line, run, ms, microUsd });
    });
    return { ...store, tickets, vision };
  }

  it("a month begins with its first moment in UTC, for a project and for all together", async () => {
    const { database, write, tickets, vision } = await spent();
    const budgets: Budget[] = [tickets, vision, null].flatMap((project) =>
      (["month", "total"] as const).map((period) => ({ project, period, microUsd: 9 })),
    );
    await write(async (transaction) => {
      for (const budget of budgets) await setBudget(transaction, budget);
    });
    const spentOf = async (project: number | null, at = nowMs): Promise<[string, number][]> =>
      (await budgetsOf(database, project, at)).map((one) => [
        `${one.projectName} ${one.period}`,
        one.spentMicroUsd,
      ]);
    const all: [string, number][] = [
      ["null month", 50_320],
      ["null total", 54_321],
    ];
    expect(await spentOf(tickets)).toEqual([["tickets month", 320], ["tickets total", 321], ...all]);
    expect(await spentOf(vision)).toEqual([["vision month", 50_000], ["vision total", 54_000], ...all]);
    // A project that does not exist yet is paid from the shared budgets.
    expect(await spentOf(null)).toEqual(all);
    expect(await spentOf(tickets, Date.UTC(2026, 11, 1) - 1)).toContainEqual(["tickets month", 320]);
    expect(await spentOf(tickets, Date.UTC(2026, 11, 1))).toContainEqual(["tickets month", 0]);
    expect(await spentOf(tickets, november - 1)).toContainEqual(["tickets month", 321]);
  });

  it("lists all budgets, or those of some projects alone, without what all share", async () => {
    const { database, write, tickets, vision } = await spent();
    await write(async (transaction) => {
      await setBudget(transaction, { project: vision, period: "total", microUsd: 1 });
      await setBudget(transaction, { project: null, period: "month", microUsd: 2 });
      await setBudget(transaction, { project: tickets, period: "total", microUsd: 3 });
    });
    const about = { period: "total" } as const;
    const own = { ...about, project: vision, projectName: "vision", microUsd: 1, spentMicroUsd: 54_000 };
    const all = await readBudgets(database, nowMs);
    expect(all).toHaveLength(3);
    expect(all).toContainEqual({
      project: null,
      projectName: null,
      period: "month",
      microUsd: 2,
      spentMicroUsd: 50_320,
    });
    const among = { sql: "name = ?", values: ["vision"] };
    expect(await readBudgets(database, nowMs, among)).toEqual([own]);
  });

  it("a budget that is dropped leaves those of other projects and periods", async () => {
    const { database, write, tickets } = await spent();
    const kept: Budget[] = [
      { project: tickets, period: "total", microUsd: 2 },
      { project: null, period: "month", microUsd: 3 },
    ];
    const gone: Budget = { project: tickets, period: "month", microUsd: 1 };
    await write(async (transaction) => {
      for (const budget of [gone, ...kept]) await setBudget(transaction, budget);
    });
    expect(await write((transaction) => dropBudget(transaction, gone))).toBe(true);
    expect(await write((transaction) => dropBudget(transaction, gone))).toBe(false);
    const left = await budgetsOf(database, tickets, nowMs);
    expect(left.map(({ project, period, microUsd }) => ({ project, period, microUsd }))).toEqual(kept);
  });
});
