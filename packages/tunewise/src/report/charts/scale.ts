/** @file Chart axes: round tick values, a mapping from values to coordinates, and the marks that charts share. */

import { html, type Markup } from "../document/markup.ts";
import { wholeText } from "../figure-text.ts";

/** A linear axis from values to coordinates. */
export interface Scale {
  readonly ticks: readonly number[];
  /** Rounded to a tenth of a drawing unit. */
  place(value: number): number;
}

/**
 * An axis that starts and ends at a tick.
 *
 * @param from coordinate of the lowest tick, `to` of the highest
 * @param count approximate number of intervals
 */
export function roundScale(low: number, high: number, from: number, to: number, count: number): Scale {
  const step = roundStep((high - low || Math.abs(high) || 1) / count);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => tidy((first + i) * step));
  const span = (last - first) * step;
  const place = (value: number): number =>
    Math.round(10 * (from + ((value - first * step) / span) * (to - from))) / 10;
  return { ticks, place };
}

/** An axis that spans exactly its values, with round ticks in between. */
export function exactScale(low: number, high: number, from: number, to: number, count: number): Scale {
  const span = high - low || 1;
  const step = Math.max(1, roundStep(span / count));
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tidy(tick));
  const place = (value: number): number =>
    Math.round(10 * (from + ((value - low) / span) * (to - from))) / 10;
  return { ticks, place };
}

/** Rounds up to 1, 2 or 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * 0.999) ?? 10;
  return factor * power;
}

/** Removes floating-point noise. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** Horizontal lines at the ticks of a vertical axis, with the text of each. */
export function gridLines(
  { ticks, place }: Scale,
  [left, right]: readonly [number, number],
  text: (tick: number) => string = String,
): Markup {
  const lines = ticks.map((tick) => {
    const y = place(tick);
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/>
<text class="tick end" x="${left - 8}" y="${y + 4}">${text(tick)}</text>`;
  });
  return html`${lines}`;
}

/** Ticks and title of a horizontal axis of optimizer steps. */
export function stepAxis(x: Scale, [left, right]: readonly [number, number], bottom: number): Markup {
  const marks = x.ticks.map(
    (tick) =>
      html`<text class="tick middle" x="${x.place(tick)}" y="${bottom + 18}">${wholeText(tick)}</text>`,
  );
  return html`${marks}
<text class="tick middle" x="${(left + right) / 2}" y="${bottom + 34}">optimizer step</text>`;
}

/** A vertical line at the step whose checkpoint became the result. */
export function keptLine(
  step: number | null,
  x: Scale,
  [left, right]: readonly [number, number],
  [top, bottom]: readonly [number, number],
): Markup | null {
  if (step === null) return null;
  const place = x.place(step);
  const isRight = place > (left + right) / 2;
  return html`<line class="kept" x1="${place}" x2="${place}" y1="${top}" y2="${bottom}"/>
<text class="tick ${isRight ? "end" : "start"}" x="${place + (isRight ? -6 : 6)}" y="${top + 11}">
kept: step ${wholeText(step)}</text>`;
}

/** The smallest value. Does not use `Math.min(...)`: a long run has more points than a call accepts arguments. */
export function minOf(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

/** The largest value. */
export function maxOf(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}
