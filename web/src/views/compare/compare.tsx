/** @file Compares runs: differing settings and results, overlaid curves, differing answers. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Command } from "../../components/command.tsx";
import { Failure } from "../../components/failure.tsx";
import { ask } from "../../data/api.ts";
import { useRunChanges } from "../../data/changes.ts";
import type { Details } from "../../data/details.ts";
import { withOwnNames } from "../../data/run-names.ts";
import { location } from "../../location.ts";
import { AnswersBeside } from "./answers-beside.tsx";
import { FactTable } from "./fact-table.tsx";
import { Overlays } from "./overlays.tsx";
import { ParallelCoordinates } from "./parallel.tsx";
import { Scatter } from "./scatter.tsx";
import { Significance } from "./significance.tsx";

/** Maximum number of runs. */
const maxRuns = 100;
/** Minimum interval between reloads of running runs, each of which is a request. */
const liveMs = 2_000;

/** Compares the runs named in the address. */
export function Compare() {
  const { fields } = location.value;
  const ids = [...new Set((fields.get("runs") ?? "").split(",").filter((id) => id !== ""))].slice(0, maxRuns);
  const runs = useSignal<readonly Details[]>([]);
  const failure = useSignal<Error | null>(null);
  const asked = ids.join(",");
  /** Reloads the details of some runs, and keeps the others. */
  const load = async (some: readonly string[], signal: AbortSignal): Promise<void> => {
    try {
      const known = new Map(runs.value.map((run) => [run.id, run]));
      const details = (id: string): Promise<Details> =>
        ask("get", "/api/tunewise/v1/runs/{id}/details", { params: { id }, signal });
      for (const run of await Promise.all(some.map(details))) known.set(run.id, run);
      runs.value = ids.flatMap((id) => known.get(id) ?? []);
      failure.value = null;
    } catch (error) {
      if (!signal.aborted) failure.value = error as Error;
    }
  };
  useEffect(() => {
    const controller = new AbortController();
    void load(ids, controller.signal);
    return () => controller.abort();
  }, [asked]);
  useRunChanges(ids, liveMs, (changed, signal) => void load(changed, signal));
  const starred = fields.get("baseline") ?? "";
  const baseline = ids.includes(starred) ? starred : (ids[0] ?? "");
  const others = ids.filter((id) => id !== baseline);
  const value = withOwnNames(runs.value);
  return (
    <>
      <main>
        <h1>Compare</h1>
        <Failure error={failure.value} />
        {ids.length < 2 && (
          <p>
            Choose two runs or more in <a href="#/">Runs</a>.
          </p>
        )}
        {value.length > 1 && (
          <>
            <FactTable runs={value} baseline={baseline} />
            <Significance runs={value} baseline={baseline} />
            <Overlays runs={value} />
            <div class="grid drawings">
              <ParallelCoordinates runs={value} />
              <Scatter runs={value} />
            </div>
            <AnswersBeside runs={value} />
          </>
        )}
      </main>
      <Command text={`tunewise compare ${[baseline, ...others].join(" ")}`} />
    </>
  );
}
