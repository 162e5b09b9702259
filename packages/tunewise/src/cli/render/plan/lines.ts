/**
 * @file Cost and memory as lines: the total with its shares, assumptions, cheaper baselines, and the budget's verdict.
 */

import {
  bytes,
  bytesText,
  countOf,
  dollars,
  type Range,
  type Seconds,
  secondsText,
  type Usd,
  usdText,
} from "@tunewise/core/quantity";
import { dateText } from "../../../catalog/index.ts";
import type { PlaceEstimate, Plan } from "../../../plan/index.ts";
import { plain } from "../terminal.ts";
import { whereOf } from "./place-rows.ts";
import { briefMoney, briefTime } from "./ranges.ts";

/** Smaller shares are summed. */
const smallShare = 0.03;

/** Smaller terms of memory are added to the overhead. */
const smallTerm = 0.02;

/** Rows for a table of two columns. */
export function moneyLines(plan: Plan): string[][] {
  const place = chosenPlace(plan);
  if (!place?.total) return [["money", "no machine on the list fits, so there is no price"]];
  const { p50, p90, shares } = place.total;
  if (place.kind === "here" && place.usdPerHour === 0 && p90 === 0)
    return [
      ["money", "this machine has no hourly price, so time counts; tunewise doctor --rate 2.49/h sets one"],
    ];
  const large = shares.filter(({ share }) => share >= smallShare);
  const rest = 1 - large.reduce((sum, { share }) => sum + share, 0);
  const words = large.map(({ name, share }) => `${Math.round(100 * share)} % ${name}`);
  if (rest > 0.005) words.push(`${Math.max(1, Math.round(100 * rest))} % other`);
  const of = words.length > 0 ? `; of the P90 ${words.join(", ")}` : "";
  return [
    ["money", `${usdText(p50)} in all on ${place.name}, nine of ten outcomes below ${usdText(p90)}${of}`],
    ["", assumptionLine(plan)],
    ["price", priceLine(place)],
  ];
}

/** Source and age of the price. */
function priceLine({ kind, usdPerHour, price, provider, instance, region }: PlaceEstimate): string {
  if (kind === "here" || kind === "own") {
    const source = price.name === "recipe" ? "" : ` (${plain(price.name)})`;
    return `${usdText(usdPerHour)} an hour, as the recipe says${source}`;
  }
  const where = [provider, instance, region]
    .filter((part) => part !== "")
    .map(plain)
    .join(" ");
  return `${usdText(usdPerHour)} an hour for ${where}; ${plain(price.name)}, ${dateText(price)}`;
}

function assumptionLine({ assumptions }: Plan): string {
  const value = (key: string): string | number | boolean =>
    assumptions.find((one) => one.key === key)?.value ?? "";
  const number = (key: string): number => Number(value(key));
  const percent = (key: string): string => `${Math.round(100 * number(key))} %`;
  const trials = countOf(number("plan.trials"), "trial");
  const parts = [
    countOf(number("plan.seeds"), "seed"),
    number("plan.trials") > 0
      ? `a search of ${trials} stopped at ${percent("plan.trial_share")}`
      : "no search",
    `${percent("plan.failure_rate")} of runs break`,
    number("plan.retrains_per_year") > 0
      ? `${countOf(number("plan.retrains_per_year"), "retraining")} a year`
      : "no retraining",
    number("plan.hosting_months") > 0
      ? `${countOf(number("plan.hosting_months"), "month")} of hosting`
      : "no hosting",
  ];
  const own = assumptions.filter(({ origin }) => origin === "recipe").length;
  const origin = own > 0 ? `${own} set in the recipe` : "change them under `plan:`";
  return `assumes ${parts.join(", ")}; ${origin}`;
}

/** Cost of trying baselines first. */
export function firstLine({ baselines }: Plan): string {
  const [first] = baselines;
  const last = baselines.at(-1);
  if (!first || !last) return "";
  const one = (baseline: typeof first): string => `${briefMoney(baseline.usd)} with ${baseline.name}`;
  const prices = first === last ? one(first) : `${one(first)} to ${one(last)}`;
  return `prompting, plain and with examples: ${prices}`;
}

