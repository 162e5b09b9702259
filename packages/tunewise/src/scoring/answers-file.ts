/** @file `answers.jsonl` of a run: every evaluated row, the models' answers, and the outcome of each metric. */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Conversation, messageText } from "@tunewise/core/rows";
import { piecesOf, type RunFolder, readLines, writeWholeFile } from "@tunewise/tracker";
import type { Comparison, Contradiction, RowOutcome, Score, TrivialScore } from "../evaluate/index.ts";
import type { Decoding } from "./label-set.ts";

/** Outcomes of one row by metric. */
type RowOutcomes = Readonly<Record<string, RowOutcome>>;

/** Evaluated rows of the tuned model. */
export interface JudgedRows {
  /** Prompt and reference of each row: only runs with the same ones can be compared row by row. */
  readonly questions: readonly string[];
  /** Outcomes of each row, by metric. */
  readonly outcomes: Readonly<Record<string, readonly RowOutcome[]>>;
}

/**
 * Line limit, the largest row that fits a process. A longer line is not written, and the reader then returns no answers
 * rather than a part of them.
 */
const maxLineChars = 256 * 1024 * 1024;

/** Writes one JSON object per line, streaming. */
export async function writeAnswers(folder: RunFolder, judgement: Judgement): Promise<void> {
  await writeWholeFile(answersPath(folder), piecesOf(linesOf(judgement)));
}

function* linesOf({ asked, prompts, references, tuned, base, decoding }: Judgement): Generator<string> {
  for (const [row, reference] of references.entries()) {
    yield JSON.stringify({
      asked: asked[row],
      prompt: prompts[row],
      reference,
      tuned: tuned.answers[row] ?? null,
      base: base?.answers[row] ?? null,
      ...(decoding.kind === "constrained"
        ? { probability: { tuned: tuned.probabilities[row], base: base?.probabilities[row] ?? null } }
        : {}),
      outcomes: { tuned: outcomesOf(tuned, row), base: base && outcomesOf(base, row) },
    });
  }
}

/** Reads the evaluated rows. Returns `null` if there are none, or if an older version wrote them without outcomes. */
export async function readJudgedRows(folder: RunFolder): Promise<JudgedRows | null> {
  const path = answersPath(folder);
  if (!existsSync(path)) return null;
  const questions: string[] = [];
  const outcomes: Record<string, RowOutcome[]> = {};
  for await (const lines of readLines(path, maxLineChars)) {
    for (const { text, isWhole } of lines) {
      const row = text === null || !isWhole ? null : readRow(text);
      if (row === null) return null;
      questions.push(row.question);
      for (const [metric, outcome] of Object.entries(row.outcomes)) {
        const known = outcomes[metric] ?? [];
        known.push(outcome);
        outcomes[metric] = known;
      }
    }
  }
  const isComplete = Object.values(outcomes).every(({ length }) => length === questions.length);
  return isComplete && Object.keys(outcomes).length > 0 ? { questions, outcomes } : null;
}

/** Recorded answers by question, see `questionKey`. */
export interface RecordedByQuestion {
  readonly tuned: ReadonlyMap<string, string>;
  readonly base: ReadonlyMap<string, string>;
}

/** Reads the answers of both models; none from a file of an earlier version. */
export async function readRecordedAnswers(folder: RunFolder): Promise<RecordedByQuestion> {
  const found = { tuned: new Map<string, string>(), base: new Map<string, string>() };
  const path = answersPath(folder);
  if (!existsSync(path)) return found;
  for await (const lines of readLines(path, maxLineChars)) {
    for (const { text, isWhole } of lines) {
      const row = text === null || !isWhole ? {} : objectIn(text);
      const { asked } = row;
      if (typeof asked !== "string") continue;
      for (const model of ["tuned", "base"] as const) {
        const answer = row[model];
        if (typeof answer === "string") found[model].set(asked, answer);
      }
    }
  }
  return found;
}

