/** @file Sentences of a report. */

import { bytesText, countText, secondsText, usdText } from "@tunewise/core/quantity";
import { type Table, table } from "../document/table.ts";
import { lossText } from "../figure-text.ts";
import type { AdapterFacts, BudgetFacts, KeyValue, Memorization, RunReport } from "./report.ts";

/** Spending, budget caps and price. */
export function budgetSentence(budget: BudgetFacts): string {
  const isFree = isUnpriced(budget);
  const money = isFree ? "No price for this machine" : `${usdText(budget.spentUsd)} spent`;
  const cap = budget.capUsd === null ? " (no cap in dollars)" : ` of a ${usdText(budget.capUsd)} cap`;
  const ofMoney = isFree ? "" : cap;
  const time = `${secondsText(budget.spent)} used`;
  const ofTime = budget.cap === null ? " (no cap in time)" : ` of a ${secondsText(budget.cap)} cap`;
  return `${money}${ofMoney}, ${time}${ofTime}, in ${sessionsText(budget.sessions)}.`;
}

/** Whether a run cost nothing because its machine has no price, or a price of 0. */
export function isUnpriced({ priceUsdPerHour, spentUsd }: BudgetFacts): boolean {
  return priceUsdPerHour === 0 && spentUsd === 0;
}

/** Location and size of the adapter. */
export function adapterSentence(adapter: AdapterFacts): string {
  const share = ((100 * adapter.parameters) / adapter.modelParameters).toPrecision(2);
  const trained = `${countText(adapter.parameters)} of ${countText(adapter.modelParameters)} values trained`;
  const about = `PEFT format, ${bytesText(adapter.bytes)}; ${trained}, ${share} %`;
  return `The adapter is in ${adapter.folder} (${about}).`;
}

/** Identifiers to which the numbers can be traced. */
export function traces({ run, budget }: RunReport): KeyValue[] {
  return [
    { name: "data fingerprint", value: run.dataFingerprint },
    {
      name: "price of the machine",
      value: isUnpriced(budget)
        ? "none (machine.usd_per_hour)"
        : `${usdText(budget.priceUsdPerHour)} per hour, ${budget.priceSource}`,
    },
  ];
}

function sessionsText(sessions: number): string {
  return sessions === 1 ? "one session" : `${sessions} sessions`;
}

/** Rows seen in training compared with unseen rows. */
export function memorizationTable({ train, heldOut }: Memorization): Table {
  const titles = ["loss of", "#rows", "#base", "#tuned", "#gain, nats a token"];
  const row = (name: string, group: Memorization["train"]): string[] => [
    ...[name, String(group.rows), lossText(group.base), lossText(group.tuned)],
    (group.base - group.tuned).toFixed(3),
  ];
  return table(titles, [row("training rows", train), row("held-out rows", heldOut)]);
}

/** The gap with its confidence interval, and verbatim continuations. */
export function memorizationSentence({ gap, interval, memorised }: Memorization): string {
  const bounds = interval ? ` (95 %: ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})` : "";
  const words = memorised
    ? ` From the first half of ${memorised.rows} training answers the tuned model goes on word for word ` +
      `${memorised.tuned} times, the base model ${memorised.base} times.`
    : "";
  return `Training rows gained ${gap.toFixed(3)} nats a token more than held-out rows${bounds}.${words}`;
}
