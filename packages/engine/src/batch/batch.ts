/** @file Lays out rows of tokens for the programs: flat token lists, grid, attention masks, positions. */
import type { EncodedRow } from "@tunewise/core/rows";
import type { Binding } from "../graph/shape.ts";
import { laneCount } from "../jit/flash-frame.ts";
import type { Architecture, Rope } from "../models/architecture.ts";
import type { Layout } from "../models/layout.ts";
import { type Rotation, rotations } from "../models/rope.ts";
import type { Feeds } from "../runtime/session.ts";
import { attentionTables, type Segment, type TableSizes } from "./attention-tables.ts";
import { rowMask, windowMask } from "./masks.ts";
import { sharedPrefix } from "./shared-prefix.ts";

/** A batch that is ready to run. */
export interface Batch {
  readonly layout: Layout;
  readonly binding: Binding;
  /** Flat token ids: prefix, rows, padding token. */
  readonly ids: Int32Array;
  /** Position of each token in its row. */
  readonly positions: Int32Array;
  /** Inputs of every layer. */
  readonly feeds: Feeds;
  /** Attention masks by sliding window; the key `null` is for layers without one. */
  readonly masks: ReadonlyMap<number | null, Feeds>;
  /** Cosines and sines by rotation. */
  readonly rotations: ReadonlyMap<Rope, Rotation>;
  /** Flat position of each token whose successor is to be predicted, followed by that successor. */
  readonly sources: Int32Array;
  readonly labels: Int32Array;
  /** Index into `rows` of the row that each label belongs to. */
  readonly owners: Int32Array;
  /** Tokens of the rows as given, with a shared prefix counted once per row. */
  readonly rowTokens: number;
}

/** A layer's inputs that describe the batch. */
export function batchFeeds(
  { feeds, masks, rotations: tables }: Pick<Batch, "feeds" | "masks" | "rotations">,
  { windows, ropes }: Architecture,
  layer: number,
): Feeds {
  const rope = ropes[layer];
  return { ...feeds, ...masks.get(windows[layer] ?? null), ...(rope && tables.get(rope)) };
}

/**
 * Lays out rows as a batch.
 *
 * @param share whether a prefix shared by all rows is computed once; exact, but with dropout all rows then share one
 *   dropout mask over it
 * @param flatFrom length from which blockwise attention without a grid is used; see `attention/choose.ts`
 * @param cut the number of query blocks a length is split into
 */
export function layOut(
  rows: readonly EncodedRow[],
  model: Architecture,
  share: boolean,
  flatFrom: number = Number.POSITIVE_INFINITY,
  cut: (length: number) => LengthCut = cutLength,
): Batch {
  const prefix = share ? sharedPrefix(rows) : 0;
  const lengths = rows.map((row) => row.ids.length - prefix);
  const longest = Math.max(...lengths);
  const flatRows = prefix + longest >= flatFrom;
  const dense = lengths.every((length) => length === longest);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const flat = prefix + total + (dense || flatRows ? 0 : 1);
  const ids = new Int32Array(flat);
  const positions = new Int32Array(flat);
  ids.set(rows[0]?.ids.subarray(0, prefix) ?? []);
  for (let place = 0; place < prefix; place++) positions[place] = place;
  const starts: number[] = [];
  let start = prefix;
  for (const row of rows) {
    starts.push(start);
    ids.set(row.ids.subarray(prefix), start);
    for (let at = prefix; at < row.ids.length; at++) positions[start + at - prefix] = at;
    start += row.ids.length - prefix;
  }
  const whole = { count: 1, block: longest, last: longest };
  const [own, first] = flatRows ? [whole, whole] : [cut(longest), cut(prefix)];
  const tables = flatRows ? tablesByWindow(model, lengths, prefix) : null;
  const sizes = { Q: own.block, Z: own.last, PQ: first.block, PZ: first.last };
  const binding = { B: rows.length, T: longest, N: flat - prefix, P: prefix, ...sizes, ...tables?.sizes };
  const layout: Layout = {
    grid: flatRows ? "flat" : dense ? "dense" : "ragged",
    memory: prefix > 0 ? "prefix" : "none",
    blocks: own.count,
    prefixBlocks: first.count,
  };
  const grid = dense || flatRows ? {} : gridIndices(lengths, longest, flat - prefix);
  return {
    layout,
    binding,
    ids,
    positions,
    feeds: grid,
    masks: tables?.masks ?? masksByWindow(model, lengths.length, longest, prefix, own, first),
    rotations: rotations(model, positions),
    ...labelled(rows, starts, prefix),
    rowTokens: total + prefix * rows.length,
  };
}

