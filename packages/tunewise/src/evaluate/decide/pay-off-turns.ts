/**
 * @file Turning points of a pay-off: the value of each input at which the move stops or starts paying off.
 *
 * @source bisection: Burden and Faires, Numerical Analysis, 9th edition, section 2.1; one input at a time, as in
 *   Saltelli et al. 2008, Global Sensitivity Analysis, section 1.2
 */
import { costsAt, expectedPoint, type PayOffInput, type PayOffPoint } from "./pay-off.ts";

/** An input that is varied. */
export type TurningInput =
  | "calls-per-month"
  | "input-tokens"
  | "cached-share"
  | "output-tokens"
  | "price-of-staying"
  | "price-of-move"
  | "output-tokens-per-second"
  | "utilization"
  | "once"
  | "per-month"
  | "per-retraining"
  | "retrain-every-months";

/** A value at which the answer changes while all other inputs keep their expected values. */
export interface Turn {
  readonly input: TurningInput;
  /** Calls, tokens, a share, a factor on prices, tokens per second, micro-dollars or months. */
  readonly now: number;
  readonly at: number;
  /** Whether the move pays off within the horizon beyond this value, seen from the present one. */
  readonly paysBeyond: boolean;
}

/** Largest factor by which an input is varied, and steps per factor of ten. */
const [maxFactor, steps] = [1000, 40];
/** Bisection steps between two grid points: six significant digits. */
const bisections = 20;

/** An input with its present value and the values to try in one direction, nearest first. */
interface Varied {
  readonly input: TurningInput;
  readonly now: number;
  readonly ways: readonly (readonly number[])[];
  /** Unit of distance from 0 for an input that is 0 now. */
  readonly scale: number;
  readonly isWhole?: boolean;
  readonly set: (value: number) => Partial<PayOffPoint>;
}

/** Finds the turning points of all inputs; the input that needs the smallest relative change comes first. */
export function payOffTurns(input: PayOffInput): Turn[] {
  const point = expectedPoint(input);
  const paysAt = (one: Partial<PayOffPoint>): boolean => costsAt(input, { ...point, ...one }).month !== null;
  const found = variedInputs(input, point).flatMap((varied) =>
    varied.ways.flatMap((way) => {
      const turn = firstTurn(varied, way, paysAt);
      return turn === null ? [] : [{ turn, distance: distanceOf(varied, turn.at) }];
    }),
  );
  return found.sort((a, b) => a.distance - b.distance).map(({ turn }) => turn);
}

function variedInputs(input: PayOffInput, point: PayOffPoint): Varied[] {
  const { move, months } = input;
  const bill = costsAt(input, point).stayingTotal / months;
  const one = (
    name: TurningInput,
    key: keyof PayOffPoint,
    scale = 1,
    most = Number.POSITIVE_INFINITY,
  ): Varied => {
    const now = point[key] ?? 0;
    return { input: name, now, ways: waysFrom(now, scale, most), scale, set: (value) => ({ [key]: value }) };
  };
  const every = point.retrainEveryMonths;
  return [
    one("calls-per-month", "calls"),
    one("input-tokens", "inputTokens"),
    one("cached-share", "cachedShare", 0.1, 1),
    one("output-tokens", "outputTokens"),
    one("price-of-staying", "stayingFactor"),
    one("price-of-move", "movingFactor"),
    ...(move.serving.kind === "machine"
      ? [one("output-tokens-per-second", "outputTokensPerSecond"), one("utilization", "utilization", 0.1, 1)]
      : []),
    one("once", "usdOnce", bill),
    one("per-month", "usdPerMonth", bill),
    ...(every === null
      ? []
      : [
          one("per-retraining", "usdPerRetraining", bill),
          {
            input: "retrain-every-months" as const,
            now: every,
            ways: [
              Array.from({ length: every - 1 }, (_, at) => every - 1 - at),
              Array.from({ length: Math.max(0, months - every) }, (_, at) => every + 1 + at),
            ],
            scale: 1,
            isWhole: true,
            set: (value: number) => ({ retrainEveryMonths: value }),
          },
        ]),
  ];
}

/** Values below and above the present one; for 0, only above. */
function waysFrom(now: number, scale: number, most: number): number[][] {
  const factors = Array.from({ length: steps * Math.log10(maxFactor) }, (_, at) => 10 ** ((at + 1) / steps));
  if (now <= 0)
    return [factors.map((factor) => (scale * (factor - 1)) / 10).filter((value) => value <= most)];
  const up = factors.map((factor) => now * factor).filter((value) => value < most);
  return [factors.map((factor) => now / factor), Number.isFinite(most) ? [...up, most] : up];
}

function firstTurn(
  { input, now, set, isWhole = false }: Varied,
  way: readonly number[],
  paysAt: (one: Partial<PayOffPoint>) => boolean,
): Turn | null {
  const pays = paysAt(set(now));
  const at = way.findIndex((value) => paysAt(set(value)) !== pays);
  if (at < 0) return null;
  let [same, other] = [way[at - 1] ?? now, way[at] ?? now];
  for (let step = 0; !isWhole && step < bisections; step++) {
    const middle = (same + other) / 2;
    if (paysAt(set(middle)) === pays) same = middle;
    else other = middle;
  }
  return { input, now, at: other, paysBeyond: !pays };
}

function distanceOf({ now, scale }: Varied, at: number): number {
  return now > 0 ? Math.abs(Math.log(at / now)) : Math.log1p(at / scale);
}
