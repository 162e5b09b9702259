/** @file Plan accuracy: planned and actual time, cost and memory of completed runs. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Failure } from "../../components/failure.tsx";
import { ask, type Reply } from "../../data/api.ts";
import { bytesText, countText, durationText, moneyText } from "../../format.ts";
import { linkTo } from "../../location.ts";

type Accuracy = Reply<"/api/tunewise/v1/money/accuracy", "get">;
type Outcome = Accuracy["runs"]["items"][number]["seconds"];
type PlanErrors = Accuracy["seconds"];

/** Loads plans only when shown, because the server may have to open some hundred files. */
export function AccuracyCard() {
  const found = useSignal<Accuracy | null>(null);
  const failure = useSignal<Error | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    ask("get", "/api/tunewise/v1/money/accuracy", { signal: controller.signal })
      .then((accuracy) => {
        found.value = accuracy;
      })
      .catch((error: Error) => {
        if (!controller.signal.aborted) failure.value = error;
      });
    return () => controller.abort();
  }, []);
  const { value } = found;
  return (
    <section class="card">
      <h2>Accuracy of plans</h2>
      <Failure error={failure.value} />
      {value === null ? (
        <p class="quiet" aria-busy={failure.value === null} />
      ) : value.runs.total === 0 ? (
        <p class="quiet">No run of this engine was completed in one session with its plan at hand.</p>
      ) : (
        <>
          <ul class="plain-list">
            <Errors name="time" errors={value.seconds} />
            <Errors name="cost" errors={value.micro_usd} />
            <Errors name="memory" errors={value.memory_bytes} />
          </ul>
          <details>
            <summary>{countText(value.runs.total, "run")}</summary>
            <Runs runs={value.runs} />
          </details>
        </>
      )}
    </section>
  );
}

function Errors({ name, errors }: { readonly name: string; readonly errors: PlanErrors }) {
  if (errors === null) return null;
  const { count, median, worst, inside } = errors;
  return (
    <li>
      {name}: median error {percentText(median)}, worst {percentText(worst)}, {percentText(inside)} of{" "}
      {countText(count, "run")} inside the planned range
    </li>
  );
}

function Runs({ runs: { items, total } }: { readonly runs: Accuracy["runs"] }) {
  return (
    <div class="scrolls">
      <table>
        <thead>
          <tr>
            <th>run</th>
            <th>time: P50 to P90, actual</th>
            <th>cost: P50 to P90, actual</th>
            <th>memory: P50 to P90, actual</th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ id, seconds, micro_usd, memory_bytes }) => (
            <tr key={id}>
              <td>
                <a href={linkTo(["runs", id])}>{id}</a>
              </td>
              <td>{outcomeText(seconds, durationText)}</td>
              <td>{outcomeText(micro_usd, moneyText)}</td>
              <td>{outcomeText(memory_bytes, bytesText)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {total > items.length && <p class="quiet">and {total - items.length} more</p>}
    </div>
  );
}

function outcomeText(outcome: Outcome | null, text: (value: number) => string): string {
  if (outcome === null) return "";
  const { p50, p90, actual, is_inside } = outcome;
  return `${text(p50)} to ${text(p90)}, ${text(actual)}${is_inside ? "" : " (outside)"}`;
}

function percentText(share: number): string {
  return `${Math.round(100 * share)} %`;
}
