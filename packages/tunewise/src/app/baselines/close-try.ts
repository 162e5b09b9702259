/** @file Ends a try: decides between the arms and writes the report files. */

import { join } from "node:path";
import { usd } from "@tunewise/core/quantity";
import type { Example } from "@tunewise/core/rows";
import { trainingOf } from "@tunewise/core/run";
import { memoryShare, seenRows } from "@tunewise/datacheck";
import { answerOf, promptOf, questionOf, transcriptOf } from "@tunewise/datacheck/dataset";
import { writeWholeFile } from "@tunewise/tracker";
import { citedPassages } from "../../baselines/index.ts";
import {
  type AssertedTest,
  type Assertion,
  contradictionText,
  findContradictions,
  metricKinds,
  type Score,
  type ScoringData,
  testFinder,
  writeAssertions,
} from "../../evaluate/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { type Finding, findingOf } from "../../problem/index.ts";
import type { DecisionSection, MetricName } from "../../recipe/index.ts";
import {
  documentHtml,
  documentMarkdown,
  type ShownArm,
  type ShownCurvePoint,
  type ShownVerdicts,
  type SplitQuestion,
  type TestSetAccess,
  type TryDocument,
  tryReport,
} from "../../report/index.ts";
import type { Scorer } from "../../scoring/index.ts";
import { tryDocumentPath } from "../runs/index.ts";
import type { ArmAnswer } from "./answer-log.ts";
import type { Corpus } from "./corpus.ts";
import {
  claimsOf,
  type DecisionFacts,
  decideArms,
  isArm,
  judgeDecides,
  learningCurveOf,
  objectiveSentence,
  trivialArms,
} from "./decide-arms.ts";
import { type FoundArms, scoredRuns } from "./find-arms.ts";
import type { HeldOutTestSet } from "./held-out-test-set.ts";
import {
  armMetrics,
  invalidReason,
  leftOutText,
  scoredArms,
  sharedRows,
  unansweredRows,
} from "./invalid-arm.ts";
import { compareMethodCosts } from "./method-costs.ts";
import { defaultCriteria } from "./open-judge.ts";
import type { Retrieval } from "./open-retrieval.ts";
import type { OpenTry, TryEnd } from "./open-try.ts";
import type { TriedArm, TriedArms } from "./try-arms.ts";

/** Inputs of the decision and the report, in addition to the answers. */
export interface ReportInputs {
  readonly prepared: Prepared;
  readonly scorer: Scorer;
  /** Rows for few-shot examples, excluding those set aside for validation. */
  readonly trainingExamples: readonly Example[];
  readonly found: FoundArms;
  readonly corpus: Corpus | null;
  /** `null` if no arm uses retrieval. */
  readonly retrieval: Pick<Retrieval, "priceOfQuestion"> | null;
  readonly findings: readonly Finding[];
  readonly choosingRows: number;
  /** The test rows. */
  readonly rows: Pick<HeldOutTestSet, "fingerprint" | "count">;
  readonly leaked: number;
  /** Estimated API cost in dollars. */
  readonly estimatedUsd: { readonly expected: number; readonly most: number };
}

/** Maximum number of questions that the report shows because arms disagree on them. */
const maxSplitQuestions = 12;

/** Decides, and writes `arms.json`, `report.md`, `report.html` and the rows as promptfoo tests. */
export async function closeTry(
  open: OpenTry,
  tried: TriedArms,
  facts: ReportInputs,
): Promise<TryEnd<TryDocument>> {
  const document = await documentOf(open, tried, facts);
  await writeWholeFile(tryDocumentPath(open.folder), `${JSON.stringify(document)}\n`);
  const report = tryReport(document);
  await writeWholeFile(open.folder.reportMarkdown, documentMarkdown(report));
  await writeWholeFile(open.folder.reportHtml, documentHtml(report));
  const { recipe, scoring } = facts.prepared;
  const tests = promptfooTests(tried.questions, armMetrics(recipe)[0], scoring);
  await writeWholeFile(join(open.folder.path, "promptfoo-tests.json"), writeAssertions(tests));
  const scores = scoredArms(tried.arms).flatMap(({ line, scores: own }) =>
    own.map(({ metric, value, interval, rows }) => ({
      arm: line,
      metric,
      value,
      rows,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
    })),
  );
  const { verdict, arm, isInvalid } = document.decision;
  const summary = {
    verdict,
    arm,
    is_invalid: isInvalid,
    invalid: document.invalid.length,
    arms: tried.arms.length,
  };
  // Once a failed endpoint works again, the same try asks only the unanswered questions.
  const canGoOn = tried.arms.some(
    (one) => invalidReason(one) !== null && unansweredRows(one.answers).length > 0,
  );
  return { status: canGoOn ? "stopped" : "completed", result: document, scores, facts: summary };
}

