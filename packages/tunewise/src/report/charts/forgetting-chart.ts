/** @file Chart of forgetting over steps, above the validation loss. */

import { html, type Markup } from "../document/markup.ts";
import { lossText, wholeText } from "../figure-text.ts";
import type { Curves, ForgettingFacts } from "../run/report.ts";
import { exactScale, gridLines, keptLine, maxOf, minOf, roundScale, type Scale, stepAxis } from "./scale.ts";

const width = 760;
const height = 372;
/** Inner edges of the plot and its two panels. */
const left = 52;
const right = 748;
const upper = { top: 34, bottom: 184 } as const;
const lower = { top: 226, bottom: 334 } as const;

/** A point of a panel, with optional bounds. */
interface Point {
  readonly step: number;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/**
 * Rise in perplexity with confidence interval and limit, validation loss below; `null` with fewer than two
 * measurements.
 */
export function forgettingChart({ curve, limits }: ForgettingFacts, curves: Curves): Markup | null {
  const rises = curve.flatMap(({ step, perplexityRise, low, high }): Point[] => {
    if (perplexityRise === null) return [];
    const bounds = low === null || high === null ? {} : { low: 100 * low, high: 100 * high };
    return [{ step, value: 100 * perplexityRise, ...bounds }];
  });
  if (rises.length < 2) return null;
  const start: Point = { step: 0, value: 0 }; // the base model compared with itself has no rise
  const losses = curves.validation
    .filter(({ loss }) => Number.isFinite(loss))
    .map(({ step, loss }): Point => ({ step, value: loss }));
  const limit = 100 * limits.maxPerplexityRise;
  const steps = [...rises, ...losses].map(({ step }) => step);
  const x = exactScale(Math.min(0, minOf(steps)), maxOf(steps), left, right, 8);
  const heights = rises.flatMap(({ value, low = value, high = value }) => [value, low, high]);
  const y = roundScale(
    Math.min(0, minOf(heights)),
    Math.max(limit, maxOf(heights)),
    upper.bottom,
    upper.top,
    4,
  );
  const hasLoss = losses.length >= 2;
  const tall = hasLoss ? height : upper.bottom + 40;
  const { bottom } = hasLoss ? lower : upper;
  return html`<svg viewBox="0 0 ${width} ${tall}" role="img" aria-label="${words(rises, losses)}">
${gridLines(y, [left, right], (tick) => `${tick} %`)}
<line class="limit" x1="${left}" x2="${right}" y1="${y.place(limit)}" y2="${y.place(limit)}"/>
<text class="tick start" x="${left + 4}" y="${y.place(limit) - 5}">allowed</text>
${rises.map((point) => bounds(point, x, y))}
<path class="train" d="${pathOf([start, ...rises], x, y)}"/>
${rises.map((point) => dot("forgotten-dot", point, x, y, `perplexity ${point.value.toFixed(1)} %`))}
${hasLoss ? lossPanel(losses, x) : null}
${keptLine(curves.keptStep, x, [left, right], [upper.top, bottom])}
${stepAxis(x, [left, right], bottom)}
<line class="train" x1="${left}" x2="${left + 24}" y1="14" y2="14"/>
<circle class="forgotten-dot" cx="${left + 12}" cy="14" r="3.5"/>
<text class="key" x="${left + 32}" y="18">perplexity of general text against the base model, 95 % interval</text>
</svg>`;
}

function lossPanel(losses: readonly Point[], x: Scale): Markup {
  const values = losses.map(({ value }) => value);
  const y = roundScale(minOf(values), maxOf(values), lower.bottom, lower.top, 3);
  const key = lower.top - 14;
  const dots = losses.map((point) =>
    dot("validation-dot", point, x, y, `validation loss ${lossText(point.value)}`),
  );
  return html`${gridLines(y, [left, right])}
<path class="validation" d="${pathOf(losses, x, y)}"/>
${losses.length <= 80 ? dots : null}
<line class="validation" x1="${left}" x2="${left + 24}" y1="${key}" y2="${key}"/>
<circle class="validation-dot" cx="${left + 12}" cy="${key}" r="3.5"/>
<text class="key" x="${left + 32}" y="${key + 4}">validation loss</text>
<text class="tick end" x="${right}" y="${key + 4}">nats per token</text>`;
}

function bounds({ step, low, high }: Point, x: Scale, y: Scale): Markup | null {
  if (low === undefined || high === undefined) return null;
  const place = x.place(step);
  const ends = [y.place(low), y.place(high)] as const;
  const cap = (end: number): Markup =>
    html`<line class="bound" x1="${place - 4}" x2="${place + 4}" y1="${end}" y2="${end}"/>`;
  return html`<line class="bound" x1="${place}" x2="${place}" y1="${ends[0]}" y2="${ends[1]}"/>${ends.map(cap)}`;
}

function dot(style: string, point: Point, x: Scale, y: Scale, what: string): Markup {
  return html`<circle class="${style}" cx="${x.place(point.step)}" cy="${y.place(point.value)}" r="3.5">
<title>step ${wholeText(point.step)}: ${what}</title></circle>`;
}

/** Text alternative of the chart; the table below has the details. */
function words(rises: readonly Point[], losses: readonly Point[]): string {
  const [first, last] = [losses.at(0), losses.at(-1)];
  const gained =
    first && last ? ` Validation loss from ${lossText(first.value)} to ${lossText(last.value)}.` : "";
  return `Perplexity of general text ${rises.at(-1)?.value.toFixed(1)} % above the base model at the end.${gained}`;
}

function pathOf(points: readonly Point[], x: Scale, y: Scale): string {
  return points.map(({ step, value }, i) => `${i ? "L" : "M"}${x.place(step)} ${y.place(value)}`).join("");
}
