/**
 * @file What a try came to, in words and tables, alike for terminal, Markdown and page.
 */
import { type Decision, type DecisionRow, fitCurve, scoreAt } from "../../evaluate/index.ts";
import { type Range, secondsText, type Usd, usdText } from "../../quantity/index.ts";
import { rangeText, wholeText } from "../report/figure-text.ts";
import { type Table, table } from "../report/table.ts";
import type { ShownArm, TryDocument } from "./try-document.ts";

/** The verdict as a title, and the tone it is shown in. */
export function verdictTitle({ verdict, arm, isVoid, rows }: Decision): { title: string; tone: string } {
  if (isVoid) return { title: "Void: the scores say nothing", tone: "bad" };
  switch (verdict) {
    case "tune":
      return { title: `Tune: ${arm ?? "the tuned model"}`, tone: "good" };
    case "do-not-tune":
      return { title: `Do not tune: ${arm ?? "another arm"} is enough`, tone: "good" };
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

/** Every arm: what it reaches, what it costs, and where its figures come from. */
export function armTable({ decision, arms, metric }: TryDocument): Table {
  const byLine = new Map(arms.map((arm) => [arm.line, arm]));
  return table(
    ["arm", `#${metric}`, "#95 %", "#to get there", "#1,000 answers", "#a right answer", "from"],
    decision.table.map((row) => [
      row.name + (row.isOnFrontier ? " *" : ""),
      percentText(row.quality),
      row.interval ? `${percentText(row.interval.low, false)}-${percentText(row.interval.high, false)}` : "",
      smallUsd(row.usdToGetThere.expected),
      smallUsd(row.usdPerThousandAnswers.expected),
      row.usdPerCorrect === null || row.quality === 0 ? "-" : smallUsd(row.usdPerCorrect.expected),
      byLine.get(row.name)?.run ?? byLine.get(row.name)?.answers ?? "",
    ]),
  );
}

/** The prices with how far they may lie off, and how long an answer takes. */
export function priceTable({ decision }: TryDocument): Table {
  return table(
    ["arm", "#to get there", "#1,000 answers", "#seconds each"],
    decision.table.map((row) => [
      row.name,
      moneyText(row.usdToGetThere),
      moneyText(row.usdPerThousandAnswers),
      secondsEach(row),
    ]),
  );
}

/** What the star of the table says. */
export const frontierNote = "* on the frontier: no other arm is at least as good for at most as much";

/** What each arm needs to be kept up to date; arms that need nothing are left out. */
export function upkeepTable({ decision }: TryDocument): Table {
  const rows = decision.table.filter(({ upkeep }) => upkeep.length > 0);
  return table(
    ["arm", "what it needs to stay right"],
    rows.map(({ name, upkeep }) => [name, upkeep.join("; ")]),
  );
}

/** The arm in question against each other, with p values for all comparisons together. */
export function comparisonTable({ decision }: TryDocument): Table {
  return table(
    ["arm", "against", "#difference, points", "#95 %", "#p, Holm", "verdict"],
    decision.comparisons.map((one) => [
      one.arm,
      one.against,
      pointsText(one.difference),
      one.interval ? `${pointsText(one.interval.low)} to ${pointsText(one.interval.high)}` : "",
      pText(one.adjusted),
      one.verdict,
    ]),
  );
}

/** From how many answers on training pays. */
export function breakEvenTable({ decision }: TryDocument): Table {
  const count = (answers: number | null): string => (answers === null ? "never" : wholeText(answers));
  return table(
    ["training", "against", "#answers until it pays", "#at best", "#at worst", "#never, in worlds"],
    decision.breakEven.map((one) => [
      one.arm,
      one.against,
      count(one.expected),
      count(one.low),
      count(one.high),
      `${Math.round(100 * one.neverShare)} %`,
    ]),
  );
}

/** What would have to be true for another answer. */
export function flipSentences({ decision }: TryDocument): string[] {
  const said = { tune: "tuning", "do-not-tune": "not tuning", neither: "neither" } as const;
  return decision.sensitivity.map(({ what, at, from, to }) => {
    const point = {
      "answers-per-month": `${wholeText(at)} answers a month`,
      "price-of-tuned": `answers of the tuned model at ${at.toPrecision(3)} times their price`,
      "price-of-others": `answers of the other arms at ${at.toPrecision(3)} times their price`,
      "quality-of-tuned": `a tuned model ${pointsText(at).replace(/^[+-]/, "")} points ${at < 0 ? "worse" : "better"} than measured`,
      "worth-of-a-correct-answer": `a right answer worth $${at.toPrecision(3)}`,
    }[what];
    return `From ${said[from]} to ${said[to]} at ${point}.`;
  });
}

/** How each number of examples and passages did on the validation rows. */
export function sweepTable({ choices }: TryDocument): Table {
  return table(
    ["line", "candidate", "#on validation rows", "#95 %", "taken"],
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

/** What the judge said of each arm's answers beside the references. */
export function judgeTable({ judge }: TryDocument): Table {
  return table(
    ["arm", "#better", "#as good", "#worse", "#orders disagree", "#kappa"],
    (judge?.arms ?? []).map(({ line, better, same, worse, open, kappa }) => [
      ...[line, wholeText(better), wholeText(same), wholeText(worse), wholeText(open)],
      kappa === null ? "-" : kappa.toFixed(2),
    ]),
  );
}

/** Who judged by what, and what must be said about that. */
export function judgeSentences({ judge }: TryDocument): string[] {
  if (judge === null) return [];
  const rests = judge.decides ? "The decision rests on it" : "The decision does not rest on it";
  return [
    `${judge.model} compared answers with the references, each pair in both orders, by: ${judge.criteria}. ${rests}.`,
    ...judge.arms.flatMap(({ line, warnings }) => warnings.map((warning) => `${line}: ${warning}`)),
  ];
}

/** What training on fewer rows gave. */
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

/** What twice the rows would bring by the curve's fit; empty where there are too few points for one. */
export function curveSentence({ learning_curve: curve }: TryDocument): string {
  const last = curve.at(-1);
  if (curve.length < 3 || last === undefined) return "";
  const points = curve.map(({ rows, value, interval }) => ({
    ...{ rows, score: value },
    error: Math.max(1e-3, interval ? (interval.high - interval.low) / 4 : 0.05),
  }));
  const twice = scoreAt(fitCurve(points), 2 * last.rows);
  return `By the fit of these points (error = a + b n^-c), ${wholeText(2 * last.rows)} rows would give about ${percentText(twice)}.`;
}

/** How often the test rows were looked at, and what that means. */
export function sealSentence({
  looks_before: before,
  test_rows: rows,
  leaked_rows: leaked,
}: TryDocument): string {
  const left =
    leaked === 0 ? "" : ` ${wholeText(leaked)} test rows stand in the training rows and were left out.`;
  if (before.length === 0)
    return `The ${wholeText(rows)} test rows were sealed until this comparison.${left}`;
  const times = before.length === 1 ? "once" : `${before.length} times`;
  return `The ${wholeText(rows)} test rows were looked at ${times} before, last for ${before.at(-1)?.run}: choices made since may fit them better than others.${left}`;
}

/** What an arm's answers took, in a line. */
export function tookText({ line, promptTokens, answerTokens, failed, cited, remarks }: ShownArm): string {
  const lost = failed === 0 ? "" : `, ${failed} without an answer`;
  const named = cited === null ? "" : `, ${wholeText(cited)} answers name a passage`;
  const odd = remarks.map(({ says, count }) => `; ${wholeText(count)} answers ${says}`).join("");
  return `${line}: ${wholeText(promptTokens)} tokens read, ${wholeText(answerTokens)} written${lost}${named}${odd}`;
}

/** `82.4 %` */
export function percentText(share: number, hasSign = true): string {
  if (!Number.isFinite(share)) return "-";
  return `${(100 * share).toFixed(1)}${hasSign ? " %" : ""}`;
}

function pointsText(share: number): string {
  const text = (100 * share).toFixed(1);
  return Number(text) > 0 ? `+${text}` : text === "-0.0" ? "0.0" : text;
}

function pText(p: number): string {
  return p < 0.0001 ? "< 0.0001" : p.toFixed(4);
}

function moneyText(range: Range<Usd>): string {
  return rangeText(range, smallUsd);
}

/** Tiny sums keep their first digits: $0.00 would say "nothing". */
function smallUsd(amount: Usd): string {
  const dollars = amount / 1e6;
  return dollars > 0 && dollars < 0.01 ? `$${dollars.toPrecision(2)}` : usdText(amount);
}

function secondsEach({ latency }: DecisionRow): string {
  return latency === null ? "" : `${secondsText(latency.p50)}, one in 20 ${secondsText(latency.p95)}`;
}
