/** @file Overlaid curves of several runs, one chart per metric, with a shared crosshair. */
import { useSignal } from "@preact/signals";
import { CurveFigure } from "../../components/curve-figure.tsx";
import { Failure } from "../../components/failure.tsx";
import { ask } from "../../data/api.ts";
import type { Details } from "../../data/details.ts";
import { lookOf, looksOf, maxDrawn } from "../../data/run-looks.ts";
import { useRequest } from "../../data/use-request.ts";
import { numberText } from "../../format.ts";
import { location } from "../../location.ts";
import { axisText, CurveControls, chosenAxis, linesOf } from "../run/curves.tsx";

/** Charts drawn initially. */
const shownFirst = 4;
const places = 400;

/** Charts of the metrics, those that most runs have first. */
export function Overlays({ runs }: { readonly runs: readonly Details[] }) {
  const axis = chosenAxis();
  const isMore = useSignal(false);
  const counts = new Map<string, number>();
  for (const { metrics } of runs)
    for (const { key } of metrics.items) counts.set(key, (counts.get(key) ?? 0) + 1);
  const all = [...counts]
    .sort((a, b) => b[1] - a[1] || Number(/loss/i.test(b[0])) - Number(/loss/i.test(a[0])))
    .map(([key]) => key);
  const keys = all.slice(0, isMore.value ? 50 : shownFirst);
  const drawn = runs.slice(0, maxDrawn);
  const ids = drawn.map(({ id }) => id);
  const { value, failure } = useRequest(
    // Includes the last activity, because a running run has logged more since.
    keys.length === 0 ? null : JSON.stringify([ids, keys, axis, drawn.map(({ seen_ms }) => seen_ms)]),
    (signal) =>
      ask("post", "/api/tunewise/v1/runs/curves", { body: { runs: ids, keys, axis, places }, signal }),
  );
  const smoothing = Number(location.value.fields.get("smooth") ?? "0");
  const looks = looksOf(ids);
  return (
    <section class="column" aria-label="Curves">
      <h2 class="hidden">Curves</h2>
      <CurveControls />
      <Failure error={failure} />
      <div class="grid charts">
        {keys.map((key) => (
          <CurveFigure
            key={key}
            title={key}
            lines={(value?.curves ?? [])
              .filter((curve) => curve.key === key)
              .flatMap((curve) => {
                const run = drawn.find(({ id }) => id === curve.run);
                const look = looks.get(curve.run) ?? lookOf(curve.run);
                return linesOf(curve, look, smoothing, run?.name || curve.run);
              })}
            isLogarithmic={location.value.fields.has("log")}
            xText={axisText(axis)}
            yText={numberText}
            group={`compare ${axis}`}
          />
        ))}
      </div>
      {all.length > keys.length && (
        <button type="button" onClick={() => (isMore.value = true)}>
          {all.length - keys.length} more metrics
        </button>
      )}
      {runs.length > maxDrawn && (
        <p class="quiet">
          The first {maxDrawn} of {runs.length} runs are drawn.
        </p>
      )}
    </section>
  );
}
