/** @file Sentences and tables about the result of a search. */
import { countOf, type Seconds, seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import {
  type Contender,
  type HyperparameterValue,
  keyValue,
  type SearchPlan,
  type SearchPoint,
  type SearchSpace,
} from "../../search/index.ts";
import { type Table, table } from "../document/table.ts";
import { differenceText, intervalText, lossText, scoreText } from "../figure-text.ts";
import type { RangeOutcome, SearchDocument, SearchRate } from "./search-document.ts";

type Fidelity = SearchDocument["fidelity"];

/** Title and tone of the verdict. */
export function searchTitle({ finals, account }: SearchDocument): { title: string; tone: string } {
  if (account.best === null) return { title: "No trial gave a result", tone: "bad" };
  if (finals === null) return { title: "Best settings found", tone: "open" };
  switch (finals.verdict) {
    case "better":
      return { title: "Better than the recipe's own settings", tone: "good" };
    case "worse":
      return { title: "Worse than the recipe's own settings", tone: "bad" };
    case "own-best":
      return { title: "The recipe's own settings stay", tone: "open" };
    case "unclear":
      return { title: "Not shown to be better than the recipe's own settings", tone: "open" };
    case "cannot-tell":
      return { title: "Best settings found, not compared", tone: "open" };
  }
}

/** The verdict as a sentence with its numbers. */
export function searchSentence(document: SearchDocument): string {
  const { account, finals } = document;
  const { best } = account;
  if (best === null) return "Every trial failed, most likely because all of its rates are too high.";
  const found = `${foundSentence(document, best)}: ${pointText(best.point)}.`;
  return finals === null ? found : `${found} ${finalsSentence(finals, document)}`;
}

/** Trials are only compared at equal training, which the sentence states. */
function foundSentence(
  { account, fidelity }: SearchDocument,
  { trial, value, units, compared, tied }: NonNullable<SearchDocument["account"]["best"]>,
): string {
  const all = account.trials + account.knownRuns;
  const at = partText(units, fidelity);
  if (compared === 1 && all > 1)
    return `Trial ${trial} of ${all} is the only one trained on ${at}, so no other was compared with it (validation loss ${lossText(value)})`;
  if (tied === compared)
    return `All ${compared} trials compared after ${at} have the same validation loss (${lossText(value)}), so that none is better than trial ${trial}`;
  const shared = tied > 1 ? `, as ${countOf(tied - 1, "other trial")}` : "";
  return `Trial ${trial} of the ${compared} compared after ${at} has the lowest validation loss (${lossText(value)})${shared}`;
}

function finalsSentence(
  { verdict, scores, winner, testRows }: NonNullable<SearchDocument["finals"]>,
  { account }: SearchDocument,
): string {
  const [headline] = scores ?? [];
  if (verdict === "own-best") {
    const own = "They are the recipe's own, and were trained to the end";
    return account.best?.compared === 1
      ? `${own}; whether other settings are better is not known.`
      : `${own}: the search did not beat them.`;
  }
  if (!headline) {
    if (testRows === 0) return "There are no test rows, so nothing says whether that is a gain.";
    const ended = winner.status === "completed" ? "" : `; its final run ended as ${winner.status}`;
    const failed =
      account.trials > 0 ? "the recipe's own settings failed or a cap came first" : "no judgement";
    return `It could not be compared with the recipe's own settings on the test rows: ${failed}${ended}.`;
  }
  const { metric, own, winner: won, value, interval, rows } = headline;
  const figures = `${scoreText(metric, won)} in place of ${scoreText(metric, own)} (${differenceText(metric, value)}, 95 % ${intervalText(metric, interval)})`;
  const where = `On ${rows} test rows that no trial has seen its ${metric} is ${figures}`;
  if (verdict === "better") return `${where}: a gain.`;
  if (verdict === "worse") return `${where}: the search did not beat the recipe's own settings.`;
  return `${where}: these rows do not show that the search beat the recipe's own settings.`;
}

/** Budget of the search, and savings from early stopping. */
export function accountTable(document: SearchDocument): Table {
  const { account, rate, finals_micro_usd: finals, idle_micro_usd: idle, parallel } = document;
  const text = (money: number): string => moneyText(money as Usd, rate);
  const unit = rate.isMoney ? "#dollars" : "#time";
  const range = document.range_test;
  return table(
    ["what", unit],
    [
      ["budget", text(account.budgetUsd + (range?.microUsd ?? 0))],
      ...(range === null ? [] : [["experiments: range test", text(range.microUsd)]]),
      [`experiments: ${countOf(account.trials, "trial")}`, text(account.spentUsd)],
      ...(parallel > 1 ? [["idle beside them", text(idle)]] : []),
      ["production: final runs", text(finals)],
      ["left over", text(account.budgetUsd - account.spentUsd - idle - finals)],
      ["all trials in full would have taken about", text(account.inFullUsd)],
      [
        "stopping early saved about",
        account.savedUsd > 0 ? text(account.savedUsd) : "nothing: starts outweigh training",
      ],
    ],
  );
}

/** Result of the range test, and the rates that trials used. */
export function rangeSentence({ steps, test, given, kept }: RangeOutcome): string {
  const rose = `Over ${countOf(steps.length, "step")} the learning rate rose from ${rateText(given.low)} to ${rateText(steps.at(-1)?.rate ?? given.high)}.`;
  const runaway = test.diverges === null ? "" : ` From ${rateText(test.diverges)} on it ran away.`;
  if (test.usable === null)
    return `${rose} The loss did not fall beyond its noise.${runaway} No rate was left out.`;
  const fell = `The loss began to fall at ${rateText(test.usable.low)} and was lowest at ${rateText(test.usable.high)}.${runaway}`;
  const isSame = kept.low === given.low && kept.high === given.high;
  const end = isSame
    ? "No rate was left out."
    : `Trials keep to ${rateText(kept.low)} to ${rateText(kept.high)}.`;
  return `${rose} ${fell} ${end}`;
}

function rateText(rate: number): string {
  return String(Number(rate.toPrecision(2)));
}

/** Rungs and their costs. */
export function rungTable({ account, rate, fidelity }: SearchDocument): Table {
  return table(
    [trainedHead(fidelity), "#trials", "#failed", "#cost"],
    account.rungs.map(({ units, segments: stretches, failed, usd }) => [
      shareText(units),
      String(stretches),
      String(failed),
      moneyText(usd, rate),
    ]),
  );
}

/** Trials, sorted by amount of training, then by result. */
export function trialTable({ trials, space, rate, fidelity }: SearchDocument): Table {
  const knobs = Object.keys(space).sort();
  const rows = [...trials].sort(
    (a, b) =>
      (b.share ?? 0) - (a.share ?? 0) ||
      (a.loss ?? Number.POSITIVE_INFINITY) - (b.loss ?? Number.POSITIVE_INFINITY),
  );
  return table(
    [
      ...["#trial", ...knobs.map(shortKey), `#${trainedHead(fidelity)}`, "#validation loss", "#cost"],
      ...["from", "run"],
    ],
    rows.map(({ trial, point, share, loss, failed, microUsd, origin, run }) => [
      String(trial),
      ...knobs.map((knob) => valueText(point[knob])),
      share === null ? "–" : shareText(share),
      failed ? `failed${loss === null ? "" : ` (${lossText(loss)})`}` : loss === null ? "–" : lossText(loss),
      moneyText(microUsd, rate),
      origin === "defaults" ? "the recipe" : origin === "known" ? "the record" : origin,
      run ?? "–",
    ]),
  );
}

/** Whether rankings agree between rungs. */
export function rankingTable({ account, fidelity }: SearchDocument): Table {
  const texts = {
    holds: "holds",
    "does-not-hold": "does not hold",
    "cannot-tell": "too few to tell",
  } as const;
  return table(
    [
      trainedHead(fidelity),
      "and to",
      "#trials with both",
      "#Kendall's tau",
      "#95 % interval",
      "the order",
      "#best of the first loses",
    ],
    account.rankings.map(({ from, to, trials, tau, interval, verdict, regret }) => [
      shareText(from),
      shareText(to),
      String(trials),
      tau.toFixed(2),
      interval === null ? "–" : `${interval.low.toFixed(2)} to ${interval.high.toFixed(2)}`,
      texts[verdict],
      regret === 0 ? "nothing" : lossText(regret),
    ]),
  );
}

/** Importance of each hyperparameter. */
export function importanceTable({ account }: SearchDocument): Table {
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  return table(
    ["setting", "#share of the differences", "#95 % interval"],
    account.importance.map(({ knob, share, interval }) => [
      knob,
      percent(share),
      `${percent(interval.low)} to ${percent(interval.high)}`,
    ]),
  );
}

/** Comparison of the final runs. */
export function finalsTable({ finals }: SearchDocument): Table {
  const scores = finals?.scores ?? [];
  return table(
    ["metric", "#recipe's own", "#best settings", "#difference", "#95 % interval", "", "#rows"],
    scores.map(({ metric, own, winner, value, interval, verdict, rows }) => [
      metric,
      scoreText(metric, own),
      scoreText(metric, winner),
      differenceText(metric, value),
      intervalText(metric, interval),
      verdict,
      String(rows),
    ]),
  );
}

/** Suggested next steps. */
export function adviceSentences(document: SearchDocument): string[] {
  const { account, end, rate, trials, fidelity } = document;
  const { furtherTrials, expectedGain, noise, usdPerTrial, verdict } = account.advice;
  const figures =
    expectedGain === null || noise === null
      ? []
      : [
          `${furtherTrials} more trials (about ${moneyText(usdPerTrial, rate)} each) are expected to lower the validation loss by ${expectedGain.toPrecision(2)}; by chance one run differs from the next by ${noise.toPrecision(2)}.`,
        ];
  const texts = {
    "go-on":
      "Another search pays: with a larger budget it begins where this one ended, since its trials are known to it.",
    stop: "Stop here: what more trials are expected to gain is less than chance moves a result.",
    "cannot-tell": `${trials.filter(({ loss }) => loss !== null).length} results are too few to say whether another search pays.`,
  } as const;
  const [contender] = account.best?.contenders ?? [];
  const next = contender ? contenderSentence(contender, fidelity) : texts[verdict];
  return [end.sentence, ...figures, next].map((sentence) => inTime(sentence, rate));
}

/** A trial that was ahead of the best one when it was paused: completing it comes before any new trial. */
function contenderSentence({ trial, units, value }: Contender, fidelity: Fidelity): string {
  return `Trial ${trial} was ahead of the best one after ${partText(units, fidelity)} (validation loss ${lossText(value)}) and was not trained further: a search with a larger budget completes it first.`;
}

/** What the budget buys, by rung. */
export function planTable({ rungs }: SearchPlan, rate: SearchRate, fidelity: Fidelity): Table {
  return table(
    [trainedHead(fidelity), "#trials", "#each", "#together, at most"],
    rungs.map(({ units, trials, eachUsd, totalUsd }) => [
      shareText(units),
      String(trials),
      rate.isMoney || eachUsd.high > 0
        ? `${moneyText(eachUsd.expected, rate)} (${moneyText(eachUsd.low, rate)} to ${moneyText(eachUsd.high, rate)})`
        : "–",
      moneyText(totalUsd.high, rate),
    ]),
  );
}

/** The search space, one line per hyperparameter. */
export function spaceLines(space: SearchSpace, defaults: SearchPoint): string[] {
  return Object.keys(space)
    .sort()
    .map((path) => {
      const knob = space[path];
      const own = `the recipe says ${valueText(defaults[path])}`;
      if (knob?.kind === "choice") return `${path}: ${knob.values.map(valueText).join(", ")} (${own})`;
      const scale = knob?.kind.startsWith("log") ? "log" : "linear";
      return `${path}: ${knob?.low} to ${knob?.high}, ${scale} (${own})`;
    });
}

/** Settings of a point, as in a recipe: `training.learning_rate 0.0004, method.rank 8`. */
export function pointText(point: SearchPoint): string {
  const paths = Object.keys(point).sort();
  return paths.map((path) => `${path} ${valueText(point[path])}`).join(", ");
}

/** `33 % of its steps`, `all rows`. */
export function partText(share: number, fidelity: Fidelity): string {
  if (fidelity === "steps") return `${shareText(share)} of its steps`;
  return share >= 1 ? "all rows" : `${shareText(share)} of the rows`;
}

function trainedHead(fidelity: Fidelity): string {
  return fidelity === "steps" ? "trained to" : "trained on rows";
}

/** `33 %`, `all`. */
export function shareText(share: number): string {
  return share >= 1 ? "all" : `${Math.round(100 * share)} %`;
}

function valueText(value: HyperparameterValue | undefined): string {
  if (value === undefined) return "–";
  const found = keyValue(value);
  return Array.isArray(found) ? found.join("+") : String(found);
}

function shortKey(path: string): string {
  return path.replace(/^(training|method|data)\./, "");
}

/** Replaces dollars in a sentence by the machine time that they stand for on a free machine. */
function inTime(sentence: string, rate: SearchRate): string {
  if (rate.isMoney) return sentence;
  return sentence.replace(/\$(\d+(?:\.\d+)?(?:e-?\d+)?)/g, (_, dollars: string) =>
    moneyText(Math.round(1e6 * Number(dollars)) as Usd, rate),
  );
}

/** Formats money as dollars, or as machine time on a free machine. */
export function moneyText(money: Usd, rate: SearchRate): string {
  return rate.isMoney ? usdText(money) : secondsText(secondsAt(money, rate));
}

/** Time that money buys at a rate. */
export function secondsAt(money: Usd, { usdPerHour }: SearchRate): Seconds {
  return seconds((3600 * money) / usdPerHour);
}

/** Price of the machine. */
export function rateSentence({ rate, price_source: source, parallel }: SearchDocument): string {
  const shared =
    parallel > 1
      ? ` ${countOf(parallel, "trial")} at the same time shared it, and each counts its part.`
      : "";
  if (!rate.isMoney)
    return `The machine's price is set to $0 per hour, so time is counted in place of money.${shared}`;
  return `The machine costs ${moneyText(rate.usdPerHour as Usd, rate)} an hour${source === "" ? "" : ` (${source})`}.${shared}`;
}

/** How to read rank agreement. */
export const rankingNote =
  "1: the same order, 0: none, -1: turned round; 0.5 is three of four pairs. Only trials that went on have both results, and they are the closest ones.";

/** How to read importance. */
export function importanceNote({ account }: SearchDocument): string {
  return account.importance.length === 0
    ? "There are too few results to say how much each setting matters."
    : "Shares need not add up: what settings do only together belongs to none.";
}

/** Limitations of the result. */
export function searchLimits({ validation_rows: rows, finals, fidelity }: SearchDocument): string[] {
  return [
    `Trials were compared by their loss on ${rows} validation rows; the best of many appears better there than it is.`,
    fidelity === "steps"
      ? "Trials that were stopped early could have won later: a slow start is not seen."
      : "Trials were compared on slices of the rows first: what is best there need not be best on all rows.",
    ...(finals === null || finals.own === null
      ? []
      : ["Both final runs have one seed: another seed would move each of them."]),
  ];
}
