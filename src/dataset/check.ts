/**
 * @file Checks of a data set that need no model: duplicates, leaks, contradictions, labels.
 */
import type { Finding, Place, Severity } from "../problem/index.ts";
import { findingOf, placeText } from "./complaint.ts";
import type { Example, Splits } from "./example.ts";
import { MAX_PLACES_SHOWN } from "./limits.ts";
import { normalizeText } from "./normalize.ts";

/** What the checks have to know about the task. */
export interface CheckOptions {
  /** Answers are labels: their balance is judged, and whether training shows them all. */
  readonly labels: boolean;
}

/** The largest ratio of the most frequent to the least frequent label that passes without a word. */
const BALANCED_RATIO = 10;

const names = ["train", "validation", "test"] as const;
type SplitName = (typeof names)[number];

/** A row with what the checks compare. */
interface Row {
  /** The normalized prompt; rows without a letter or digit in it are compared as written. */
  readonly prompt: string;
  readonly answer: string;
  readonly place: Place;
}

/**
 * Looks for what makes training or its metrics worth less; collects all and stops at nothing.
 *
 * Findings: `DATA_DUPLICATE_ROWS`, `DATA_LEAK`, `DATA_ANSWERS_DIFFER`, `DATA_ANSWER_SHORT`,
 * `DATA_LABELS_UNBALANCED`, `DATA_LABEL_UNSEEN`. Prompts are all turns but the answer, system messages left
 * out, compared by `normalizeText`.
 */
export function checkSplits(splits: Splits<Example>, options: CheckOptions): Finding[] {
  const rows: Splits<Row> = {
    train: splits.train.map(rowOf),
    validation: splits.validation.map(rowOf),
    test: splits.test.map(rowOf),
  };
  return [
    ...checkLeaks(rows),
    ...names.flatMap((name) => [
      ...checkDuplicates(name, rows[name]),
      ...checkAnswersDiffer(name, rows[name]),
      ...checkShortAnswers(name, rows[name], options),
    ]),
    ...(options.labels ? checkLabels(rows) : []),
  ];
}

function rowOf({ messages, file, line }: Example): Row {
  const asked = messages.slice(0, -1).filter(({ role }) => role !== "system");
  const written = asked.map(({ content }) => content).join("\n");
  const prompt = normalizeText(written);
  return {
    prompt: prompt === "" ? written : prompt,
    answer: messages.at(-1)?.content ?? "",
    place: { file, line },
  };
}

function checkDuplicates(split: SplitName, rows: readonly Row[]): Finding[] {
  const firstOf = new Map<string, Row>();
  const repeated: { row: Row; first: Row }[] = [];
  for (const row of rows) {
    const first = firstOf.get(row.prompt);
    if (first === undefined) firstOf.set(row.prompt, row);
    else repeated.push({ row, first });
  }
  return pairFinding("DATA_DUPLICATE_ROWS", "warning", repeated, rows.length, { split });
}

/**
 * Test rows in train weigh most: the metric on them is wrong. Each held-out part is compared with those
 * before it.
 */
function checkLeaks(rows: Splits<Row>): Finding[] {
  const pairs: readonly [SplitName, SplitName][] = [
    ["test", "train"],
    ["validation", "train"],
    ["test", "validation"],
  ];
  return pairs.flatMap(([split, other]) => {
    const seen = new Map(rows[other].map((row) => [row.prompt, row]));
    const leaked = rows[split].flatMap((row) => {
      const first = seen.get(row.prompt);
      return first === undefined ? [] : [{ row, first }];
    });
    return pairFinding("DATA_LEAK", "warning", leaked, rows[split].length, { split, other });
  });
}

