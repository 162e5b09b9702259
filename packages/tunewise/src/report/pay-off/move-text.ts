/** @file Words of a pay-off: the answer, what would change it, the table, and where each price comes from. */
import { dollars, type Range, type Usd, usdText } from "@tunewise/core/quantity";
import type { Turn } from "../../evaluate/index.ts";
import { type Table, table } from "../document/table.ts";
import type { MoveAlternative, MoveDocument } from "./move-document.ts";

/** Maximum turning points in the answer besides the volume: the nearest ones, one per input. */
const maxTurns = 4;

/** A part of the text, from top to bottom. */
export type MoveBlock =
  | { readonly kind: "sentence"; readonly text: string }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "list"; readonly title: string; readonly items: readonly string[] };

/** The answer in sentences: the month as a range for the cheapest way of moving, and what would change it. */
export function moveAnswer(document: MoveDocument): string {
  const best = bestOf(document);
  const { from, months } = document;
  if (best === null) return `Undecided: no way of leaving ${from} has a price (see below).`;
  const { name, usdPerMonth, stayingUsdPerMonth, neverShare } = best;
  const bills = `${rangeText(usdPerMonth)} a month instead of ${rangeText(stayingUsdPerMonth)}`;
  const chance = `${percent(1 - neverShare)} of simulated outcomes`;
  const head =
    neverShare >= 0.95
      ? `Moving off ${from} does not pay off within ${months} months: ${name} costs ${bills}`
      : neverShare > 0.05
        ? `Moving off ${from} to ${name} pays off within ${months} months in only ${chance}, ` +
          `${monthText(best)}: ${bills}`
        : `Moving off ${from} to ${name} pays off in ${monthText(best)}: ${bills}`;
  return `${head}. ${changesText(best, months)}`;
}

/** The whole text, the answer first. */
export function moveBlocks(document: MoveDocument): MoveBlock[] {
  const { alternatives, unknown } = document;
  const notes = alternatives.flatMap(({ name, notes: own }) => own.map((note) => `${name}: ${note}`));
  return [
    { kind: "sentence", text: moveAnswer(document) },
    { kind: "table", table: moveTable(document) },
    { kind: "list", title: "based on", items: [...basis(document), ...notes] },
    { kind: "list", title: "prices", items: priceLines(document) },
    {
      kind: "list",
      title: "not compared",
      items: unknown.map(({ name, reason, fix }) => `${name}: ${reason}; ${fix}`),
    },
  ];
}

/** The cheapest way of running the tuned model; without one, the newer API model. */
function bestOf({ alternatives, staying }: MoveDocument): MoveAlternative | null {
  const own = alternatives.filter(({ kind }) => kind !== "api" && kind !== "batch");
  // the successor is what staying means, so it is not a move
  const newer = alternatives.filter(({ kind, name }) => kind === "api" && name !== staying.end?.successor);
  const shown = own.length > 0 ? own : newer;
  return shown.toSorted((a, b) => a.totalUsd.expected - b.totalUsd.expected)[0] ?? null;
}

function moveTable({ from, months, staying, alternatives }: MoveDocument): Table {
  const titles = ["", "#a month", "#once", `#${months} months`, "#saved", "#pays off in", "#never"];
  const [first] = alternatives;
  const stay = [
    staying.end === null ? `${from}, as today` : `${from}, then ${staying.end.successor}`,
    first === undefined ? moneyText(staying.usdPerMonth) : rangeText(first.stayingUsdPerMonth),
    ...["", first === undefined ? "" : rangeText(stayingTotal(first, months))],
  ];
  const rows = alternatives.map((one) => [
    one.name,
    rangeText(one.usdPerMonth),
    rangeText(one.onceUsd),
    rangeText(one.totalUsd),
    rangeText(one.savedUsd),
    one.neverShare >= 0.95 ? "not within" : monthText(one),
    percent(one.neverShare),
  ]);
  return table(titles, [stay, ...rows]);
}

function stayingTotal(
  { stayingUsdPerMonth: { low, expected, high } }: MoveAlternative,
  months: number,
): Range<Usd> {
  const times = (money: Usd): Usd => (money * months) as Usd;
  return { low: times(low), expected: times(expected), high: times(high) };
}

/** `month 3`, `month 3 (2 to 7)`, `month 3 (2 to never)`. */
function monthText({ month: { low, expected, high } }: Pick<MoveAlternative, "month">): string {
  const shown = (month: number | null): string => (month === null ? "never" : String(month));
  const ends = low === high ? "" : ` (${shown(low)} to ${shown(high)})`;
  return expected === null ? `month ${shown(low)} at the earliest` : `month ${expected}${ends}`;
}

