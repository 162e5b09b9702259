/** @file Splits of a data set: from separate files, or as seeded shares of the training file. */

import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { shuffle } from "@tunewise/core/math";
import type { Example, Splits } from "@tunewise/core/rows";
import { type Finding, problem } from "../problem/index.ts";
import type { ReadOptions } from "./read.ts";
import { readSource } from "./read-source.ts";
import { splitByGroup } from "./split-by-group.ts";

/** Where the rows are and how many to use; named like the recipe's data section. */
export interface SplitOptions extends ReadOptions {
  /** Base folder of relative file names. */
  readonly folder: string;
  readonly train: string;
  readonly validation: string | null;
  readonly test: string | null;
  /** Shares of `train` used if no file is given; 0: none. */
  readonly split: {
    readonly validation: number;
    readonly test: number;
    readonly seed: number;
    /** Unit that is never divided: a row, the rows of a group, or the rows of a cluster. */
    readonly by: "rows" | "group" | "similarity";
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
  /** Records of each file and its usable ones; zeros without a file of the split. */
  readonly read: Readonly<Record<SplitName, { readonly rows: number; readonly usable: number }>>;
  /** See `fingerprintSplits`; computed after limits and shares. */
  readonly fingerprint: string;
}

const names = ["train", "validation", "test"] as const;
type SplitName = (typeof names)[number];

/**
 * Reads the files of a data set and splits it.
 *
 * Shares: the usable rows of `train` are shuffled with the seed; the first round(share x rows) become test rows, the
 * next validation rows, the rest training rows; each split is then restored to file order. By group or similarity, rows
 * that belong together stay together, see `splitByGroup`. Limits: a split with more rows than its limit is shuffled
 * with the seed and truncated, keeping the shuffled order.
 *
 * @throws {TunewiseError} `DATA_SPLIT_INVALID` for impossible shares, `DATA_SPLIT_EMPTY` for a requested split without
 *   usable rows; see also `readSource`
 */
export async function readSplits(options: SplitOptions): Promise<SplitResult> {
  const findings: Finding[] = [];
  const none = { rows: 0, usable: 0 };
  const counts: Record<SplitName, typeof none> = { train: none, validation: none, test: none };
  const read = async (name: SplitName): Promise<readonly Example[]> => {
    const file = options[name];
    if (file === null) return [];
    const result = await readSource(resolve(options.folder, file), file, options);
    findings.push(...result.findings);
    counts[name] = { rows: result.rows, usable: result.examples.length };
    return result.examples;
  };
  const files: Record<SplitName, readonly Example[]> = {
    train: await read("train"),
    validation: await read("validation"),
    test: await read("test"),
  };
  const parted = takeShares(files, options);
  const splits: Splits<Example> = {
    train: limit(parted.train, options.rows.train, options.split.seed),
    validation: limit(parted.validation, options.rows.validation, options.split.seed),
    test: limit(parted.test, options.rows.test, options.split.seed),
  };
  for (const name of names) {
    if (splits[name].length === 0 && isWanted(name, options)) {
      const source = options[name] === null ? files.train : files[name];
      throw emptySplit(name, source.length, findings, options);
    }
  }
  return { splits, findings, read: counts, fingerprint: fingerprintSplits(splits) };
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
  const partOf = splitByGroup(rows.length, groupOf, shares, split.seed);
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
  options: Pick<SplitOptions, SplitName>,
): Error {
  const file = options[split] ?? options.train;
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

/** Suggested fix: repair rows, or increase a share that is too small. */
function fixOfEmpty(
  split: SplitName,
  usable: number,
  [worst]: readonly Finding[],
  options: Pick<SplitOptions, SplitName>,
): string {
  if (worst !== undefined) return `${worst.fix}: ${worst.detail}`;
  if (options[split] !== null || usable === 0) return `Put rows into ${options[split] ?? options.train}`;
  const minShare = Math.min(0.5, Math.ceil(100 / Math.max(2, usable)) / 100);
  return `Set data.split.${split} to ${minShare} or more, or to 0 for no such rows`;
}

/**
 * Fingerprint of a data set, independent of row order and files: `sha256:` and 64 hex digits.
 *
 * Each row is hashed as the JSON list of its `[role, content]` pairs, with a third item 0 for a turn of weight 0, then
 * the reasoning, calls and names of the turn if it has any, and at the end the row's tools if it has any. The hashes
 * of a split's rows are sorted, joined by line feeds and hashed; the three split hashes are hashed as `train=`,
 * `validation=`, `test=` lines. Repeated rows count each time.
 */
export function fingerprintSplits(splits: Splits<Example>): string {
  const lines = (["train", "validation", "test"] as const).map(
    (name) => `${name}=${sha256(splits[name].map(hashRow).sort().join("\n"))}`,
  );
  return `sha256:${sha256(lines.join("\n"))}`;
}

function hashRow({ messages, tools }: Example): string {
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
