/** @file Comparisons from `tunewise try`: the list, and the decision of one with its evidence. */

import { tryOf } from "@tunewise/core/run";
import { type ProjectsAmong, readSummaries, type TrackedRun } from "@tunewise/tracker";
import {
  documentHtml,
  documentMarkdown,
  plainOf,
  type Table,
  type TryDocument,
  tryEvidence,
  tryReport,
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
  const report = tryReport(document);
  return format === "html" ? documentHtml(report) : documentMarkdown(report);
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
  return tryEvidence(document).map(({ title, blocks }) => ({
    title,
    sentences: blocks.flatMap((block) => {
      if (block.kind === "sentence") return [plainOf(block.text)];
      return block.kind === "list" ? block.items.map(({ text }) => plainOf(text)) : [];
    }),
    table: blocks.find((block) => block.kind === "table")?.table ?? null,
  }));
}
