/** @file Curves with a text description and a table, as an accessible alternative to the picture. */

import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import type { ChartProps, Line } from "./chart.tsx";
import { Scroller } from "./scroller.tsx";

/** The chart component, loaded with the first curve. */
let Chart: ComponentType<ChartProps> | null = null;

/** Props of a curve figure. */
export interface CurveFigureProps extends ChartProps {
  readonly title: string;
}

/** Maximum rows of the table. */
const tableRows = 50;

/** A titled chart with a legend, a sentence on each curve, and an optional table. */
export function CurveFigure({ title, ...chart }: CurveFigureProps) {
  const isLoaded = useSignal(Chart !== null);
  const isTable = useSignal(false);
  useEffect(() => {
    void import("./chart.tsx").then((found) => {
      Chart = found.Chart;
      isLoaded.value = true;
    });
  }, []);
  const { lines, marks = [], yText = String, xText = String } = chart;
  const bold = lines.filter(({ isPale }) => !isPale);
  return (
    <figure class="card curve">
      <div class="row">
        <h3>{title}</h3>
        <button type="button" class="plain end" onClick={() => (isTable.value = !isTable.value)}>
          {isTable.value ? "Chart" : "Table"}
        </button>
      </div>
      {isTable.value ? (
        <CurveTable lines={bold} xText={xText} yText={yText} />
      ) : (
        isLoaded.value && Chart && <Chart {...chart} />
      )}
      <figcaption>
        <ul class="legend">
          {bold.map((line) => (
            <li
              key={line.name}
              class={line.isDashed ? "dashed" : undefined}
              style={{ "--swatch": line.color }}
            >
              {line.name} <span class="quiet">{sentence(line, xText, yText)}</span>
            </li>
          ))}
        </ul>
        {marks.length > 0 && (
          <ol class="marks">
            {marks.map(({ x, text, color }) => (
              <li key={`${x} ${text}`} style={{ "--swatch": color }}>
                {xText(x)}: {text}
              </li>
            ))}
          </ol>
        )}
      </figcaption>
    </figure>
  );
}

/** Describes a curve in a sentence. */
function sentence({ x, y }: Line, xText: (x: number) => string, yText: (y: number) => string): string {
  const at = y.flatMap((value, index) => (value === null ? [] : [index]));
  const [first, last] = [at[0], at.at(-1)];
  if (first === undefined || last === undefined) return "no values";
  const value = (index: number): number => y[index] as number;
  if (first === last) return yText(value(first));
  const low = at.reduce((best, index) => (value(index) < value(best) ? index : best), first);
  const high = at.reduce((best, index) => (value(index) > value(best) ? index : best), first);
  const place = (index: number): string => xText(x[index] as number);
  const extreme = (index: number): string => `${yText(value(index))} at ${place(index)}`;
  const ends = `from ${yText(value(first))} to ${yText(value(last))}`;
  return `${ends}, lowest ${extreme(low)}, highest ${extreme(high)}`;
}

function CurveTable({
  lines,
  xText,
  yText,
}: {
  readonly lines: readonly Line[];
  readonly xText: (x: number) => string;
  readonly yText: (y: number) => string;
}) {
  const all = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const every = Math.max(1, Math.ceil(all.length / tableRows));
  const shown = all.filter((_, index) => index % every === 0 || index === all.length - 1);
  const byX = lines.map(({ x, y }) => new Map(x.map((at, index) => [at, y[index]])));
  return (
    <Scroller>
      <table>
        <thead>
          <tr>
            <th class="number">at</th>
            {lines.map(({ name }) => (
              <th key={name} class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((x) => (
            <tr key={x}>
              <td class="number">{xText(x)}</td>
              {byX.map((values, index) => {
                const value = values.get(x);
                return (
                  <td key={lines[index]?.name} class="number">
                    {value == null ? "" : yText(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}
