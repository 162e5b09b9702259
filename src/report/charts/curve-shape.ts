/**
 * @file Curves brought to a size that can be drawn.
 */
import type { CurvePoint } from "../run/report.ts";

/** The points with a loss that is a number. */
export function finitePoints(points: readonly CurvePoint[]): CurvePoint[] {
  return points.filter((point) => Number.isFinite(point.loss));
}

/** At most about `max` points: of each stretch the lowest and the highest, so that no spike is lost. */
export function thinned(points: readonly CurvePoint[], max: number): CurvePoint[] {
  if (points.length <= max) return [...points];
  const stretches = Math.max(1, Math.floor(max / 2));
  const kept: CurvePoint[] = [];
  for (let i = 0; i < stretches; i++) {
    const from = Math.floor((i * points.length) / stretches);
    const stretch = points.slice(from, Math.floor(((i + 1) * points.length) / stretches));
    const byLoss = stretch.toSorted((a, b) => a.loss - b.loss);
    const ends = [byLoss.at(0), byLoss.at(-1)].filter((point) => point !== undefined);
    kept.push(...ends.sort((a, b) => a.step - b.step));
  }
  return kept;
}

/** A centered running mean over about a twentieth of the points, at most `max` of them. */
export function smoothed(points: readonly CurvePoint[], max: number): CurvePoint[] {
  const half = Math.floor(points.length / 40);
  const sums = [0];
  for (const point of points) sums.push((sums.at(-1) ?? 0) + point.loss);
  const count = Math.min(points.length, max);
  return Array.from({ length: count }, (_, k) => {
    const i = count === 1 ? 0 : Math.round((k * (points.length - 1)) / (count - 1));
    // Near the ends the window shrinks on both sides, so that the curve is not pulled.
    const reach = Math.min(half, i, points.length - 1 - i);
    const sum = (sums[i + reach + 1] ?? 0) - (sums[i - reach] ?? 0);
    return { step: points[i]?.step ?? 0, loss: sum / (2 * reach + 1) };
  });
}
