/** @file Full fine-tuning, LoRA and QLoRA as a table, with a sentence derived from its rows. */

import { bytesText, countOf, countText, secondsText, usdText } from "@tunewise/core/quantity";
import type { AccuracyReport, ErrorSummary } from "../../../app/plan/index.ts";
import type { ComparedMethod } from "../../../plan/index.ts";
import { tableText } from "../table.ts";
import { plain } from "../terminal.ts";
import { secondsRange, shortMoney, shortTime } from "./ranges.ts";

const methodNames = { full: "full", lora: "LoRA", qlora: "QLoRA" } as const;

/** The table, and a sentence about the claim that adapters save up to 90 %. */
export function compareTable(methods: readonly ComparedMethod[]): string {
  const heads = [
    "method",
    "trained",
    "best place that fits",
    "one run takes",
    "saves",
    "one run costs",
    "saves",
    "total P50",
    "saves",
  ];
  const rows = methods.map(({ method, trainedParameters, place, runSaving, totalSaving, timeSaving }) => [
    methodNames[method],
    countText(trainedParameters),
    place === null ? "none on the list" : placeName(place),
    place?.seconds ? shortTime(place.seconds) : "",
    percent(method, timeSaving),
    place === null ? "" : shortMoney(place.runUsd),
    percent(method, runSaving),
    place?.total ? usdText(place.total.p50) : "",
    percent(method, totalSaving),
  ]);
  return `${tableText(heads, rows)}\n\n${comparison(methods)}`;
}

function placeName({ name, pricing, provider }: NonNullable<ComparedMethod["place"]>): string {
  return `${plain(name)} ${pricing === "own" ? "" : plain(provider)}`.trim();
}

function percent(method: ComparedMethod["method"], saving: number | null): string {
  return method === "full" || saving === null ? "" : `${Math.round(100 * saving)} %`;
}

/** Compares by money if full fine-tuning costs something, otherwise by time. */
function comparison(methods: readonly ComparedMethod[]): string {
  const full = methods.find(({ method }) => method === "full");
  const adapters = methods.filter(({ method, place }) => method !== "full" && place !== null);
  if (!full?.place)
    return "Full fine-tuning fits for certain in no place on the list, so nothing is compared with it.";
  if (adapters.length === 0) return "Only full fine-tuning fits for certain in a place on the list.";
  const free = full.place.runUsd.expected <= 0;
  const most = mostSaving(adapters, free ? "timeSaving" : "runSaving");
  if (most === null)
    return `One run of full fine-tuning has no ${free ? "known time" : "price"} to compare with.`;
  const { name, saving } = most;
  const share = `${Math.abs(Math.round(100 * saving))} %`;
  if (free) {
    const verdict = saving >= 0 ? `${share} less` : `${share} more`;
    return `Full fine-tuning costs nothing on ${plain(full.place.name)}, so time is compared: ${name} takes ${verdict}.`;
  }
  return saving >= 0
    ? `Adapters are said to save up to 90 %; for these rows they save ${share} of one run (${name}).`
    : `Adapters are said to save up to 90 %; for these rows they save nothing: one run of ${name} costs ${share} more.`;
}

function mostSaving(
  methods: readonly ComparedMethod[],
  key: "timeSaving" | "runSaving",
): { readonly name: string; readonly saving: number } | null {
  const found = methods.flatMap((one) => {
    const saving = one[key];
    return saving === null ? [] : [{ name: methodNames[one.method], saving }];
  });
  return found.reduce<(typeof found)[number] | null>(
    (best, one) => (best === null || one.saving > best.saving ? one : best),
    null,
  );
}

/** The table, newest run first, and a line for each quantity. */
export function accuracyText({ runs, wall, cost, memory }: AccuracyReport): string {
  if (runs.length === 0) return "no run here completed in one session, so there is nothing to compare";
  const heads = ["run", "time planned", "took", "off by", "memory planned", "took", "off by", ""];
  const table = tableText(
    heads,
    runs.map((run) => [
      plain(run.runId),
      secondsRange(run.wall.planned),
      secondsText(run.wall.actual),
      `${signedPercent(run.wall.error)}${run.wall.isInside ? "" : " outside"}`,
      run.memory ? bytesText(run.memory.planned.expected) : "",
      run.memory ? bytesText(run.memory.actual) : "",
      run.memory ? `${signedPercent(run.memory.error)}${run.memory.isInside ? "" : " outside"}` : "",
      run.isProbed ? "probed" : "",
    ]),
  );
  return [table, "", sentence("time", wall), sentence("cost", cost), sentence("memory", memory)]
    .filter((line) => line !== null)
    .join("\n");
}

function signedPercent(error: number): string {
  return `${error > 0 ? "+" : ""}${Math.round(100 * error)} %`;
}

function sentence(name: string, all: ErrorSummary | null): string | null {
  if (all === null) return null;
  const size = (error: number): string => `${Math.round(100 * error)} %`;
  const errors = `median error ${size(all.median)}, worst ${size(all.worst)}`;
  return `${name}: ${errors}, ${size(all.inside)} of ${countOf(all.count, "run")} inside their range`;
}