async function documentOf(open: OpenTry, tried: TriedArms, facts: ReportInputs): Promise<TryDocument> {
  const { prepared, found, corpus, findings } = facts;
  const { recipe, examples } = prepared;
  const about: DecisionFacts = {
    recipe,
    findings,
    trainingRows: examples.train.length,
    documents: corpus?.documents ?? 0,
    usdPerVector: facts.retrieval?.priceOfQuestion(tried.questions.map(promptOf)) ?? 0,
    runs: new Map([...found.runs].map(([arm, { run }]) => [arm, run])),
    groups: groupsOf(tried),
    trivial: await trivialArms(facts.scorer, tried, facts.trainingExamples),
    seen: seenRows(tried.questions, prepared.observations),
  };
  const decision = decideArms(tried, about);
  const arms = tried.arms.map((one) => shownArm(one, found, recipe.decision));
  const methods = await compareMethodCosts(prepared, open.output);
  const ledger = await open.finalSpend();
  const [headline] = tried.arms[0]?.scores ?? [];
  return {
    format_version: 1,
    run: open.runId,
    name: prepared.loaded.runName ?? recipe.name,
    created: open.createdAt,
    model: recipe.model.source,
    metric: metricTitle(headline, tried, recipe.decision),
    test_rows: tried.references.length,
    compared_rows: sharedRows(tried.arms).length,
    choosing_rows: facts.choosingRows,
    invalid: invalidSentences(tried, arms),
    training_rows: examples.train.length,
    leaked_rows: facts.leaked,
    seen: memoryShare(prepared.observations, examples.test),
    documents: corpus && { count: corpus.documents, passages: corpus.index.passages.length },
    arms,
    choices: tried.choices,
    looks_before: await accessesBefore(open, tried, facts),
    decision,
    judge: shownJudge(tried, recipe.decision),
    learning_curve: shownCurve(tried, examples.train.length, found),
    claims: claimsOf(tried, about, methods),
    wish: objectiveSentence(recipe.decision),
    split: splitQuestions(tried),
    findings: [...findings, ...contradictionsOf(tried)],
    machine: { usd_per_hour: recipe.machine.usdPerHour, source: recipe.machine.source },
    took: { seconds: ledger.duration, micro_usd: ledger.spent },
    apis: {
      expected: usd(facts.estimatedUsd.expected),
      most: usd(facts.estimatedUsd.most),
      paid: ledger.charged,
    },
  };
}

/**
 * Earlier tries and trainings that scored the test rows, in order. Trainings are added here because they do not write
 * to the access log.
 */
async function accessesBefore(
  { output }: OpenTry,
  { earlierAccesses }: TriedArms,
  { prepared, found, rows }: ReportInputs,
): Promise<TestSetAccess[]> {
  const about = { rows: rows.fingerprint, count: rows.count };
  const behind = [...found.runs.values()].map(({ run }) => run);
  const trained = [...behind, ...(await scoredRuns(output, prepared.dataFingerprint))];
  const ofRuns = new Map(trained.map((run) => [run.id, { ...about, run: run.id, time: run.createdAt }]));
  return [...earlierAccesses, ...ofRuns.values()].sort((a, b) => (a.time < b.time ? -1 : 1));
}

/** Sentences that state which arms have no score, and why. */
function invalidSentences({ arms }: TriedArms, shown: readonly ShownArm[]): string[] {
  return [
    ...shown.flatMap(({ line, invalid: why }) => (why === null ? [] : [`${line} is invalid: ${why}`])),
    ...arms.flatMap(({ line, judged }) =>
      (judged?.warnings ?? [])
        .filter((warning) => warning.startsWith("invalid: "))
        .map((warning) => `The judge's verdicts on ${line} are ${warning}`),
    ),
  ];
}

/** Name of the metric that the decision compares. */
function metricTitle(headline: Score | undefined, { arms }: TriedArms, decision: DecisionSection): string {
  if (judgeDecides(arms, decision)) return "preferred by the judge";
  return headline ? metricKinds[headline.metric].title : "";
}

function shownArm(
  tried: TriedArm,
  { runs }: FoundArms,
  { mustCite, tuningRounds }: DecisionSection,
): ShownArm {
  const { arm, line, answers, scores } = tried;
  const run = runs.get(arm.id)?.run ?? null;
  const failed = unansweredRows(answers).length;
  const sum = (of: (one: (typeof answers)[number]) => number): number =>
    answers.reduce((total, one) => total + of(one), 0);
  return {
    id: arm.id,
    name: arm.name,
    line,
    model: arm.model,
    examples: arm.examples,
    passages: arm.passages,
    run: run?.id ?? null,
    ...(run !== null && trainingOf(run)?.forgetting?.verdict === "fail" && { forgot: true }),
    scores: scores.map(({ metric, value, interval }) => ({ metric, value, interval })),
    failed,
    answered: answers.length - failed,
    invalid: invalidReason(tried),
    leftOut: leftOutText(tried),
    secondsUpFront: (run?.wallSeconds ?? 0) * tuningRounds,
    cited:
      mustCite && arm.passages > 0
        ? answers.filter(({ answer, passages }) => citedPassages(answer, passages.length).length > 0).length
        : null,
    notes: notesOf(answers),
    promptTokens: sum((one) => one.promptTokens),
    answerTokens: sum((one) => one.answerTokens),
    seconds: sum((one) => one.seconds),
    microUsd: sum((one) => one.microUsd),
    answers: `arms/${arm.id}.jsonl`,
  };
}

