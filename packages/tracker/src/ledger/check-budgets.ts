/** @file The admission guard: whether a run may start, given the remaining shared budgets. */
import { type Usd, usdText } from "@tunewise/core/quantity";
import type { Verdict } from "@tunewise/core/run";

/** A budget that would pay for a run. Money is in micro-dollars. */
export interface SharedBudget {
  /** `null`: all projects together. */
  readonly projectName: string | null;
  readonly period: "month" | "total";
  readonly microUsd: number;
  readonly spentMicroUsd: number;
}

/**
 * Checks the budgets that would pay for a run.
 *
 * @returns `stop` for the first exhausted budget; `warn` for the first that is 80 % spent; otherwise `go-on`
 */
export function checkSharedBudgets(budgets: readonly SharedBudget[]): Verdict {
  const spent = budgets.find(({ microUsd, spentMicroUsd }) => spentMicroUsd >= microUsd);
  if (spent) {
    const sentence = `${wording(spent)} are spent.`;
    return { act: "stop", by: "cap", guard: "shared-budget", sentence };
  }
  const near = budgets.find(({ microUsd, spentMicroUsd }) => spentMicroUsd >= warnShare * microUsd);
  if (near) return { act: "warn", guard: "shared-budget", sentence: `${wording(near)} are spent.` };
  return { act: "go-on" };
}

/** Share of a budget at which the guard warns. */
const warnShare = 0.8;

/** `$12.40 of the $12.00 of project tickets for this month` */
function wording({ projectName, period, microUsd, spentMicroUsd }: SharedBudget): string {
  const whose = projectName === null ? "all projects together" : `project ${projectName}`;
  const time = period === "month" ? "for this month" : "in all";
  return `${usdText(spentMicroUsd as Usd)} of the ${usdText(microUsd as Usd)} of ${whose} ${time}`;
}
