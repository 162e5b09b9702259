/**
 * @file Full fine-tuning, LoRA and QLoRA side by side as a table.
 */
import type { ComparedMethod } from "../../../plan/index.ts";
import { countText, usdText } from "../../../quantity/index.ts";
import { plain } from "../place.ts";
import { tableText } from "../table.ts";
import { shortMoney, shortTime } from "./ranges.ts";

/** The table, and a sentence about the claim that adapters save up to 90 %. */
export function compareTable(methods: readonly ComparedMethod[]): string {
  const heads = [
    "method",
    "trained",
    "cheapest place that fits",
    "one run takes",
    "one run costs",
    "saves",
    "all of it P50",
    "saves",
  ];
  const rows = methods.map(({ method, trainedParameters, place, runSaving, totalSaving }) => [
    { full: "full", lora: "LoRA", qlora: "QLoRA" }[method],
    countText(trainedParameters),
    place === null
      ? "none on the list"
      : `${plain(place.name)} ${place.pricing === "own" ? "" : plain(place.provider)}`.trim(),
    place?.seconds ? shortTime(place.seconds) : "",
    place === null ? "" : shortMoney(place.runUsd),
    percent(method, runSaving),
    place?.total ? usdText(place.total.p50) : "",
    percent(method, totalSaving),
  ]);
  return `${tableText(
    heads.map((head) => ({ head })),
    rows,
  )}\n\n${claim(methods)}`;
}

function percent(method: ComparedMethod["method"], saving: number | null): string {
  return method === "full" || saving === null ? "" : `${Math.round(100 * saving)} %`;
}

function claim(methods: readonly ComparedMethod[]): string {
  const savings = methods.flatMap(({ method, runSaving }) =>
    method === "full" || runSaving === null ? [] : [runSaving],
  );
  if (savings.length === 0)
    return "Full fine-tuning fits nowhere on the list, so there is nothing to compare with.";
  const most = Math.round(100 * Math.max(...savings));
  return `Adapters are said to save up to 90 %; for these rows they save ${most} % of one run.`;
}
