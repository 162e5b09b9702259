/** @file Computes a run's cumulative cost at any time from its ledger. */
import type { MachinePrice, SpendLine } from "@tunewise/tracker";

/**
 * Source of the cost at a given time:
 * - `meter`: lines written by the run's own meter every few seconds
 * - `ledger`: lines written by the server every half minute or less often
 * - `price`: the price and the time since the start, because there are no lines yet
 */
export type CostBasis = "meter" | "ledger" | "price";

/** A run's cost over time. */
export interface CostOverTime {
  readonly basis: CostBasis;
  /** Micro-dollars spent up to a time. */
  readonly at: (ms: number) => number;
  /** The first time at which that many micro-dollars were spent; `Infinity` if the run never reaches the amount. */
  readonly when: (microUsd: number) => number;
}

/** The metered run. */
export interface MeteredRun {
  readonly client: string;
  readonly startedMs: number;
}

/** Start of a section with a constant rate: the amount spent so far, and the cost per millisecond from here on. */
interface Corner {
  readonly ms: number;
  readonly microUsd: number;
  readonly perMs: number;
}

const msPerHour = 3_600_000;

/**
 * Spreads each ledger line over the seconds before it was written. Charges count from the time they were written. After
 * the last line, the machine continues at its last known price.
 *
 * @param lines ledger lines of the run, in any order
 * @param price the price of a run without lines
 */
export function costOverTime(
  { client, startedMs }: MeteredRun,
  lines: readonly SpendLine[],
  price: MachinePrice,
): CostOverTime {
  const isOwn = client === "tunewise" || client === "exec";
  const corners =
    lines.length === 0
      ? [{ ms: startedMs, microUsd: 0, perMs: price.microUsdPerHour / msPerHour }]
      : cornersOf(lines);
  return {
    basis: lines.length === 0 ? "price" : isOwn ? "meter" : "ledger",
    at: (ms) => {
      const corner = corners[lastAt(corners, (one) => one.ms <= ms)];
      return corner ? corner.microUsd + corner.perMs * (ms - corner.ms) : 0;
    },
    when: (microUsd) => {
      if (microUsd <= 0) return Number.NEGATIVE_INFINITY;
      const before = lastAt(corners, (one) => one.microUsd < microUsd);
      const [corner, next] = [corners[before], corners[before + 1]];
      if (!corner) return next?.ms ?? Number.POSITIVE_INFINITY;
      const ms = corner.ms + (microUsd - corner.microUsd) / corner.perMs;
      return Math.min(ms, next?.ms ?? Number.POSITIVE_INFINITY);
    },
  };
}

/** Times at which the cost jumps or a rate begins or ends, in order. */
function cornersOf(lines: readonly SpendLine[]): Corner[] {
  const turns = lines.flatMap(({ ms, seconds, microUsd }) => {
    const perMs = seconds > 0 ? microUsd / (seconds * 1000) : 0;
    if (perMs === 0) return [{ ms, jump: microUsd, rate: 0 }];
    return [
      { ms: ms - seconds * 1000, jump: 0, rate: perMs },
      { ms, jump: 0, rate: -perMs },
    ];
  });
  turns.sort((a, b) => a.ms - b.ms);
  const corners: Corner[] = [];
  let [now, microUsd, perMs] = [turns[0]?.ms ?? 0, 0, 0];
  for (const turn of turns) {
    microUsd += perMs * (turn.ms - now) + turn.jump;
    now = turn.ms;
    // rates are added and subtracted again, and the rounding error is not a rate
    perMs = Math.abs(perMs + turn.rate) < 1e-12 ? 0 : perMs + turn.rate;
    if (corners.at(-1)?.ms === now) corners.pop();
    corners.push({ ms: now, microUsd, perMs });
  }
  const [end, last] = [corners.pop(), lines.findLast(({ priceMicroUsdPerHour }) => priceMicroUsdPerHour > 0)];
  if (end) corners.push({ ...end, perMs: (last?.priceMicroUsdPerHour ?? 0) / msPerHour });
  return corners;
}

/** Index of the last corner that fulfills a condition that all earlier ones fulfill too; -1 if there is none. */
function lastAt(corners: readonly Corner[], fits: (corner: Corner) => boolean): number {
  let [low, high] = [0, corners.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(corners[middle] as Corner)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
