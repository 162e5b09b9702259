/**
 * @file `answers.jsonl` of a run: every judged row, what each model answered, and what each metric made of it.
 */
import { join } from "node:path";
import type { RowOutcome } from "../../evaluate/index.ts";
import type { RunFolder } from "../../track/index.ts";
import { writeWholeFile } from "../../track/index.ts";
import { readTextFile } from "../../untrusted/index.ts";
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

/** Writes one JSON object a line. */
export async function writeAnswers(folder: RunFolder, judgement: Judgement): Promise<void> {
  const { prompts, references, tuned, base } = judgement;
  const lines = references.map((reference, row) =>
    JSON.stringify({
      prompt: prompts[row],
      reference,
      tuned: tuned.answers[row] ?? null,
      base: base?.answers[row] ?? null,
      outcomes: { tuned: outcomesOf(tuned, row), base: base && outcomesOf(base, row) },
    }),
  );
  await writeWholeFile(fileOf(folder), `${lines.join("\n")}\n`);
}

/** Reads them back; `null` where a run has none, or an older tunewise wrote them without outcomes. */
export async function readJudgedRows(folder: RunFolder): Promise<JudgedRows | null> {
  const text = await readTextFile(fileOf(folder)).catch(() => null);
  if (text === null) return null;
  const questions: string[] = [];
  const outcomes: Record<string, RowOutcome[]> = {};
  for (const line of text.trimEnd().split("\n")) {
    const row = readRow(line);
    if (row === null) return null;
    questions.push(row.question);
    for (const [metric, outcome] of Object.entries(row.outcomes)) {
      outcomes[metric] = [...(outcomes[metric] ?? []), outcome];
    }
  }
  const isWhole = Object.values(outcomes).every(({ length }) => length === questions.length);
  return isWhole && Object.keys(outcomes).length > 0 ? { questions, outcomes } : null;
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
