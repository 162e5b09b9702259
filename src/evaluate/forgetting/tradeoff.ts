/**
 * @file Which checkpoint gains most for what it forgets.
 */

/** A checkpoint at which both were measured. */
export interface TradeoffPoint {
  readonly step: number;
  /** Nats per labelled token. */
  readonly validationLoss: number;
  /** Share by which the perplexity of general text rose. */
  readonly perplexityRise: number;
  /** Nats per place; `null`: not measured. */
  readonly kl: number | null;
}

/** What is allowed to be forgotten. */
export interface TradeoffLimits {
  readonly maxPerplexityRise: number;
  readonly maxKl: number | null;
}

/** The whole allowed rise is worth this share of the validation loss. */
const wholeRiseIsWorth = 0.1;

/**
 * The step of the best trade-off, or `null` where no checkpoint has numbers.
 *
 * A checkpoint within the limits goes before one beyond them. Among those within, the largest
 * `-ln(validation loss) - 0.1 x rise / allowed rise` wins: using up the whole allowed rise has to lower the validation
 * loss by a tenth. Among those beyond, the smallest rise wins. Of equals the earlier one.
 *
 * The worth of a checkpoint does not depend on the others, so the order never changes as more come: only the winner so
 * far has to be kept. It lies on the Pareto front, since less loss and a smaller rise both raise it.
 *
 * @source a scalarized choice within a constraint: Miettinen 1999, Nonlinear Multiobjective Optimization, sections 3.1
 *   and 3.2
 */
export function chooseTradeoff(points: readonly TradeoffPoint[], limits: TradeoffLimits): number | null {
  let best: TradeoffPoint | null = null;
  for (const point of points) {
    if (!Number.isFinite(point.validationLoss) || !Number.isFinite(point.perplexityRise)) continue;
    if (best === null || isBetter(point, best, limits)) best = point;
  }
  return best?.step ?? null;
}

function isBetter(point: TradeoffPoint, other: TradeoffPoint, limits: TradeoffLimits): boolean {
  const [isWithin, otherIsWithin] = [within(point, limits), within(other, limits)];
  if (isWithin !== otherIsWithin) return isWithin;
  if (!isWithin) return point.perplexityRise < other.perplexityRise;
  const gain = worthOf(point, limits) - worthOf(other, limits);
  if (gain !== 0) return gain > 0;
  // worths that differ by less than a rounding: what is smaller in both is still better
  if (point.validationLoss !== other.validationLoss) return point.validationLoss < other.validationLoss;
  return point.perplexityRise < other.perplexityRise;
}

/** Whether a checkpoint stays within what may be forgotten. */
function within({ perplexityRise, kl }: TradeoffPoint, limits: TradeoffLimits): boolean {
  return (
    perplexityRise <= limits.maxPerplexityRise && (kl ?? 0) <= (limits.maxKl ?? Number.POSITIVE_INFINITY)
  );
}

/** A rise below zero is no merit: text that reads better than before was not the aim. @source as `chooseTradeoff` */
function worthOf({ validationLoss, perplexityRise }: TradeoffPoint, limits: TradeoffLimits): number {
  const gain = -Math.log(Math.max(validationLoss, 1e-9));
  return gain - (wholeRiseIsWorth * Math.max(0, perplexityRise)) / limits.maxPerplexityRise;
}
