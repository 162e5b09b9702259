/** @file Details that only runs of this engine have: plan and outcome, guards, findings, forgetting, safety. */

import type { Range } from "@tunewise/core/quantity";
import {
  type Run,
  type RunEvent,
  type SummaryFinding,
  type TrainSummary,
  trainingOf,
} from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import {
  type Reader,
  type RunFolder,
  readBeginning,
  readReportedEvents,
  readScores,
  type ScoreEntry,
  type TrackedRun,
} from "@tunewise/tracker";
import { type Plan, readPlan } from "../../plan/index.ts";
import type { Finding } from "../../problem/index.ts";
import { type ShownText, type Some, shownText, some } from "./bounds.ts";

/** A guard's decision, drawn on the curve. */
export interface GuardMark {
  readonly step: number;
  readonly ms: number;
  readonly guard: string;
  /** `overruled` means that a user continued anyway. */
  readonly act: "warn" | "stop" | "roll-back" | "overruled";
  readonly sentence: string;
  /** The step to which training rolled back; `null` for others. */
  readonly toStep: number | null;
}

/** A planned and an actual value; `null` if unknown. */
export interface Outcome {
  readonly planned: { readonly low: number; readonly p50: number; readonly p90: number } | null;
  readonly actual: number | null;
}

/** Details of a run of this engine. */
export interface OwnRun {
  readonly model: string;
  readonly modelRevision: string;
  readonly dataFingerprint: string;
  readonly recipe: ShownText;
  readonly judgement: { readonly title: string; readonly sentence: string } | null;
  readonly sessions: number;
  readonly bestStep: number | null;
  readonly scores: readonly ScoreEntry[];
  readonly seconds: Outcome;
  readonly microUsd: Outcome;
  readonly memoryBytes: Outcome;
  readonly guards: Some<GuardMark>;
  /** Findings about data and plan, which are known at the end of the run, followed by those from training. */
  readonly findings: Some<SummaryFinding | Finding>;
  readonly forgetting: TrainSummary["forgetting"];
  /** `null` if not measured. */
  readonly safety: SafetyResult | null;
  /** Original path of the recipe. */
  readonly recipePath: string | null;
  /** Settings that override the recipe, in the format of `--set`; empty if there are none. */
  readonly recipeSettings: string;
}

/** Whether the model became less safe. */
export interface SafetyResult {
  readonly verdict: string;
  readonly sentence: string;
}

const recipeChars = 100_000;
const maxEvents = 2_000;
const maxFindings = 200;
const maxSafetyBytes = 64 * 1024 ** 2;
const sentenceChars = 2_000;

/**
 * Reads the details of a run of this engine.
 *
 * @param folder the run's folder, which may not exist
 */
export async function readOwnRun(
  reader: Reader,
  tracked: TrackedRun,
  run: Run,
  folder: RunFolder | null,
): Promise<OwnRun> {
  const training = trainingOf(run);
  const kinds = ["guard-tripped", "guard-overruled", "rolled-back", "finding"] as const;
  const events = await readReportedEvents(reader, tracked, kinds, maxEvents);
  const { plan, recipePath, recipeSettings } = await readStart(folder);
  const actual = (value: number): number | null => (value > 0 ? value : null);
  return {
    model: run.model,
    modelRevision: run.modelRevision,
    dataFingerprint: run.dataFingerprint,
    recipe: shownText(run.recipeText, recipeChars),
    judgement: training?.judgement ?? null,
    sessions: training?.sessions ?? 1,
    bestStep: training?.best_step ?? null,
    scores: await readScores(reader, run.id),
    seconds: { planned: plannedOf(plan?.time.seconds), actual: actual(tracked.wallSeconds) },
    microUsd: { planned: plannedOf(plan?.cost.usd), actual: tracked.spentMicroUsd },
    memoryBytes: {
      planned: plannedOf(plan?.memory.peakBytes),
      actual: training?.memory_bytes_peak ?? null,
    },
    guards: some(guardMarks(events), maxEvents),
    findings: some(
      [
        ...(training?.findings ?? []),
        ...events.flatMap((event) => (event.kind === "finding" ? [event.finding] : [])),
      ],
      maxFindings,
    ),
    forgetting: training?.forgetting ?? null,
    safety: await readSafety(folder),
    recipePath,
    recipeSettings,
  };
}

/** The range contains P50 as `expected` and P90 as `high`. */
function plannedOf(range: Range<number> | undefined): Outcome["planned"] {
  return range ? { low: range.low, p50: range.expected, p90: range.high } : null;
}

/** Guard decisions in order. A decision repeated at the same step after a kill counts once. */
export function guardMarks(events: readonly RunEvent[]): GuardMark[] {
  const marks = new Map<string, GuardMark>();
  for (const event of events) {
    const mark = markOf(event);
    if (mark) marks.set(`${mark.step} ${mark.act} ${mark.guard}`, mark);
  }
  return [...marks.values()];
}

function markOf(event: RunEvent): GuardMark | null {
  const ms = Date.parse(event.time);
  switch (event.kind) {
    case "guard-tripped": {
      const { step, verdict } = event;
      if (verdict.act === "go-on") return null;
      const { act, guard, sentence } = verdict;
      return { step, ms, guard, act, sentence: sentence.slice(0, sentenceChars), toStep: null };
    }
    case "guard-overruled":
      return { step: event.step, ms, guard: event.guard, act: "overruled", sentence: "", toStep: null };
    case "rolled-back":
      return { step: event.step, ms, guard: "", act: "roll-back", sentence: "", toStep: event.toStep };
    default:
      return null;
  }
}

/** Reads the plan and the recipe path that a run started from, from its folder or its journal. */
async function readStart(
  folder: RunFolder | null,
): Promise<{ readonly plan: Plan | null } & Pick<OwnRun, "recipePath" | "recipeSettings">> {
  if (folder === null) return { plan: null, recipePath: null, recipeSettings: "" };
  const text = (path: string): Promise<string | null> => readTextFile(path).catch(() => null);
  const beginning = await readBeginning(folder.record).catch(() => null);
  const [plan, origin] = [
    (await text(folder.plan)) ?? beginning?.plan ?? null,
    (await text(folder.origin)) ?? beginning?.origin ?? null,
  ];
  const { recipe_path: path, set } = objectOf(origin);
  return {
    plan: plan === null ? null : readPlan(plan).plan,
    recipePath: typeof path === "string" && path !== "" ? path : null,
    recipeSettings: typeof set === "string" ? set : "",
  };
}

async function readSafety(folder: RunFolder | null): Promise<SafetyResult | null> {
  if (folder === null) return null;
  const document = objectOf(await readTextFile(folder.safety, maxSafetyBytes).catch(() => null));
  const judgement = document["judgement"];
  if (typeof judgement !== "object" || judgement === null) return null;
  const { verdict, sentence } = judgement as Readonly<Record<string, unknown>>;
  return {
    verdict: String(verdict ?? "").slice(0, 100),
    sentence: String(sentence ?? "").slice(0, sentenceChars),
  };
}

/** Parses a JSON object. Returns an empty object for any other text. */
export function objectOf(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