function changesText({ turns }: MoveAlternative, months: number): string {
  const nearest = turns.filter(({ input }, at) => turns.findIndex((one) => one.input === input) === at);
  if (nearest.length === 0) return "No single input changes this, even a thousand times smaller or larger.";
  const pays = nearest.some(({ paysBeyond }) => paysBeyond);
  const head = pays
    ? `It would pay off within ${months} months with one of these`
    : `It would no longer pay off within ${months} months with one of these`;
  // the volume is what readers know best, so it is never left out
  const shown = nearest.filter(({ input }, at) => at < maxTurns || input === "calls-per-month");
  return `${head}: ${shown.map(turnText).join("; ")}.`;
}

/** One change, such as `below 2,300 calls a month (now 20,000)`. */
function turnText({ input, now, at }: Turn): string {
  const side = at < now ? "below" : "above";
  const money = (micro: number): string => moneyText(Math.round(micro) as Usd);
  const number = (value: number): string => Number(value.toPrecision(3)).toLocaleString("en-US");
  const factor = (value: number): string => `${Number(value.toPrecision(2))} times`;
  const words: Readonly<Record<Turn["input"], readonly [at: string, now: string]>> = {
    "calls-per-month": [`${number(at)} calls a month`, number(now)],
    "input-tokens": [`${number(at)} input tokens a call`, number(now)],
    "cached-share": [`${percent(at)} of the input cached`, percent(now)],
    "output-tokens": [`${number(at)} output tokens a call`, number(now)],
    "price-of-staying": [`${factor(at)} today's price of staying`, ""],
    "price-of-move": [`${factor(at)} the price of its answers`, ""],
    "output-tokens-per-second": [`${number(at)} output tokens/s`, number(now)],
    utilization: [`${percent(at)} mean load of the peak`, percent(now)],
    once: [`${money(at)} for training, evaluation and work`, money(now)],
    "per-month": [`${money(at)} of hosting a month`, money(now)],
    "per-retraining": [`${money(at)} a retraining`, money(now)],
    "retrain-every-months": [`retraining every ${at} months`, String(now)],
  };
  const [value, present] = words[input];
  const start = input === "retrain-every-months" ? "" : `${side} `;
  return `${start}${value}${present === "" ? "" : ` (now ${present})`}`;
}

function basis(document: MoveDocument): string[] {
  const { traffic, trafficSource, costs, staying } = document;
  const count = (range: Range<number>): string =>
    spanText(range, (one) => Math.round(one).toLocaleString("en-US"));
  const cached = spanText(traffic.cachedShare, percent);
  const volume = `${count(traffic.callsPerMonth)} calls a month`;
  const input = `${count(traffic.inputTokens)} tokens in (${cached} cached)`;
  const tokens = `${input} and ${count(traffic.outputTokens)} out a call`;
  const training = `training ${rangeText(costs.trainingUsd)} (${costs.trainingSource})`;
  const other = `evaluation ${moneyText(costs.evaluationUsd)}, work and other ${moneyText(costs.otherUsd)}`;
  const every = costs.retrainEveryMonths;
  const retraining = every === null ? "no retraining" : `retraining every ${every} months`;
  return [
    `${volume}, ${tokens}: ${trafficSource}`,
    `${training}, ${other}; ${retraining}, hosting ${moneyText(costs.hostingUsdPerMonth)} a month`,
    "tokens are counted as today's model counts them; another tokenizer may differ",
    "ranges are 5 to 95 % of simulated outcomes",
    ...(staying.end === null
      ? []
      : [
          `the model ends on ${staying.end.on} (${staying.end.source})`,
          `after that, staying is ${staying.end.successor}`,
        ]),
  ];
}

function priceLines({ from, staying, alternatives }: MoveDocument): string[] {
  const lines = [
    [from, staying.price] as const,
    ...(staying.end === null ? [] : [[staying.end.successor, staying.end.price] as const]),
    ...alternatives.map(({ name, price }) => [name, price] as const),
  ];
  return [...new Set(lines.map(([name, { text, source, date }]) => `${name}: ${text}; ${source}, ${date}`))];
}

function rangeText(money: Range<Usd>): string {
  return spanText(money, moneyText);
}

function spanText<Value extends number>(
  { low, expected, high }: Range<Value>,
  shown: (one: Value) => string,
): string {
  const [from, to] = [shown(low), shown(high)];
  return from === to ? shown(expected) : `${shown(expected)} (${from} to ${to})`;
}

/** Dollars from 100 on are shown without cents of false precision. */
function moneyText(money: Usd): string {
  if (Math.abs(money) < 100e6) return usdText(money);
  return `${money < 0 ? "-" : ""}$${Math.round(Math.abs(dollars(money))).toLocaleString("en-US")}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(share > 0.1 ? 3 : 2))} %`;
}
