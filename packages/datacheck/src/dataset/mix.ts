/** @file Mixes several sources of training rows: reads them as one, and samples their rows by weight. */

import { resolve } from "node:path";
import { shuffle } from "@tunewise/core/math";
import { countOf } from "@tunewise/core/quantity";
import type { Example } from "@tunewise/core/rows";
import { type Finding, findingOf, problem } from "../problem/index.ts";
import type { ReadOptions } from "./read.ts";
import { type ReadFileCount, readSource } from "./read-source.ts";

/** A source of training rows. */
export interface MixedSource {
  /** File, folder or pattern, relative to the folder of the options. */
  readonly file: string;
  /** Relative frequency of its rows in an epoch; `null` for all sources: each row once. */
  readonly weight: number | null;
  /** Max. rows, chosen by a seeded shuffle; `null`: all. */
  readonly rows: number | null;
}

/** The sources, read as one in their order. */
export interface MixRead {
  readonly examples: readonly Example[];
  readonly findings: readonly Finding[];
  readonly files: readonly ReadFileCount[];
  readonly sources: readonly SourceRead[];
}

/** Number of rows of a source that were read, and of those above its limit. */
export interface SourceRead extends MixedSource {
  /** Names of its files. */
  readonly files: readonly string[];
  readonly read: number;
  readonly unusable: number;
  readonly aboveLimit: number;
}

/**
 * Reads the sources. Rows stay in file order.
 *
 * @param seed of the shuffle that chooses rows up to the limit of a source
 * @throws {TunewiseError} `DATA_MIX_OVERLAP` for a file in two sources, `DATA_SPLIT_EMPTY` for a source without usable
 *   rows, and those of `readSource`
 */
export async function readMix(
  mix: readonly MixedSource[],
  folder: string,
  seed: number,
  options: ReadOptions,
): Promise<MixRead> {
  const examples: Example[] = [];
  const findings: Finding[] = [];
  const files: ReadFileCount[] = [];
  const sources: SourceRead[] = [];
  const ownerOf = new Map<string, string>();
  for (const source of mix) {
    const read = await readSource(resolve(folder, source.file), source.file, options);
    for (const { path, shown } of read.files) {
      const other = ownerOf.get(path);
      if (other !== undefined)
        throw problem("DATA_MIX_OVERLAP", { file: shown, first: other, second: source.file });
      ownerOf.set(path, source.file);
    }
    if (read.examples.length === 0) throw emptySource(source.file, read.rows);
    const chosen = upTo(read.examples, source.rows, seed);
    // spreading millions of arguments would not fit on the stack
    for (const example of chosen) examples.push(example);
    findings.push(...read.findings);
    files.push(...read.files);
    sources.push({
      ...source,
      files: read.files.map(({ shown }) => shown),
      read: read.rows,
      unusable: read.rows - read.examples.length,
      aboveLimit: read.examples.length - chosen.length,
    });
  }
  return { examples, findings, files, sources };
}

function emptySource(file: string, rows: number): Error {
  return problem("DATA_SPLIT_EMPTY", {
    split: "train",
    file,
    have: `0 usable rows of ${rows}`,
    fix: `Correct the rows of ${file}, or remove it from data.mix`,
  });
}

/** At most this many rows, in their order. */
function upTo(rows: readonly Example[], max: number | null, seed: number): readonly Example[] {
  if (max === null || rows.length <= max) return rows;
  const chosen = shuffle([...rows.keys()], seed).slice(0, max);
  return chosen.sort((a, b) => a - b).map((at) => rows[at] as Example);
}

/** Training rows by weight. */
export interface WeightedRows {
  readonly rows: readonly Example[];
  /** How often each row occurs in an epoch, at least 1. */
  readonly repeats: Uint32Array;
}

/**
 * Samples rows so that the sources have their weights' shares of an epoch, which is as long as all rows together: a
 * source with too few rows is repeated, one with too many is sampled. The repeats of two rows of a source differ by at
 * most one.
 *
 * @param rows training rows of all sources
 * @param maxRows max. rows of an epoch; `null`: no limit
 */
