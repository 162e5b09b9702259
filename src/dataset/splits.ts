/**
 * @file The three parts of a data set: from files of their own, or as seeded shares of the training file.
 */
import { resolve } from "node:path";
import { type Finding, problem } from "../problem/index.ts";
import type { Example, Splits } from "./example.ts";
import { fingerprintSplits } from "./fingerprint.ts";
import { type ReadOptions, readExamples } from "./read.ts";
import { shuffle } from "./shuffle.ts";
import { splitByGroup } from "./split-by-group.ts";

/** Where the rows are and how many of them count; the names are those of the recipe's data section. */
export interface SplitOptions extends ReadOptions {
  /** Folder that relative file names start from. */
  readonly folder: string;
  readonly train: string;
  readonly validation: string | null;
  readonly test: string | null;
  /** Shares of `train` taken where no file is given; 0 means none. */
  readonly split: {
    readonly validation: number;
    readonly test: number;
    readonly seed: number;
    /** What stays on one side: a row, the rows of a group, or the rows that `cluster` puts together. */
    readonly by: "rows" | "group" | "similarity";
  };
  /** A number per row, the same for rows that are alike; for shares by similarity. */
  readonly cluster?: (rows: readonly Example[]) => ArrayLike<number>;
  /** Take at most so many rows, the first ones after a seeded shuffle; `null` takes all. */
  readonly rows: {
    readonly train: number | null;
    readonly validation: number | null;
    readonly test: number | null;
  };
}

/** A data set as a run sees it. */
export interface SplitResult {
  readonly splits: Splits<Example>;
  readonly findings: readonly Finding[];
  /** See `fingerprintSplits`; taken after limits and shares. */
  readonly fingerprint: string;
}

const names = ["train", "validation", "test"] as const;
type SplitName = (typeof names)[number];

/**
 * Reads the files of a data set and parts it.
 *
 * Shares: the usable rows of `train` are shuffled by the seed; the first round(share x rows) become test
 * rows, the next validation rows, the rest training rows; each part then stands in file order again. By group or
 * similarity, rows that belong together go to one part, see `splitByGroup`. Limits:
 * where a part has more rows than its limit, it is shuffled by the seed and the first ones are kept, in that
 * order.
 *
 * @throws {TunewiseError} `DATA_SPLIT_INVALID` for impossible shares, `DATA_SPLIT_EMPTY` for a part that was
 * asked for and has no usable row; as `readExamples`
 */
export async function readSplits(options: SplitOptions): Promise<SplitResult> {
  const findings: Finding[] = [];
  const read = async (file: string | null): Promise<readonly Example[]> => {
    if (file === null) return [];
    const result = await readExamples(resolve(options.folder, file), file, options);
    findings.push(...result.findings);
    return result.examples;
  };
  const whole: Record<SplitName, readonly Example[]> = {
    train: await read(options.train),
    validation: await read(options.validation),
    test: await read(options.test),
  };
  const parted = takeShares(whole, options);
  const splits: Splits<Example> = {
    train: limit(parted.train, options.rows.train, options.split.seed),
    validation: limit(parted.validation, options.rows.validation, options.split.seed),
    test: limit(parted.test, options.rows.test, options.split.seed),
  };
  for (const name of names) {
    if (splits[name].length === 0 && isWanted(name, options))
      throw emptySplit(name, whole, findings, options);
  }
  return { splits, findings, fingerprint: fingerprintSplits(splits) };
}

function takeShares(whole: Splits<Example>, options: SplitOptions): Splits<Example> {
  const share = {
    validation: options.validation === null ? options.split.validation : 0,
    test: options.test === null ? options.split.test : 0,
  };
  const total = share.validation + share.test;
  if (!(share.validation >= 0 && share.test >= 0 && total < 1)) {
    throw problem("DATA_SPLIT_INVALID", { validation: share.validation, test: share.test });
  }
  if (total === 0) return whole;
  if (options.split.by !== "rows") return takeTogether(whole, share, options);
  const order = shuffle([...whole.train.keys()], options.split.seed);
  const tests = Math.round(share.test * order.length);
  const validations = Math.round(share.validation * order.length);
  const part = (from: number, to: number): Example[] =>
    order
      .slice(from, to)
      .sort((a, b) => a - b)
      .map((index) => whole.train[index] as Example);
  return {
    test: share.test > 0 ? part(0, tests) : whole.test,
    validation: share.validation > 0 ? part(tests, tests + validations) : whole.validation,
    train: part(tests + validations, order.length),
  };
}

/** The same with rows that belong together in one part. */
function takeTogether(
  whole: Splits<Example>,
  share: { readonly validation: number; readonly test: number },
  { split, cluster }: SplitOptions,
): Splits<Example> {
  const rows = whole.train;
  const groupOf = split.by === "similarity" && cluster ? cluster(rows) : groupsOf(rows);
  const shares = [1 - share.validation - share.test, share.validation, share.test];
  const partOf = splitByGroup(rows.length, groupOf, shares, split.seed);
  const part = (number: number): Example[] => rows.filter((_, at) => partOf[at] === number);
  return {
    train: part(0),
    validation: share.validation > 0 ? part(1) : whole.validation,
    test: share.test > 0 ? part(2) : whole.test,
  };
}

/** A number per group; rows without one stand alone. */
function groupsOf(rows: readonly Example[]): Uint32Array {
  const known = new Map<string, number>();
  return Uint32Array.from(rows, ({ group }, at) => {
    if (group === undefined) return rows.length + at;
    const number = known.get(group) ?? known.size;
    known.set(group, number);
    return number;
  });
}

function limit(rows: readonly Example[], most: number | null, seed: number): readonly Example[] {
  return most === null || rows.length <= most ? rows : shuffle(rows, seed).slice(0, most);
}

function isWanted(name: SplitName, options: SplitOptions): boolean {
  return name === "train" || options[name] !== null || options.split[name] > 0;
}

function emptySplit(
  split: SplitName,
  whole: Splits<Example>,
  findings: readonly Finding[],
  options: SplitOptions,
): Error {
  const file = options[split] ?? options.train;
  const source = options[split] === null ? whole.train : whole[split];
  const unusable = findings.filter(({ severity, where }) => severity !== "note" && where[0]?.file === file);
  const reasons = unusable.map(({ title, count }) => `${title.toLowerCase()}: ${count}`).join("; ");
  const have = `${source.length} usable rows${reasons === "" ? "" : ` (${reasons})`}`;
  return problem("DATA_SPLIT_EMPTY", {
    split,
    file,
    have,
    fix: fixOfEmpty(split, source.length, unusable, options),
  });
}

/** What fills the part: mended rows, or for a share of too few rows a larger one. */
function fixOfEmpty(
  split: SplitName,
  usable: number,
  [worst]: readonly Finding[],
  options: SplitOptions,
): string {
  if (worst !== undefined) return `${worst.fix}: ${worst.detail}`;
  if (options[split] !== null || usable === 0) return `Put rows into ${options[split] ?? options.train}`;
  const least = Math.min(0.5, Math.ceil(100 / Math.max(2, usable)) / 100);
  return `Set data.split.${split} to ${least} or more, or to 0 for no such rows`;
}
