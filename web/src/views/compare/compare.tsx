/** @file Runs beside each other: what differs in settings and results, curves over each other, answers that disagree. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Command } from "../../components/command.tsx";
import { Failure } from "../../components/failure.tsx";
import { ask } from "../../data/api.ts";
import { useRunChanges } from "../../data/changes.ts";
import type { Details } from "../../data/details.ts";
import { differenceText, durationText, moneyText, numberText, runColor } from "../../format.ts";
import { changeFields, linkTo, location } from "../../location.ts";
import { AnswersBeside } from "./answers-beside.tsx";
import { Overlays } from "./overlays.tsx";
import { ParallelCoordinates } from "./parallel.tsx";
import { Scatter } from "./scatter.tsx";

/** More would be no picture. */
const maxRuns = 100;
/** Runs at work are read again once in so long: each of them is a request. */
const liveMs = 2_000;

/** The runs that the address names. */
export function Compare() {
  const { fields } = location.value;
  const ids = [...new Set((fields.get("runs") ?? "").split(",").filter((id) => id !== ""))].slice(0, maxRuns);
  const runs = useSignal<readonly Details[]>([]);
  const failure = useSignal<Error | null>(null);
  const asked = ids.join(",");
  /** Reads the details of some of the runs again, and keeps those of the others. */
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
  const baseline = fields.get("baseline") || (ids[0] ?? "");
  const { value } = runs;
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
            <Table runs={value} baseline={baseline} />
            <Overlays runs={value} />
            <div class="grid">
              <ParallelCoordinates runs={value} />
              <Scatter runs={value} />
            </div>
            <AnswersBeside runs={value} />
          </>
        )}
      </main>
      <Command text={`tunewise compare ${ids.join(" ")}`} />
    </>
  );
}

/** A row of the comparison: what each run has of it. */
interface Fact {
  readonly name: string;
  readonly texts: readonly string[];
  /** Numbers to be compared with the baseline's; `null`: no number. */
  readonly numbers: readonly (number | null)[];
  readonly isSetting: boolean;
}

function factsOf(runs: readonly Details[]): Fact[] {
  const numeric = (
    name: string,
    values: readonly (number | null)[],
    text: (value: number | null) => string = numberText,
  ): Fact => ({
    ...{ name, numbers: values, isSetting: false },
    texts: values.map((value) => text(value)),
  });
  const metricKeys = [...new Set(runs.flatMap(({ metrics }) => metrics.items.map(({ key }) => key)))];
  const settingKeys = [...new Set(runs.flatMap(({ params }) => params.items.map(({ key }) => key)))];
  const settings = settingKeys.map((name): Fact => {
    const texts = runs.map(({ params }) => params.items.find(({ key }) => key === name)?.text ?? "(not set)");
    return { name, texts, numbers: texts.map(() => null), isSetting: true };
  });
  return [
    numeric(
      "spent",
      runs.map((run) => run.spent_micro_usd),
      moneyText,
    ),
    numeric(
      "time",
      runs.map((run) => run.seconds),
      durationText,
    ),
    ...metricKeys.map((name) =>
      numeric(
        name,
        runs.map(({ metrics }) => metrics.items.find(({ key }) => key === name)?.last ?? null),
      ),
    ),
    ...settings,
  ];
}

/** Rows shown at once. */
const shownRows = 200;

function Table({ runs, baseline }: { readonly runs: readonly Details[]; readonly baseline: string }) {
  const isAll = location.value.fields.has("all");
  const search = useSignal("");
  const base = Math.max(
    0,
    runs.findIndex(({ id }) => id === baseline),
  );
  const facts = factsOf(runs).filter(
    ({ name, texts, isSetting }) =>
      name.toLowerCase().includes(search.value.toLowerCase()) &&
      (isAll || !isSetting || new Set(texts).size > 1),
  );
  return (
    <section class="card" aria-label="Results and settings">
      <div class="row">
        <h2>Results and settings</h2>
        <label class="row">
          <input
            type="checkbox"
            checked={isAll}
            onChange={(event) => changeFields({ all: event.currentTarget.checked ? "1" : "" }, false)}
          />
          also settings that are the same
        </label>
        <input
          type="search"
          class="end"
          placeholder="Search"
          aria-label="Search results and settings"
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
      </div>
      <div class="scrolls tall">
        <table>
          <thead>
            <tr>
              <td />
              {runs.map(({ id, name }, at) => (
                <th key={id} class="number">
                  <a href={linkTo(["runs", id])} class="run-name" style={{ "--swatch": runColor(id) }}>
                    {name || id}
                  </a>{" "}
                  <button
                    type="button"
                    class="plain"
                    aria-pressed={at === base}
                    onClick={() => changeFields({ baseline: id }, false)}
                  >
                    <span aria-hidden="true">{at === base ? "★" : "☆"}</span>
                    <span class="hidden">Baseline</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {facts.slice(0, shownRows).map(({ name, texts, numbers, isSetting }) => (
              <tr key={`${isSetting} ${name}`}>
                <th scope="row">{name}</th>
                {texts.map((text, at) => {
                  const [own, reference] = [numbers[at], numbers[base]];
                  const isCompared =
                    at !== base && own != null && reference != null && !["spent", "time"].includes(name);
                  return (
                    <td key={runs[at]?.id} class="number">
                      {text}
                      {isCompared && <small class="quiet"> {differenceText(own - reference)}</small>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {facts.length > shownRows && <p class="quiet">{facts.length - shownRows} more: search for them</p>}
    </section>
  );
}
