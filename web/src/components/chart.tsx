/** @file Draws curves. The only file that uses uPlot. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

/** One line of a chart. */
export interface Line {
  readonly name: string;
  /** A CSS color. */
  readonly color: string;
  /** Ascending. */
  readonly x: readonly number[];
  /** `null`: not a number. */
  readonly y: readonly (number | null)[];
  /** Drawn thin and pale, as the unsmoothed data behind a bold line. */
  readonly isPale?: boolean;
  readonly isDashed?: boolean;
}

/** An event at a position on the x axis. */
export interface Mark {
  readonly x: number;
  readonly text: string;
  readonly color: string;
}

/** What to draw, and how. */
export interface ChartProps {
  readonly lines: readonly Line[];
  readonly marks?: readonly Mark[];
  readonly height?: number;
  readonly isLogarithmic?: boolean;
  readonly xText?: (x: number) => string;
  readonly yText?: (y: number) => string;
  /** Visible range of the axis; default: all of it. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Called with the range that the user selected by dragging; `null`: reset to the whole axis. */
  readonly onZoom?: (range: readonly [from: number, to: number] | null) => void;
  /** Called with the position of the crosshair; `null`: none. */
  readonly onPoint?: (x: number | null) => void;
  /** Charts of the same group share a crosshair. */
  readonly group?: string;
}

/** Draws lines on a canvas; `curve-figure.tsx` describes them in text next to it. */
export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const { lines, isLogarithmic = false, height = 240, marks, from, to } = props;
  const shape = JSON.stringify([
    ...[isLogarithmic, height, from, to, props.group],
    lines.map(({ name, color, isPale, isDashed }) => [name, color, isPale, isDashed]),
  ]);
  // Recreates the chart only if its shape changes; new points of the same lines are set below.
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const chart = new uPlot(optionsOf(latest, element), dataOf(latest.current.lines), element);
    drawn.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      drawn.current = null;
    };
  }, [shape]);
  useEffect(() => {
    drawn.current?.setData(dataOf(lines), true);
  }, [lines, marks]);
  return <div ref={place} class="chart" aria-hidden="true" />;
}

/** Resolves a CSS color for a canvas, which does not support variables. */
function canvasColor(color: string): string {
  const probe = document.createElement("span");
  probe.style.color = color;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** Lines with fewer points than this show their points, because a single point would otherwise be invisible. */
const fewPoints = 40;

/** Aligns the points to a common x axis, as uPlot requires. */
function dataOf(lines: readonly Line[]): uPlot.AlignedData {
  if (lines.length === 0) return [[0], [null]];
  const first = lines[0]?.x ?? [];
  if (
    lines.every(({ x }) => x === first || (x.length === first.length && x.every((at, i) => at === first[i])))
  )
    return [[...first], ...lines.map(({ y }) => [...y])];
  return uPlot.join(lines.map(({ x, y }) => [[...x], [...y]]));
}

function optionsOf(latest: { readonly current: ChartProps }, element: HTMLElement): uPlot.Options {
  const { lines, isLogarithmic = false, height = 240, from, to, group } = latest.current;
  const axis: uPlot.Axis = {
    stroke: canvasColor("var(--quiet)"),
    font: `11px ${getComputedStyle(element).fontFamily}`,
    grid: { stroke: canvasColor("var(--line)"), width: 1 },
    ticks: { show: false },
  };
  const text = (values: readonly number[], of: ((value: number) => string) | undefined): string[] =>
    values.map((value) => (value === null ? "" : (of?.(value) ?? String(value))));
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      ...(group === undefined ? {} : { sync: { key: group } }),
    },
    scales: {
      x: { time: false, ...(from !== undefined && to !== undefined ? { range: [from, to] } : {}) },
      y: { distr: isLogarithmic ? 3 : 1 },
    },
    axes: [
      { ...axis, size: 30, values: (_, values) => text(values, latest.current.xText) },
      { ...axis, size: 56, values: (_, values) => text(values, latest.current.yText) },
    ],
    series: [
      {},
      ...lines.map(({ name, color, isPale, isDashed, y }) => ({
        label: name,
        stroke: canvasColor(color),
        width: isPale ? 1 : 1.75,
        alpha: isPale ? 0.35 : 1,
        ...(isDashed ? { dash: [4, 4] } : {}),
        spanGaps: true,
        points: { show: y.length < fewPoints, size: 4 },
      })),
    ],
    hooks: {
      draw: [(chart) => drawMarks(chart, latest.current.marks ?? [])],
      setSelect: [
        (chart) => {
          const { left, width } = chart.select;
          if (width > 4)
            latest.current.onZoom?.([chart.posToVal(left, "x"), chart.posToVal(left + width, "x")]);
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      setCursor: [
        ({ cursor: { idx }, data }) => latest.current.onPoint?.(idx == null ? null : (data[0][idx] ?? null)),
      ],
      ready: [({ over }) => over.addEventListener("dblclick", () => latest.current.onZoom?.(null))],
    },
  };
}

/** Draws vertical lines across the chart, each with its number. */
function drawMarks(chart: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px sans-serif`;
  for (const [at, { x, color }] of marks.entries()) {
    const left = chart.valToPos(x, "x", true);
    if (left < bbox.left || left > bbox.left + bbox.width) continue;
    ctx.strokeStyle = canvasColor(color);
    ctx.fillStyle = ctx.strokeStyle;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText(String(at + 1), left + 3, bbox.top + 12);
  }
  ctx.restore();
}
