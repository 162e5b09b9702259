/** @file Chart of the loss curves. */

import { html, type Markup } from "../document/markup.ts";
import { lossText, wholeText } from "../figure-text.ts";
import type { CurvePoint, Curves } from "../run/report.ts";
import { exactScale, gridLines, keptLine, maxOf, minOf, roundScale, type Scale, stepAxis } from "./scale.ts";

const width = 760;
const height = 300;
/** Inner edges of the plot. */
const left = 46;
const right = 748;
const top = 34;
const bottom = 262;

/**
 * Renders training loss as a thin line and as a running mean, and validation loss with its points; `null` if there are
 * fewer than two points.
 */
export function lossChart(curves: Curves): Markup | null {
  const [train, validation] = [finitePoints(curves.train), finitePoints(curves.validation)];
  const all = [...train, ...validation];
  if (all.length < 2) return null;
  const losses = all.map((point) => point.loss);
  const [lowest, highest] = [minOf(losses), maxOf(losses)];
  const y = roundScale(lowest < highest * 0.4 ? Math.min(0, lowest) : lowest, highest, bottom, top, 5);
  const steps = all.map((point) => point.step);
  const x = exactScale(minOf(steps), maxOf(steps), left, right, 8);
  const words = ["Loss by step.", endsOf("Training", train), endsOf("Validation", validation)].join(" ");
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${words.trim()}">
${gridLines(y, [left, right])}${stepAxis(x, [left, right], bottom)}
<path class="train-raw" d="${pathOf(thinned(train, 600), x, y)}"/>
<path class="train" d="${pathOf(smoothed(train, 200), x, y)}"/>
<path class="validation" d="${pathOf(validation, x, y)}"/>
${validation.length <= 80 ? validation.map((point) => dot(point, x, y)) : null}
${keptLine(curves.keptStep, x, [left, right], [top, bottom])}
${legend(validation.length > 0)}
</svg>`;
}

/** Text alternative of the chart; the table below has the details. */
function endsOf(name: string, points: readonly CurvePoint[]): string {
  const [first, last] = [points.at(0), points.at(-1)];
  return first && last ? `${name} loss from ${lossText(first.loss)} to ${lossText(last.loss)}.` : "";
}

function dot(point: CurvePoint, x: Scale, y: Scale): Markup {
  return html`<circle class="validation-dot" cx="${x.place(point.step)}" cy="${y.place(point.loss)}" r="3.5">
<title>step ${wholeText(point.step)}: validation loss ${lossText(point.loss)}</title></circle>`;
}

function legend(hasValidation: boolean): Markup {
  const validation = html`<line class="validation" x1="266" x2="290" y1="14" y2="14"/>
<circle class="validation-dot" cx="278" cy="14" r="3.5"/>
<text class="key" x="298" y="18">validation loss</text>`;
  return html`<line class="train" x1="${left}" x2="${left + 24}" y1="14" y2="14"/>
<text class="key" x="${left + 32}" y="18">training loss, running mean</text>
${hasValidation ? validation : null}
<text class="tick end" x="${right}" y="18">nats per token</text>`;
}

function pathOf(points: readonly CurvePoint[], x: Scale, y: Scale): string {
  return points.map((point, i) => `${i ? "L" : "M"}${x.place(point.step)} ${y.place(point.loss)}`).join("");
}

/** Points with a finite loss. */
export function finitePoints(points: readonly CurvePoint[]): CurvePoint[] {
  return points.filter((point) => Number.isFinite(point.loss));
}

/** Downsamples to about `max` points: the lowest and the highest of each interval, so that no spike is lost. */
export function thinned(points: readonly CurvePoint[], max: number): CurvePoint[] {
  if (points.length <= max) return [...points];
  const intervals = Math.max(1, Math.floor(max / 2));
  const kept: CurvePoint[] = [];
  for (let i = 0; i < intervals; i++) {
    const from = Math.floor((i * points.length) / intervals);
    const interval = points.slice(from, Math.floor(((i + 1) * points.length) / intervals));
    const byLoss = interval.toSorted((a, b) => a.loss - b.loss);
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
    // Near the ends the window shrinks on both sides, to avoid bias.
    const reach = Math.min(half, i, points.length - 1 - i);
    const sum = (sums[i + reach + 1] ?? 0) - (sums[i - reach] ?? 0);
    return { step: points[i]?.step ?? 0, loss: sum / (2 * reach + 1) };
  });
}
