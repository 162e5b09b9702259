/**
 * @file Pay-off: the month in which moving to another model has cost less in total than staying, as a range, from joint
 * draws of traffic, speed and costs.
 */
import { mulberry32, nearestQuantile } from "@tunewise/core/math";
import type { Range, Usd } from "@tunewise/core/quantity";
import { drawRange } from "./draws.ts";

/** Calls of a month and the tokens of one call. Low and high are the 5th and 95th percentiles. */
export interface Traffic {
  readonly callsPerMonth: Range<number>;
  /** Tokens per call, cached ones included. */
  readonly inputTokens: Range<number>;
  /** Share of the input tokens that a vendor charges as cached, from 0 to 1. */
  readonly cachedShare: Range<number>;
  readonly outputTokens: Range<number>;
}

/** Prices per million tokens. */
export interface TokenRates {
  readonly kind: "tokens";
  readonly inputUsd: Usd;
  readonly cachedInputUsd: Usd;
  readonly outputUsd: Usd;
}

/** A machine that is on for some hours of every month, whether it answers or not. */
export interface MachineRates {
  readonly kind: "machine";
  readonly usdPerHour: Range<Usd>;
  /** Output tokens per second of all concurrent requests together, including the time for their prompts. */
  readonly outputTokensPerSecond: Range<number>;
  /** Mean load over the load that one machine can serve, because machines are sized for the peak. */
  readonly utilization: Range<number>;
  readonly hoursPerMonth: number;
}

/** How answers are paid for. */
export type Serving = TokenRates | MachineRates;

/** Staying with the present model. */
export interface Staying {
  readonly rates: TokenRates;
  /** When the model ends and its successor's rates apply; `null`: it stays. */
  readonly end: { readonly afterMonths: number; readonly successor: TokenRates } | null;
}

/** A move to another model. */
export interface Move {
  readonly serving: Serving;
  /** Training, evaluation and other costs before the first answer. */
  readonly usdOnce: Range<Usd>;
  /** Monthly costs besides the answers, such as hosting. */
  readonly usdPerMonth: Range<Usd>;
  readonly usdPerRetraining: Range<Usd>;
  /** `null`: never. */
  readonly retrainEveryMonths: number | null;
}

/** Inputs of `payOff`. */
export interface PayOffInput {
  readonly traffic: Traffic;
  readonly staying: Staying;
  readonly move: Move;
  /** Horizon in whole months. */
  readonly months: number;
  readonly seed: number;
  /** Default: 4,000. */
  readonly draws?: number;
}

/** Result of `payOff`. Ranges are the 5th, 50th and 95th percentiles of the draws. */
export interface PayOff {
  /** First month from which the move has cost less than staying until the horizon; `null`: not within it. */
  readonly month: {
    readonly low: number | null;
    readonly expected: number | null;
    readonly high: number | null;
  };
  /** Share of draws in which it does not pay off within the horizon. */
  readonly neverShare: number;
  /** Bill of a month without costs that arise once and retraining. Staying: the mean over the horizon. */
  readonly usdPerMonth: Range<Usd>;
  readonly stayingUsdPerMonth: Range<Usd>;
  /** Everything over the horizon. */
  readonly totalUsd: Range<Usd>;
  /** Total of staying minus total of the move. */
  readonly savedUsd: Range<Usd>;
  /** Machines that are needed at the same time; `null` for prices by tokens. */
  readonly machines: Range<number> | null;
}

/** One draw of the inputs. Money in micro-dollars. */
export interface PayOffPoint {
  readonly calls: number;
  readonly inputTokens: number;
  readonly cachedShare: number;
  readonly outputTokens: number;
  readonly usdOnce: number;
  readonly usdPerMonth: number;
  readonly usdPerRetraining: number;
  readonly retrainEveryMonths: number | null;
  /** Values of a machine; 0 for prices by tokens. */
  readonly usdPerHour: number;
  readonly outputTokensPerSecond: number;
  readonly utilization: number;
  /** Factors on all prices of staying, and on the prices or the hourly rate of the move. */
  readonly stayingFactor: number;
  readonly movingFactor: number;
}

