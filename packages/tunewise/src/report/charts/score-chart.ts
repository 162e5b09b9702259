/** @file Chart of base and tuned scores with confidence intervals, for metrics that are fractions. */
import { metricKinds } from "../../evaluate/index.ts";
import { html, type Markup } from "../document/markup.ts";
import { scoreText } from "../figure-text.ts";
import type { ScoreLine } from "../run/report.ts";

const width = 760;
const rowHeight = 46;
const top = 34;
/** Coordinates of 0 % and 100 %, with space for values beside them. */
const zero = 190;
const whole = 690;

/** One line per metric from base to tuned; `null` if no metric is a fraction. */
export function scoreChart(scores: readonly ScoreLine[]): Markup | null {
  const lines = scores.filter(
    ({ metric, tuned }) => metricKinds[metric].unit === "share" && Number.isFinite(tuned.value),
  );
  if (lines.length === 0) return null;
  const bottom = top + rowHeight * lines.length;
  const ticks = [0, 25, 50, 75, 100].map((tick) => {
    const x = place(tick / 100);
    return html`<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>
<text class="tick middle" x="${x}" y="${bottom + 18}">${tick} %</text>`;
  });
  const words = lines.map(({ metric, base, tuned }) => {
    const before = base ? `base ${scoreText(metric, base.value)}, ` : "";
    return `${metricKinds[metric].title}: ${before}tuned ${scoreText(metric, tuned.value)}`;
  });
  return html`<svg viewBox="0 0 ${width} ${bottom + 26}" role="img" aria-label="${words.join("; ")}">
${ticks}
${lines.map((line, i) => row(line, top + rowHeight * (i + 0.5)))}
${legend}
</svg>`;
}

const legend = html`<circle class="base-dot" cx="${zero + 6}" cy="14" r="6"/>
<text class="key" x="${zero + 20}" y="18">base</text>
<circle class="tuned-dot" cx="${zero + 76}" cy="14" r="6"/>
<text class="key" x="${zero + 90}" y="18">tuned</text>
<line class="bound" x1="${zero + 150}" x2="${zero + 178}" y1="14" y2="14"/>
<text class="key" x="${zero + 186}" y="18">95 % interval</text>`;

function row({ metric, base, tuned }: ScoreLine, y: number): Markup {
  const from = base && Number.isFinite(base.value) ? base.value : null;
  const isGain = from === null || tuned.value >= from;
  const label = html`<text class="key end" x="${zero - 62}" y="${y + 5}">${metricKinds[metric].title}</text>`;
  const tunedText = valueText(scoreText(metric, tuned.value), edge(tuned, isGain), y, isGain, "value");
  const dot = html`<circle class="tuned-dot" cx="${place(tuned.value)}" cy="${y}" r="7"/>`;
  if (from === null || !base) return html`${label}${bounds(tuned, y)}${dot}${tunedText}`;
  return html`${label}
<line class="change" x1="${place(from)}" x2="${place(tuned.value)}" y1="${y}" y2="${y}"/>
${bounds(base, y)}${bounds(tuned, y)}
<circle class="base-dot" cx="${place(from)}" cy="${y}" r="6"/>
${dot}
${valueText(scoreText(metric, from), edge(base, !isGain), y, !isGain, "value quiet")}${tunedText}`;
}

/** Outer end of a dot with its interval, where the value is drawn. */
function edge({ value, interval }: ScoreLine["tuned"], isRight: boolean): number {
  const reach = isRight ? Math.max(value, interval?.high ?? value) : Math.min(value, interval?.low ?? value);
  const dot = place(value) + (isRight ? 8 : -8);
  return isRight ? Math.max(dot, place(reach)) : Math.min(dot, place(reach));
}

function valueText(text: string, x: number, y: number, isRight: boolean, style: string): Markup {
  const side = isRight ? "start" : "end";
  return html`<text class="${style} ${side}" x="${x + (isRight ? 8 : -8)}" y="${y + 5}">${text}</text>`;
}

function bounds({ interval }: ScoreLine["tuned"], y: number): Markup | null {
  if (interval === null) return null;
  const [low, high] = [place(interval.low), place(interval.high)];
  return html`<line class="bound" x1="${low}" x2="${high}" y1="${y}" y2="${y}"/>
<line class="bound" x1="${low}" x2="${low}" y1="${y - 6}" y2="${y + 6}"/>
<line class="bound" x1="${high}" x2="${high}" y1="${y - 6}" y2="${y + 6}"/>`;
}

function place(share: number): number {
  return Math.round(10 * (zero + Math.min(1, Math.max(0, share)) * (whole - zero))) / 10;
}
