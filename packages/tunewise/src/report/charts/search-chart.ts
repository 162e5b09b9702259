/** @file Chart of trials over cost: each result as a dot, and the lowest loss so far as a line. */
import { countOf, type Usd } from "@tunewise/core/quantity";
import { html, type Markup } from "../document/markup.ts";
import { lossText } from "../figure-text.ts";
import type { SearchDocument, TrailPoint } from "../search/search-document.ts";
import { moneyText, partText } from "../search/search-words.ts";
import { gridLines, roundScale } from "./scale.ts";

const width = 760;
const height = 320;
const [left, right, top, bottom] = [64, 740, 16, 250] as const;
/** Radius of a dot, by how far its trial was trained. */
const [smallest, largest] = [3, 7] as const;
/** Legend. */
const key =
  "validation loss; larger dots are trained further, filled ones are of the best trial; the line is the lowest so far";
/**
 * Losses beyond this multiple of the better half's spread are clipped to the upper edge, so that they do not flatten
 * the rest.
 */
const spreads = 4;

/** Renders the chart; `null` with fewer than two results. */
export function searchChart({ trail, rate, account, fidelity }: SearchDocument): Markup | null {
  if (trail.length < 2) return null;
  const losses = trail.map(({ loss }) => loss);
  const ceiling = ceilingOf(losses);
  const unit = rate.isMoney ? 1e6 : 6e7 / 3600; // dollars, or minutes on a free machine at one dollar per hour
  const x = roundScale(0, Math.max(...trail.map(({ microUsd }) => microUsd)) / unit, left, right, 6);
  const y = roundScale(Math.min(...losses), Math.min(ceiling, Math.max(...losses)), bottom, top, 5);
  const place = ({ microUsd, loss }: TrailPoint): readonly [number, number] => [
    x.place(microUsd / unit),
    Math.max(top, y.place(Math.min(loss, ceiling))),
  ];
  const dots = trail.map((one) => {
    const [px, py] = place(one);
    const radius = Math.round(10 * (smallest + (largest - smallest) * one.share)) / 10;
    const when = moneyText(one.microUsd as Usd, rate);
    const what = `trial ${one.trial}, ${partText(one.share, fidelity)}: ${lossText(one.loss)}, after ${when}`;
    const dress = one.trial === account.best?.trial ? "tuned-dot" : "base-dot";
    return html`<circle class="${dress}" cx="${px}" cy="${py}" r="${radius}"><title>${what}</title></circle>`;
  });
  const [money, sign] = rate.isMoney ? ["dollars", "$"] : ["minutes", ""];
  const lowest = lossText(Math.min(...losses));
  const label = `validation loss over ${money} of ${countOf(trail.length, "result")}; the lowest is ${lowest}`;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
${x.ticks.map(
  (tick) => html`<text class="tick middle" x="${x.place(tick)}" y="${bottom + 20}">${sign}${tick}</text>`,
)}
${gridLines(y, [left, right])}
<path class="train" d="${bestLine(trail, place)}"/>
${dots}
<text class="tick middle" x="${(left + right) / 2}" y="${bottom + 40}">${money} spent on trials</text>
<text class="key" x="${left}" y="${bottom + 62}">${key}</text>
</svg>`;
}

/** Steps down from result to result. */
function bestLine(
  trail: readonly TrailPoint[],
  place: (one: TrailPoint) => readonly [number, number],
): string {
  let best = trail[0] as TrailPoint;
  let path = `M${place(best).join(" ")}`;
  for (const one of trail.slice(1)) {
    path += `H${place(one)[0]}`;
    if (one.loss >= best.loss) continue;
    best = one;
    path += `V${place(one)[1]}`;
  }
  return path;
}

function ceilingOf(losses: readonly number[]): number {
  const sorted = [...losses].sort((a, b) => a - b);
  const [best, middle] = [sorted[0] ?? 0, sorted[Math.floor((sorted.length - 1) / 2)] ?? 0];
  return middle > best ? best + spreads * (middle - best) : Number.POSITIVE_INFINITY;
}
