/** @file Chart of forgetting over steps, above the validation loss. */
import { lossText, wholeText } from "../figure-text.ts";
import { html, type Markup } from "../markup.ts";
import type { Curves, ForgettingFacts } from "../run/report.ts";
import { exactScale, roundScale, type Scale } from "./scale.ts";

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
  const start: Point = { step: 0, value: 0 }; // the base model compared with itself
  const losses = curves.validation
    .filter(({ loss }) => Number.isFinite(loss))
    .map(({ step, loss }): Point => ({ step, value: loss }));
  const limit = 100 * limits.maxPerplexityRise;
  const steps = [...rises, ...losses].map(({ step }) => step);
  const x = exactScale(Math.min(0, least(steps)), most(steps), left, right, 8);
  const heights = rises.flatMap(({ value, low = value, high = value }) => [value, low, high]);
  const y = roundScale(
    Math.min(0, least(heights)),
    Math.max(limit, most(heights)),
    upper.bottom,
    upper.top,
    4,
  );
  const hasLoss = losses.length >= 2;
  const tall = hasLoss ? height : upper.bottom + 40;
  return html`<svg viewBox="0 0 ${width} ${tall}" role="img" aria-label="${words(rises, losses)}">
${grid(y, " %")}
<line class="limit" x1="${left}" x2="${right}" y1="${y.place(limit)}" y2="${y.place(limit)}"/>
<text class="tick start" x="${left + 4}" y="${y.place(limit) - 5}">allowed</text>
${rises.map((point) => bounds(point, x, y))}
<path class="train" d="${pathOf([start, ...rises], x, y)}"/>
${rises.map((point) => dot("forgotten-dot", point, x, y, `perplexity ${point.value.toFixed(1)} %`))}
${hasLoss ? lossPanel(losses, x) : null}
${keptLine(curves.keptStep, x, hasLoss ? lower.bottom : upper.bottom)}
${stepMarks(x, hasLoss ? lower.bottom : upper.bottom)}
<line class="train" x1="${left}" x2="${left + 24}" y1="14" y2="14"/>
<circle class="forgotten-dot" cx="${left + 12}" cy="14" r="3.5"/>
<text class="key" x="${left + 32}" y="18">perplexity of general text against the base model, 95 % interval</text>
</svg>`;
}

function lossPanel(losses: readonly Point[], x: Scale): Markup {
  const values = losses.map(({ value }) => value);
  const y = roundScale(least(values), most(values), lower.bottom, lower.top, 3);
  const key = lower.top - 14;
  const dots = losses.map((point) =>
    dot("validation-dot", point, x, y, `validation loss ${lossText(point.value)}`),
  );
  return html`${grid(y, "")}
<path class="validation" d="${pathOf(losses, x, y)}"/>
${losses.length <= 80 ? dots : null}
<line class="validation" x1="${left}" x2="${left + 24}" y1="${key}" y2="${key}"/>
<circle class="validation-dot" cx="${left + 12}" cy="${key}" r="3.5"/>
<text class="key" x="${left + 32}" y="${key + 4}">validation loss</text>
<text class="tick end" x="${right}" y="${key + 4}">nats per token</text>`;
}

function grid(y: Scale, unit: string): Markup {
  const lines = y.ticks.map((tick) => {
    const place = y.place(tick);
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${place}" y2="${place}"/>
<text class="tick end" x="${left - 8}" y="${place + 4}">${tick}${unit}</text>`;
  });
  return html`${lines}`;
}

function stepMarks(x: Scale, bottom: number): Markup {
  const marks = x.ticks.map(
    (tick) =>
      html`<text class="tick middle" x="${x.place(tick)}" y="${bottom + 18}">${wholeText(tick)}</text>`,
  );
  return html`${marks}<text class="tick middle" x="${(left + right) / 2}" y="${bottom + 34}">optimizer step</text>`;
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

function keptLine(step: number | null, x: Scale, bottom: number): Markup | null {
  if (step === null) return null;
  const place = x.place(step);
  const isRight = place > (left + right) / 2;
  return html`<line class="kept" x1="${place}" x2="${place}" y1="${upper.top}" y2="${bottom}"/>
<text class="tick ${isRight ? "end" : "start"}" x="${place + (isRight ? -6 : 6)}" y="${upper.top + 11}">
kept: step ${wholeText(step)}</text>`;
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

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}
