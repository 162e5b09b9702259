/** @file Observations of repeated rows: each row once per part it repeats, with its strictest kind of pair. */

import { type Hit, type Observation, observeHits, type Remedy } from "../observation.ts";
import { type Place, type ProblemCode, placeText, type Severity } from "../problem/index.ts";
import { parts, type Row } from "../row.ts";
import { findNearPairs, type NearOptions } from "./find-near-pairs.ts";
import { type PairKind, type Pairs, pairKinds } from "./pairs.ts";

/** Codes by kind: across parts, and within one. */
const codes: Readonly<Record<PairKind, { readonly leak: ProblemCode; readonly duplicate: ProblemCode }>> = {
  exact: { leak: "DATA_LEAK", duplicate: "DATA_DUPLICATE_ROWS" },
  normalized: { leak: "DATA_LEAK", duplicate: "DATA_DUPLICATE_ROWS" },
  reordered: { leak: "DATA_LEAK_NEAR", duplicate: "DATA_NEAR_DUPLICATES" },
  "one-word": { leak: "DATA_LEAK_NEAR", duplicate: "DATA_NEAR_DUPLICATES" },
  near: { leak: "DATA_LEAK_NEAR", duplicate: "DATA_NEAR_DUPLICATES" },
  contained: { leak: "DATA_LEAK_CONTAINED", duplicate: "DATA_NEAR_DUPLICATES" },
};

/** Pairs of parts in order of importance: held-out rows in train come first. */
const comparedParts: readonly (readonly [Row["part"], Row["part"]])[] = [
  ["benchmark", "train"],
  ["test", "train"],
  ["validation", "train"],
  ["test", "validation"],
  ...parts.map((part) => [part, part] as const),
];

/**
 * From this share of its rows on, near duplicates within a part are a warning. Below it they change the cost of an
 * epoch, and memorization, by less than a hundredth.
 */
const repeatsShareMin = 0.01;

/** One row to report. */
interface Reported {
  readonly row: number;
  readonly other: number;
  readonly kind: PairKind;
  readonly score: number;
  /** Whether the other row has another answer. */
  readonly differs: boolean;
  /** Whether another row of that part asks the same but has a different answer. */
  isDisputed: boolean;
}

/**
 * Finds prompts that repeat others and reports them: `DATA_LEAK`, `DATA_LEAK_NEAR`, `DATA_LEAK_CONTAINED`,
 * `DATA_DUPLICATE_ROWS`, `DATA_NEAR_DUPLICATES`.
 *
 * @param areLabels answers are labels, so that the nearest row with another label is reported too
 */
export function inspectOverlap(
  rows: readonly Row[],
  areLabels: boolean,
  { called, ...options }: Omit<NearOptions, "answers" | "areLabels"> & { readonly called?: string } = {},
): Observation[] {
  const part = partsOf(rows);
  const texts = rows.map(({ prompt }) => prompt);
  const answers = answersOf(rows);
  const totals = new Map<string, number>();
  for (const row of rows) totals.set(row.part, (totals.get(row.part) ?? 0) + 1);
  const facts: RowFacts = {
    partOf: (row) => rowAt(rows, row).part,
    placeOf: (row) => rowAt(rows, row).place,
    haveSameAnswer: (row, other) => rowAt(rows, row).answer.trim() === rowAt(rows, other).answer.trim(),
    total: (one) => totals.get(one) ?? 0,
  };
  return observePairs(facts, findNearPairs(texts, part, { ...options, answers, areLabels }).pairs, {
    called,
    areLabels,
  });
}

/** Parts by number. */
const order: readonly Row["part"][] = [...parts, "benchmark"];

/** Part of each row as a number, 0 for train. */
export function partsOf(rows: readonly Row[]): Uint8Array {
  return Uint8Array.from(rows, ({ part }) => order.indexOf(part));
}

/** One answer number per row. */
function answersOf(rows: readonly Row[]): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(rows, ({ answer }) => {
    const text = answer.trim();
    const number = known.get(text) ?? known.size;
    known.set(text, number);
    return number;
  });
}

/** Facts about rows, by row number. */
export interface RowFacts {
  readonly partOf: (row: number) => Row["part"];
  readonly placeOf: (row: number) => Place;
  /** Called only for rows with the same prompt. */
  readonly haveSameAnswer: (row: number, other: number) => boolean;
  /** Number of rows in a part. */
  readonly total: (part: Row["part"]) => number;
}

/** How pairs are reported. */
interface ReportedAs {
  /** Name of the held-out rows if they are not a part. */
  readonly called: string | undefined;
  readonly areLabels: boolean;
}

/**
 * Converts pairs of these rows to observations. A row is reported once per part that it repeats, under the strictest
 * kind of pair that matches. A partner with the same answer is preferred to a contradicting one.
 */
