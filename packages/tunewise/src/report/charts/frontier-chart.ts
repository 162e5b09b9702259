/**
 * @file Chart of quality over price, or over time without prices: arms with confidence intervals, Pareto-optimal ones
 * filled.
 */

import { armCosts, type CostUnit } from "../baselines/costs.ts";
import type { TryDocument } from "../baselines/try-document.ts";
import { percentText } from "../baselines/try-words.ts";
import { html, type Markup } from "../document/markup.ts";
import { gridLines, roundScale } from "./scale.ts";

const width = 760;
const height = 320;
const [left, right, top, bottom] = [64, 500, 16, 250] as const;
/** Maximum length of a name beside a dot. */
const maxName = 32;
/** Minimum distance between labels. */
const labelHeight = 15;

interface Axis {
  readonly title: string;
  /** Cost per axis unit. */
  readonly scale: number;
  readonly sign: string;
}

/** Axis title, by unit of cost. */
const axes: Readonly<Record<CostUnit, Axis>> = {
  dollars: { title: "dollars for 1,000 answers", scale: 1e6, sign: "$" },
  time: { title: "seconds for 1,000 answers", scale: 1, sign: "" },
};

/** Renders the chart; `null` with fewer than two arms. */
export function frontierChart(document: Pick<TryDocument, "decision" | "arms" | "metric">): Markup | null {
  const { decision, metric } = document;
  const shown = decision.table.filter(({ quality }) => Number.isFinite(quality));
  if (shown.length < 2) return null;
  const { unit, of } = armCosts(document);
  const { title, scale, sign } = axes[unit];
  const prices = shown.map(({ name }) => (of.get(name)?.perThousand ?? 0) / scale);
  const lows = shown.map(({ interval, quality }) => interval?.low ?? quality);
  const highs = shown.map(({ interval, quality }) => interval?.high ?? quality);
  const x = roundScale(0, Math.max(...prices), left, right, 5);
  const y = roundScale(Math.min(...lows), Math.max(...highs), bottom, top, 5);
  const labels = spreadLabels(shown.map(({ quality }) => y.place(quality)));
  const dots = shown.map((row, at) => {
    const [px, py] = [x.place(prices[at] ?? 0), y.place(row.quality)];
    const [low, high] = [y.place(lows[at] ?? row.quality), y.place(highs[at] ?? row.quality)];
    const label = labels[at] ?? py;
    return html`<line class="bound" x1="${px}" x2="${px}" y1="${low}" y2="${high}"/>
<circle class="${of.get(row.name)?.isBest ? "tuned-dot" : "base-dot"}" cx="${px}" cy="${py}" r="6"/>
<line class="grid" x1="${px + 8}" x2="${right + 14}" y1="${py}" y2="${label - 4}"/>
<text class="key" x="${right + 18}" y="${label}">${percentText(row.quality)} ${shortName(row.name)}</text>`;
  });
  const words = shown.map(({ name, quality }) => `${name} ${percentText(quality)}`).join("; ");
  const label = `${metric} over ${title}: ${words}`;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
${x.ticks.map((tick) => html`<text class="tick middle" x="${x.place(tick)}" y="${bottom + 20}">${sign}${tick}</text>`)}
${gridLines(y, [left, right], percentText)}
${dots}
<text class="tick middle" x="${(left + right) / 2}" y="${bottom + 40}">${title}</text>
</svg>`;
}

/** Positions of labels beside their dots: moved down until none overlaps, and back up at the bottom edge. */
function spreadLabels(places: readonly number[]): number[] {
  const order = [...places.keys()].sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const moved = places.map((place) => place + 4);
  let last = Number.NEGATIVE_INFINITY;
  for (const at of order) {
    last = Math.max(moved[at] ?? 0, last + labelHeight);
    moved[at] = last;
  }
  let next = bottom + labelHeight - 4; // above the ticks
  for (const at of order.reverse()) {
    next = Math.min(moved[at] ?? 0, next - labelHeight);
    moved[at] = next;
  }
  return moved;
}

function shortName(name: string): string {
  return name.length > maxName ? `${name.slice(0, maxName - 1)}…` : name;
}
