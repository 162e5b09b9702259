/** @file Splits of a data set: from separate files, or as seeded shares of the training file. */

import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { shuffle } from "@tunewise/core/math";
import type { Example, Splits } from "@tunewise/core/rows";
import { type Finding, problem } from "../problem/index.ts";
import {
  type MixedSource,
  type MixRead,
  readMix,
  type SourceRead,
  type SourceUse,
  sourceNotes,
  sourceUses,
  weighRows,
} from "./mix.ts";
import type { ReadOptions } from "./read.ts";
import { type ReadFileCount, readSource } from "./read-source.ts";
import { splitByGroup } from "./split-by-group.ts";
import { splitByTime } from "./split-by-time.ts";

/** Where the rows are and how many to use; named like the recipe's data section. */
export interface SplitOptions extends ReadOptions {
  /** Base folder of relative file names. */
  readonly folder: string;
  /** `null` if `mix` names the training rows. */
  readonly train: string | null;
  /** Sources of the training rows with weights, instead of `train`. */
  readonly mix?: readonly MixedSource[] | null;
  readonly validation: string | null;
  readonly test: string | null;
  /** Shares of `train` used if no file is given; 0: none. */
  readonly split: {
    readonly validation: number;
    readonly test: number;
    readonly seed: number;
    /**
     * Unit that is never divided: a row, the rows of a group, or the rows of a cluster. `time`: the rows of a group,
     * and the latest become test rows.
     */
    readonly by: "rows" | "group" | "similarity" | "time";
  };
  /** Returns a cluster number per row, equal for similar rows; for `by: "similarity"`. */
  readonly cluster?: (rows: readonly Example[]) => ArrayLike<number>;
  /** Max. rows, the first ones after a seeded shuffle; `null`: all. */
  readonly rows: {
    readonly train: number | null;
    readonly validation: number | null;
    readonly test: number | null;
  };
}

/** A data set as a run uses it. */
export interface SplitResult {
  readonly splits: Splits<Example>;
  readonly findings: readonly Finding[];
  /** How often an epoch repeats each training row; `null`: each once. */
  readonly repeats: Uint32Array | null;
  /** What was read for each split; zeros without a source of its own. */
  readonly read: Readonly<Record<SplitName, ReadCounts>>;
  /** What became of the rows of each source of `mix`. */
  readonly sources: readonly SourceUse[];
  /** See `fingerprintSplits`; computed after limits and shares. */
  readonly fingerprint: string;
}

/** Records of a split's sources, usable ones, and the files that they are in, in order. */
export interface ReadCounts {
  readonly rows: number;
  readonly usable: number;
  readonly files: readonly ReadFileCount[];
}

const names = ["train", "validation", "test"] as const;
type SplitName = (typeof names)[number];

/**
 * Reads the files of a data set and splits it.
 *
 * Shares: the usable rows of `train` are shuffled with the seed; the first round(share x rows) become test rows, the
 * next validation rows, the rest training rows; each split is then restored to file order. By group or similarity,
 * rows
 * that belong together stay together, see `splitByGroup`; by time the latest rows are test rows, see
 * `splitByTime`. Limits: a split with more rows than its limit is shuffled
 * with the seed and truncated, keeping the shuffled order. The sources of `mix` are read as one file; their weights
 * apply to the training rows only, after the shares, so that no held-out row is repeated or trained, see `weighRows`.
 *
 * @throws {TunewiseError} `DATA_SPLIT_INVALID` for impossible shares, `DATA_SPLIT_EMPTY` for a requested split
 * without
 *   usable rows; see also `readSource` and `readMix`
 */