const defaultDraws = 4000;

/**
 * Simulates the bills of both ways over the horizon.
 *
 * Traffic is drawn once for both, so that its variation does not blur their difference. A retraining falls at the start
 * of month N + 1, 2N + 1 and so on. If one of them makes the move more expensive again, earlier months do not count.
 */
export function payOff(input: PayOffInput): PayOff {
  const count = input.draws ?? defaultDraws;
  const points = drawPoints(input, count);
  const found = points.map((point) => costsAt(input, point));
  const never = found.filter(({ month }) => month === null).length;
  const money = (of: (one: PointCosts) => number): Range<Usd> => rangeOf(found.map(of)) as Range<Usd>;
  const months = found.map(({ month }) => month ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const at = (share: number): number | null => {
    const month = nearestQuantile(months, share);
    return Number.isFinite(month) ? month : null;
  };
  const { serving } = input.move;
  return {
    month: { low: at(0.05), expected: at(0.5), high: at(0.95) },
    neverShare: never / count,
    usdPerMonth: money(({ moving }) => moving),
    stayingUsdPerMonth: money(({ stayingTotal }) => stayingTotal / input.months),
    totalUsd: money(({ total }) => total),
    savedUsd: money(({ stayingTotal, total }) => stayingTotal - total),
    machines: serving.kind === "tokens" ? null : rangeOf(points.map((point) => machinesFor(serving, point))),
  };
}

/** Bills of one draw in micro-dollars. */
export interface PointCosts {
  readonly month: number | null;
  /** Bill of a month after the move. */
  readonly moving: number;
  readonly total: number;
  readonly stayingTotal: number;
}

/** Bills and the month of the pay-off if the inputs have exactly these values. */
export function costsAt({ staying, move, months }: PayOffCase, point: PayOffPoint): PointCosts {
  const [now, later] = [staying.rates, staying.end?.successor].map(
    (rates) => point.stayingFactor * (rates === undefined ? 0 : tokenBill(rates, point)),
  ) as [number, number];
  const end = staying.end?.afterMonths ?? Number.POSITIVE_INFINITY;
  const moving = point.usdPerMonth + point.movingFactor * servingBill(move.serving, point);
  let [stayed, moved, lastBehind] = [0, point.usdOnce, 0];
  for (let month = 1; month <= months; month++) {
    const share = Math.min(1, Math.max(0, end - (month - 1))); // of this month, before the model ends
    stayed += share * now + (1 - share) * later;
    moved += moving + (isRetrained(month, point.retrainEveryMonths) ? point.usdPerRetraining : 0);
    if (moved > stayed) lastBehind = month;
  }
  return {
    month: lastBehind === months ? null : lastBehind + 1,
    moving,
    total: moved,
    stayingTotal: stayed,
  };
}

/** What is compared, without the values of its inputs. */
export type PayOffCase = Pick<PayOffInput, "staying" | "move" | "months">;

/** Traffic of one draw. */
type TrafficPoint = Pick<PayOffPoint, "calls" | "inputTokens" | "cachedShare" | "outputTokens">;

function trafficPoint(traffic: Traffic): TrafficPoint {
  return {
    calls: traffic.callsPerMonth.expected,
    inputTokens: traffic.inputTokens.expected,
    cachedShare: traffic.cachedShare.expected,
    outputTokens: traffic.outputTokens.expected,
  };
}

/** The point at which every input has its expected value. */
export function expectedPoint({ traffic, move }: PayOffInput): PayOffPoint {
  const machine = move.serving.kind === "machine" ? move.serving : null;
  return {
    ...trafficPoint(traffic),
    usdOnce: move.usdOnce.expected,
    usdPerMonth: move.usdPerMonth.expected,
    usdPerRetraining: move.usdPerRetraining.expected,
    retrainEveryMonths: move.retrainEveryMonths,
    usdPerHour: machine?.usdPerHour.expected ?? 0,
    outputTokensPerSecond: machine?.outputTokensPerSecond.expected ?? 0,
    utilization: machine?.utilization.expected ?? 0,
    stayingFactor: 1,
    movingFactor: 1,
  };
}

/** Bill of a month's tokens in micro-dollars. */
function tokenBill(rates: TokenRates, point: TrafficPoint): number {
  const { inputTokens, cachedShare, outputTokens } = point;
  const cached = inputTokens * cachedShare;
  const each =
    (inputTokens - cached) * rates.inputUsd + cached * rates.cachedInputUsd + outputTokens * rates.outputUsd;
  return (point.calls * each) / 1e6;
}

/** Bill of a month's tokens at expected traffic. */
export function billOf(rates: TokenRates, traffic: Traffic): Usd {
  return Math.round(tokenBill(rates, trafficPoint(traffic))) as Usd;
}

/** Machines that expected traffic needs at its peak. */
export function machinesAt(rates: MachineRates, traffic: Traffic): number {
  return machinesFor(rates, {
    ...trafficPoint(traffic),
    outputTokensPerSecond: rates.outputTokensPerSecond.expected,
    utilization: rates.utilization.expected,
  });
}

/** Machines of which each is on for the same hours: at least one, and enough for the peak. */
function machinesFor(
  { hoursPerMonth }: MachineRates,
  point: TrafficPoint & Pick<PayOffPoint, "outputTokensPerSecond" | "utilization">,
): number {
  const busyHours = (point.calls * point.outputTokens) / point.outputTokensPerSecond / 3600;
  return Math.max(1, Math.ceil(busyHours / (hoursPerMonth * point.utilization) - 1e-9));
}

function servingBill(serving: Serving, point: PayOffPoint): number {
  if (serving.kind === "tokens") return tokenBill(serving, point);
  return machinesFor(serving, point) * serving.hoursPerMonth * point.usdPerHour;
}

function isRetrained(month: number, every: number | null): boolean {
  return every !== null && month > 1 && (month - 1) % every === 0;
}

function drawPoints(input: PayOffInput, count: number): PayOffPoint[] {
  const random = mulberry32(input.seed);
  const draw = (range: Range<number>): Float64Array => drawRange(range, count, random);
  const { traffic, move } = input;
  const [calls, inputs, outputs] = [traffic.callsPerMonth, traffic.inputTokens, traffic.outputTokens].map(
    draw,
  );
  const cached = draw(traffic.cachedShare);
  const [once, monthly, retraining] = [move.usdOnce, move.usdPerMonth, move.usdPerRetraining].map(draw);
  const machine = move.serving.kind === "machine" ? move.serving : null;
  const [hourly, speed, utilization] = machine
    ? [machine.usdPerHour, machine.outputTokensPerSecond, machine.utilization].map(draw)
    : [];
  const expected = expectedPoint(input);
  return Array.from({ length: count }, (_, at) => ({
    ...expected,
    calls: calls?.[at] ?? 0,
    inputTokens: inputs?.[at] ?? 0,
    outputTokens: outputs?.[at] ?? 0,
    cachedShare: Math.min(1, cached[at] ?? 0),
    usdOnce: once?.[at] ?? 0,
    usdPerMonth: monthly?.[at] ?? 0,
    usdPerRetraining: retraining?.[at] ?? 0,
    usdPerHour: hourly?.[at] ?? 0,
    outputTokensPerSecond: speed?.[at] ?? 0,
    utilization: Math.min(1, utilization?.[at] ?? 0),
  }));
}

function rangeOf(values: readonly number[]): Range<number> {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(nearestQuantile(sorted, share));
  return { low: at(0.05), expected: at(0.5), high: at(0.95) };
}