/**
 * Maps each grid position to its token and each token to its grid position; the padding token fills empty positions.
 */
export function gridIndices(
  lengths: readonly number[],
  longest: number,
  tokens: number,
): { index: BigInt64Array; inverse: BigInt64Array } {
  const filler = BigInt(tokens - 1);
  const index = new BigInt64Array(lengths.length * longest).fill(filler);
  const inverse = new BigInt64Array(tokens);
  let token = 0;
  for (const [row, length] of lengths.entries()) {
    for (let at = 0; at < length; at++) {
      index[row * longest + at] = BigInt(token);
      inverse[token++] = BigInt(row * longest + at);
    }
    if (length < longest) inverse[tokens - 1] = BigInt(row * longest + length);
  }
  return { index, inverse };
}

/** Index tables that replace the masks; their sizes do not depend on the window. */
function tablesByWindow(
  model: Architecture,
  lengths: readonly number[],
  prefix: number,
): { readonly masks: Map<number | null, Feeds>; readonly sizes: TableSizes | null } {
  const segments: Segment[] = prefix > 0 ? [{ start: 0, end: prefix, memory: 0 }] : [];
  let start = prefix;
  for (const length of lengths) {
    segments.push({ start, end: start + length, memory: prefix });
    start += length;
  }
  const masks = new Map<number | null, Feeds>();
  let sizes: TableSizes | null = null;
  for (const window of new Set(model.windows)) {
    const tables = attentionTables(segments, laneCount, window);
    masks.set(window, tables.feeds);
    sizes = tables.sizes;
  }
  return { masks, sizes };
}

function masksByWindow(
  model: Architecture,
  rows: number,
  longest: number,
  prefix: number,
  ownCut: LengthCut,
  prefixCut: LengthCut,
): Map<number | null, Feeds> {
  const masks = new Map<number | null, Feeds>();
  for (const window of new Set(model.windows)) {
    const own = blockMasks("mask", rows, ownCut, window);
    const shared =
      prefix === 0
        ? {}
        : {
            ...blockMasks("prefix.mask", 1, prefixCut, window),
            "memory.mask": windowMask(rows, longest, prefix, prefix, window),
          };
    masks.set(window, { ...own, ...shared });
  }
  return masks;
}

/** The causal mask of each block of queries, by port. */
function blockMasks(
  name: string,
  rows: number,
  { count, block, last }: LengthCut,
  window: number | null,
): Feeds {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => {
      const size = at === count - 1 ? last : block;
      return [`${name}.${at}`, rowMask(rows, { from: at * block, size }, window)];
    }),
  );
}

function labelled(
  rows: readonly EncodedRow[],
  starts: readonly number[],
  prefix: number,
): Pick<Batch, "sources" | "labels" | "owners"> {
  const sources: number[] = [];
  const labels: number[] = [];
  const owners: number[] = [];
  for (const [owner, row] of rows.entries()) {
    for (let at = 1; at < row.ids.length; at++) {
      if (row.labelled[at] !== 1) continue;
      const source = at - 1;
      sources.push(source < prefix ? source : (starts[owner] ?? 0) + source - prefix);
      labels.push(row.ids[at] as number);
      owners.push(owner);
    }
  }
  return {
    sources: Int32Array.from(sources),
    labels: Int32Array.from(labels),
    owners: Int32Array.from(owners),
  };
}

/**
 * Lengths from which a row is split into this many query blocks; for shorter rows more blocks cost more than they
 * save.
 */
const steps = [
  { from: 1024, count: 8 },
  { from: 320, count: 4 },
  { from: 192, count: 2 },
] as const;

/** Blocks of a length: `count - 1` of size `block`, and one of size `last`. */
interface LengthCut {
  readonly count: number;
  readonly block: number;
  readonly last: number;
}

/** Splits a length into blocks of at least one token each. */
function cutLength(length: number): LengthCut {
  const count = steps.find(({ from }) => length >= from)?.count ?? 1;
  const block = Math.ceil(length / count);
  return { count, block, last: length - (count - 1) * block };
}