export async function readSplits(options: SplitOptions): Promise<SplitResult> {
  const findings: Finding[] = [];
  const none: ReadCounts = { rows: 0, usable: 0, files: [] };
  const counts: Record<SplitName, ReadCounts> = { train: none, validation: none, test: none };
  let sources: readonly SourceRead[] = [];
  const read = async (name: SplitName): Promise<readonly Example[]> => {
    const file = options[name];
    if (name === "train" && options.mix) {
      const mixed = await readMix(options.mix, options.folder, options.split.seed, options);
      findings.push(...mixed.findings);
      sources = mixed.sources;
      const usable = sources.reduce((sum, one) => sum + one.read - one.unusable, 0);
      counts.train = { ...countsOf(mixed), usable };
      return mixed.examples;
    }
    if (file === null) return [];
    const result = await readSource(resolve(options.folder, file), file, options);
    findings.push(...result.findings);
    counts[name] = countsOf(result);
    return result.examples;
  };
  const files: Record<SplitName, readonly Example[]> = {
    train: await read("train"),
    validation: await read("validation"),
    test: await read("test"),
  };
  const parted = takeShares(files, options);
  const train = trainRows(parted.train, sources, options);
  const splits: Splits<Example> = {
    train: train.rows,
    validation: limit(parted.validation, options.rows.validation, options.split.seed),
    test: limit(parted.test, options.rows.test, options.split.seed),
  };
  for (const name of names) {
    if (splits[name].length === 0 && isWanted(name, options)) {
      const source = options[name] === null ? files.train : files[name];
      throw emptySplit(name, source.length, findings, options);
    }
  }
  const uses = sourceUses(sources, parted.train, train);
  return {
    splits,
    repeats: train.repeats,
    findings: [...findings, ...sourceNotes(uses)],
    read: counts,
    sources: uses,
    fingerprint: fingerprintSplits(splits, train.repeats),
  };
}

function countsOf({ files, examples }: Pick<MixRead, "files" | "examples">): ReadCounts {
  return { rows: files.reduce((sum, { rows }) => sum + rows, 0), usable: examples.length, files };
}

/** The training rows of an epoch, by the weights of their sources if these have any. */
function trainRows(
  rows: readonly Example[],
  sources: readonly SourceRead[],
  { rows: max, split: { seed } }: Pick<SplitOptions, "rows" | "split">,
): { readonly rows: readonly Example[]; readonly repeats: Uint32Array | null } {
  const isWeighted = sources.some(({ weight }) => weight !== null);
  if (isWeighted) return weighRows(rows, sources, max.train, seed);
  return { rows: limit(rows, max.train, seed), repeats: null };
}

function takeShares(files: Splits<Example>, options: SplitOptions): Splits<Example> {
  const share = {
    validation: options.validation === null ? options.split.validation : 0,
    test: options.test === null ? options.split.test : 0,
  };
  const total = share.validation + share.test;
  if (!(share.validation >= 0 && share.test >= 0 && total < 1)) {
    throw problem("DATA_SPLIT_INVALID", { validation: share.validation, test: share.test });
  }
  if (total === 0) return files;
  if (options.split.by !== "rows") return takeTogether(files, share, options);
  const order = shuffle([...files.train.keys()], options.split.seed);
  const tests = Math.round(share.test * order.length);
  const validations = Math.round(share.validation * order.length);
  const part = (from: number, to: number): Example[] =>
    order
      .slice(from, to)
      .sort((a, b) => a - b)
      .map((index) => files.train[index] as Example);
  return {
    test: share.test > 0 ? part(0, tests) : files.test,
    validation: share.validation > 0 ? part(tests, tests + validations) : files.validation,
    train: part(tests + validations, order.length),
  };
}

/** Takes shares while keeping rows that belong together in one split. */
function takeTogether(
  files: Splits<Example>,
  share: { readonly validation: number; readonly test: number },
  { split, cluster }: SplitOptions,
): Splits<Example> {
  const rows = files.train;
  const groupOf = split.by === "similarity" && cluster ? cluster(rows) : groupsOf(rows);
  const shares = [1 - share.validation - share.test, share.validation, share.test];
  const partOf =
    split.by === "time"
      ? splitByTime(rows, groupOf, shares)
      : splitByGroup(rows.length, groupOf, shares, split.seed);
  const part = (number: number): Example[] => rows.filter((_, at) => partOf[at] === number);
  return {
    train: part(0),
    validation: share.validation > 0 ? part(1) : files.validation,
    test: share.test > 0 ? part(2) : files.test,
  };
}

