/**
 * @file Runs the arms of a try: selects candidates on validation rows, then answers, scores and judges the test rows.
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { dollars, seconds, secondsText, type Usd, usd, usdText } from "@tunewise/core/quantity";
import type { Example } from "@tunewise/core/rows";
import { answerOf } from "@tunewise/datacheck/dataset";
import { type Arm, type ArmLine, type Choice, chooseCandidate } from "../../baselines/index.ts";
import { type PairwiseSummary, type Score, summarizePairs } from "../../evaluate/index.ts";
import { problem, type TunewiseError } from "../../problem/index.ts";
import { type Recipe, templateKey } from "../../recipe/index.ts";
import type { TestSetAccess } from "../../report/index.ts";
import type { Scorer } from "../../scoring/index.ts";
import { AnswerLog, type AnswerQuestions, type ArmAnswer } from "./answer-log.ts";
import { answerAlone, answerRows, isBatched } from "./answer-rows.ts";
import type { TryRows } from "./held-out-test-set.ts";
import {
  armMetrics,
  failedRows,
  failedText,
  hasTooManyFailures,
  scoreArm,
  unansweredRows,
} from "./invalid-arm.ts";
import type { BothOrders, Judge } from "./open-judge.ts";
import type { OpenTry } from "./open-try.ts";
import type { QuestionMaker } from "./questions.ts";
import { type RecordedAnswers, withRecorded } from "./recorded-answers.ts";

/** Inputs of the arms of a try. */
export interface TryWork {
  readonly recipe: Recipe;
  readonly scorer: Scorer;
  readonly judge: Judge | null;
  readonly lines: readonly ArmLine[];
  readonly rows: TryRows;
  readonly ask: QuestionMaker;
  readonly respond: AnswerQuestions;
  /** Answers to test rows that the arms' runs recorded. */
  readonly recorded: RecordedAnswers;
  /** Returns the amount paid for answers since the last call, including failed attempts. */
  readonly takePaid: () => Usd;
  readonly now: () => Date;
  readonly onProgress: (name: string, done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** An arm's results on the test rows. */
export interface TriedArm {
  readonly arm: Arm;
  readonly line: string;
  readonly answers: readonly ArmAnswer[];
  /** Answers to a few rows asked one at a time, for latency; empty for arms that never batch. */
  readonly alone: readonly ArmAnswer[];
  /** The headline metric comes first. */
  readonly scores: readonly [Score, ...Score[]];
  /** The judge's comparison of the answers with the references; `null` without a judge. */
  readonly judged: PairwiseSummary | null;
}

/** Results of a try before the decision. */
export interface TriedArms {
  readonly choices: readonly Choice[];
  readonly arms: readonly TriedArm[];
  readonly references: readonly string[];
  readonly questions: readonly Example[];
  /** Earlier accesses to these rows by other runs. */
  readonly earlierAccesses: readonly TestSetAccess[];
}

/** Selects candidates on the validation rows, opens the test rows once, and lets every selected arm answer them. */
export async function tryArms(work: TryWork, open: OpenTry): Promise<TriedArms> {
  const logs = new Map<string, AnswerLog>();
  for (const { candidates } of work.lines) {
    for (const arm of candidates) logs.set(arm.id, await AnswerLog.open(open.folder.path, arm.id));
  }
  const choices = await selectCandidates(work, open, logs);
  const { rows, before } = await work.rows.heldOut.open(open.output, open.runId, work.now().toISOString());
  const arms = choices.map(({ chosen }) => chosen);
  const answers = await answerSet(work, open, logs, { arms, set: "test", rows });
  const references = rows.map(answerOf);
  const tried: TriedArm[] = [];
  for (const { chosen, line } of choices) {
    const own = answers.get(chosen.id) ?? [];
    const scores = await scoreArm(work.scorer, armMetrics(work.recipe), own, rows);
    const judged = work.judge && (await judge(work.judge, work, open, { name: line, rows, answers: own }));
    const alone = await measureLatency(work, open, logs, chosen, rows);
    const judgements = { scores: scores as unknown as TriedArm["scores"], judged };
    tried.push({ arm: chosen, line, answers: own, alone, ...judgements });
  }
  return { choices, references, questions: rows, earlierAccesses: before, arms: tried };
}

async function selectCandidates(
  work: TryWork,
  open: OpenTry,
  logs: ReadonlyMap<string, AnswerLog>,
): Promise<readonly Choice[]> {
  const { lines, rows, recipe, scorer } = work;
  const arms = lines
    .filter(({ candidates }) => candidates.length > 1)
    .flatMap(({ candidates }) => candidates);
  const answers = await answerSet(work, open, logs, { arms, set: "validation", rows: rows.validation });
  const [headline] = armMetrics(recipe);
  const scores = new Map<string, Score>();
  for (const { id } of arms) {
    const [score] = await scoreArm(scorer, [headline], answers.get(id) ?? [], rows.validation);
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

async function measureLatency(
  { ask, respond, onProgress, signal, recipe }: TryWork,
  open: OpenTry,
  logs: ReadonlyMap<string, AnswerLog>,
  arm: Arm,
  rows: readonly Example[],
): Promise<readonly ArmAnswer[]> {
  if (!isBatched(arm)) return [];
  onProgress(`questions asked alone: ${arm.name}`, 0, 1);
  const log = logs.get(arm.id) as AnswerLog;
  const inside: AnswerQuestions = (one, questions) => {
    requireBudget(recipe, open);
    return respond(one, questions);
  };
  const answers = await answerAlone(arm, rows, { log, ask, respond: inside, signal });
  onProgress(`questions asked alone: ${arm.name}`, 1, 1);
  return answers;
}

async function answerSet(
  { ask, respond, recorded, takePaid, onProgress, signal, recipe }: TryWork,
  open: OpenTry,
  logs: ReadonlyMap<string, AnswerLog>,
  what: { readonly arms: readonly Arm[]; readonly set: ArmAnswer["set"]; readonly rows: readonly Example[] },
): Promise<ReadonlyMap<string, readonly ArmAnswer[]>> {
  const logOf = ({ id }: Arm): AnswerLog => logs.get(id) as AnswerLog;
  const words = what.set === "test" ? "test rows" : "choosing on validation rows";
  const onTurn = (arm: Arm, done: number, total: number): void =>
    onProgress(`${words}: ${arm.name}`, done, total);
  const metered: AnswerQuestions = async (arm, questions) => {
    requireBudget(recipe, open);
    const spoken = await respond(arm, questions);
    await open.recordSpend("arms", takePaid());
    return spoken;
  };
  return answerRows({
    ...what,
    batchSize: recipe.evaluation.batchSize,
    logOf,
    ask,
    respond: what.set === "test" ? withRecorded(metered, recorded) : metered,
    onTurn,
    signal,
  });
}

/** Number of pairs to judge between checks of the caps. */
const judgeBatch = 16;

async function judge(
  by: Judge,
  { recipe, onProgress, signal }: TryWork,
  open: OpenTry,
  what: { readonly name: string; readonly rows: readonly Example[]; readonly answers: readonly ArmAnswer[] },
): Promise<PairwiseSummary> {
  const { name, rows, answers } = what;
  const all: BothOrders[] = [];
  const failed: { failed: string | null }[] = [];
  for (let start = 0; start < rows.length; start += judgeBatch) {
    signal.throwIfAborted();
    requireBudget(recipe, open);
    const end = start + judgeBatch;
    const texts = answers.slice(start, end).map(({ answer }) => answer);
    const judged = await by.judge(rows.slice(start, end), texts);
    await open.recordSpend("judge", judged.paidUsd);
    all.push(...judged.verdicts);
    failed.push(...judged.failed.map((why) => ({ failed: why })));
    onProgress(`judging: ${name}`, all.length, rows.length);
    if (hasTooManyFailures(unansweredRows(failed).length, rows.length)) break;
  }
  return withFailures(summarizePairs(all), failed, rows.length);
}

/** Accounts for failed pairs. Too many make the judge invalid, as position bias does; fewer become a warning. */
function withFailures(
  summary: PairwiseSummary,
  pairs: readonly { readonly failed: string | null }[],
  rows: number,
): PairwiseSummary {
  const failures = failedRows(pairs);
  if (failures === null) return summary;
  const isInvalid = hasTooManyFailures(failures.failed, rows);
  const text = failedText({ ...failures, rows });
  const warning = isInvalid ? `invalid: the judge ${text}; its verdicts do not count` : `The judge ${text}.`;
  return {
    ...summary,
    saysNothing: summary.saysNothing || isInvalid,
    warnings: [warning, ...summary.warnings],
  };
}

/**
 * Checks the caps before each batch, so that spending exceeds them by at most one batch.
 *
 * @throws {TunewiseError} `ARMS_BUDGET_SPENT`
 */
export function requireBudget(recipe: Recipe, open: OpenTry): void {
  const { usd: cap, minutes } = recipe.budget;
  const [spent, time] = [open.spentUsd(), open.meter.spentSeconds];
  const isSpent = (cap !== null && spent >= usd(cap)) || (minutes !== null && time >= 60 * minutes);
  if (isSpent) throw budgetSpent(recipe, open);
}

/** The problem of a try that reached its caps, with the command that resumes it. */
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
    // others who share the account may have spent up to the cap
    command: `${open.resume.command}${raisedCaps(recipe, open, cause === undefined ? 0 : (cap ?? 0))}`,
  };
  return problem("ARMS_BUDGET_SPENT", about, { cause });
}

/** Caps that suffice to finish the try: the maximum further API cost, and three times the time so far. */
function raisedCaps({ budget }: Recipe, { resume, meter, spentUsd }: OpenTry, goneUsd: number): string {
  const enoughUsd = 1.2 * (Math.max(goneUsd, dollars(spentUsd())) + resume.maxUsd);
  const isShort = budget.usd !== null && enoughUsd > budget.usd;
  const isLate = budget.minutes !== null && meter.spentSeconds >= 60 * budget.minutes;
  const caps = [
    ...(isShort ? [`${Math.max(0.01, Math.ceil(100 * enoughUsd) / 100)}usd`] : []),
    ...(isLate ? [`${Math.max(1, Math.ceil((3 * meter.spentSeconds) / 60))}min`] : []),
  ];
  return caps.length === 0 ? "" : ` --budget ${caps.join(",")}`;
}

/** Identifies a try by everything that determines its answers. */
export function tryFingerprint(about: {
  readonly lines: readonly ArmLine[];
  readonly rows: TryRows;
  readonly recipe: Recipe;
  readonly model: string;
  readonly data: string;
  readonly corpus: string;
  /** Models other than the recipe's. */
  readonly others: string;
  readonly runs: Readonly<Record<string, string>>;
  /** Fingerprint of the files that metrics read. */
  readonly judgedBy: string;
}): string {
  const { recipe, rows, ...rest } = about;
  const { evaluation, task, training, data } = recipe;
  const { promptTemplate, system } = data;
  const basis = [rest, rows.heldOut.fingerprint, rows.validation.length, evaluation, task, training.seed];
  return createHash("sha256")
    .update(JSON.stringify([basis, promptTemplate, system]))
    .update(templateKey(recipe.model))
    .digest("hex");
}

/** The output folder of a recipe's runs. */
export function outputOf(recipe: Recipe, folder: string): string {
  return resolve(folder, recipe.output);
}
