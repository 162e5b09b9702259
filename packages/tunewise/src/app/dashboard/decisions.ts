/** @file Comparisons from `tunewise try`: the list, and the decision of one with its evidence. */

import { tryOf } from "@tunewise/core/run";
import { type ProjectsAmong, readSummaries, type TrackedRun } from "@tunewise/tracker";
import {
  type Table,
  type TryDocument,
  tryHtml,
  tryMarkdown,
  tryWords,
  verdictTitle,
} from "../../report/index.ts";
import { readTryDocument } from "../runs/index.ts";
import { type ShownText, shownText } from "./bounds.ts";
import { type DashboardContext, folderOf } from "./dashboard-context.ts";

/** A comparison in a list. */
export interface ListedDecision {
  readonly id: string;
  readonly name: string;
  readonly projectName: string;
  readonly startedMs: number;
  readonly spentMicroUsd: number;
  /** The verdict as a sentence; empty until the comparison has finished. */
  readonly title: string;
  readonly tone: string;
}

/** A section of the evidence: sentences, followed by a table. */
export interface DecisionPart {
  readonly title: string;
  readonly sentences: readonly string[];
  readonly table: Table | null;
}

/** An arm with its quality and price, marked if it is on the frontier of both. */
export interface FrontierArm {
  readonly name: string;
  readonly isTuned: boolean;
  readonly isOnFrontier: boolean;
  readonly quality: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly usdPerThousandAnswers: number;
}

/** The decision at a given number of answers per month. */
export interface DecisionAtVolume {
  readonly fromPerMonth: number;
  readonly toPerMonth: number;
  readonly title: string;
}

/** A question that arms answered differently. */
export interface SplitAnswers {
  readonly question: ShownText;
  readonly reference: ShownText;
  readonly answers: readonly { readonly arm: string; readonly text: ShownText }[];
}

/** A decision and its evidence. */
export interface ShownDecision {
  readonly title: string;
  readonly tone: string;
  readonly why: string;
  readonly metric: string;
  readonly model: string;
  readonly testRows: number;
  readonly objective: string;
  readonly parts: readonly DecisionPart[];
  readonly arms: readonly FrontierArm[];
  readonly byVolume: readonly DecisionAtVolume[];
  readonly split: readonly SplitAnswers[];
}

const maxListed = 200;
const maxSplit = 100;
const textChars = 2_000;

/** Comparisons in readable projects, newest first. */
export async function listDecisions(
  { database }: DashboardContext,
  readable: ProjectsAmong | null,
): Promise<ListedDecision[]> {
  const found = await readSummaries(database, "try", readable, maxListed);
  return found.map(({ run, projectName, summary }) => {
    const { id, name, startedMs, spentMicroUsd } = run;
    const outcome = tryOf({ summary })?.outcome ?? null;
    const verdict = outcome === null ? { title: "", tone: "open" } : verdictTitle(outcome);
    return { id, name, projectName, startedMs, spentMicroUsd, ...verdict };
  });
}

/**
 * Returns the decision of a comparison, or `null` if it has not finished or its folder is not on this machine.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readDecision(
  context: DashboardContext,
  run: TrackedRun,
): Promise<ShownDecision | null> {
  const document = await documentOf(context, run);
  return document === null ? null : shownDecision(document);
}

/**
 * Returns the decision as a single file to share, or `null` as for `readDecision`.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function exportDecision(
  context: DashboardContext,
  run: TrackedRun,
  format: "html" | "markdown",
): Promise<string | null> {
  const document = await documentOf(context, run);
  if (document === null) return null;
  return format === "html" ? tryHtml(document) : tryMarkdown(document);
}

async function documentOf(context: DashboardContext, run: TrackedRun): Promise<TryDocument | null> {
  const folder = folderOf(context, run);
  if (folder === null || run.status !== "completed") return null;
  return readTryDocument(folder);
}

function shownDecision(document: TryDocument): ShownDecision {
  const { decision, metric, model, test_rows: testRows, wish } = document;
  return {
    ...verdictTitle(decision),
    why: decision.why,
    metric,
    model,
    testRows,
    objective: wish,
    parts: partsOf(document),
    arms: decision.table.map(({ name, kind, isOnFrontier, quality, interval, usdPerThousandAnswers }) => ({
      name,
      isTuned: kind === "tuned",
      isOnFrontier,
      quality,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      usdPerThousandAnswers: usdPerThousandAnswers.expected / 1e6,
    })),
    byVolume: decision.byVolume.map(({ fromPerMonth, toPerMonth, says, arm }) => ({
      fromPerMonth,
      toPerMonth,
      title: volumeTitle(says, arm === null ? null : (decision.table[arm]?.name ?? null)),
    })),
    split: document.split.slice(0, maxSplit).map(({ question, reference, answers }) => ({
      question: shownText(question, textChars),
      reference: shownText(reference, textChars),
      answers: Object.entries(answers).map(([arm, text]) => ({ arm, text: shownText(text, textChars) })),
    })),
  };
}

function volumeTitle(says: "tune" | "do-not-tune" | "none-reaches" | "open", arm: string | null): string {
  if (says === "none-reaches") return "No arm reaches the target";
  if (says === "open") return "Undecided";
  return verdictTitle({ verdict: says, arm, isInvalid: false }).title;
}

/** The evidence, in the order of the report. */
function partsOf(document: TryDocument): DecisionPart[] {
  const part = (title: string, sentences: readonly string[], table: Table | null = null): DecisionPart => ({
    title,
    sentences: sentences.filter((sentence) => sentence !== ""),
    table: table !== null && table.rows.length > 0 ? table : null,
  });
  const { decision, claims } = document;
  return [
    part("Invalid", tryWords.invalidSentences(document)),
    part("What was compared", [tryWords.frontierNote(document)], tryWords.armTable(document)),
    part("Prices and latency", [], tryWords.priceTable(document)),
    part("Upkeep", [], tryWords.upkeepTable(document)),
    part("What would settle it", decision.wouldDecide),
    part("What led to this", tryWords.ruleSentences(document)),
    part("Against each other", [], tryWords.comparisonTable(document)),
    part("When training pays", tryWords.flipSentences(document), tryWords.breakEvenTable(document)),
    part("Verdicts of the judge", tryWords.judgeSentences(document), tryWords.judgeTable(document)),
    part("More training rows", [tryWords.curveSentence(document)], tryWords.curveTable(document)),
    part(
      "Two common claims, checked here",
      claims.map(({ says }) => says),
    ),
    part("Basis of the decision", [tryWords.sealSentence(document)]),
  ].filter(({ sentences, table }) => sentences.length > 0 || table !== null);
}
