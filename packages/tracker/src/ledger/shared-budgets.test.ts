/** @file Parsing and formatting of budgets for the command line. */

import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import { dropSharedBudget, listBudgets, setSharedBudget } from "./shared-budgets.ts";

const month = { project: null, period: "month" } as const;
const asker = { by: "cli:ada" };
const tickets = { project: "tickets", period: "total" } as const;

test("are set, replaced, listed and dropped", async () => {
  const runtime = { cwd: await temporaryFolder(), now: () => new Date() };
  expect(await listBudgets(undefined, runtime)).toEqual([]);
  await setSharedBudget(month, "$500", asker, runtime);
  await setSharedBudget(tickets, "$20.5", asker, runtime);
  const budgets = await setSharedBudget(month, "600usd", asker, runtime);
  expect(budgets).toHaveLength(2);
  expect(budgets).toEqual(
    expect.arrayContaining([
      { ...month, projectName: null, microUsd: 600e6, spentMicroUsd: 0 },
      expect.objectContaining({ projectName: "tickets", period: "total", microUsd: 20.5e6 }),
    ]),
  );
  expect(await dropSharedBudget(tickets, asker, runtime)).toHaveLength(1);
});

test("that say nothing are refused", async () => {
  const runtime = { cwd: await temporaryFolder(), now: () => new Date() };
  for (const amount of ["", "0usd", "-5usd", "many", "5eur", "20"]) {
    await expect(setSharedBudget(month, amount, asker, runtime)).rejects.toMatchObject({
      code: "BUDGET_INVALID",
    });
  }
  await expect(dropSharedBudget(month, asker, runtime)).rejects.toMatchObject({ code: "BUDGET_MISSING" });
  await expect(dropSharedBudget(tickets, asker, runtime)).rejects.toMatchObject({
    code: "PROJECT_NOT_FOUND",
  });
});
