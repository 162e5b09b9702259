/**
 * @file Finds test rows that occur in the retrieval corpus.
 *
 * The answer may occur there, because documents are meant to contain it. The whole row may not: if a question is
 * printed together with its answer, the score measures copying.
 */
import type { Passage } from "./passages/passage.ts";
import { wordsOf } from "./terms/words.ts";

/** A row as a question and its answer. */
export interface QuestionRow {
  readonly prompt: string;
  readonly answer: string;
}

/** A test row contained in a passage. */
export interface SharedRow {
  /** Index of the row, from 0. */
  readonly row: number;
  /** Number of the passage; the match may continue in the next one of the same document. */
  readonly passage: number;
  /** `row`: question and answer occur there; `prompt`: only the question. */
  readonly kind: "row" | "prompt";
  /** Shares of the words of question and answer that occur there in runs of at least four, 0 to 1. */
  readonly promptShare: number;
  readonly answerShare: number;
}

/** Minimum run length in words: three in a row are often an idiom. Shorter texts must occur completely. */
const run = 4;
/** Minimum share of a question's words: with 1 in 10 words changed, it is still the same question. */
const nearlyAll = 0.85;
/** Shorter questions may occur anywhere, such as "Thank you" or "Summarize:". */
const minWords = 5;

/**
 * Finds test rows that occur almost verbatim in a passage, each with the passage that contains most of it.
 *
 * @param passages passages in document order; adjacent passages of a document are read as one text
 * @returns in row order; rows with a question of fewer than five words are never included
 */
export function findSharedRows(rows: readonly QuestionRow[], passages: readonly Passage[]): SharedRow[] {
  const book = new RowIndex(rows);
  const found = new Map<number, SharedRow>();
  let next = book.read(passages[0]);
  passages.forEach(({ document }, passage) => {
    const own = next;
    next = book.read(passages[passage + 1]);
    const goesOn = passages[passage + 1]?.document === document;
    for (const shared of book.sharedWith(goesOn ? [own, next] : [own], passage)) {
      const before = found.get(shared.row);
      if (before === undefined || isBetter(shared, before)) found.set(shared.row, shared);
    }
  });
  return [...found.values()].sort((a, b) => a.row - b.row);
}

/** Whether a match contains more, or as much without the previous passage. */
function isBetter(shared: SharedRow, before: SharedRow): boolean {
  const more = weight(shared) - weight(before);
  return more > 0 || (more === 0 && shared.passage === before.passage + 1);
}

function weight({ kind, promptShare, answerShare }: SharedRow): number {
  return (kind === "row" ? 2 : 0) + promptShare + answerShare;
}

/** A word that occurs in no row. */
const unknown = -1;

/** A passage as indexed words, and every run of them. */
interface ReadPassage {
  readonly words: readonly number[];
  readonly runs: ReadonlySet<string>;
}

interface BookedRow {
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
}

/** Rows as numbered words, indexed by the runs of words in their questions. */
class RowIndex {
  readonly #numbers = new Map<string, number>();
  readonly #rows: readonly BookedRow[];
  /** Rows by each four-word run of their question. */
  readonly #byRun = new Map<string, number[]>();

  constructor(rows: readonly QuestionRow[]) {
    this.#rows = rows.map(({ prompt, answer }) => ({ prompt: this.#add(prompt), answer: this.#add(answer) }));
    this.#rows.forEach(({ prompt }, row) => {
      if (prompt.length < minWords) return;
      for (const key of new Set(runsOf(prompt))) {
        const rowsOfRun = this.#byRun.get(key) ?? [];
        if (rowsOfRun.length === 0) this.#byRun.set(key, rowsOfRun);
        rowsOfRun.push(row);
      }
    });
  }

  /** Converts a passage to the rows' word numbers. */
  read(passage: Passage | undefined): ReadPassage {
    const text = passage === undefined ? "" : `${passage.title}\n${passage.text}`;
    const words = wordsOf(text).map((word) => this.#numbers.get(word) ?? unknown);
    return { words, runs: new Set(runsOf(words)) };
  }

  /** Rows whose question occurs in these passages together. */
  *sharedWith(read: readonly ReadPassage[], passage: number): Generator<SharedRow> {
    const met = new Map<number, number>();
    for (const { runs } of read) {
      for (const key of runs)
        for (const row of this.#byRun.get(key) ?? []) met.set(row, (met.get(row) ?? 0) + 1);
    }
    for (const [row, count] of met) {
      const { prompt, answer } = this.#rows[row] as BookedRow;
      // each run covers at most four words, so fewer runs cannot cover nearly all
      if (count * run < nearlyAll * prompt.length) continue;
      const promptShare = coverage(prompt, read);
      if (promptShare < nearlyAll) continue;
      const answerShare = coverage(answer, read);
      const kind = answer.length > 0 && answerShare >= nearlyAll ? "row" : "prompt";
      yield { row, passage, kind, promptShare, answerShare };
    }
  }

  #add(text: string): number[] {
    return wordsOf(text).map((word) => {
      const number = this.#numbers.get(word) ?? this.#numbers.size;
      this.#numbers.set(word, number);
      return number;
    });
  }
}

/** Every run of four words that all have numbers. */
function* runsOf(words: readonly number[]): Generator<string> {
  let known = 0;
  for (let end = 1; end <= words.length; end++) {
    known = words[end - 1] === unknown ? 0 : known + 1;
    if (known >= run) yield words.slice(end - run, end).join(" ");
  }
}

/** Share of a text's words covered by the runs of a passage; a shorter text must occur completely. */
function coverage(text: readonly number[], read: readonly ReadPassage[]): number {
  if (text.length === 0) return 0;
  if (text.length < run) return read.some(({ words }) => contains(words, text)) ? 1 : 0;
  const covered = new Uint8Array(text.length);
  for (let at = 0; at + run <= text.length; at++) {
    const key = text.slice(at, at + run).join(" ");
    if (read.some(({ runs }) => runs.has(key))) covered.fill(1, at, at + run);
  }
  return covered.reduce((sum, one) => sum + one, 0) / text.length;
}

function contains(words: readonly number[], text: readonly number[]): boolean {
  return words.some((_, start) => text.every((word, at) => words[start + at] === word));
}
