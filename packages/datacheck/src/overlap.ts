/**
 * @file Rows that repeat others in any form: first the inexpensive stages, then paraphrases among the remaining rows.
 */

import { countOf } from "@tunewise/core/quantity";
import { inspectOverlap } from "./near/observations.ts";
import { observeGroups, observeTimes } from "./near/observe-groups.ts";
import { type Hit, type Observation, observeHits } from "./observation.ts";
import { nearlyTheSame } from "./paraphrase/clean-matches.ts";
import { findParaphrases } from "./paraphrase/find-paraphrases.ts";
import { withoutFixedLines } from "./paraphrase/fixed-lines.ts";
import { areInOtherLanguages, askOtherwise } from "./paraphrase/other-answers.ts";
import type { ParaphrasePair } from "./paraphrase/pair.ts";
import type { NearTexts } from "./paraphrase/top-match.ts";
import { isLeak, placeKey, placeText } from "./problem/index.ts";
import { type Part, parts, type Row } from "./row.ts";

/** Held-out parts and the part they are compared with. */
const compared: readonly (readonly [Part, Part])[] = [
  ["test", "train"],
  ["validation", "train"],
];

/**
 * Repeats within and across parts, and benchmark rows in training.
 *
 * @param benchmarks rows that training must not contain, by file name
 * @param byVectors finds known rows by vectors; `null` to compare only words
 * @see `inspectOverlap`, `otherWords`, `observeGroups`, `observeTimes` for the codes
 */
export function inspectRepeats(
  rows: Readonly<Record<Part, readonly Row[]>>,
  benchmarks: ReadonlyMap<string, readonly Row[]>,
  areLabels: boolean,
  byVectors: ByVectors = null,
): Observation[] {
  const all = parts.flatMap((part) => rows[part]);
  const near = inspectOverlap(all, areLabels);
  return [
    ...near,
    ...compared.flatMap(([held, known]) =>
      otherWords({
        held: rows[held],
        known: rows[known],
        split: held,
        other: known,
        near,
        areLabels,
        byVectors,
      }),
    ),
    ...[...benchmarks].flatMap(([name, held]) => inBenchmark(name, held, rows.train, byVectors)),
    ...observeOrigins(all),
  ];
}

/**
 * Repeated documents within and across parts. Documents are not compared as paraphrases: those are alternatives of a
 * question.
 *
 * @see `inspectOverlap`, `observeGroups`, `observeTimes` for the codes
 */
export function repeatedTexts(
  rows: Readonly<Record<Part, readonly Row[]>>,
  benchmarks: ReadonlyMap<string, readonly Row[]>,
): Observation[] {
  const all = parts.flatMap((part) => rows[part]);
  return [
    ...inspectOverlap(all, false),
    ...[...benchmarks].flatMap(([called, held]) =>
      inspectOverlap([...rows.train, ...held], false, { called }).filter(({ finding }) => isLeak(finding)),
    ),
    ...observeOrigins(all),
  ];
}

/** Groups and times that should not be on both sides of a split. */
function observeOrigins(all: readonly Row[]): Observation[] {
  return [
    ...observeGroups(
      all,
      all.map(({ group }) => group ?? null),
    ),
    ...observeTimes(
      all,
      Float64Array.from(all, ({ time }) => time ?? Number.NaN),
    ),
  ];
}

/** Benchmark rows that also occur in training. Repeats within either are ignored. */
function inBenchmark(
  name: string,
  held: readonly Row[],
  train: readonly Row[],
  byVectors: ByVectors,
): Observation[] {
  const near = inspectOverlap([...train, ...held], false, { called: name }).filter(({ finding }) =>
    isLeak(finding),
  );
  const compare = {
    held,
    known: train,
    split: name,
    other: "train" as const,
    near,
    areLabels: false,
    byVectors,
  };
  return [...near, ...otherWords(compare)];
}

type ByVectors = ((known: readonly string[]) => NearTexts) | null;

const nothing = { prompt: "", answer: "" };

interface Compared {
  readonly held: readonly Row[];
  readonly known: readonly Row[];
  readonly split: string;
  readonly other: Part;
  /** Observations of the inexpensive stages. */
  readonly near: readonly Observation[];
  readonly areLabels: boolean;
  readonly byVectors: ByVectors;
}

/** `DATA_LEAK_PARAPHRASE`, `DATA_LEAK_TWIN`: held-out rows that paraphrase a known row. */
function otherWords({ held, known, split, other, near, areLabels, byVectors }: Compared): Observation[] {
  if (held.length === 0 || known.length === 0) return [];
  const rows = [...known, ...held];
  const told = new Set(
    near
      .filter(({ finding }) => isLeak(finding))
      .flatMap(({ evidence }) => evidence.map(({ place }) => placeKey(place))),
  );
  const leaveOut = new Set(
    rows.flatMap(({ place }, at) => (at >= known.length && told.has(placeKey(place)) ? [at] : [])),
  );
  const prompts = rows.map(({ prompt }) => prompt);
  const heldOut = Uint8Array.from(rows, (_, at) => (at >= known.length ? 1 : 0));
  const { pairs, threshold, refuted } = findParaphrases(
    byVectors === null ? withoutFixedLines(prompts) : prompts,
    heldOut,
    {
      leaveOut,
      haveOtherAnswers: (at, twin) => askOtherwise(rows[at] ?? nothing, rows[twin] ?? nothing),
      ...(areLabels ? {} : { answers: rows.map(({ answer }) => answer) }),
      ...(byVectors && { near: byVectors }),
    },
  );
  return (["DATA_LEAK_PARAPHRASE", "DATA_LEAK_TWIN"] as const).flatMap((code) => {
    const hits = pairs.flatMap((pair): Hit[] => {
      const [row, twin] = [rows[pair.row], rows[pair.other]];
      if (row === undefined || twin === undefined) return [];
      if ((pair.kind === "twin") !== (code === "DATA_LEAK_TWIN")) return [];
      if (areInOtherLanguages(row.prompt, twin.prompt)) return [];
      const remedy = other === "train" && isCertain(pair, row, twin) ? "drop-other" : null;
      return [{ row, other: twin, reason: reasonFor(pair, placeText(twin.place)), remedy }];
    });
    return observeHits(code, "warning", split, hits, held.length, {
      other,
      how: threshold.how + (byVectors === null ? "" : "; by words and vectors") + refutedText(refuted),
    });
  });
}

function refutedText(refuted: number): string {
  if (refuted === 0) return "";
  return `; ${countOf(refuted, "row")} as near to a row whose answer is to another question ${refuted === 1 ? "is" : "are"} not counted`;
}

/** Whether a pair is a leak without manual review: the answers are the same, or nearly the whole text is. */
function isCertain({ kind, score }: ParaphrasePair, row: Row, twin: Row): boolean {
  if (kind === "same-answer") return true;
  return kind === "twin" ? row.answer.trim() === twin.answer.trim() : score >= nearlyTheSame;
}

/** The reason does not quote the rows, since both are shown beside it. */
function reasonFor({ kind, score, maskedScore }: ParaphrasePair, place: string): string {
  return {
    paraphrase: `says what ${place} says, alike by ${score.toFixed(2)}`,
    twin: `${place} with other names or numbers, alike by ${score.toFixed(2)}, masked by ${maskedScore.toFixed(2)}`,
    "same-answer": `the answer of ${place} to a changed question, alike by ${score.toFixed(2)}`,
  }[kind];
}
