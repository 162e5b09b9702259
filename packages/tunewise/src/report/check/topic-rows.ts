/** @file Findings with the rows they rest on as plain data: all of them for programs, bounded for the page of a server. */
import type { Evidence } from "@tunewise/datacheck";
import { placeText, type Severity } from "../../problem/index.ts";
import { type DiffPart, diffWords } from "../word-diff.ts";
import { type ShortNames, shortNamesOf } from "./check-html.ts";
import { meaningOf } from "./meaning.ts";
import { showCommand } from "./next-step.ts";
import { type DataCheck, type Subject, type TopicLine, topicsOf } from "./topics.ts";

/** All findings of a code. */
export interface ListedTopic {
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  /** What it means for scores, costs or users; empty where the title says it. */
  readonly meaning: string;
  /** Rows affected. */
  readonly rows: number;
  /** The command that lists all of them. */
  readonly command: string;
  readonly subjects: readonly ListedSubject[];
}

/** Findings about one thing, such as a weakness of code. */
export interface ListedSubject {
  readonly severity: Severity;
  readonly sentences: readonly string[];
  readonly fix: string;
  /** Rows that it rests on; `rows` has fewer where a maximum was asked for. */
  readonly total: number;
  readonly rows: readonly ListedRow[];
}

/** A row, masked. Texts are empty where it could not be read. */
export interface ListedRow {
  /** `train.jsonl:7`. */
  readonly place: string;
  readonly reason: string;
  readonly prompt: string;
  readonly answer: string;
  /** Lines of the answer around the one that is meant; empty where none is. */
  readonly lines: readonly { readonly number: number; readonly text: string; readonly is_meant: boolean }[];
  /** The row that it repeats or contradicts. */
  readonly other: { readonly place: string; readonly prompt: string; readonly answer: string } | null;
  /** Both prompts word by word, `missing` in the other one, `added` in it; `null`: too long, too different, or row
   * 1,001 and later. */
  readonly parts: readonly DiffPart[] | null;
}

/** Where a maximum of rows is asked for: subjects of a code, sentences of a subject, and times the maximum for all. */
const bounded = { subjects: 20, sentences: 10, times: 25 };
const unbounded = { subjects: Number.POSITIVE_INFINITY, sentences: Number.POSITIVE_INFINITY, times: 1 };
/** Rows that are compared word by word, the worst first: two long texts take milliseconds. */
const rowsCompared = 1_000;
const promptChars = 1_500;
const answerChars = 400;
const sentenceChars = 1_000;
/** Lines shown before and after the one that is meant. */
const around = 2;
const lineChars = 200;

/**
 * Findings of a check, worst first, each with its rows.
 *
 * @param maxRows maximum of rows of a subject, 25 times that of all findings; `null`: all rows
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
    ...{ code, title, severity, meaning: meaningOf(code) ?? "", rows },
    command: showCommand(check, code),
    subjects: subjects.slice(0, most.subjects).map(listed),
  }));
}

/** A finding without rows names its places. */
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
    ...{ ...told, ...texts, lines: linesAround(row?.answerLines ?? null, answerLine) },
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
    ...{ number: from + at, text: cut(text, lineChars), is_meant: from + at === line },
  }));
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most).trimEnd()}…`;
}
