/** @file Results and settings of runs as a table, one fact per row, with differences to the baseline. */
import { useSignal } from "@preact/signals";
import type { Details } from "../../data/details.ts";
import { looksOf, noLook, swatchOf } from "../../data/run-looks.ts";
import { differenceText, durationText, moneyText, numberText } from "../../format.ts";
import { changeFields, linkTo, location } from "../../location.ts";

/** A row of the comparison, with the value of each run. */
interface Fact {
  readonly name: string;
  readonly texts: readonly string[];
  /** Numbers to compare with the baseline's; `null`: not a number. */
  readonly numbers: readonly (number | null)[];
  readonly isSetting: boolean;
}

function factsOf(runs: readonly Details[]): Fact[] {
  const numeric = (
    name: string,
    values: readonly (number | null)[],
    text: (value: number | null) => string = numberText,
  ): Fact => ({
    name,
    numbers: values,
    isSetting: false,
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

/** Maximum rows shown at first. */
const shownRows = 200;

/** The results, and the settings in which runs differ. */
export function FactTable({
  runs,
  baseline,
}: {
  readonly runs: readonly Details[];
  readonly baseline: string;
}) {
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
          <Head runs={runs} base={base} />
          <tbody>
            {facts.slice(0, shownRows).map((fact) => (
              <Row key={`${fact.isSetting} ${fact.name}`} fact={fact} base={base} />
            ))}
          </tbody>
        </table>
      </div>
      {facts.length > shownRows && <p class="quiet">{facts.length - shownRows} more: search for them</p>}
    </section>
  );
}

function Head({ runs, base }: { readonly runs: readonly Details[]; readonly base: number }) {
  const looks = looksOf(runs.map(({ id }) => id));
  return (
    <thead>
      <tr>
        <td />
        {runs.map(({ id, name }, at) => (
          <th key={id} class="number">
            <a href={linkTo(["runs", id])} {...swatchOf(looks.get(id) ?? noLook)}>
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
  );
}

/** Results shown without a difference. */
const plain: ReadonlySet<string> = new Set(["spent", "time"]);

function Row({ fact: { name, texts, numbers }, base }: { readonly fact: Fact; readonly base: number }) {
  const reference = numbers[base];
  return (
    <tr>
      <th scope="row">{name}</th>
      {texts.map((text, at) => {
        const own = numbers[at];
        const isCompared = at !== base && own != null && reference != null && !plain.has(name);
        return (
          <td key={at} class="number">
            {text}
            {isCompared && <small class="quiet"> {differenceText(own - reference)}</small>}
          </td>
        );
      })}
    </tr>
  );
}
