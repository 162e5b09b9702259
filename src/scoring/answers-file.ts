/**
 * @file `answers.jsonl` of a run: every judged row, what each model answered, and what each metric made of it.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Comparison, Contradiction, RowOutcome, Score, TrivialScore } from "../evaluate/index.ts";
import { piecesOf, type RunFolder, readLines, writeWholeFile } from "../track/index.ts";
import type { Decoding } from "./label-set.ts";

/** Outcomes of one row by metric. */
type RowOutcomes = Readonly<Record<string, RowOutcome>>;

/** What a run's rows came to with the tuned model. */
export interface JudgedRows {
  /** Prompt and reference of each row: only runs with the same ones can be compared row by row. */
  readonly questions: readonly string[];
  /** By metric, a value for each row. */
  readonly outcomes: Readonly<Record<string, readonly RowOutcome[]>>;
}

/**
 * Longest line: the row of a data set that one process can hold at all. A longer one is not written, and the reader
 * says that there are no answers rather than half of them.
 */
const lineCharsMax = 256 * 1024 * 1024;

/** Writes one JSON object a line, however many there are. */
export async function writeAnswers(folder: RunFolder, judgement: Judgement): Promise<void> {
  await writeWholeFile(fileOf(folder), piecesOf(linesOf(judgement)));
}

function* linesOf({ prompts, references, tuned, base, decoding }: Judgement): Generator<string> {
  for (const [row, reference] of references.entries()) {
    yield JSON.stringify({
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

/** Reads them back; `null` where a run has none, or an older tunewise wrote them without outcomes. */
export async function readJudgedRows(folder: RunFolder): Promise<JudgedRows | null> {
  const path = fileOf(folder);
  if (!existsSync(path)) return null;
  const questions: string[] = [];
  const outcomes: Record<string, RowOutcome[]> = {};
  for await (const lines of readLines(path, lineCharsMax)) {
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

function fileOf(folder: RunFolder): string {
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
    return null; // a line that is cut off
  }
}

/** One model's answers and scores. */
export interface ArmResult {
  readonly arm: "base" | "tuned";
  /** The first so many rows are judged. */
  readonly rows: number;
  /** Empty where no metric needs answers. */
  readonly answers: readonly string[];
  /** Of each answer, where it was chosen among labels: the probability of just this label; else `null`. */
  readonly probabilities: readonly (number | null)[];
  readonly scores: readonly Score[];
}

/** Both models side by side; `base` is null where the recipe leaves it out. */
export interface Judgement {
  readonly decoding: Decoding;
  /** Rows that were to be judged; what was answered of them is judged. */
  readonly planned: number;
  readonly references: readonly string[];
  readonly prompts: readonly string[];
  readonly tuned: ArmResult;
  readonly base: ArmResult | null;
  readonly comparisons: readonly Comparison[];
  /** For each score of the tuned model those of answers that need no model. */
  readonly trivial: readonly (readonly TrivialScore[])[];
  /** Test rows that training has seen; `null`: none. */
  readonly seen: SeenRows | null;
  /** Answers that equal their references and do not count as right, of either model. */
  readonly contradictions: readonly Contradiction[];
}

/** Test rows that stand in the training rows, and what is left of the scores without them. */
export interface SeenRows {
  readonly rows: number;
  /** For each score: both models on the other rows. `null` where there are none, or the base was not judged. */
  readonly unseen: readonly (Comparison | null)[];
}
