/** @file A scatter plot of two values in which runs differ. */
import { useSignal } from "@preact/signals";
import type { Details } from "../../data/details.ts";
import { looksOf, noLook, type RunLook } from "../../data/run-looks.ts";
import { linkTo } from "../../location.ts";
import { axesOf } from "./axes.ts";

const [width, height, margin] = [480, 260, 64];

/** One dot per run. */
export function Scatter({ runs }: { readonly runs: readonly Details[] }) {
  const axes = axesOf(runs);
  const [acrossName, upName] = [useSignal("spent"), useSignal("")];
  const across = axes.find(({ name }) => name === acrossName.value) ?? axes[0];
  const up =
    axes.find(({ name }) => name === upName.value) ??
    axes.find(({ name, isResult }) => isResult && /loss|acc|match/i.test(name)) ??
    axes.find((one) => one !== across) ??
    across;
  if (!across || !up) return null;
  const looks = looksOf(runs.map(({ id }) => id));
  const choice = (label: string, value: string, onChange: (name: string) => void) => (
    <label>
      {label}{" "}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {axes.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
  return (
    <figure class="card">
      <div class="row">
        {choice("up", up.name, (name) => (upName.value = name))}
        {choice("across", across.name, (name) => (acrossName.value = name))}
      </div>
      <svg viewBox={`0 0 ${width} ${height}`} role="group" aria-label={`${up.name} against ${across.name}`}>
        <g class="axis">
          <line x1={margin} x2={width - 10} y1={height - margin} y2={height - margin} />
          <line x1={margin} x2={margin} y1={10} y2={height - margin} />
          <text x={margin} y={height - margin + 16}>
            {across.lowest}
          </text>
          <text x={width - 10} y={height - margin + 16} text-anchor="end">
            {across.highest}
          </text>
          <text x={margin - 4} y={height - margin - 4} text-anchor="end">
            {up.lowest}
          </text>
          <text x={margin - 4} y={20} text-anchor="end">
            {up.highest}
          </text>
        </g>
        {runs.map(({ id, name }, at) => {
          const [x, y] = [across.places[at], up.places[at]];
          if (x == null || y == null) return null;
          const title = `${name || id}: ${up.name} ${up.texts[at]}, ${across.name} ${across.texts[at]}`;
          return (
            <a key={id} href={linkTo(["runs", id])} aria-label={title}>
              <Dot
                x={margin + 8 + x * (width - margin - 26)}
                y={height - margin - 8 - y * (height - margin - 26)}
                look={looks.get(id) ?? noLook}
                title={title}
              />
            </a>
          );
        })}
      </svg>
    </figure>
  );
}

/** A circle, or a square for runs with dashed lines. */
function Dot({
  x,
  y,
  look: { color, isDashed },
  title,
}: {
  readonly x: number;
  readonly y: number;
  readonly look: RunLook;
  readonly title: string;
}) {
  const [size, style] = [9, { fill: color }];
  return isDashed ? (
    <rect x={x - size / 2} y={y - size / 2} width={size} height={size} style={style}>
      <title>{title}</title>
    </rect>
  ) : (
    <circle cx={x} cy={y} r={size / 2 + 0.5} style={style}>
      <title>{title}</title>
    </circle>
  );
}
