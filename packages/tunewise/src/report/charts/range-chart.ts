/** @file Chart of a learning rate range test: training loss over the rising rate, and the selected bounds. */

import { html, type Markup } from "../document/markup.ts";
import { lossText } from "../figure-text.ts";
import type { RangeOutcome } from "../search/search-document.ts";
import { gridLines, roundScale } from "./scale.ts";

const width = 760;
const height = 300;
const [left, right, top, bottom] = [64, 740, 16, 230] as const;
const key = "training loss of each step; trials keep to the rates between the upright lines";
/** Losses above this multiple of the first are clipped to the upper edge, so that they do not flatten the rest. */
const ceilingOver = 1.5;

/** The curve with the selected rates between two lines; `null` with fewer than two finite losses. */
export function rangeChart({ steps, test, kept }: RangeOutcome): Markup | null {
  const seen = steps.flatMap(({ rate, loss }) => (loss === null ? [] : [{ rate, loss }]));
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined || seen.length < 2) return null;
  const losses = seen.map(({ loss }) => Math.min(loss, ceilingOver * first.loss));
  const y = roundScale(Math.min(...losses), Math.max(...losses), bottom, top, 5);
  const span = Math.log(last.rate / first.rate);
  const x = (rate: number): number =>
    Math.round(10 * (left + ((right - left) * Math.log(rate / first.rate)) / span)) / 10;
  const path = losses.map((loss, at) => `${x(seen[at]?.rate ?? 0)} ${y.place(loss)}`).join("L");
  const isInside = (rate: number): boolean => rate >= first.rate && rate <= last.rate;
  const bounds = (test.usable === null ? [] : [kept.low, kept.high]).filter(isInside);
  const lowest = lossText(Math.min(...losses));
  const label = `training loss over learning rates from ${first.rate} to ${last.rate}; the lowest is ${lowest}`;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
${powersOfTen(first.rate, last.rate).map(
  (tick) => html`<text class="tick middle" x="${x(tick)}" y="${bottom + 20}">${String(tick)}</text>`,
)}
${gridLines(y, [left, right])}
${bounds.map((rate) => html`<line class="bound" x1="${x(rate)}" x2="${x(rate)}" y1="${top}" y2="${bottom}"/>`)}
<path class="train" d="M${path}"/>
<text class="tick middle" x="${(left + right) / 2}" y="${bottom + 40}">learning rate</text>
<text class="key" x="${left}" y="${bottom + 62}">${key}</text>
</svg>`;
}

function powersOfTen(low: number, high: number): number[] {
  const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => Number(`1e${from + at}`));
}
