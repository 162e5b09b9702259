/** @file Quality versus price: arms on the frontier are the best at their price. */
import { numberText } from "../format.ts";

/** An arm in the chart. */
interface Arm {
  readonly name: string;
  readonly is_tuned: boolean;
  readonly is_on_frontier: boolean;
  readonly quality: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly usd_per_thousand_answers: number;
}

const [width, height, left, bottom] = [520, 280, 48, 236];

/** Draws arms with their intervals; a line connects those on the frontier. */
export function Frontier({ arms, metric }: { readonly arms: readonly Arm[]; readonly metric: string }) {
  if (arms.length === 0) return null;
  const prices = arms.map((arm) => arm.usd_per_thousand_answers);
  const qualities = arms.flatMap(({ low, high, quality }) => [low ?? quality, high ?? quality]);
  const [cheapest, dearest] = [Math.min(...prices), Math.max(...prices)];
  const [worst, best] = [Math.min(...qualities), Math.max(...qualities)];
  const x = (price: number): number =>
    left +
    16 +
    (dearest === cheapest ? 0.5 : (price - cheapest) / (dearest - cheapest)) * (width - left - 120);
  const y = (quality: number): number =>
    bottom - 8 - (best === worst ? 0.5 : (quality - worst) / (best - worst)) * (bottom - 28);
  const frontier = arms
    .filter(({ is_on_frontier: isOn }) => isOn)
    .sort((a, b) => a.usd_per_thousand_answers - b.usd_per_thousand_answers);
  return (
    <figure class="card">
      <h2>Quality and price</h2>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${metric} against dollars for a thousand answers; the table below has the numbers`}
      >
        <g class="axis">
          <line x1={left} x2={width - 8} y1={bottom} y2={bottom} />
          <line x1={left} x2={left} y1={12} y2={bottom} />
          <text x={left - 4} y={y(best) + 4} text-anchor="end">
            {numberText(best)}
          </text>
          <text x={left - 4} y={y(worst) + 4} text-anchor="end">
            {numberText(worst)}
          </text>
          <text x={x(cheapest)} y={bottom + 14} text-anchor="middle">
            ${numberText(cheapest)}
          </text>
          {dearest > cheapest && (
            <text x={x(dearest)} y={bottom + 14} text-anchor="middle">
              ${numberText(dearest)}
            </text>
          )}
          <text x={width - 8} y={bottom + 30} text-anchor="end">
            for 1,000 answers →
          </text>
        </g>
        <polyline
          class="frontier"
          points={frontier.map((arm) => `${x(arm.usd_per_thousand_answers)},${y(arm.quality)}`).join(" ")}
        />
        {arms.map((arm) => {
          const [atX, atY] = [x(arm.usd_per_thousand_answers), y(arm.quality)];
          return (
            <g
              key={arm.name}
              class={`arm ${arm.is_tuned ? "tuned" : ""} ${arm.is_on_frontier ? "" : "behind"}`}
            >
              {arm.low !== null && arm.high !== null && (
                <line x1={atX} x2={atX} y1={y(arm.low)} y2={y(arm.high)} />
              )}
              <circle cx={atX} cy={atY} r="5" />
              <text x={atX + 8} y={atY + 4}>
                {arm.name}
              </text>
            </g>
          );
        })}
      </svg>
    </figure>
  );
}