/** A test row with the tuned model's answer. */
export interface AnsweredRow {
  /** `questionKey` of the row's question. */
  readonly key: string;
  readonly prompt: string;
  readonly reference: string;
  readonly answer: string;
}

/** Reads the tuned model's answers with their references; empty if no metric needed answers. */
export async function readAnsweredRows(folder: RunFolder): Promise<AnsweredRow[]> {
  const path = answersPath(folder);
  const rows: AnsweredRow[] = [];
  if (!existsSync(path)) return rows;
  for await (const lines of readLines(path, maxLineChars)) {
    for (const { text } of lines) {
      const { asked, prompt, reference, tuned } = text === null ? {} : objectIn(text);
      if ([asked, prompt, reference, tuned].every((value) => typeof value === "string"))
        rows.push({ key: asked, prompt, reference, answer: tuned } as AnsweredRow);
    }
  }
  return rows;
}

function objectIn(line: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(line) ?? {}) as Record<string, unknown>;
  } catch {
    return {}; // truncated line
  }
}

/** SHA-256 of a question's turns and tools: an answer to another question does not match. */
export function questionKey({ messages, tools }: Conversation): string {
  const turns = messages.map((message) => [message.role, messageText(message)]);
  const asked = tools === undefined ? turns : [...turns, { tools }];
  return createHash("sha256").update(JSON.stringify(asked)).digest("hex");
}

/** Path of the file in a run's folder. */
export function answersPath(folder: RunFolder): string {
  return join(folder.path, "answers.jsonl");
}

function outcomesOf(arm: ArmResult, row: number): RowOutcomes {
  return Object.fromEntries(arm.scores.map(({ metric, outcomes }) => [metric, outcomes[row] as RowOutcome]));
}

function readRow(line: string): { readonly question: string; readonly outcomes: RowOutcomes } | null {
  try {
    const { prompt, reference, outcomes } = JSON.parse(line) as Record<string, unknown>;
    const tuned = (outcomes as { readonly tuned?: RowOutcomes } | undefined)?.tuned;
    const isOutcome = (one: RowOutcome): boolean =>
      typeof one?.value === "number" && typeof one.weight === "number";
    if (!tuned || !Object.values(tuned).every(isOutcome)) return null;
    return { question: JSON.stringify([prompt, reference]), outcomes: tuned };
  } catch {
    return null; // truncated line
  }
}

/** One model's answers and scores. */
export interface ArmResult {
  readonly arm: "base" | "tuned";
  /** Number of evaluated rows, from the first. */
  readonly rows: number;
  /** Empty if no metric needs answers. */
  readonly answers: readonly string[];
  /** Probability of each answer's label under constrained decoding; `null` otherwise. */
  readonly probabilities: readonly (number | null)[];
  readonly scores: readonly Score[];
}

/** Evaluation of both models; `base` is `null` if the recipe skips it. */
export interface Judgement {
  readonly decoding: Decoding;
  /** Number of planned rows; those that were answered are evaluated. */
  readonly planned: number;
  /** Key of each row's question. */
  readonly asked: readonly string[];
  readonly references: readonly string[];
  /** Transcripts of the conversations up to the answer. */
  readonly prompts: readonly string[];
  readonly tuned: ArmResult;
  readonly base: ArmResult | null;
  readonly comparisons: readonly Comparison[];
  /** Scores of trivial baselines for each score of the tuned model. */
  readonly trivial: readonly (readonly TrivialScore[])[];
  /** Test rows that training has seen; `null` if none. */
  readonly seen: SeenRows | null;
  /** Answers of either model that equal their references but count as wrong. */
  readonly contradictions: readonly Contradiction[];
}

/** Test rows contained in the training rows, and the scores without them. */
export interface SeenRows {
  readonly rows: number;
  /** For each score, both models on the unseen rows; `null` if there are none, or the base was not evaluated. */
  readonly unseen: readonly (Comparison | null)[];
}
