/** @file Parallel coordinates: each run is a line across its settings and results. */

import type { Details } from "../../data/details.ts";
import { looksOf, noLook } from "../../data/run-looks.ts";
import { axesOf } from "./axes.ts";

const [width, height, top, bottom] = [640, 260, 34, 226];
/** Maximum axes that fit side by side. */
const maxAxes = 8;

/** Renders nothing unless runs differ in at least two values. */
export function ParallelCoordinates({ runs }: { readonly runs: readonly Details[] }) {
  const axes = axesOf(runs);
  const shown = [...axes.slice(0, maxAxes - 2), ...axes.slice(Math.max(maxAxes - 2, axes.length - 2))];
  if (shown.length < 2) return null;
  const x = (at: number): number => 20 + (at * (width - 40)) / (shown.length - 1);
  const y = (place: number): number => bottom - place * (bottom - top);
  const side = (at: number) => (at === shown.length - 1 ? "end" : "start");
  const beside = (at: number): number => x(at) + (at === shown.length - 1 ? -4 : 4);
  const over = shown.map(({ name }) => name).join(", ");
  const label = `Parallel coordinates of ${runs.length} runs over ${over}; the table above has the numbers`;
  const looks = looksOf(runs.map(({ id }) => id));
  return (
    <figure class="card">
      <h3>What they were given, and what they came to</h3>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {shown.map(({ name, lowest, highest }, at) => (
          <g key={name} class="axis">
            <line x1={x(at)} x2={x(at)} y1={top} y2={bottom} />
            <text x={x(at)} y={at % 2 === 0 ? 12 : 24} text-anchor={anchor(at, shown.length)}>
              {short(name)}
            </text>
            <text x={beside(at)} y={top + 10} text-anchor={side(at)}>
              {short(highest)}
            </text>
            <text x={beside(at)} y={bottom + 14} text-anchor={side(at)}>
              {short(lowest)}
            </text>
          </g>
        ))}
        {runs.map(({ id, name }, run) => {
          const points = shown.flatMap(({ places }, at) => {
            const place = places[run];
            return place == null ? [] : [`${x(at)},${y(place)}`];
          });
          const { color, isDashed } = looks.get(id) ?? noLook;
          return (
            <polyline
              key={id}
              points={points.join(" ")}
              class={isDashed ? "dashed" : undefined}
              style={{ stroke: color }}
            >
              <title>{name || id}</title>
            </polyline>
          );
        })}
      </svg>
    </figure>
  );
}

/** Aligns the first and the last name so that they stay inside the chart. */
function anchor(at: number, count: number): "start" | "middle" | "end" {
  if (at === 0) return "start";
  return at === count - 1 ? "end" : "middle";
}

/** Truncates a name to fit. */
function short(text: string): string {
  return text.length > 18 ? `${text.slice(0, 17)}…` : text;
}