export function weighRows(
  rows: readonly Example[],
  sources: readonly SourceRead[],
  maxRows: number | null,
  seed: number,
): WeightedRows {
  const sourceOf = new Map(sources.flatMap(({ files }, at) => files.map((file) => [file, at] as const)));
  const indexes: number[][] = sources.map(() => []);
  for (const [at, { file }] of rows.entries()) indexes[sourceOf.get(file) ?? 0]?.push(at);
  const present = sources.map(({ weight }, at) => (indexes[at]?.length === 0 ? 0 : (weight ?? 1)));
  const shares = apportion(Math.min(rows.length, maxRows ?? rows.length), present);
  const repeats = new Uint32Array(rows.length);
  for (const [source, own] of indexes.entries()) {
    const share = shares[source] ?? 0;
    const [each, more] = [Math.floor(share / own.length), share % own.length];
    for (const [rank, at] of shuffle(own, seed).entries()) repeats[at] = each + (rank < more ? 1 : 0);
  }
  return { rows: rows.filter((_, at) => repeats[at] !== 0), repeats: repeats.filter((count) => count > 0) };
}

/** Divides a number into whole shares by weight. @source largest remainder method (Hamilton) */
function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => (sum === 0 ? 0 : (total * weight) / sum));
  const shares = exact.map(Math.floor);
  const left = total - shares.reduce((all, share) => all + share, 0);
  const byRemainder = [...exact.keys()].sort(
    (a, b) => ((exact[b] as number) % 1) - ((exact[a] as number) % 1) || a - b,
  );
  for (const at of byRemainder.slice(0, left)) (shares[at] as number) += 1;
  return shares;
}

/** Rows of a source by what became of them. */
export interface SourceUse extends Omit<SourceRead, "files" | "rows"> {
  /** Rows in the validation and test splits. */
  readonly heldOut: number;
  /** Rows that an epoch leaves out, because of the weight or of `data.rows.train`. */
  readonly leftOut: number;
  /** Different training rows. */
  readonly trained: number;
  /** Rows of an epoch, with repeats. */
  readonly perEpoch: number;
}

/**
 * Counts what became of the rows of each source.
 *
 * @param parted training rows before weights and limits
 */
export function sourceUses(
  sources: readonly SourceRead[],
  parted: readonly Example[],
  { rows, repeats }: { readonly rows: readonly Example[]; readonly repeats: Uint32Array | null },
): SourceUse[] {
  return sources.map(({ files, rows: _, ...source }) => {
    const own = new Set(files);
    const before = parted.reduce((sum, { file }) => sum + (own.has(file) ? 1 : 0), 0);
    let [trained, perEpoch] = [0, 0];
    for (const [at, { file }] of rows.entries()) {
      if (!own.has(file)) continue;
      trained++;
      perEpoch += repeats?.[at] ?? 1;
    }
    const heldOut = source.read - source.unusable - source.aboveLimit - before;
    return { ...source, heldOut, leftOut: before - trained, trained, perEpoch };
  });
}

/** A note for each source, `DATA_SOURCE_ROWS`, that accounts for all of its rows. */
export function sourceNotes(uses: readonly SourceUse[]): Finding[] {
  const total = uses.reduce((sum, { perEpoch }) => sum + perEpoch, 0);
  return uses.map((use) => {
    const parts = [
      `${use.trained} for training`,
      ...(use.unusable > 0 ? [`${use.unusable} unusable`] : []),
      ...(use.aboveLimit > 0 ? [`${use.aboveLimit} above its limit`] : []),
      ...(use.heldOut > 0 ? [`${use.heldOut} held out`] : []),
      ...(use.leftOut > 0
        ? [`${use.leftOut} left out by ${use.weight === null ? "data.rows" : "its weight"}`]
        : []),
    ];
    const share = total === 0 ? 0 : Math.round((100 * use.perEpoch) / total);
    const params = {
      file: use.file,
      rows: countOf(use.read, "row"),
      parts: parts.join(", "),
      epoch: countOf(use.perEpoch, "row"),
      share,
    };
    return findingOf("DATA_SOURCE_ROWS", "note", params, [{ file: use.file }], use.read);
  });
}
