/** @file Sentences and tables about the result of a try. */

import { type Range, seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import { leakageText } from "@tunewise/datacheck";
import { type Decision, type DecisionRow, fitCurve, type RuleName, scoreAt } from "../../evaluate/index.ts";
import { cut } from "../document/plain-text.ts";
import { type Table, table } from "../document/table.ts";
import { percent, rangeText, signedPercent, wholeText } from "../figure-text.ts";
import { answersUntilMadeUp, armCosts, costText, smallUsd } from "./costs.ts";
import type { ShownArm, TryDocument } from "./try-document.ts";

/** Title and tone of the verdict. */
export function verdictTitle({
  verdict,
  arm,
  isInvalid,
  rows = null,
}: Pick<Decision, "verdict" | "arm" | "isInvalid"> & Partial<Pick<Decision, "rows">>): {
  title: string;
  tone: string;
} {
  if (isInvalid) return { title: "Invalid: these scores decide nothing", tone: "bad" };
  switch (verdict) {
    case "tune":
      // an arm of that name needs no repetition
      return { title: arm === null || arm === "tuned" ? "Fine-tune" : `Fine-tune: use ${arm}`, tone: "good" };
    case "do-not-tune":
      return { title: `Do not fine-tune: ${arm ?? "another arm"} is enough`, tone: "good" };
    case "fix-retrieval-first":
      return { title: "Fix retrieval first", tone: "open" };
    case "collect-more-rows":
      return {
        title: `Collect rows first${rows ? `: at least ${wholeText(rows.atLeast)}` : ""}`,
        tone: "open",
      };
    default:
      return { title: "Undecided", tone: "open" };
  }
}

/** Maximum length of a reason in the table; elsewhere it is complete. */
const maxReason = 80;

/** All arms with quality, cost in dollars or time, and sources. */
export function armTable(document: TryDocument): Table {
  const { decision, arms, metric } = document;
  const { unit, of } = armCosts(document);
  const byLine = new Map(arms.map((arm) => [arm.line, arm]));
  const cost = (amount: number | null | undefined): string => (amount == null ? "-" : costText(amount, unit));
  const heads = {
    dollars: ["#training", "#1,000 answers", "#a right answer"],
    time: ["#training takes", "#1,000 answers", "#a right answer"],
  }[unit];
  const scored = decision.table.map((row) => {
    const own = of.get(row.name);
    const arm = byLine.get(row.name);
    return [
      row.name + (own?.isBest ? " *" : ""),
      percentText(row.quality),
      row.interval ? `${percentText(row.interval.low, false)}-${percentText(row.interval.high, false)}` : "",
      ...[own?.upFront, own?.perThousand, own?.perRight].map(cost),
      [arm?.run ?? arm?.answers ?? "", cut(arm?.leftOut ?? "", maxReason)]
        .filter((part) => part !== "")
        .join("; "),
    ];
  });
  const unscored = arms.flatMap((arm) =>
    arm.invalid === null
      ? []
      : [[arm.line, "invalid", "", "", "", "", `${arm.run ?? arm.answers}; ${cut(arm.invalid, maxReason)}`]],
  );
  return table(["arm", `#${metric}`, "#95 %", ...heads, "from"], [...scored, ...unscored]);
}

/** Uncertainty of prices, and latency of an answer; only times without prices. */
export function priceTable(document: TryDocument): Table {
  const rows = document.decision.table;
  if (armCosts(document).unit === "time")
    return table(
      ["arm", "#one answer alone"],
      rows.map((row) => [row.name, secondsEach(row)]),
    );
  return table(
    ["arm", "#training", "#1,000 answers", "#seconds each"],
    rows.map((row) => [
      row.name,
      moneyText(row.usdToGetThere),
      moneyText(row.usdPerThousandAnswers),
      secondsEach(row),
    ]),
  );
}

/** Footnote of the table. */
export function frontierNote(document: Pick<TryDocument, "decision" | "arms">): string {
  return armCosts(document).unit === "time"
    ? "* nothing here costs dollars, so that time counts: no other arm is at least as good in at most as much time"
    : "* best for its price: no other arm is at least as good for at most as much";
}

/** Invalid arms, and rows that not every arm could be scored on. */
export function invalidSentences({
  invalid: texts,
  compared_rows: compared,
  test_rows: rows,
}: TryDocument): string[] {
  const missing =
    compared === rows || compared === 0
      ? []
      : [
          `Arms are compared on ${wholeText(compared)} of ${wholeText(rows)} test rows: those that every arm answered and that could be scored.`,
        ];
  return [...texts.map((one) => `${one}. It is excluded from the decision.`), ...missing];
}

/** Topics of the rules in docs/decision.md. */
const ruleNames: Readonly<Record<RuleName, string>> = {
  R1: "Cheaper ways first",
  R2: "Retrieval",
  R3: "Facts",
  R4: "Form",
  R5: "More examples",
  R6: "Break-even",
  R7: "Enough rows",
  R8: "Leak",
};

/** Reasons of the verdict, one sentence each; without prices the break-even is omitted. */
export function ruleSentences(document: TryDocument): string[] {
  const { unit } = armCosts(document);
  return document.decision.rules
    .filter(({ rule }) => rule !== "R6" || unit === "dollars")
    .map(({ rule, says }) => `${ruleNames[rule]}: ${says}`);
}

/** Maintenance of each arm; arms without any are omitted. */
export function upkeepTable({ decision }: TryDocument): Table {
  const rows = decision.table.filter(({ upkeep }) => upkeep.length > 0);
  return table(
    ["arm", "what it needs to stay right"],
    rows.map(({ name, upkeep }) => [name, upkeep.join("; ")]),
  );
}

/** Pairwise comparisons with the selected arm, with p-values adjusted for all comparisons. */
export function comparisonTable({ decision }: TryDocument): Table {
  return table(
    ["arm", "against", "#difference, points", "#95 %", "#p value, adjusted", "verdict"],
    decision.comparisons.map((one) => [
      one.arm,
      one.against,
      signedPercent(one.difference),
      one.interval ? `${signedPercent(one.interval.low)} to ${signedPercent(one.interval.high)}` : "",
      pText(one.adjusted),
      one.verdict,
    ]),
  );
}

/** Break-even number of answers for training, by price or, without prices, by time. */
export function breakEvenTable(document: TryDocument): Table {
  const count = (answers: number | null): string => (answers === null ? "never" : wholeText(answers));
  const { unit, of } = armCosts(document);
  const { breakEven } = document.decision;
  if (unit === "time")
    return table(
      ["training", "against", "#answers until its time is made up"],
      breakEven.flatMap(({ arm, against }) => {
        const [trained, other] = [of.get(arm), of.get(against)];
        return trained && other ? [[arm, against, count(answersUntilMadeUp(trained, other))]] : [];
      }),
    );
  return table(
    ["training", "against", "#answers until it pays", "#at best", "#at worst", "#chance that it never pays"],
    breakEven.map((one) => [
      one.arm,
      one.against,
      count(one.expected),
      count(one.low),
      count(one.high),
      `${Math.round(100 * one.neverShare)} %`,
    ]),
  );
}

/** What would change the verdict. */
export function flipSentences({ decision }: TryDocument): string[] {
  const texts = { tune: "tuning", "do-not-tune": "not tuning", neither: "neither" } as const;
  return decision.sensitivity.map(({ what, at, from, to }) => {
    const point = {
      "answers-per-month": `${wholeText(at)} answers a month`,
      "price-of-tuned": `answers of the tuned model at ${at.toPrecision(3)} times their price`,
      "price-of-others": `answers of the other arms at ${at.toPrecision(3)} times their price`,
      "quality-of-tuned": `a tuned model ${signedPercent(at).replace(/^[+-]/, "")} points ${at < 0 ? "worse" : "better"} than measured`,
      "worth-of-a-correct-answer": `a right answer worth $${at.toPrecision(3)}`,
    }[what];
    return `From ${texts[from]} to ${texts[to]} at ${point}.`;
  });
}

/** Validation results for each number of examples and passages. */
export function sweepTable({ choices }: TryDocument): Table {
  return table(
    ["arm", "way", "#on validation rows", "#95 %", "chosen"],
    choices.flatMap(({ line, chosen, sweep }) =>
      sweep.map((one) => [
        line,
        one.arm,
        percentText(one.value),
        one.low === null || one.high === null
          ? ""
          : `${percentText(one.low, false)}-${percentText(one.high, false)}`,
        one.arm === chosen.name ? "yes" : "",
      ]),
    ),
  );
}

/** The judge's verdicts on each arm. */
export function judgeTable({ judge }: TryDocument): Table {
  return table(
    ["arm", "#better", "#as good", "#worse", "#orders disagree", "#kappa"],
    (judge?.arms ?? []).map(({ line, better, same, worse, open, kappa }) => [
      ...[line, wholeText(better), wholeText(same), wholeText(worse), wholeText(open)],
      kappa === null ? "-" : kappa.toFixed(2),
    ]),
  );
}

/** The judge, its criteria and its warnings. */
export function judgeSentences({ judge }: TryDocument): string[] {
  if (judge === null) return [];
  const rests = judge.decides ? "The decision rests on it" : "The decision does not rest on it";
  return [
    `${judge.model} compared answers with the references, each pair in both orders, by: ${judge.criteria}. ${rests}.`,
    ...judge.arms.flatMap(({ line, warnings }) => warnings.map((warning) => `${line}: ${warning}`)),
  ];
}

/** The learning curve. */
export function curveTable({ learning_curve: curve, metric }: TryDocument): Table {
  return table(
    ["#training rows", `#${metric}`, "#95 %", "from"],
    curve.map(({ rows, value, interval, run }) => [
      wholeText(rows),
      percentText(value),
      interval ? `${percentText(interval.low, false)}-${percentText(interval.high, false)}` : "",
      run ?? "",
    ]),
  );
}

/** Predicted gain of twice the rows from the curve's fit; empty with too few points. */
export function curveSentence({ learning_curve: curve }: TryDocument): string {
  const last = curve.at(-1);
  if (curve.length < 3 || last === undefined) return "";
  const points = curve.map(({ rows, value, interval }) => ({
    rows,
    score: value,
    error: Math.max(1e-3, interval ? (interval.high - interval.low) / 4 : 0.05),
  }));
  const twice = scoreAt(fitCurve(points), 2 * last.rows);
  return `By the fit of these points (error = a + b n^-c), ${wholeText(2 * last.rows)} rows would give about ${percentText(twice)}.`;
}

/** Which runs scored the test rows before, and how many of the rows also appear in training. */
export function sealSentence({
  looks_before: before,
  test_rows: rows,
  leaked_rows: leaked,
  seen = null,
}: TryDocument): string {
  const copies = leaked === 1 ? "the exact copy was" : `the ${wholeText(leaked)} exact copies were`;
  const left = leaked === 0 ? "" : `; ${copies} left out of the comparison`;
  const share = seen ?? { rows: leaked, of: rows + leaked };
  const leakage = share.rows === 0 ? "" : ` ${leakageText(share)}${left}.`;
  if (before.length === 0)
    return `No run scored the ${wholeText(rows)} test rows before this comparison.${leakage}`;
  const times = before.length === 1 ? "once" : `${before.length} times`;
  return (
    `The ${wholeText(rows)} test rows were scored ${times} before, last by ${before.at(-1)?.run}: ` +
    `choices made since may fit them better than other rows.${leakage}`
  );
}

/** Cost of an arm's answers, in a line. */
export function tookText(arm: ShownArm): string {
  const { line, promptTokens, answerTokens, cited, notes } = arm;
  const left = arm.invalid ?? arm.leftOut;
  const lost = left === "" ? "" : `, ${left}`;
  const named = cited === null ? "" : `, ${counted(cited)} name${cited === 1 ? "s" : ""} a passage`;
  const odd = notes.map(({ says, count }) => `; ${counted(count)} ${says}`).join("");
  return `${line}: ${wholeText(promptTokens)} tokens read, ${wholeText(answerTokens)} written${lost}${named}${odd}`;
}

/** Time and cost of the try. */
export function tookAll({ took, machine, apis }: TryDocument): string {
  const price = `machine at ${usdText((1e6 * machine.usd_per_hour) as Usd)} an hour`;
  const foreseen = `about ${usdText(apis.expected as Usd)}, at most ${usdText(apis.most as Usd)}, were foreseen`;
  const paid = apis.most + apis.paid > 0 ? ` APIs took ${exactUsd(apis.paid)}; ${foreseen}.` : "";
  return `In all ${secondsText(seconds(took.seconds))} and ${exactUsd(took.micro_usd)}, ${price}.${paid}`;
}

/** `$0.0123`: exact to the micro-dollar, to match the ledger. */
function exactUsd(microUsd: number): string {
  return `$${(microUsd / 1e6).toFixed(6).replace(/0{1,4}$/, "")}`;
}

function counted(answers: number): string {
  return answers === 1 ? "1 answer" : `${wholeText(answers)} answers`;
}

/** `82.4 %` */
export function percentText(share: number, hasSign = true): string {
  if (!Number.isFinite(share)) return "-";
  return `${percent(share)}${hasSign ? " %" : ""}`;
}

function pText(p: number): string {
  return p < 0.0001 ? "< 0.0001" : p.toFixed(4);
}

function moneyText(range: Range<Usd>): string {
  return rangeText(range, smallUsd);
}

function secondsEach({ latency }: DecisionRow): string {
  return latency === null ? "" : `${secondsText(latency.p50)}, one in 20 ${secondsText(latency.p95)}`;
}
