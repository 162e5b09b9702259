/**
 * @file Index tables for blockwise attention: the tokens of each row, and for each block of queries or keys the spans
 *   of tokens on the other side.
 *
 * All positions are flat token indices. A query at q attends to a key at k if 0 <= q - k + shift < window, where the
 * shift accounts for the tokens between a shared prefix and the row. Lane 0 of a block is the token at `first`. With
 * queries in lanes, the lanes that attend to k are the `window` lanes from k - shift - first on. With keys in lanes,
 * the lanes that q attends to are the `window` lanes from q + shift - window + 1 - first on. Both starts are the
 * position of the other side's token plus the span's base.
 */
import type { Feeds } from "../runtime/session.ts";

/** Tokens of a row in the flat list, `[start, end)`; they also attend to the first `memory` tokens, the prefix. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly memory: number;
}

/** Stands for no window: sums of it and of positions stay below 2^31. */
const noWindow = 2 ** 30;

/** A row of a spans table. */
type Span = readonly [from: number, to: number, base: number];
interface TableBlock {
  readonly first: number;
  readonly count: number;
  readonly spans: readonly Span[];
}

/** Sizes of the tables by symbolic name. */
export interface TableSizes {
  readonly S: number;
  readonly QB: number;
  readonly QS: number;
  readonly KB: number;
  readonly KS: number;
}

/**
 * Tables of a batch for a sliding window. Their sizes do not depend on the window.
 *
 * @param lanes tokens per block
 */
export function attentionTables(
  segments: readonly Segment[],
  lanes: number,
  window: number | null,
): { readonly feeds: Feeds; readonly sizes: TableSizes } {
  const reach = window ?? noWindow;
  const queries = segments.flatMap((own) =>
    cut(own, lanes, (first, count) => ({ first, count, spans: seenBy(own, first, count, reach) })),
  );
  const keys = segments.flatMap((own) =>
    cut(own, lanes, (first, count) => ({ first, count, spans: seeing(own, segments, first, count, reach) })),
  );
  const [query, key] = [table(queries), table(keys)];
  const rows = BigInt64Array.from(
    segments.flatMap(({ start, end, memory }) => [start, end, memory]),
    BigInt,
  );
  return {
    feeds: {
      "rows.window": BigInt64Array.of(BigInt(reach)),
      "rows.segments": rows,
      "rows.query.blocks": query.blocks,
      "rows.query.spans": query.spans,
      "rows.key.blocks": key.blocks,
      "rows.key.spans": key.spans,
    },
    sizes: {
      S: segments.length,
      QB: query.blocks.length / blockWidth,
      QS: query.spans.length / spanWidth,
      KB: key.blocks.length / blockWidth,
      KS: key.spans.length / spanWidth,
    },
  };
}

/** Numbers per row of the tables. */
const [blockWidth, spanWidth] = [4, 3];

function cut<Item>(
  { start, end }: Segment,
  lanes: number,
  make: (first: number, count: number) => Item,
): Item[] {
  return Array.from({ length: Math.ceil((end - start) / lanes) }, (_, at) => {
    const first = start + at * lanes;
    return make(first, Math.min(lanes, end - first));
  });
}

/** Key spans for a block of queries: in the prefix, and in its own row up to the block's end. */
function seenBy({ start, memory }: Segment, first: number, count: number, reach: number): Span[] {
  const own: Span = [Math.max(start, first - reach + 1), first + count, -first];
  if (memory === 0) return [own];
  const shift = memory - start;
  return [[Math.min(memory, Math.max(0, first + shift - reach + 1)), memory, -shift - first], own];
}

/** Query spans that attend to a block of keys: in its own row from the block on, and in the rows after a prefix. */
function seeing(
  { end }: Segment,
  segments: readonly Segment[],
  first: number,
  count: number,
  reach: number,
): Span[] {
  const last = first + count - 1 + reach;
  const own: Span = [first, Math.min(end, last), 1 - reach - first];
  const after = segments
    .filter(({ memory }) => memory > first)
    .map((row): Span => {
      const shift = row.memory - row.start;
      return [row.start, Math.max(row.start, Math.min(row.end, last - shift)), shift + 1 - reach - first];
    });
  return [own, ...after];
}

/** Puts the blocks with the most work first, so that threads finish at about the same time. */
function table(blocks: readonly TableBlock[]): { blocks: BigInt64Array; spans: BigInt64Array } {
  const work = ({ spans }: TableBlock): number => spans.reduce((sum, [from, to]) => sum + to - from, 0);
  const spans: Span[] = [];
  const rows = [...blocks]
    .sort((a, b) => work(b) - work(a) || a.first - b.first)
    .flatMap((block) => {
      spans.push(...block.spans);
      return [block.first, block.count, spans.length - block.spans.length, spans.length];
    });
  return { blocks: BigInt64Array.from(rows, BigInt), spans: BigInt64Array.from(spans.flat(), BigInt) };
}
