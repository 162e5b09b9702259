/**
 * @file Findings with their affected rows as plain data: all rows for programs, a limited number for a server's page.
 */
import { basename } from "node:path";
import type { Evidence } from "@tunewise/datacheck";
import { type Place, placeText, type Severity } from "../../problem/index.ts";
import { type DiffPart, diffWords } from "../word-diff.ts";
import { meaningOf } from "./meaning.ts";
import { showCommand } from "./next-step.ts";
import { type DataCheck, type Subject, type TopicLine, topicsOf } from "./topics.ts";

/** All findings of a code. */
export interface ListedTopic {
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  /** Consequence for scores, costs or users; empty if the title states it. */
  readonly meaning: string;
  /** Number of affected rows. */
  readonly rows: number;
  /** The command that lists all of them. */
  readonly command: string;
  readonly subjects: readonly ListedSubject[];
}

/** Findings about one subject, such as a weakness of code. */
export interface ListedSubject {
  readonly severity: Severity;
  readonly sentences: readonly string[];
  readonly fix: string;
  /** Number of affected rows; `rows` has fewer if a maximum was requested. */
  readonly total: number;
  readonly rows: readonly ListedRow[];
}

/** A row with masked secrets. Texts are empty if the row could not be read. */
export interface ListedRow {
  /** `train.jsonl:7` */
  readonly place: string;
  readonly reason: string;
  readonly prompt: string;
  readonly answer: string;
  /** Lines of the answer around the affected one; empty if the finding names no line. */
  readonly lines: readonly { readonly number: number; readonly text: string; readonly is_meant: boolean }[];
  /** The row that this one repeats or contradicts. */
  readonly other: { readonly place: string; readonly prompt: string; readonly answer: string } | null;
  /**
   * Word-level diff of both prompts. `missing`: not in the other one; `added`: only in the other one. `null`: too long,
   * too different, or row 1,001 and later.
   */
  readonly parts: readonly DiffPart[] | null;
}

/**
 * Limits if a maximum of rows is requested: subjects per code, sentences per subject, and the total rows as a multiple
 * of the maximum.
 */
const bounded = { subjects: 20, sentences: 10, times: 25 };
const unbounded = { subjects: Number.POSITIVE_INFINITY, sentences: Number.POSITIVE_INFINITY, times: 1 };
/** Max. rows compared word by word, the worst first: comparing two long texts takes milliseconds. */
const rowsCompared = 1_000;
const promptChars = 1_500;
const answerChars = 400;
const sentenceChars = 1_000;
/** Lines shown before and after the affected one. */
const around = 2;
const lineChars = 200;

/**
 * Lists the findings of a check, worst first, each with its rows.
 *
 * @param maxRows max. rows of a subject; all findings together have at most 25 times as many. `null`: all rows
 */
export function listTopics(check: DataCheck, maxRows: number | null): ListedTopic[] {
  const names = shortNamesOf(check);
  const most = maxRows === null ? unbounded : bounded;
  const rowsOfSubject = maxRows ?? Number.POSITIVE_INFINITY;
  let left = most.times * rowsOfSubject;
  let compared = 0;
  const listed = (subject: Subject): ListedSubject => {
    const { severity, summary, lines } = subject;
    const evidence = lines.flatMap((line) => line.evidence);
    const rows = evidence
      .slice(0, Math.min(rowsOfSubject, left))
      .map((one) => listedRow(one, check, names, compared++ < rowsCompared));
    left -= rows.length;
    const sentences = summary === null ? lines.map((line) => sentenceOf(line, names)) : [summary];
    return {
      severity,
      sentences: sentences.slice(0, most.sentences).map((sentence) => cut(sentence, sentenceChars)),
      fix: cut(lines[0]?.finding.fix ?? "", sentenceChars),
      total: evidence.length,
      rows,
    };
  };
  return topicsOf(check).map(({ code, title, severity, rows, subjects }) => ({
    code,
    title,
    severity,
    meaning: meaningOf(code) ?? "",
    rows,
    command: showCommand(check, code),
    subjects: subjects.slice(0, most.subjects).map(listed),
  }));
}

/** A finding without rows lists its places. */
function sentenceOf({ sentence, finding, evidence }: TopicLine, names: ShortNames): string {
  const places = evidence.length > 0 ? [] : finding.where.map(placeText);
  const unsaid = places.filter((place) => !sentence.includes(place));
  return names(unsaid.length === 0 ? sentence : `${sentence} (${unsaid.join(", ")})`);
}

function listedRow(
  { place, reason, other, answerLine }: Evidence,
  check: DataCheck,
  names: ShortNames,
  isCompared: boolean,
): ListedRow {
  const row = check.excerpt(place, promptChars);
  const twin = other === undefined ? null : check.excerpt(other, promptChars);
  const told = { place: names(placeText(place)), reason: names(cut(reason, sentenceChars)) };
  const texts = { prompt: row?.prompt ?? "", answer: cut(row?.answer ?? "", answerChars) };
  return {
    ...told,
    ...texts,
    lines: linesAround(row?.answerLines ?? null, answerLine),
    other:
      other === undefined || twin === null
        ? null
        : { place: names(placeText(other)), prompt: twin.prompt, answer: cut(twin.answer, answerChars) },
    parts: row === null || twin === null || !isCompared ? null : diffWords(row.prompt, twin.prompt),
  };
}

function linesAround(lines: readonly string[] | null, line: number | undefined): ListedRow["lines"] {
  if (lines === null || line === undefined || line > lines.length) return [];
  const from = Math.max(1, line - around);
  return lines.slice(from - 1, line + around).map((text, at) => ({
    number: from + at,
    text: cut(text, lineChars),
    is_meant: from + at === line,
  }));
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most).trimEnd()}…`;
}

/** Shortens file names in a text. */
type ShortNames = (text: string) => string;

/** The last part of each path, unless two files share it. */
function shortNamesOf({ findings, observations }: Pick<DataCheck, "findings" | "observations">): ShortNames {
  const places = [
    ...findings.flatMap(({ where }) => where),
    ...observations.flatMap(({ evidence }) =>
      evidence.flatMap(({ place, other }): Place[] => (other === undefined ? [place] : [place, other])),
    ),
  ];
  const files = [...new Set(places.map(({ file }) => file))];
  const taken = new Map<string, number>();
  for (const file of files) taken.set(basename(file), (taken.get(basename(file)) ?? 0) + 1);
  const known = files
    .filter((file) => file !== basename(file) && taken.get(basename(file)) === 1)
    .sort((a, b) => b.length - a.length);
  return (text) => known.reduce((shown, file) => shown.replaceAll(file, () => basename(file)), text);
}
