/** @file A search as text: what its budget buys, and its result. */

import { countOf } from "@tunewise/core/quantity";
import type { SearchPreview } from "../../app/search/index.ts";
import { searchWords } from "../../report/index.ts";
import { reportTable } from "./table.ts";
import { plain } from "./terminal.ts";

/** Space, budget, and the number of trials it buys at each rung. */
export function searchPreviewText(
  preview: SearchPreview,
  columns: number = Number.POSITIVE_INFINITY,
): string {
  const { plan, space, defaults, rate, fidelity, parallel, range, resumes } = preview;
  const text = (money: typeof plan.budgetUsd): string => searchWords.moneyText(money, rate);
  const idle = (plan.budgetUsd - plan.finalRunUsd - plan.searchUsd) as typeof plan.budgetUsd;
  const kept = parallel > 1 ? `, ${text(idle)} for idle capacity` : "";
  const end = plan.reachesTop
    ? ""
    : `\nthe budget does not let a full share of the trials finish; ${text(plan.neededUsd)} would`;
  return [
    ...(resumes === null ? [] : [`continues ${plain(resumes)}; earlier spending counts`]),
    ...searchWords.spaceLines(space, defaults).map((line) => `  ${plain(line)}`),
    ...(range === null
      ? []
      : [
          `first a range test: ${countOf(range.steps, "step")} with a rising rate, at most ${text(range.usd)}`,
        ]),
    `budget ${text((plan.budgetUsd + (range?.usd ?? 0)) as typeof plan.budgetUsd)}: ${text(plan.searchUsd)} for trials, ${text(plan.finalRunUsd)} reserved for the final runs${kept}`,
    ...siteLines(preview),
    `it buys ${countOf(plan.trials, "trial")} at the high end of all prices, ${plan.expectedTrials} at expected prices; in full it would be ${plan.fullTrials}`,
    `${reportTable(searchWords.planTable(plan, rate, fidelity), columns)}${end}`,
  ].join("\n");
}

/** Executor, machine, and parallel trials. */
function siteLines({ site, parallel, threads }: SearchPreview): string[] {
  const { by, address, cards, cardsEach } = site;
  const on = cards.length === 0 ? "the processor" : `${countOf(cards.length, "card")} (${cards[0]})`;
  const each = [...(cardsEach > 0 ? [countOf(cardsEach, "card")] : []), countOf(threads, "thread")];
  return [
    ...(by === "torch"
      ? [
          `trained by the worker on PyTorch ${address === "here" ? "here" : `at ${plain(address)}`}, on ${plain(on)}`,
        ]
      : []),
    ...(parallel > 1
      ? [`${countOf(parallel, "trial")} at the same time, on ${each.join(" and ")} each`]
      : []),
  ];
}