/** Numbers the groups; each row without a group is its own. */
function groupsOf(rows: readonly Example[]): Uint32Array {
  const known = new Map<string, number>();
  return Uint32Array.from(rows, ({ group }, at) => {
    if (group === undefined) return rows.length + at;
    const number = known.get(group) ?? known.size;
    known.set(group, number);
    return number;
  });
}

function limit(rows: readonly Example[], max: number | null, seed: number): readonly Example[] {
  return max === null || rows.length <= max ? rows : shuffle(rows, seed).slice(0, max);
}

function isWanted(name: SplitName, options: SplitOptions): boolean {
  return name === "train" || options[name] !== null || options.split[name] > 0;
}

/**
 * Why a split has no rows.
 *
 * @param usable number of usable rows in the file that the split is taken from
 */
export function emptySplit(
  split: SplitName,
  usable: number,
  findings: readonly Finding[],
  options: Pick<SplitOptions, SplitName | "mix">,
): Error {
  const file = sourceName(split, options);
  const reported = findings.filter(({ severity, where }) => severity !== "note" && where[0]?.file === file);
  const reasons = reported.map(({ title, count }) => `${title.toLowerCase()}: ${count}`).join("; ");
  const have = `${usable} usable rows${reasons === "" ? "" : ` (${reasons})`}`;
  return problem("DATA_SPLIT_EMPTY", {
    split,
    file,
    have,
    fix: fixOfEmpty(split, usable, reported, options),
  });
}

/** The source of a split, as the recipe names it. */
export function sourceName(split: SplitName, options: Pick<SplitOptions, SplitName | "mix">): string {
  const mixed = options.mix?.map(({ file }) => file).join(", ") ?? "";
  return options[split] ?? options.train ?? mixed;
}

/** Suggested fix: repair rows, or increase a share that is too small. */
function fixOfEmpty(
  split: SplitName,
  usable: number,
  [worst]: readonly Finding[],
  options: Pick<SplitOptions, SplitName | "mix">,
): string {
  if (worst !== undefined) return `${worst.fix}: ${worst.detail}`;
  if (options[split] !== null || usable === 0) return `Put rows into ${sourceName(split, options)}`;
  const minShare = Math.min(0.5, Math.ceil(100 / Math.max(2, usable)) / 100);
  return `Set data.split.${split} to ${minShare} or more, or to 0 for no such rows`;
}

/**
 * Fingerprint of a data set, independent of row order and files: `sha256:` and 64 hex digits.
 *
 * Each row is hashed as the JSON list of its `[role, content]` pairs, with a third item 0 for a turn of weight 0, then
 * the reasoning, calls and names of the turn if it has any, and at the end the row's tools if it has any. A document is
 * hashed as the JSON list of its text. The hashes of a split's rows are sorted, joined by line feeds and hashed; the
 * three split hashes are hashed as `train=`, `validation=`, `test=` lines. Repeated rows count each time.
 */
export function fingerprintSplits(splits: Splits<Example>, repeats: Uint32Array | null = null): string {
  const hashesOf = (name: SplitName): string[] => {
    const hashes = splits[name].map(hashRow);
    if (name !== "train" || repeats === null) return hashes;
    return hashes.flatMap((hash, at) => Array.from({ length: repeats[at] ?? 1 }, () => hash));
  };
  const lines = names.map((name) => `${name}=${sha256(hashesOf(name).sort().join("\n"))}`);
  return `sha256:${sha256(lines.join("\n"))}`;
}

function hashRow({ messages, tools, isDocument }: Example): string {
  if (isDocument === true) return sha256(JSON.stringify(messages.map(({ content }) => content)));
  const turns = messages.map(({ role, content, weight, ...others }) => {
    const { reasoning, toolCalls, toolCallId, name } = others;
    const more = [reasoning, toolCalls, toolCallId, name].some((one) => one !== undefined);
    return [
      role,
      content,
      ...(weight === 0 ? [0] : []),
      ...(more ? [{ reasoning, toolCalls, toolCallId, name }] : []),
    ];
  });
  return sha256(JSON.stringify([...turns, ...(tools === undefined ? [] : [{ tools }])]));
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
