/** @file Merges the pairs found by the machines of a cluster into the pairs of the whole data set. */
import { BestPartners } from "../near/best-partners.ts";
import { type PairKind, PairList, type Pairs, pairKinds } from "../near/pairs.ts";
import { type DataSetFacts, indexOfRow, joined, partOf, sidesAmong } from "./numbered-rows.ts";

/** Pairs with row numbers of the whole data set. */
export type FoundPairs = Omit<Pairs, "count">;

/** Converts local row numbers of pairs to row numbers of the whole data set. */
export function foundAmong(rows: Uint32Array, pairs: Pairs): FoundPairs {
  const { kind, score, differs } = pairs;
  const numbers = (at: Uint32Array): Uint32Array => at.map((one) => rows[one] as number);
  return { row: numbers(pairs.row), other: numbers(pairs.other), kind, score, differs };
}

/** Rows represented by another row of their part. */
export interface Followers {
  readonly rows: Uint32Array;
  readonly leaders: Uint32Array;
  readonly answers: Int32Array;
}

/** Held-out rows paired with the rows that contain them. */
export interface ContainedPairs {
  readonly row: Uint32Array;
  readonly other: Uint32Array;
  readonly score: Float64Array;
  readonly rowAnswer: Int32Array;
  readonly otherAnswer: Int32Array;
}

/** The results of all machines. */
export interface AllFound {
  /** One entry per machine, in any order. Only one machine reports pairs for a given first row. */
  readonly repeated: readonly FoundPairs[];
  readonly similar: readonly FoundPairs[];
  readonly contained: readonly ContainedPairs[];
  readonly followers: readonly Followers[];
  /** The answer number of a row that occurs in a pair. */
  readonly answerOf: (row: number) => number;
}

/** Returns the pairs of the whole data set, as `findNearPairs` would find them. */
export function joinPairs(found: AllFound, facts: DataSetFacts): Pairs {
  const list = new PairList();
  const add = (pairs: FoundPairs, use: (kind: PairKind) => boolean, follow: boolean): void => {
    for (let at = 0; at < pairs.row.length; at++) {
      const kind = pairKinds[pairs.kind[at] as number] as PairKind;
      if (!use(kind)) continue;
      const [row, other] = [pairs.row[at] as number, pairs.other[at] as number];
      const score = pairs.score[at] as number;
      list.add(row, other, kind, score, pairs.differs[at] === 1);
      if (!follow || partOf(facts, row) === partOf(facts, other)) continue;
      for (const follower of followers.get(row) ?? []) {
        const mayDiffer = facts.areLabels || kind !== "contained";
        const differs = mayDiffer && found.answerOf(follower) !== found.answerOf(other);
        list.add(follower, other, kind, score, differs);
      }
    }
  };
  const followers = followersOf(found.followers);
  for (const pairs of found.repeated) add(pairs, () => true, false);
  for (const stage of ["reordered", "one-word", "near"])
    for (const pairs of found.similar) add(pairs, (kind) => kind === stage, true);
  add(bestContained(found.contained, facts), () => true, true);
  return list.toPairs(facts.starts.at(-1) ?? 0);
}

function followersOf(all: readonly Followers[]): ReadonlyMap<number, readonly number[]> {
  const of = new Map<number, number[]>();
  for (const { rows, leaders } of all) {
    for (const [at, row] of rows.entries()) {
      const leader = leaders[at] as number;
      const known = of.get(leader);
      if (known === undefined) of.set(leader, [row]);
      else known.push(row);
    }
  }
  return of;
}

/** Keeps the best match per row, since several machines may report the same held-out row. */
function bestContained(all: readonly ContainedPairs[], facts: DataSetFacts): FoundPairs {
  const answerOf = new Map<number, number>();
  for (const { row, other, rowAnswer, otherAnswer } of all) {
    for (let at = 0; at < row.length; at++) {
      answerOf.set(row[at] as number, rowAnswer[at] as number);
      answerOf.set(other[at] as number, otherAnswer[at] as number);
    }
  }
  const rows = Uint32Array.from(answerOf.keys()).sort();
  const answers = Int32Array.from(rows, (row) => answerOf.get(row) as number);
  const sides = sidesAmong({ rows, answers }, facts);
  const best = new BestPartners(sides, null);
  for (const { row, other, score } of all) {
    for (let at = 0; at < row.length; at++) {
      const [one, two] = [indexOfRow(rows, row[at] as number), indexOfRow(rows, other[at] as number)];
      best.offer(one, two, score[at] as number);
    }
  }
  return foundAmong(rows, pairsOf(best, "contained", rows.length));
}

/** The best partners as pairs, without followers. */
export function pairsOf(best: BestPartners, kind: PairKind, rows: number): Pairs {
  const list = new PairList();
  best.addTo(list, kind, () => []);
  return list.toPairs(rows);
}

/** Concatenates pairs. */
export function concatPairs(all: readonly FoundPairs[]): FoundPairs {
  return {
    row: joined(
      Uint32Array,
      all.map(({ row }) => row),
    ),
    other: joined(
      Uint32Array,
      all.map(({ other }) => other),
    ),
    kind: joined(
      Uint8Array,
      all.map(({ kind }) => kind),
    ),
    score: joined(
      Float32Array,
      all.map(({ score }) => score),
    ),
    differs: joined(
      Uint8Array,
      all.map(({ differs }) => differs),
    ),
  };
}
