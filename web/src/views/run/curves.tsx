/** @file A run's curves over steps, time or dollars, optionally smoothed, with guard messages at their positions. */
import { useSignal } from "@preact/signals";
import type { Line, Mark } from "../../components/chart.tsx";
import { CurveFigure } from "../../components/curve-figure.tsx";
import { Failure } from "../../components/failure.tsx";
import { ask } from "../../data/api.ts";
import { type Curve, smoothed } from "../../data/curves.ts";
import type { Details } from "../../data/details.ts";
import { lookOf, type RunLook } from "../../data/run-looks.ts";
import { useRequest } from "../../data/use-request.ts";
import { durationText, moneyText, numberText } from "../../format.ts";
import { changeFields, location } from "../../location.ts";

/** Charts drawn initially; the others on request. */
const shownFirst = 8;
/** Intervals along the axis: about as many as a chart has pixels. */
const places = 600;

const axes = { step: "step", time: "time", dollars: "dollars" } as const;
type Axis = keyof typeof axes;

/** Formats positions on an axis. */
export function axisText(axis: Axis): (x: number) => string {
  if (axis === "time") return (x) => durationText(x);
  if (axis === "dollars") return (x) => moneyText(x * 1e6);
  return (x) => numberText(Math.round(x));
}

/** The axis named in the address. */
export function chosenAxis(): Axis {
  const said = location.value.fields.get("axis") ?? "step";
  return said in axes ? (said as Axis) : "step";
}

/** Controls for drawing curves. */
export function CurveControls() {
  const { fields } = location.value;
  const smoothing = Number(fields.get("smooth") ?? "0");
  return (
    <div class="row" role="group" aria-label="How curves are drawn">
      <label>
        over{" "}
        <select
          value={chosenAxis()}
          onChange={(event) => changeFields({ axis: event.currentTarget.value }, false)}
        >
          {Object.keys(axes).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label class="row">
        smooth
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={String(smoothing)}
          onInput={(event) =>
            changeFields(
              { smooth: event.currentTarget.value === "0" ? "" : event.currentTarget.value },
              false,
            )
          }
        />
        <output>{smoothing}</output>
      </label>
      <label class="row">
        <input
          type="checkbox"
          checked={fields.has("log")}
          onChange={(event) => changeFields({ log: event.currentTarget.checked ? "1" : "" }, false)}
        />
        logarithmic
      </label>
      {fields.has("from") && (
        <button type="button" onClick={() => changeFields({ from: "", to: "" }, false)}>
          Whole axis
        </button>
      )}
    </div>
  );
}

/** The run's metrics, or those of its machine. */
export function Curves({ run, system }: { readonly run: Details; readonly system: boolean }) {
  const { fields } = location.value;
  const axis = chosenAxis();
  const [from, to] = [numberField("from"), numberField("to")];
  const isMore = useSignal(false);
  const machine = useRequest(system ? run.id : null, (signal) =>
    ask("get", "/api/tunewise/v1/runs/{id}/system", { params: { id: run.id }, signal }),
  );
  const all = ((system ? machine.value : run.metrics)?.items ?? []).map(({ key }) => key);
  const keys = (system ? all : ordered(all)).slice(0, isMore.value ? 100 : shownFirst);
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const asked = JSON.stringify([run.id, run.seen_ms, keys, axis, range]);
  const { value, failure } = useRequest(keys.length === 0 ? null : asked, (signal) =>
    ask("post", "/api/tunewise/v1/runs/curves", {
      body: { runs: [run.id], keys, axis, places, ...range },
      signal,
    }),
  );
  const total = system ? all.length : run.metrics.total;
  if (total === 0)
    return <p class="quiet">{system ? "Nothing was logged of its machine." : "No metrics yet."}</p>;
  const smoothing = Number(fields.get("smooth") ?? "0");
  return (
    <section class="column" aria-label={system ? "Metrics of the machine" : "Metrics"}>
      <h2 class="hidden">{system ? "Metrics of the machine" : "Metrics over time"}</h2>
      <CurveControls />
      <Failure error={machine.failure ?? failure} />
      <div class="grid charts">
        {keys.map((key) => {
          const curve = value?.curves.find((one) => one.key === key);
          if (!curve) return <div key={key} class="card" aria-busy="true" />;
          return (
            <CurveFigure
              key={key}
              title={key}
              lines={linesOf(curve, lookOf(run.id), smoothing)}
              marks={system ? [] : marksOn(run, key, curve, axis)}
              isLogarithmic={fields.has("log")}
              xText={axisText(axis)}
              yText={numberText}
              group={`run ${axis}`}
              from={from}
              to={to}
              onZoom={(range) =>
                changeFields(
                  range ? { from: String(range[0]), to: String(range[1]) } : { from: "", to: "" },
                  false,
                )
              }
            />
          );
        })}
      </div>
      {total > keys.length && (
        <button type="button" onClick={() => (isMore.value = true)}>
          {total - keys.length} more metrics
        </button>
      )}
    </section>
  );
}

/** The line of a curve; if smoothed, a bold line over the pale original. */
export function linesOf(
  { key, x, y }: Pick<Curve, "key" | "x" | "y">,
  look: RunLook,
  smoothing: number,
  name = key,
): Line[] {
  if (!(smoothing > 0)) return [{ name, ...look, x, y }];
  return [
    { name: `${name}, as logged`, ...look, x, y, isPale: true },
    { name, ...look, x, y: smoothed(y, smoothing) },
  ];
}

/** Losses first, and among them those on evaluation rows. */
function ordered(keys: readonly string[]): string[] {
  const rank = (key: string): number => (/(val|eval|test).*loss/i.test(key) ? 0 : /loss/i.test(key) ? 1 : 2);
  return [...keys].sort((a, b) => rank(a) - rank(b));
}

/** Marks of guards and of the best checkpoint on charts of losses. */
function marksOn(run: Details, key: string, { x, steps }: Curve, axis: Axis): Mark[] {
  if (!/loss/i.test(key)) return [];
  const marks = (run.own?.guards.items ?? []).map(({ step, sentence, act }) => ({
    x: placeOf(step, x, steps, axis),
    text: `${act}: ${sentence}`,
    color: act === "stop" ? "var(--bad)" : "var(--warn)",
  }));
  const best = run.own?.best_step;
  if (best != null)
    marks.push({ x: placeOf(best, x, steps, axis), text: "best checkpoint", color: "var(--good)" });
  return marks;
}

/** Position of a step on the axis: that of the first point at or after the step. */
function placeOf(step: number, x: readonly number[], steps: readonly number[], axis: Axis): number {
  if (axis === "step" || x.length === 0) return step;
  const at = steps.findIndex((one) => one >= step);
  return x[at < 0 ? x.length - 1 : at] ?? step;
}

function numberField(name: string): number | undefined {
  const said = location.value.fields.get(name);
  const value = said === null ? Number.NaN : Number(said);
  return Number.isFinite(value) ? value : undefined;
}
