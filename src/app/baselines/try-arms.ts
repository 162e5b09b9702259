/**
 * @file `tunewise try`: cheaper ways and the tuned model on the same test rows, and what follows from it.
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { type Arm, type ArmLine, answerOf, type Choice, chooseCandidate } from "../../baselines/index.ts";
import type { Example } from "../../dataset/index.ts";
import { type PairwiseSummary, type Score, summarizePairs } from "../../evaluate/index.ts";
import { problem, type TunewiseError } from "../../problem/index.ts";
import { dollars, seconds, secondsText, type Usd, usd, usdText } from "../../quantity/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { TestSetAccess } from "../../report/index.ts";
import type { Scorer } from "../../scoring/index.ts";
import { answerAlone, isBatched } from "./answer-alone.ts";
import { AnswerLog, type ArmAnswer } from "./answer-log.ts";
import type { AnswerQuestions } from "./answer-questions.ts";
import { answerRows } from "./answer-rows.ts";
import type { BothOrders, Judge } from "./open-judge.ts";
import type { OpenTry } from "./open-try.ts";
import type { QuestionMaker } from "./questions.ts";
import { armMetrics, scoreArm } from "./score-arm.ts";
import type { TryRows } from "./try-rows.ts";
import { failedRows, failedText, isBeyondHelp, unansweredRows } from "./void-arm.ts";

/** What the arms of a try need to answer. */
export interface TryWork {
  readonly recipe: Recipe;
  readonly scorer: Scorer;
  readonly judge: Judge | null;
  readonly lines: readonly ArmLine[];
  readonly rows: TryRows;
  readonly ask: QuestionMaker;
  readonly speak: AnswerQuestions;
  /** What APIs took for answers since the last call, failed tries included. */
  readonly takePaid: () => Usd;
  readonly now: () => Date;
  readonly onProgress: (name: string, done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** An arm on the test rows. */
export interface TriedArm {
  readonly arm: Arm;
  readonly line: string;
  readonly answers: readonly ArmAnswer[];
  /** A few rows asked one at a time; empty where answers are never made in batches. */
  readonly alone: readonly ArmAnswer[];
  /** Headline first. */
  readonly scores: readonly [Score, ...Score[]];
  /** What the recipe's judge said of its answers beside the references; `null`: there is no judge. */
  readonly judged: PairwiseSummary | null;
}

/** What a try gives before anything is decided. */
export interface TriedArms {
  readonly choices: readonly Choice[];
  readonly arms: readonly TriedArm[];
  readonly references: readonly string[];
  readonly questions: readonly Example[];
  /** Looks that others had at these rows before. */
  readonly looksBefore: readonly TestSetAccess[];
}

/** Chooses on the validation rows, opens the test rows once, lets every chosen arm answer them. */
export async function tryArms(work: TryWork, open: OpenTry): Promise<TriedArms> {
  const logs = new Map<string, AnswerLog>();
  for (const { candidates } of work.lines) {
    for (const arm of candidates) logs.set(arm.id, await AnswerLog.open(open.folder.path, arm.id));
  }
  const choices = await choose(work, open, logs);
  const { rows, before } = await work.rows.sealed.open(open.output, open.runId, work.now().toISOString());
  const arms = choices.map(({ chosen }) => chosen);
  const answers = await answer(work, open, logs, { arms, set: "test", rows });
  const references = rows.map(answerOf);
  const tried: TriedArm[] = [];
  for (const { chosen, line } of choices) {
    const own = answers.get(chosen.id) ?? [];
    const scores = await scoreArm(work.scorer, armMetrics(work.recipe), own, rows);
    const judged = work.judge && (await judge(work.judge, work, open, { name: line, rows, answers: own }));
    const alone = await timeAlone(work, open, logs, chosen, rows);
    const judgements = { scores: scores as unknown as TriedArm["scores"], judged };
    tried.push({ arm: chosen, line, answers: own, alone, ...judgements });
  }
  return { choices, references, questions: rows, looksBefore: before, arms: tried };
}

async function choose(
  work: TryWork,
  open: OpenTry,
  logs: ReadonlyMap<string, AnswerLog>,
): Promise<readonly Choice[]> {
  const { lines, rows, recipe, scorer } = work;
  const arms = lines
    .filter(({ candidates }) => candidates.length > 1)
    .flatMap(({ candidates }) => candidates);
  const answers = await answer(work, open, logs, { arms, set: "validation", rows: rows.choosing });
  const [headline] = armMetrics(recipe);
  const scores = new Map<string, Score>();
  for (const { id } of arms) {
    const [score] = await scoreArm(scorer, [headline], answers.get(id) ?? [], rows.choosing);
    if (score !== undefined) scores.set(id, score);
  }
  return lines.map((line) =>
    chooseCandidate(line, ({ id }) => {
      const score = scores.get(id);
      if (score === undefined) throw new Error("Internal: a candidate without a score");
      return score;
    }),
  );
}

async function timeAlone(
  { ask, speak, onProgress, signal, recipe }: TryWork,
  open: OpenTry,
  logs: ReadonlyMap<string, AnswerLog>,
  arm: Arm,
  rows: readonly Example[],
): Promise<readonly ArmAnswer[]> {
  if (!isBatched(arm)) return [];
  onProgress(`questions asked alone: ${arm.name}`, 0, 1);
  const log = logs.get(arm.id) as AnswerLog;
  const inside: AnswerQuestions = (one, questions) => {
    demandBudget(recipe, open);
    return speak(one, questions);
  };
  const answers = await answerAlone(arm, rows, { log, ask, speak: inside, signal });
  onProgress(`questions asked alone: ${arm.name}`, 1, 1);
  return answers;
}

async function answer(
  { ask, speak, takePaid, onProgress, signal, recipe }: TryWork,
  open: OpenTry,
  logs: ReadonlyMap<string, AnswerLog>,
  what: { readonly arms: readonly Arm[]; readonly set: ArmAnswer["set"]; readonly rows: readonly Example[] },
): Promise<ReadonlyMap<string, readonly ArmAnswer[]>> {
  const logOf = ({ id }: Arm): AnswerLog => logs.get(id) as AnswerLog;
  const words = what.set === "test" ? "test rows" : "choosing on validation rows";
  const onTurn = (arm: Arm, done: number, total: number): void =>
    onProgress(`${words}: ${arm.name}`, done, total);
  const booked: AnswerQuestions = async (arm, questions) => {
    demandBudget(recipe, open);
    const spoken = await speak(arm, questions);
    await open.book("arms", takePaid());
    return spoken;
  };
  return answerRows({
    ...what,
    together: recipe.evaluation.batchSize,
    logOf,
    ask,
    speak: booked,
    onTurn,
    signal,
  });
}

/** Pairs judged before the caps are looked at again. */
const pairsTogether = 16;

async function judge(
  by: Judge,
  { recipe, onProgress, signal }: TryWork,
  open: OpenTry,
  what: { readonly name: string; readonly rows: readonly Example[]; readonly answers: readonly ArmAnswer[] },
): Promise<PairwiseSummary> {
  const { name, rows, answers } = what;
  const all: BothOrders[] = [];
  const failed: { failed: string | null }[] = [];
  for (let start = 0; start < rows.length; start += pairsTogether) {
    signal.throwIfAborted();
    demandBudget(recipe, open);
    const end = start + pairsTogether;
    const texts = answers.slice(start, end).map(({ answer }) => answer);
    const judged = await by.judge(rows.slice(start, end), texts);
    await open.book("judge", judged.paidUsd);
    all.push(...judged.verdicts);
    failed.push(...judged.failed.map((why) => ({ failed: why })));
    onProgress(`judging: ${name}`, all.length, rows.length);
    if (isBeyondHelp(unansweredRows(failed).length, rows.length)) break;
  }
  return withFailures(summarizePairs(all), failed, rows.length);
}

/** A judge that failed on too many pairs says nothing, like one that always prefers a place; fewer are said. */
function withFailures(
  summary: PairwiseSummary,
  pairs: readonly { readonly failed: string | null }[],
  rows: number,
): PairwiseSummary {
  const failures = failedRows(pairs);
  if (failures === null) return summary;
  const isVoid = isBeyondHelp(failures.failed, rows);
  const text = failedText({ ...failures, rows });
  const warning = isVoid ? `void: the judge ${text}; its verdicts do not count` : `The judge ${text}.`;
  return { ...summary, saysNothing: summary.saysNothing || isVoid, warnings: [warning, ...summary.warnings] };
}

/**
 * A turn begins only inside the caps, so that they are passed by one turn at most.
 *
 * @throws {TunewiseError} `ARMS_BUDGET_SPENT`
 */
export function demandBudget(recipe: Recipe, open: OpenTry): void {
  const { usd: cap, minutes } = recipe.budget;
  const [spent, time] = [open.spentUsd(), open.meter.spentSeconds];
  const isSpent = (cap !== null && spent >= usd(cap)) || (minutes !== null && time >= 60 * minutes);
  if (isSpent) throw budgetSpent(recipe, open);
}

/** A try that its caps end, with the command that goes on with it. */
export function budgetSpent(recipe: Recipe, open: OpenTry, cause?: unknown): TunewiseError {
  const { usd: cap, minutes } = recipe.budget;
  const [spent, time] = [open.spentUsd(), open.meter.spentSeconds];
  const caps = [
    cap === null ? "" : usdText(usd(cap)),
    minutes === null ? "" : secondsText(seconds(60 * minutes)),
  ];
  const about = {
    spent: usdText(spent),
    time: secondsText(time),
    cap: caps.filter((one) => one !== "").join(", "),
    // whoever shares the purse may have spent up to the cap
    command: `${open.again.command}${raisedCaps(recipe, open, cause === undefined ? 0 : (cap ?? 0))}`,
  };
  return problem("ARMS_BUDGET_SPENT", about, { cause });
}

/** Caps under which a try comes to its end: what APIs may take at most on top, and three times the time so far. */
function raisedCaps({ budget }: Recipe, { again, meter, spentUsd }: OpenTry, goneUsd: number): string {
  const enoughUsd = 1.2 * (Math.max(goneUsd, dollars(spentUsd())) + again.mostUsd);
  const isShort = budget.usd !== null && enoughUsd > budget.usd;
  const isLate = budget.minutes !== null && meter.spentSeconds >= 60 * budget.minutes;
  const caps = [
    ...(isShort ? [`${Math.max(0.01, Math.ceil(100 * enoughUsd) / 100)}usd`] : []),
    ...(isLate ? [`${Math.max(1, Math.ceil((3 * meter.spentSeconds) / 60))}min`] : []),
  ];
  return caps.length === 0 ? "" : ` --budget ${caps.join(",")}`;
}

/** What a try is known by: everything that decides its answers. */
export function tryFingerprint(about: {
  readonly lines: readonly ArmLine[];
  readonly rows: TryRows;
  readonly recipe: Recipe;
  readonly model: string;
  readonly data: string;
  readonly corpus: string;
  /** Models beside the recipe's. */
  readonly others: string;
  readonly runs: Readonly<Record<string, string>>;
  /** What files the metrics judge by. */
  readonly judgedBy: string;
}): string {
  const { recipe, rows, ...rest } = about;
  const { evaluation, task, training, data } = recipe;
  const { promptTemplate, system } = data;
  const basis = [rest, rows.sealed.fingerprint, rows.choosing.length, evaluation, task, training.seed];
  return createHash("sha256")
    .update(JSON.stringify([basis, promptTemplate, system]))
    .digest("hex");
}

/** Folder of a recipe's runs. */
export function outputOf(recipe: Recipe, folder: string): string {
  return resolve(folder, recipe.output);
}