function pairFinding(
  code: "DATA_DUPLICATE_ROWS" | "DATA_LEAK",
  severity: Severity,
  pairs: readonly { readonly row: Row; readonly first: Row }[],
  total: number,
  about: Readonly<Record<string, string>>,
): Finding[] {
  const [shown] = pairs;
  if (shown === undefined) return [];
  const percent = ((100 * pairs.length) / total).toFixed(1);
  const first = `${placeText(shown.row.place)} as ${placeText(shown.first.place)}`;
  const where = pairs.slice(0, MAX_PLACES_SHOWN).map(({ row }) => row.place);
  return [findingOf(code, severity, { ...about, count: pairs.length, percent, first }, where, pairs.length)];
}

function checkAnswersDiffer(split: SplitName, rows: readonly Row[]): Finding[] {
  const byPrompt = new Map<string, Row>();
  const differing = new Map<string, { first: Row; other: Row }>();
  for (const row of rows) {
    const first = byPrompt.get(row.prompt);
    if (first === undefined) byPrompt.set(row.prompt, row);
    else if (first.answer.trim() !== row.answer.trim() && !differing.has(row.prompt)) {
      differing.set(row.prompt, { first, other: row });
    }
  }
  const pairs = [...differing.values()];
  const [shown] = pairs;
  if (shown === undefined) return [];
  const where = pairs.slice(0, MAX_PLACES_SHOWN).flatMap(({ first, other }) => [first.place, other.place]);
  const first = `${placeText(shown.first.place)} and ${placeText(shown.other.place)}`;
  const about = { split, count: pairs.length, first };
  return [findingOf("DATA_ANSWERS_DIFFER", "warning", about, where.slice(0, MAX_PLACES_SHOWN), pairs.length)];
}

/** Answers without a letter or digit; where answers are labels, signs such as `+` may be meant. */
function checkShortAnswers(split: SplitName, rows: readonly Row[], options: CheckOptions): Finding[] {
  const short = rows.filter(({ answer }) => (options.labels ? answer.trim() : normalizeText(answer)) === "");
  const [shown] = short;
  if (shown === undefined) return [];
  const where = short.slice(0, MAX_PLACES_SHOWN).map(({ place }) => place);
  const about = { split, count: short.length, first: placeText(shown.place) };
  return [findingOf("DATA_ANSWER_SHORT", "warning", about, where, short.length)];
}

function checkLabels(rows: Splits<Row>): Finding[] {
  const counts = new Map<string, number>();
  for (const { answer } of rows.train) counts.set(answer.trim(), (counts.get(answer.trim()) ?? 0) + 1);
  const findings = checkBalance(counts, rows.train);
  for (const split of ["validation", "test"] as const) {
    const unseen = rows[split].filter(({ answer }) => !counts.has(answer.trim()));
    if (unseen.length === 0) continue;
    const labels = [...new Set(unseen.map(({ answer }) => answer.trim()))];
    const more = labels.length > MAX_PLACES_SHOWN ? `, and ${labels.length - MAX_PLACES_SHOWN} more` : "";
    const shown = labels.slice(0, MAX_PLACES_SHOWN).map(shortLabel).join(", ") + more;
    const where = unseen.slice(0, MAX_PLACES_SHOWN).map(({ place }) => place);
    const about = { split, count: unseen.length, names: shown };
    findings.push(findingOf("DATA_LABEL_UNSEEN", "warning", about, where, unseen.length));
  }
  return findings;
}

function checkBalance(counts: ReadonlyMap<string, number>, train: readonly Row[]): Finding[] {
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const [most, least] = [sorted[0], sorted.at(-1)];
  if (most === undefined || least === undefined || most[1] <= BALANCED_RATIO * least[1]) return [];
  const about = {
    split: "train",
    labels: counts.size,
    most: shortLabel(most[0]),
    mostCount: most[1],
    least: shortLabel(least[0]),
    leastCount: least[1],
  };
  const rare = train.filter(({ answer }) => answer.trim() === least[0]);
  const where = rare.slice(0, MAX_PLACES_SHOWN).map(({ place }) => place);
  return [findingOf("DATA_LABELS_UNBALANCED", "warning", about, where, 1)];
}

function shortLabel(label: string): string {
  return label.length > 40 ? `${label.slice(0, 40)}...` : label;
}
