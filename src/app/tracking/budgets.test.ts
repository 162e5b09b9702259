/** @file Budgets in the words of a command line. */
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/track-disk.ts";
import { createHost } from "../../runtime/index.ts";
import { dropSharedBudget, listBudgets, setSharedBudget } from "./budgets.ts";

const month = { project: null, period: "month" } as const;
const asker = { by: "cli:ada" };
const tickets = { project: "tickets", period: "total" } as const;

test("are set, replaced, listed and dropped", async () => {
  const host = createHost(await temporaryFolder(), new AbortController().signal, "test");
  expect(await listBudgets(undefined, host)).toEqual([]);
  await setSharedBudget(month, "$500", asker, host);
  await setSharedBudget(tickets, "20.5", asker, host);
  const budgets = await setSharedBudget(month, "600usd", asker, host);
  expect(budgets).toHaveLength(2);
  expect(budgets).toEqual(
    expect.arrayContaining([
      { ...month, projectName: null, microUsd: 600e6, spentMicroUsd: 0 },
      expect.objectContaining({ projectName: "tickets", period: "total", microUsd: 20.5e6 }),
    ]),
  );
  expect(await dropSharedBudget(tickets, asker, host)).toHaveLength(1);
});

test("that say nothing are refused", async () => {
  const host = createHost(await temporaryFolder(), new AbortController().signal, "test");
  for (const amount of ["", "0", "-5", "many", "5eur"]) {
    await expect(setSharedBudget(month, amount, asker, host)).rejects.toMatchObject({
      code: "BUDGET_INVALID",
    });
  }
  await expect(dropSharedBudget(month, asker, host)).rejects.toMatchObject({ code: "BUDGET_MISSING" });
  await expect(dropSharedBudget(tickets, asker, host)).rejects.toMatchObject({
    code: "PROJECT_NOT_FOUND",
  });
});
