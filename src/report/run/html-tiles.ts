/**
 * @file The four figures below the judgement: score, time, money, memory.
 */
import { metricKinds } from "../../evaluate/index.ts";
import { bytesText, dollars, secondsText, usdText } from "../../quantity/index.ts";
import { differenceText, scoreText } from "../figure-text.ts";
import { html, type Markup } from "../markup.ts";
import type { RunReport } from "./report.ts";

/** The tiles; one whose figure is missing says so. */
export function tiles(report: RunReport): Markup {
  return html`<div class="tiles">
${scoreTile(report)}${timeTile(report)}${costTile(report)}${memoryTile(report)}
</div>`;
}

function tile(value: string, about: string, more: Markup | null = null): Markup {
  return html`<div class="card tile"><b>${value}</b><span>${about}</span>${more}</div>`;
}

function scoreTile({ scores: [line] }: RunReport): Markup {
  if (!line) return tile("-", "no score");
  const gain = line.comparison ? `, ${differenceText(line.metric, line.comparison.difference)}` : "";
  return tile(scoreText(line.metric, line.tuned.value), `${metricKinds[line.metric].title}${gain}`);
}

function timeTile({ figures: { wall }, budget }: RunReport): Markup {
  const planned = wall.planned ? `planned ${secondsText(wall.planned.expected)}` : "time, not planned";
  const cap = budget.cap === null ? null : bar(budget.spent / budget.cap);
  return tile(wall.actual === null ? "-" : secondsText(wall.actual), planned, cap);
}

function costTile({ budget }: RunReport): Markup {
  const { capUsd, spentUsd, priceUsdPerHour } = budget;
  const share = capUsd === null || capUsd === 0 ? null : dollars(spentUsd) / dollars(capUsd);
  const cap = capUsd === null ? "spent, no cap" : `of a ${usdText(capUsd)} cap`;
  const free = priceUsdPerHour === 0 ? ", machine at $0.00/h" : "";
  return tile(usdText(spentUsd), cap + free, share === null ? null : bar(share));
}

function memoryTile({ figures: { memoryBytesPeak } }: RunReport): Markup {
  const { planned, actual } = memoryBytesPeak;
  const about = planned ? `peak memory, planned ${bytesText(planned.expected)}` : "peak memory";
  return tile(actual === null ? "-" : bytesText(actual), about);
}

/** How much of a cap is used, at most the whole. */
function bar(share: number): Markup {
  const percent = Math.round(1000 * Math.min(1, Math.max(0, share))) / 10;
  const label = `${percent} % of the cap`;
  return html`<svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="${label}">
<rect class="bar-back" width="100" height="6"/><rect class="bar" width="${percent}" height="6"/></svg>`;
}
