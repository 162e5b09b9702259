/** @file What a run had cost at each moment, from its lines of the ledger. */
import type { MachinePrice, SpendLine } from "@tunewise/tracker";

/**
 * Where dollars of a moment come from: `meter` lines that the run's own meter wrote, every few seconds · `ledger` lines
 * that the server wrote, every half a minute and more · `price` its price and the time since its start, as no line is
 * there yet.
 */
export type CostBasis = "meter" | "ledger" | "price";

/** What a run had cost, by time. */
export interface CostOverTime {
  readonly basis: CostBasis;
  /** Micro-dollars up to a moment. */
  readonly at: (ms: number) => number;
  /** The first moment at which so many micro-dollars were spent; `Infinity`: not yet. */
  readonly when: (microUsd: number) => number;
}

/** The run that is metered. */
export interface MeteredRun {
  readonly client: string;
  readonly startedMs: number;
}

/** A moment, what was spent by then, and what a millisecond costs from there on. */
interface Corner {
  readonly ms: number;
  readonly microUsd: number;
  readonly perMs: number;
}

const msPerHour = 3_600_000;

/**
 * A line of the ledger is spread over the seconds that it stands for, which end where it was written; a charge counts
 * from then on. Behind the last line the machine costs what it cost before.
 *
 * @param lines of the run, in any order
 * @param price of a run without lines
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

/** Moments at which the cost jumps or a rate begins or ends, in their order. */
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
    // rates are added and taken away again: what is left of that is no rate
    perMs = Math.abs(perMs + turn.rate) < 1e-12 ? 0 : perMs + turn.rate;
    if (corners.at(-1)?.ms === now) corners.pop();
    corners.push({ ms: now, microUsd, perMs });
  }
  const [end, last] = [corners.pop(), lines.findLast(({ priceMicroUsdPerHour }) => priceMicroUsdPerHour > 0)];
  if (end) corners.push({ ...end, perMs: (last?.priceMicroUsdPerHour ?? 0) / msPerHour });
  return corners;
}

/** Index of the last one that fulfills what earlier ones fulfill too; -1: none does. */
function lastAt(corners: readonly Corner[], fits: (corner: Corner) => boolean): number {
  let [low, high] = [0, corners.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(corners[middle] as Corner)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
