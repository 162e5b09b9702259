/** @file Curves of several runs over each other, one chart a metric, with one crosshair. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { CurveFigure } from "../../components/curve-figure.tsx";
import { Failure } from "../../components/failure.tsx";
import { ask } from "../../data/api.ts";
import type { Curve } from "../../data/curves.ts";
import type { Details } from "../../data/details.ts";
import { numberText, runColor } from "../../format.ts";
import { location } from "../../location.ts";
import { axisText, CurveControls, chosenAxis, linesOf } from "../run/curves.tsx";

/** Charts that are drawn at once. */
const shownFirst = 4;
/** Runs that are drawn: more lines cannot be told apart. */
const maxLines = 20;
const places = 400;

/** Metrics that most runs have. */
export function Overlays({ runs }: { readonly runs: readonly Details[] }) {
  const axis = chosenAxis();
  const isMore = useSignal(false);
  const curves = useSignal<readonly Curve[]>([]);
  const failure = useSignal<Error | null>(null);
  const counts = new Map<string, number>();
  for (const { metrics } of runs)
    for (const { key } of metrics.items) counts.set(key, (counts.get(key) ?? 0) + 1);
  const all = [...counts]
    .sort((a, b) => b[1] - a[1] || Number(/loss/i.test(b[0])) - Number(/loss/i.test(a[0])))
    .map(([key]) => key);
  const keys = all.slice(0, isMore.value ? 50 : shownFirst);
  const drawn = runs.slice(0, maxLines);
  const asked = JSON.stringify([drawn.map(({ id }) => id), keys, axis]);
  useEffect(() => {
    const controller = new AbortController();
    ask("post", "/api/tunewise/v1/runs/curves", {
      body: { runs: drawn.map(({ id }) => id), keys: [...keys], axis, places },
      signal: controller.signal,
    })
      .then((found) => {
        curves.value = found.curves;
        failure.value = null;
      })
      .catch((error: Error) => {
        if (!controller.signal.aborted) failure.value = error;
      });
    return () => controller.abort();
  }, [asked, runs]); // runs are others when one of them has logged more
  const smoothing = Number(location.value.fields.get("smooth") ?? "0");
  return (
    <section class="column" aria-label="Curves">
      <h2 class="hidden">Curves</h2>
      <CurveControls />
      <Failure error={failure.value} />
      <div class="grid charts">
        {keys.map((key) => (
          <CurveFigure
            key={key}
            title={key}
            lines={curves.value
              .filter((curve) => curve.key === key)
              .flatMap((curve) => {
                const run = drawn.find(({ id }) => id === curve.run);
                return linesOf(curve, runColor(curve.run), smoothing, run?.name || curve.run);
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
      {runs.length > maxLines && (
        <p class="quiet">
          The first {maxLines} of {runs.length} runs are drawn.
        </p>
      )}
    </section>
  );
}
