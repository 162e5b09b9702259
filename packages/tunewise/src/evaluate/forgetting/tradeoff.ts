/** @file Selects the checkpoint with the best trade-off between validation loss and forgetting. */

/** A checkpoint with both measurements. */
export interface TradeoffPoint {
  readonly step: number;
  /** Nats per labelled token. */
  readonly validationLoss: number;
  /** Relative rise of the perplexity of general text. */
  readonly perplexityRise: number;
  /** Nats per position; `null` if not measured. */
  readonly kl: number | null;
}

/** Limits on forgetting. */
export interface TradeoffLimits {
  readonly maxPerplexityRise: number;
  readonly maxKl: number | null;
}

/** Using up the whole allowed rise must lower the validation loss by this share. */
const wholeRiseIsWorth = 0.1;

/**
 * Returns the step with the best trade-off, or `null` if no checkpoint has finite numbers.
 *
 * A checkpoint within the limits beats one beyond them. Among those within, the largest `-ln(validation loss) - 0.1
 * x rise / allowed rise` wins: using up the whole allowed rise must lower the validation loss by a tenth. Among
 * those beyond, the smallest rise wins. Ties go to the earlier checkpoint.
 *
 * The value of a checkpoint does not depend on the others, so the order never changes as more arrive, and only the best
 * so far must be retained. It is on the Pareto front, because a lower loss and a smaller rise both raise the value.
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
  // for values closer than a rounding error, the point that is better on both axes still wins
  if (point.validationLoss !== other.validationLoss) return point.validationLoss < other.validationLoss;
  return point.perplexityRise < other.perplexityRise;
}

/** Whether a checkpoint stays within the limits on forgetting. */
function within({ perplexityRise, kl }: TradeoffPoint, limits: TradeoffLimits): boolean {
  return (
    perplexityRise <= limits.maxPerplexityRise && (kl ?? 0) <= (limits.maxKl ?? Number.POSITIVE_INFINITY)
  );
}

/** A negative rise adds no value: a lower perplexity than before is not the goal. @source as `chooseTradeoff` */
function worthOf({ validationLoss, perplexityRise }: TradeoffPoint, limits: TradeoffLimits): number {
  const gain = -Math.log(Math.max(validationLoss, 1e-9));
  return gain - (wholeRiseIsWorth * Math.max(0, perplexityRise)) / limits.maxPerplexityRise;
}
