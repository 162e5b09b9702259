/**
 * @file Hyperparameter search with an ask-and-tell interface.
 *
 *     records ─► state ─► promote? ─► propose? ─► funds? ─► answer ─► new record
 *
 * The caller appends `records` to a file before it acts on an answer. After a crash, it reopens the search with the
 * records in the file; segments that were handed out but never ended are handed out again, to be resumed.
 */

import { countOf, type Usd, usdText } from "@tunewise/core/quantity";
import { problem } from "../problem/index.ts";
import { checkSettings } from "./check-settings.ts";
import { decideNext, type EndReason, type Segment } from "./decide.ts";
import { releasedUsd } from "./money/funds.ts";
import { rungsOf } from "./promote/rungs.ts";
import { type SearchSettings, trialsUsd } from "./settings.ts";
import { axesOf } from "./space/axis.ts";
import type { SearchPoint } from "./space/hyperparameter.ts";
import { checkReport, type Report } from "./state/check-report.ts";
import { readRecord } from "./state/read-record.ts";
import type { PointOrigin, SearchRecord, SegmentStart } from "./state/record.ts";
import { emptyState, foldRecord, type Ladder, type SearchState, type TrialState } from "./state/state.ts";

/** A segment of work: train one trial from one amount of training to another. */
export interface SearchTrial {
  /** Counts from 1; the same for all segments of the trial. */
  readonly id: number;
  readonly point: SearchPoint;
  readonly origin: PointOrigin;
  /** Units of training already completed and saved, 0 for none; resume from that checkpoint. */
  readonly from: number;
  readonly to: number;
  /** The recorded run whose checkpoint to resume from, if the trial is not the search's own. */
  readonly resumeRun: string | null;
  /** Cap of this segment; an interrupted segment includes what it spent before. */
  readonly maxUsd: Usd;
  /** Whether it was handed out before and the search was interrupted. */
  readonly again: boolean;
}

/** What to do next. */
export type Answer =
  | { readonly act: "try"; readonly trial: SearchTrial }
  /** No decision is possible before a running segment ends. */
  | { readonly act: "wait"; readonly running: readonly number[] }
  | { readonly act: "end"; readonly reason: EndReason; readonly sentence: string };

/**
 * An open search, with an ask-and-tell interface.
 */
export interface Search {
  /** Returns the next segment; with several workers, call it once per free worker. */
  ask(): Answer;
  /**
   * Records the result of a segment.
   *
   * @throws {TunewiseError} `SEARCH_TRIAL_UNKNOWN` if the trial is not running; `SEARCH_REPORT_INVALID` for a
   *   report that contradicts the segment
   */
  tell(trial: number, report: Report): void;
  /** The complete state of the search; the caller writes new records, in order, before it acts on an answer. */
  readonly records: readonly SearchRecord[];
  /** The records folded into a state by trial. */
  readonly state: SearchState;
  /** Units of training of each rung. */
  readonly rungs: readonly number[];
}

/**
 * Opens a search, new or from its records.
 *
 * Runs from before the search are passed as `known-run` records ahead of all others: they take part as trials that
 * cost nothing. The same settings and records yield the same answers.
 *
 * @param records plain JSON, as an earlier search with the same settings wrote them; each is validated
 * @throws {TunewiseError} `SEARCH_SETTING_INVALID`, `SEARCH_POINT_INVALID`, `SEARCH_RECORD_INVALID`; its `tell`
 *   `SEARCH_TRIAL_UNKNOWN`
 */
export function openSearch(settings: SearchSettings, records: readonly unknown[]): Search {
  checkSettings(settings);
  const axes = axesOf(settings.space);
  const rungs = rungsOf(settings.rungs, settings.promotion ?? "asha");
  const ladder: Ladder = {
    axes,
    rungs,
    sign: settings.goal === "minimize" ? 1 : -1,
    restart: settings.rungs.restart ?? false,
  };
  const state = emptyState();
  const kept: SearchRecord[] = [];
  const keep = (record: SearchRecord) => {
    foldRecord(state, record, ladder, kept.length + 1);
    kept.push(record);
  };
  for (const [at, record] of records.entries()) keep(readRecord(record, axes, at + 1));
  const interrupted = [...state.trials.values()].filter(({ running }) => running !== null);
  return {
    records: kept,
    state,
    rungs,
    ask: () => {
      const again = interrupted.shift();
      return again !== undefined ? tryAnswer(again, true) : answer(settings, ladder, state, keep);
    },
    tell: (trial, report) => {
      const running = state.trials.get(trial)?.running;
      if (!running) throw problem("SEARCH_TRIAL_UNKNOWN", { trial, running: runningText(state) });
      const at = interrupted.findIndex(({ id }) => id === trial);
      if (at >= 0) interrupted.splice(at, 1);
      keep(checkReport(running, report));
    },
  };
}

function answer(
  settings: SearchSettings,
  ladder: Ladder,
  state: SearchState,
  keep: (record: SearchRecord) => void,
): Answer {
  const decision = decideNext(settings, ladder, state);
  if (decision.act === "wait") return { act: "wait", running: runningIds(state) };
  if (decision.act === "end") {
    const sentence = endSentence(decision.reason, settings, state, ladder.rungs.length);
    return { act: "end", reason: decision.reason, sentence };
  }
  keep(startRecord(decision.segment));
  return tryAnswer(state.trials.get(decision.segment.trial) as TrialState, false);
}

function startRecord({ trial, point, origin, from, to, maxUsd }: Segment): SegmentStart {
  return { kind: "stretch-start", trial, point, origin, from, to, maxMicroUsd: maxUsd };
}

function tryAnswer(trial: TrialState, again: boolean): Answer {
  const { from, to, maxMicroUsd } = trial.running as SegmentStart;
  const { id, point, origin } = trial;
  const resumeRun = trial.savedByRun && from > 0 ? trial.run : null;
  return { act: "try", trial: { id, point, origin, from, to, resumeRun, maxUsd: maxMicroUsd as Usd, again } };
}

function runningIds(state: SearchState): number[] {
  return [...state.trials.values()].filter(({ running }) => running !== null).map(({ id }) => id);
}

function runningText(state: SearchState): string {
  const ids = runningIds(state);
  return ids.length === 0 ? "none is" : ids.length === 1 ? `only ${ids[0]} is` : `only ${ids.join(", ")} are`;
}

function endSentence(reason: EndReason, settings: SearchSettings, state: SearchState, rungs: number): string {
  const { money, maxTrials } = settings;
  const released = releasedUsd(settings, state, rungs);
  const open = (trialsUsd(money) + released) as Usd;
  const spent = `${usdText(state.spentMicroUsd as Usd)} of ${usdText(open)} are spent`;
  if (reason === "trials") return `All ${countOf(maxTrials ?? 0, "trial")} are done; ${spent}.`;
  if (reason === "space") return `Every point left is within noise of one that was tried; ${spent}.`;
  const idle = money.idleUsd ? `, ${usdText(money.idleUsd)} for what stands idle` : "";
  const kept = (money.finalRunUsd - released) as Usd;
  return `No further trial fits: ${spent}, and ${usdText(kept)} are kept for the final run${idle}.`;
}