function shownJudge({ arms }: TriedArms, decision: DecisionSection): TryDocument["judge"] {
  const { judge } = decision;
  if (judge === null) return null;
  const verdicts = arms.flatMap(({ line, judged }): ShownVerdicts[] => {
    if (judged === null) return [];
    const { a: better, tie: same, b: worse, open } = judged.wins;
    return [
      { line, better, same, worse, open, kappa: judged.orders?.kappa ?? null, warnings: judged.warnings },
    ];
  });
  const { model } = judge.endpoint;
  return {
    model,
    criteria: judge.criteria ?? defaultCriteria,
    decides: judgeDecides(arms, decision),
    arms: verdicts,
  };
}

function shownCurve(tried: TriedArms, trainingRows: number, { runs }: FoundArms): ShownCurvePoint[] {
  return learningCurveOf(scoredArms(tried.arms), trainingRows).map(({ rows, tried: { arm, scores } }) => {
    const [{ metric, value, interval }] = scores;
    return { rows, metric, value, interval, run: runs.get(arm.id)?.run.id ?? null };
  });
}

function notesOf(answers: readonly ArmAnswer[]): ShownArm["notes"] {
  const counts = new Map<string, number>();
  for (const says of answers.flatMap(({ notes }) => notes)) counts.set(says, (counts.get(says) ?? 0) + 1);
  return [...counts].map(([says, count]) => ({ says, count }));
}

/** The rows' groups, or `null` if any row has none. */
function groupsOf({ questions }: TriedArms): readonly string[] | null {
  const groups = questions.map(({ group }) => group);
  return groups.every((group) => group !== undefined) ? (groups as string[]) : null;
}

/** Maximum characters of each earlier turn in a shown conversation. */
const turnCharacters = 80;

/** Questions that some arms answered correctly and others did not, most even splits first. */
function splitQuestions({ arms: all, questions, references }: TriedArms): SplitQuestion[] {
  const arms = scoredArms(all).filter(isArm);
  const rightOf = (row: number): number =>
    arms.filter(({ scores }) => (scores[0].outcomes[row]?.value ?? 0) >= 0.5).length;
  const unevenness = (row: number): number => Math.abs(rightOf(row) - arms.length / 2);
  return [...questions.keys()]
    .filter((row) => rightOf(row) > 0 && rightOf(row) < arms.length)
    .sort((a, b) => unevenness(a) - unevenness(b) || a - b)
    .slice(0, maxSplitQuestions)
    .map((row) => ({
      question: transcriptOf(questions[row] as (typeof questions)[number], turnCharacters),
      reference: references[row] ?? "",
      answers: Object.fromEntries(arms.map(({ line, answers }) => [line, answers[row]?.answer ?? ""])),
    }));
}

/** One `SCORE_CONTRADICTS` for each arm and metric whose answers equal their references but count as wrong. */
export function contradictionsOf({ arms, references }: Pick<TriedArms, "arms" | "references">): Finding[] {
  return arms.flatMap(({ line, answers, scores }) => {
    const texts = answers.map(({ answer }) => answer);
    return findContradictions(scores, texts, references).map((one) =>
      findingOf("SCORE_CONTRADICTS", "warning", { who: line, what: contradictionText(one) }, [], one.rows),
    );
  });
}

/** One promptfoo test per row: the question as variable `question`, and the assertion closest to the metric. */
export function promptfooTests(
  rows: readonly Example[],
  metric: MetricName,
  scoring: ScoringData,
): AssertedTest[] {
  const find = testFinder(scoring.tests, scoring.defaultTest);
  return rows.map((row) => {
    const question = questionOf(row);
    const own = metric === "assertions" ? find(question) : null;
    const vars = { question, reference: answerOf(row) };
    const assertions = own?.assertions ?? [assertionFor(metric, answerOf(row), scoring)];
    return { vars, assertions, threshold: own?.threshold ?? null };
  });
}

function assertionFor(metric: MetricName, reference: string, scoring: ScoringData): Assertion {
  const [type, value] = metricKinds[metric].assertion(reference, scoring);
  return { type, value, isNegated: false, threshold: null, weight: 1, metric };
}