/** Whether the caps cover the chosen placement. */
export function budgetLine(plan: Plan): string {
  const { budget, time } = plan;
  const place = chosenPlace(plan);
  const caps = [
    budget.capUsd === null ? null : usdText(budget.capUsd),
    budget.capSeconds === null ? null : secondsText(budget.capSeconds),
  ].filter((cap) => cap !== null);
  if (caps.length === 0) {
    const high = place?.kind === "here" ? secondsText(time.seconds.high) : null;
    const enough = high ?? (place?.total ? usdText(place.total.p90) : null);
    return enough === null ? "none" : `none; ${enough} would cover nine of ten outcomes`;
  }
  return `cap ${caps.join(" and ")}${place?.kind === "here" ? hereVerdict(plan) : elsewhereVerdict(plan, place)}`;
}

function hereVerdict({ budget }: Plan): string {
  const share =
    budget.expectedShare === null ? "" : `, expected ${Math.round(100 * budget.expectedShare)} % of it`;
  const words = {
    high: "covers the high end of one run",
    expected: "covers the expected time of one run, not the high end",
    low: "covers a lucky run only",
    nothing: "does not cover the run",
    "no-cap": "",
  }[budget.covers];
  return `${share}; ${words}`;
}

/** Compares each cap with its quantity: money with the total, minutes with one run. */
function elsewhereVerdict(
  { budget: { capUsd, capSeconds } }: Plan,
  place: PlaceEstimate | undefined,
): string {
  if (!place?.total) return "; no machine on the list fits";
  const verdicts = [
    ...(capUsd === null ? [] : [moneyVerdict(capUsd, place.total)]),
    ...(capSeconds === null || place.seconds === null ? [] : [timeVerdict(capSeconds, place.seconds)]),
  ];
  return `${verdicts.map((verdict) => `, ${verdict}`).join("")} on ${plain(place.name)}`;
}

function moneyVerdict(cap: Usd, { p50, p90 }: { readonly p50: Usd; readonly p90: Usd }): string {
  if (p50 > cap) return `P50 ${usdText(p50)}; does not cover the expected cost`;
  const share = cap > 0 ? `P50 ${Math.round((100 * dollars(p50)) / dollars(cap))} % of it; ` : "";
  return `${share}${cap >= p90 ? "covers nine of ten outcomes" : "covers the expected cost, not the P90"}`;
}

function timeVerdict(cap: Seconds, { expected, high }: Range<Seconds>): string {
  if (cap >= high) return "covers the high end of one run";
  return cap >= expected
    ? "covers the expected time of one run, not the high end"
    : `does not cover one run of ${secondsText(expected)}`;
}

/** Rows for a table of two columns. */
export function memoryLines(plan: Plan): string[][] {
  const place = chosenPlace(plan);
  if (place?.memory == null) return [];
  const { memory, name } = place;
  const large = memory.terms.filter((term) => term.bytes >= smallTerm * memory.bytes.expected);
  const terms = large.map((term) => `${term.name} ${bytesText(term.bytes)}`);
  const rest = memory.bytes.expected - large.reduce((total, term) => total + term.bytes, 0);
  if (rest > 0.005 * memory.bytes.expected) terms.push(`overhead ${bytesText(bytes(rest))}`);
  const { low, expected, high } = memory.bytes;
  return [
    [
      "memory",
      `${bytesText(expected)} (${bytesText(low)}-${bytesText(high)}) on ${name}, at the peak in "${memory.phase}": ${terms.join(", ")}`,
    ],
    ["", ruleLine(plan)],
  ];
}

/** Basis of the estimates of the chosen placement, otherwise of the first that states one; empty if none does. */
export function groundsLine(plan: Plan): string {
  const chosen = chosenPlace(plan);
  const place = chosen?.restsOn ? chosen : plan.places.find(({ restsOn }) => restsOn !== null);
  const words = groundsOf(place?.restsOn ?? null);
  return words === "" ? "" : `${place === chosen ? "" : `${place?.name}: `}${words}`;
}

