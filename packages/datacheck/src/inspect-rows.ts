/** @file All checks of rows that need no model. */

import type { Example, Splits } from "@tunewise/core/rows";
import { openScanner } from "./codescan/index.ts";
import type { BenchmarkRow } from "./dataset/index.ts";
import { duplicates, leaks } from "./exact.ts";
import { failedScanners, inspectCode, missingGrammars, type ScannedRow } from "./inspect-code.ts";
import { sharedPassages } from "./near/shared-passages.ts";
import { type Observation, observe } from "./observation.ts";
import { inspectRepeats, repeatedTexts } from "./overlap.ts";
import type { NearTexts } from "./paraphrase/top-match.ts";
import { findPoison } from "./poison/find-poison.ts";
import { differingAnswers, shortAnswers } from "./quality/answers.ts";
import { judgeDocuments, judgeQuality } from "./quality/judge-quality.ts";
import { judgeLabels } from "./quality/labels.ts";
import { benchmarkRows, type Part, parts, type Row, rowsOf } from "./row.ts";
import { type ScanTexts, scanHere } from "./sarif/scan-texts.ts";
import { inspectSecrets } from "./secrets/inspect-secrets.ts";

/** Facts about the task. */
export interface InspectOptions {
  /** Answers are labels: checks their balance, and whether training contains all of them. */
  readonly labels: boolean;
  /** `exact`: duplicates, leaks and labels by exact match only. */
  readonly depth: "full" | "exact";
  /** Rows that training must not contain, by file. */
  readonly benchmarks: ReadonlyMap<string, readonly BenchmarkRow[]>;
  /** Scans for insecure code. Default: the built-in scanner. */
  readonly scanTexts?: ScanTexts;
  /** Embeds prompts, so that paraphrases are also found by vectors. Default: only words are compared. */
  readonly embed?: EmbedTexts;
}

/** Rows by part. */
type RowsByPart = Readonly<Record<Part, readonly Row[]>>;

/**
 * Runs all checks and collects all findings.
 *
 * @see the functions it calls for their codes
 */
export async function inspectRows(splits: Splits<Example>, options: InspectOptions): Promise<Observation[]> {
  const rows = rowsOf(splits);
  const benchmarks = new Map([...options.benchmarks].map(([file, held]) => [file, benchmarkRows(held)]));
  if (areDocuments(rows)) return inspectDocuments(rows, benchmarks, options.depth);
  if (options.depth === "exact") return exactly(rows, benchmarks, options.labels);
  const prompts = options.embed === undefined ? [] : promptsToCompare(rows, benchmarks);
  const embedded = prompts.length === 0 ? null : ((await options.embed?.(prompts)) ?? null);
  const near = embedded !== null && "near" in embedded ? embedded.near : null;
  return [
    ...inspectRepeats(rows, benchmarks, options.labels, near),
    ...notEmbedded(embedded, prompts.length),
    ...judgeQuality(rows, options.labels),
    ...findPoison("train", rows.train, options.labels),
    ...inspectSecrets(parts.flatMap((part) => rows[part])),
    ...(options.labels ? [] : await inspectAnswers(rows, options.scanTexts)),
  ];
}

/** Only repeats and leaks, compared by words. See `inspectRepeats` for the codes. */
export function repeatsIn(
  splits: Splits<Example>,
  { labels, depth, benchmarks }: Pick<InspectOptions, "labels" | "depth" | "benchmarks">,
): Observation[] {
  const rows = rowsOf(splits);
  const held = new Map([...benchmarks].map(([file, all]) => [file, benchmarkRows(all)]));
  if (areDocuments(rows)) return documentRepeats(rows, held, depth);
  return depth === "exact" ? exactly(rows, held, labels) : inspectRepeats(rows, held, labels);
}

function areDocuments({ train }: RowsByPart): boolean {
  return train[0]?.isDocument === true;
}

/** Checks that apply to texts without answers. */
function inspectDocuments(
  rows: RowsByPart,
  benchmarks: ReadonlyMap<string, readonly Row[]>,
  depth: InspectOptions["depth"],
): Observation[] {
  const repeats = documentRepeats(rows, benchmarks, depth);
  if (depth === "exact") return repeats;
  return [...repeats, ...judgeDocuments(rows), ...inspectSecrets(parts.flatMap((part) => rows[part]))];
}

/** Repeated documents, and passages of held-out documents and benchmarks in training documents. */
function documentRepeats(
  rows: RowsByPart,
  benchmarks: ReadonlyMap<string, readonly Row[]>,
  depth: InspectOptions["depth"],
): Observation[] {
  if (depth === "exact") return exactly(rows, benchmarks, false);
  const held = ["test", "validation"] as const;
  return [
    ...repeatedTexts(rows, benchmarks),
    ...held.flatMap((part) => sharedPassages(part, rows[part], rows.train)),
    ...[...benchmarks].flatMap(([file, all]) => sharedPassages(file, all, rows.train)),
  ];
}

/** Finds known rows by embedding vectors, or states why there are none. */
export type EmbeddedTexts =
  | { readonly near: (known: readonly string[]) => NearTexts }
  | { readonly reason: string };

/** Computes embedding vectors of distinct texts. */
export type EmbedTexts = (texts: readonly string[]) => Promise<EmbeddedTexts>;

/** `DATA_PARAPHRASES_BY_WORDS` if no vectors could be computed. */
function notEmbedded(embedded: EmbeddedTexts | null, prompts: number): Observation[] {
  if (embedded === null || "near" in embedded) return [];
  return [observe("DATA_PARAPHRASES_BY_WORDS", "note", { prompts, reason: embedded.reason }, [])];
}

/** Distinct prompts of all parts that are compared; none if there is nothing to compare. */
function promptsToCompare(rows: RowsByPart, benchmarks: ReadonlyMap<string, readonly Row[]>): string[] {
  const sets = [...Object.values(rows), ...benchmarks.values()].filter((set) => set.length > 0);
  return sets.length < 2 ? [] : [...new Set(sets.flat().map(({ prompt }) => prompt))];
}

/** Scans the code of all answers at once. */
async function inspectAnswers(rows: RowsByPart, scanTexts?: ScanTexts): Promise<Observation[]> {
  const scanner = await openScanner();
  const all = parts.flatMap((part) => rows[part]);
  const { found, failures } = await (scanTexts ?? scanHere(scanner))(all.map(({ answer }) => answer));
  const scanned = all.map((row, at): ScannedRow => ({ row, found: found[at] ?? [] }));
  return [
    ...failedScanners(failures),
    ...parts.flatMap((part) =>
      inspectCode(
        part,
        scanned.filter(({ row }) => row.part === part),
      ),
    ),
    ...missingGrammars(scanner, all),
  ];
}

/** Pairs of parts to compare, each part with those before it. Held-out rows in train come first. */
const compared: readonly (readonly [Part, Part])[] = [
  ["test", "train"],
  ["validation", "train"],
  ["test", "validation"],
];

function exactly(
  rows: RowsByPart,
  benchmarks: ReadonlyMap<string, readonly Row[]>,
  areLabels: boolean,
): Observation[] {
  return [
    ...compared.flatMap(([part, other]) => leaks(part, rows[part], other, rows[other])),
    ...[...benchmarks].flatMap(([file, held]) => leaks(file, held, "train", rows.train)),
    ...parts.flatMap((part) => [
      ...duplicates(part, rows[part]),
      ...(areDocuments(rows)
        ? []
        : [...differingAnswers(part, rows[part]), ...shortAnswers(part, rows[part], areLabels)]),
    ]),
    ...(areLabels ? judgeLabels(rows) : []),
  ];
}