export function observePairs(rows: RowFacts, pairs: Pairs, told: ReportedAs): Observation[] {
  const strongest = new Map<string, Reported>();
  for (let at = 0; at < pairs.count; at++) {
    const one = pairAt(pairs, at);
    const key = `${one.row} ${rows.partOf(one.other)}`;
    const before = strongest.get(key);
    if (before === undefined) strongest.set(key, one);
    else if (before.differs && !one.differs && one.other !== before.other)
      strongest.set(key, { ...one, isDisputed: true });
    else before.isDisputed ||= one.differs;
  }
  const byCode = new Map<string, Reported[]>();
  for (const one of strongest.values()) {
    const [part, other] = [rows.partOf(one.row), rows.partOf(one.other)];
    const code = codes[one.kind][part === other ? "duplicate" : "leak"];
    const list = byCode.get(`${part} ${other} ${code}`);
    if (list === undefined) byCode.set(`${part} ${other} ${code}`, [one]);
    else list.push(one);
  }
  const inOrder = [...new Set(Object.values(codes).flatMap(({ leak, duplicate }) => [leak, duplicate]))];
  return comparedParts.flatMap(([part, other]) =>
    inOrder.flatMap((code) => {
      const found = byCode.get(`${part} ${other} ${code}`);
      return found === undefined ? [] : observed(rows, code, part, other, found, told);
    }),
  );
}

function observed(
  rows: RowFacts,
  code: ProblemCode,
  part: Row["part"],
  other: Row["part"],
  found: readonly Reported[],
  { called = part, areLabels }: ReportedAs,
): Observation[] {
  const total = rows.total(part);
  let contradictions = 0;
  const hits = found.map((one): Hit => {
    const [row, twin] = [{ place: rows.placeOf(one.row) }, { place: rows.placeOf(one.other) }];
    const contradicts = contradictsOther(rows, one);
    if (contradicts || one.isDisputed) contradictions++;
    const suffix = contradicts
      ? "; its answer differs"
      : one.isDisputed
        ? "; a row like it has another answer"
        : "";
    const isDoubtful = contradicts || (part === "train" && one.isDisputed);
    const remedy = isDoubtful ? null : remedyOf(one.kind, part, other);
    return { row, reason: reasonOf(one, twin.place) + suffix, other: twin, remedy };
  });
  const severity = severityOf(code, found.length / total, areLabels);
  const differing = contradictions === 0 ? "" : `, ${contradictions} of them with another answer`;
  return observeHits(code, severity, called, hits, total, { other, differing });
}

/** Whether a row asks the same as another but has a different answer. */
function contradictsOther(rows: RowFacts, { row, other, kind, differs }: Reported): boolean {
  const isRepeated = kind === "exact" || kind === "normalized";
  return differs || (isRepeated && !rows.haveSameAnswer(row, other));
}

/** Labels have many similar phrasings, so near duplicates are normal in such data. */
function severityOf(code: ProblemCode, share: number, areLabels: boolean): Severity {
  const isSlight = code === "DATA_NEAR_DUPLICATES" && (areLabels || share < repeatsShareMin);
  return isSlight ? "note" : "warning";
}

/**
 * Held-out rows stay as published, so a leak is fixed in training. Within training only identical rows are dropped,
 * since near duplicates cost little and may be intended.
 */
function remedyOf(kind: PairKind, part: Row["part"], other: Row["part"]): Remedy | null {
  if (other !== "train") return null;
  if (part !== "train") return "drop-other";
  return kind === "exact" || kind === "normalized" || kind === "reordered" ? "drop" : null;
}

function reasonOf({ kind, score }: Reported, other: Place): string {
  const place = placeText(other);
  const percent = `${Math.floor(score * 100 + 1e-4)} %`;
  switch (kind) {
    case "exact":
      return `the prompt of ${place}`;
    case "normalized":
      return `the prompt of ${place}, except for case, spaces and punctuation`;
    case "reordered":
      return `the words of ${place} in another order`;
    case "one-word":
      return `one word apart from ${place} (${percent} the same words)`;
    case "near":
      return `${percent} the same words as ${place}`;
    case "contained":
      return `${place} contains ${percent} of its runs of words`;
  }
}

function pairAt(pairs: Pairs, at: number): Reported {
  return {
    row: pairs.row[at] as number,
    other: pairs.other[at] as number,
    kind: pairKinds[pairs.kind[at] as number] as PairKind,
    score: pairs.score[at] as number,
    differs: pairs.differs[at] === 1,
    isDisputed: false,
  };
}

function rowAt(rows: readonly Row[], at: number): Row {
  return rows[at] as Row;
}
