/**
 * @file `answers.jsonl` of a run: every judged row, what each model answered, and what each metric made of it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RowOutcome } from "../../evaluate/index.ts";
import { piecesOf, type RunFolder, readLines, writeWholeFile } from "../../track/index.ts";
import type { ArmResult, Judgement } from "./judge-arms.ts";

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
