/**
 * @file Where a validation loss will be at the end, from its course so far.
 */

/** A loss at a step. */
export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

/** L(t) = floor + slope t^-rate. */
export interface PowerLaw {
  readonly floor: number;
  readonly slope: number;
  readonly rate: number;
}

/** Exponents that are tried: the smallest is all but a logarithm, the largest all but a jump. */
const rates = Array.from({ length: 40 }, (_, at) => 0.05 * 1.1 ** at);

/**
 * Fits L(t) = a + b t^-c with a and b at least 0, by least squares over a grid of c. Each point weighs as its logarithm
 * of steps is far from the next one, so that many late looks do not drown the early ones.
 *
 * @source the form: Hestness et al. 2017 (1712.00409), section 3; Domhan et al. 2015 (IJCAI), `pow3`
 */
export function fitPowerLaw(points: readonly LossPoint[]): PowerLaw {
  return fitOn(
    grid(points),
    points.map(({ loss }) => loss),
  );
}

/** What fits at the same steps share: weights, and each step's t^-c for each c. */
interface Grid {
  readonly weights: readonly number[];
  readonly columns: readonly { readonly rate: number; readonly places: readonly number[] }[];
}

/** @source t^-c of the power law, as `fitPowerLaw` */
function grid(points: readonly LossPoint[]): Grid {
  const columns = rates.map((rate) => ({ rate, places: points.map(({ step }) => step ** -rate) }));
  return { weights: logWeights(points), columns };
}

function fitOn({ weights, columns }: Grid, losses: readonly number[]): PowerLaw {
  let best: PowerLaw = { floor: losses.at(-1) ?? 0, slope: 0, rate: 1 };
  let least = Number.POSITIVE_INFINITY;
  for (const { rate, places } of columns) {
    const { floor, slope } = fitLine(places, losses, weights);
    let misfit = 0;
    for (let at = 0; at < losses.length; at++) {
      const miss = (losses[at] as number) - floor - slope * (places[at] as number);
      misfit += (weights[at] as number) * miss * miss;
    }
    if (misfit < least) {
      least = misfit;
      best = { floor, slope, rate };
    }
  }
  return best;
}

/** Loss that the law foresees. @source as `fitPowerLaw` */
export function lossAt({ floor, slope, rate }: PowerLaw, step: number): number {
  return floor + slope * step ** -rate;
}

/**
 * Standard deviation of points about the law that fits them.
 *
 * @source residual standard error with three values fitted
 */
export function scatterOf(points: readonly LossPoint[]): number {
  const law = fitPowerLaw(points);
  const squares = points.reduce((sum, { step, loss }) => sum + (loss - lossAt(law, step)) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, points.length - 3));
}

/**
 * Losses at a later step as they might come out: the law is fitted anew to its own values with residuals drawn again.
 *
 * @param seed the same seed gives the same draws
 * @source bootstrap of residuals: Efron and Tibshirani 1993, chapter 9
 */
export function drawForecasts(
  all: readonly LossPoint[],
  step: number,
  draws: number,
  seed: number,
): number[] {
  const points = thinned(all);
  const shared = grid(points);
  const law = fitOn(
    shared,
    points.map(({ loss }) => loss),
  );
  const fitted = points.map((point) => lossAt(law, point.step));
  const residuals = points.map(({ loss }, at) => loss - (fitted[at] as number));
  // a fit of three values takes up part of the noise
  const widen = Math.sqrt(points.length / Math.max(1, points.length - 3));
  const random = randomFrom(seed);
  return Array.from({ length: draws }, () => {
    const again = fitted.map(
      (loss) => loss + widen * (residuals[Math.floor(random() * residuals.length)] ?? 0),
    );
    return lossAt(fitOn(shared, again), step);
  });
}

/** At most so many points are fitted: the last ones of stretches of the same length in logarithms of steps. */
const pointsMost = 50;

/** @source steps spaced evenly by logarithm */
function thinned(points: readonly LossPoint[]): readonly LossPoint[] {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length <= pointsMost) return points;
  const stretch = Math.log(last.step / first.step) / (pointsMost - 1);
  const place = ({ step }: LossPoint): number => Math.floor(Math.log(step / first.step) / stretch + 1e-9);
  return points.filter((point, at) => {
    const next = points[at + 1];
    return next === undefined || place(next) > place(point);
  });
}

/** Half the distance between a point's neighbors, in logarithms of steps. @source trapezoidal rule */
function logWeights(points: readonly LossPoint[]): number[] {
  const logs = points.map(({ step }) => Math.log(step));
  return logs.map((own, at) => ((logs[at + 1] ?? own) - (logs[at - 1] ?? own)) / 2 || 1);
}

/** Weighted line through (t^-c, L), intercept and slope not below 0. @source normal equations */
function fitLine(
  places: readonly number[],
  losses: readonly number[],
  weights: readonly number[],
): Omit<PowerLaw, "rate"> {
  let [w, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (let at = 0; at < places.length; at++) {
    const [weight, place, loss] = [weights[at] as number, places[at] as number, losses[at] as number];
    w += weight;
    x += weight * place;
    y += weight * loss;
    xx += weight * place * place;
    xy += weight * place * loss;
  }
  const spread = w * xx - x * x;
  const slope = spread > 0 ? (w * xy - x * y) / spread : 0;
  const floor = (y - slope * x) / w;
  if (slope < 0) return { floor: y / w, slope: 0 };
  return floor < 0 ? { floor: 0, slope: xy / xx } : { floor, slope };
}

/** Uniform numbers in [0, 1) from 32 bits of state. @source mulberry32, Tommy Ettinger 2017, public domain */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