function groundsOf(restsOn: PlaceEstimate["restsOn"]): string {
  if (!restsOn) return "";
  const { memory, time } = restsOn;
  const words = { "this-card": "on this card", "other-cards": "on other cards", nowhere: "nowhere" };
  const where = words[memory.compared ?? "nowhere"];
  if (memory.by === "runs" || time.by === "runs") return "finished runs of the worker on such cards";
  const by = memory.by === "traced" ? "a trace of the program's own step" : "rules of the program";
  if (time.by === "measured") {
    return `${by}; its memory was measured ${where}; the speed is the recipe's`;
  }
  if (memory.by === "rules" && memory.compared === "nowhere" && time.compared === "nowhere") {
    return `${by}; not enough measurements: the range is that of other programs`;
  }
  return memory.compared === time.compared
    ? `${by}; its memory and speed were measured ${where}`
    : `${by}; its memory was measured ${where}, its speed ${words[time.compared]}`;
}

/** The precision that was measured as faster; empty if there was no choice. */
export function precisionLine({ precision }: Pick<Plan, "precision">): string {
  if (!precision?.rates) return "";
  const { compute, reason, rates } = precision;
  const names = { fp32: "float32", bf16: "bfloat16" } as const;
  const other = compute === "fp32" ? "bf16" : "fp32";
  const rate = (one: "fp32" | "bf16"): string => `${names[one]} at ${Number(rates[one].toPrecision(2))}`;
  return `${rate(compute)} tokens/s, ${rate(other)}: ${reason}`;
}

/** The placement that a plan describes: the recommended one, else the first that may fit or has a known memory. */
export function chosenPlace({ places, best }: Plan): PlaceEstimate | undefined {
  if (best !== null) return places[best];
  return places.find(({ fits }) => fits === "tight") ?? places.find(({ memory }) => memory !== null);
}

function ruleLine({ model, memory }: Plan): string {
  const rule = bytesText(memory.ruleOfThumbBytes);
  const without =
    model.method === "full"
      ? "leaves out float32 master weights, activations, logits and the driver"
      : "is for full fine-tuning, no activations";
  return `the rule of 12 GB per billion says ${rule}: it ${without}`;
}

/** Sentence on the trade-off; empty if no placement is both faster and more expensive. */
export function choiceLine({ places, best, tradeOff }: Plan): string {
  const cheaper = tradeOff ? places[tradeOff.cheaper] : undefined;
  const quicker = tradeOff ? places[tradeOff.quicker] : undefined;
  if (!tradeOff || !cheaper?.seconds || !quicker?.seconds) return "";
  const { usdPerHourSaved, costOfDelayUsdPerHour: delay } = tradeOff;
  const isWorth = best === tradeOff.quicker && usdPerHourSaved < delay;
  const isDear = best === tradeOff.cheaper && usdPerHourSaved > delay;
  const link = isWorth ? "less than" : isDear ? "more than" : "beside";
  return (
    `${takes(cheaper)}, or ${takes(quicker)}: an hour saved costs ${briefMoney(usdPerHourSaved)}, ` +
    `${link} the ${briefMoney(delay)} that an hour of waiting is worth (--cost-of-delay)`
  );
}

function takes(place: PlaceEstimate): string {
  const time = place.seconds ? briefTime(place.seconds.expected) : "an unknown time";
  return `${time} for ${briefMoney(place.runUsd.expected)} on ${nameOf(place)}`;
}

function nameOf(place: PlaceEstimate): string {
  const { kind, name, pricing, provider } = place;
  if (kind === "here") return "this machine";
  if (kind === "own") return whereOf(place);
  return `${plain(name)}${pricing === "spot" ? " spot" : ""} (${plain(provider)})`;
}

/** Sentence on a search; empty if the learning rate was searched, or the run does not fit on this machine. */
export function searchLine({ searchOutlook: outlook, places }: Plan): string {
  if (!outlook || places[0]?.fits === "no") return "";
  const { trials, seconds, usd, timesRun, rangeTest } = outlook;
  const price = usd.expected > 0 ? `${briefMoney(usd.expected)}, ` : "";
  const test = rangeTest
    ? `, ${briefTime(rangeTest.seconds)} more with a range test of ${countOf(rangeTest.steps, "step")}`
    : "";
  return (
    `the rate was never searched for this model and these rows: ${countOf(trials, "trial")} take about ` +
    `${price}${briefTime(seconds.expected)} here, ${timesRun.toFixed(1)} x one run${test}: tunewise search --dry-run`
  );
}
