/**
 * @file Converts money between micro-dollars, which all modules compute with, and dollars, which the library's users
 * see. Types do not exist at run time, so the places of money in a value are listed by path; `dollars.test.ts` compares
 * the lists with the types.
 */
import type { Bytes, Seconds, Tokens, Usd } from "@tunewise/core/quantity";

/** A name in micro-dollars, as it is called in dollars. */
type DollarName<Name> = Name extends "microUsd" | "micro_usd"
  ? "usd"
  : Name extends `${infer Start}MicroUsd`
    ? `${Start}Usd`
    : Name;

/** The same value with money in dollars and all quantities as plain numbers. `spentMicroUsd` becomes `spentUsd`. */
export type InDollars<Value> = Value extends Usd | Seconds | Bytes | Tokens
  ? number
  : Value extends string | number | boolean | ((...values: never) => unknown) | ReadonlyMap<unknown, unknown>
    ? Value
    : Value extends readonly unknown[]
      ? { readonly [At in keyof Value]: InDollars<Value[At]> }
      : Value extends object
        ? { readonly [Name in keyof Value as DollarName<Name>]: InDollars<Value[Name]> }
        : Value;

const range = (path: string): string[] => ["low", "expected", "high"].map((bound) => `${path}.${bound}`);
const outcome = (path: string): string[] =>
  ["p50", "p90", "distribution.from", "distribution.to"].map((name) => `${path}.${name}`);
const standing = (path: string): string[] => [
  ...["capUsd", "priceUsdPerHour", "spentUsd"].map((name) => `${path}.budget.${name}`),
  ...["actual", ...range("planned")].map((name) => `${path}.figures.cost.${name}`),
];
const decisionTable = (path: string): string[] =>
  ["usdPerCorrect", "usdPerThousandAnswers", "usdToGetThere", "usdTotal"].flatMap((name) =>
    range(`${path}[].${name}`),
  );

/** A type with money in it. */
type MoneyType =
  | "Plan"
  | "RunOutcome"
  | "RunComparison"
  | "EventBody"
  | "SearchSettings"
  | "Answer"
  | "Report"
  | "SearchPlan"
  | "SearchAccount"
  | "DecisionInput"
  | "Decision"
  | "Run";

/** Paths of money by type. */
export const moneyPaths: Readonly<Record<MoneyType, readonly string[]>> = {
  Plan: [
    "baselines[].usd",
    "budget.capUsd",
    "budget.enoughUsd",
    "cost.usdPerHour",
    "places[].usdPerHour",
    "tradeOff.costOfDelayUsdPerHour",
    "tradeOff.usdPerHourSaved",
    ...range("cost.usd"),
    ...range("places[].runUsd"),
    ...range("searchOutlook.usd"),
    ...outcome("places[].total"),
    ...outcome("total"),
  ],
  RunOutcome: [...standing("report"), ...standing("standing")],
  RunComparison: [
    "arms.arms[].microUsd",
    "arms.took.micro_usd",
    "runs[].spentMicroUsd",
    "variants[].spentMicroUsd",
    ...decisionTable("arms.decision.table"),
  ],
  EventBody: ["spentMicroUsd"],
  SearchSettings: [
    ...["budgetUsd", "finalRunUsd", "finalTrainingUsd", "idleUsd", "tickUsd"].map((name) => `money.${name}`),
    ...range("money.usdPerHour"),
  ],
  Answer: ["trial.maxUsd"],
  Report: ["usd"],
  SearchPlan: [
    "budgetUsd",
    "finalRunUsd",
    "neededUsd",
    "searchUsd",
    ...range("rungs[].eachUsd"),
    ...range("rungs[].totalUsd"),
  ],
  SearchAccount: [
    "advice.usdPerTrial",
    "budgetUsd",
    "finalRunUsd",
    "inFullUsd",
    "rungs[].usd",
    "savedUsd",
    "spentUsd",
  ],
  DecisionInput: [
    ...range("arms[].usdPerMonth"),
    ...range("arms[].usdPerThousandAnswers"),
    ...range("arms[].usdToGetThere"),
    "objective.usdPerCorrect",
  ],
  Decision: decisionTable("table"),
  Run: ["spentMicroUsd"],
};

/** Converts a value of a type to dollars. The value itself is unchanged. */
export function toDollars<Value>(value: Value, type: MoneyType): InDollars<Value> {
  return convert(value, treeOf(type), (micro) => micro / 1e6) as InDollars<Value>;
}

/** The inverse of `toDollars`, rounded to micro-dollars. Names stay as they are. */
export function toMicroDollars<Value>(value: InDollars<Value>, type: MoneyType): Value {
  return convert(value, treeOf(type), (dollars) => Math.round(dollars * 1e6)) as Value;
}

/** Names on the way to money; `[]` stands for the items of a list. Without names it is money itself. */
interface Tree extends Map<string, Tree> {}

const trees = new Map<MoneyType, Tree>();

function treeOf(type: MoneyType): Tree {
  const known = trees.get(type);
  if (known) return known;
  const root: Tree = new Map();
  for (const path of moneyPaths[type]) {
    let tree = root;
    for (const name of path.replaceAll("[]", ".[]").split(".")) {
      const next: Tree = tree.get(name) ?? new Map();
      tree.set(name, next);
      tree = next;
    }
  }
  trees.set(type, root);
  return root;
}

function convert(value: unknown, tree: Tree, change: (amount: number) => number): unknown {
  if (value === null || value === undefined) return value;
  if (tree.size === 0) return typeof value === "number" ? change(value) : value;
  const items = tree.get("[]");
  if (Array.isArray(value)) return items ? value.map((item) => convert(item, items, change)) : value;
  if (typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const part = tree.get(name);
      return part ? [dollarName(name), convert(inner, part, change)] : [name, inner];
    }),
  );
}

function dollarName(name: string): string {
  return name.replace(/^micro_?usd$/i, "usd").replace(/MicroUsd$/, "Usd");
}
