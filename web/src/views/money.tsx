/** @file Money: spending by group, waste, the forecast, and what costs money now. */
import { Bars } from "../components/bars.tsx";
import { Command } from "../components/command.tsx";
import { Failure } from "../components/failure.tsx";
import { StackedBars } from "../components/stacked-bars.tsx";
import { ask, type Reply } from "../data/api.ts";
import { useRequest } from "../data/use-request.ts";
import { countText, durationText, moneyText } from "../format.ts";
import { changeFields, linkTo, location } from "../location.ts";
import { AccuracyCard } from "./money/accuracy.tsx";
import { AliveCard, BudgetsCard, MonthForecast, RefusedCard } from "./money/outlook.tsx";

type Spending = Reply<"/api/tunewise/v1/spend", "get">;
type Outlook = Reply<"/api/tunewise/v1/money/outlook", "get">;

const groupings = ["month", "project", "person", "client", "purpose", "method", "status"];

const wasteWords: Readonly<Record<string, string>> = {
  failed: "failed",
  duplicate: "the same as an earlier run",
  "past-best": "went on after its best step",
  idle: "reported nothing",
};

const monthParts = [
  { title: "experiments", color: "--accent" },
  { title: "production", color: "--good" },
  { title: "wasted", color: "--bad" },
];

/** Spending by group. */
export function Money() {
  const { fields } = location.value;
  const said = (name: string): string => fields.get(name) ?? "";
  const [by, since, until] = [said("by") || "month", said("since"), said("until")];
  const query = { by, ...(since === "" ? {} : { since }), ...(until === "" ? {} : { until }) };
  const { value, failure } = useRequest(JSON.stringify(query), async (signal) => {
    const [spent, outlook] = await Promise.all([
      ask("get", "/api/tunewise/v1/spend", { query, signal }),
      ask("get", "/api/tunewise/v1/money/outlook", { query: since === "" ? {} : { since }, signal }),
    ]);
    return { spent, outlook };
  });
  const dates = `${since === "" ? "" : ` --since ${since}`}${until === "" ? "" : ` --until ${until}`}`;
  return (
    <>
      <main>
        <Controls by={by} since={since} until={until} />
        <Failure error={failure} />
        {value && <Sums spent={value.spent} outlook={value.outlook} />}
      </main>
      <Command text={`tunewise cost report --by ${by}${dates}`} />
    </>
  );
}

/** All cards about money, the forecast first. */
function Sums({ spent: value, outlook }: { readonly spent: Spending; readonly outlook: Outlook }) {
  return (
    <>
      <MonthForecast outlook={outlook.outlook} />
      <p>
        <strong>{moneyText(value.microUsd)}</strong> for {countText(value.runs, "run")},{" "}
        {durationText(value.seconds)} of machines
      </p>
      <div class="grid">
        <section class="card">
          <h2>By {value.by}</h2>
          <Bars
            label={`Spent by ${value.by}`}
            rows={value.groups.map(({ name, microUsd, runs }) => ({
              name: name === "" ? "(none)" : name,
              value: microUsd,
              text: `${moneyText(microUsd)}, ${countText(runs, "run")}`,
            }))}
          />
        </section>
        <BudgetsCard budgets={outlook.outlook.budgets} />
      </div>
      <section class="card">
        <h2>Experiments, production and waste</h2>
        <StackedBars
          label="Spent by month on experiments and production, and wasted"
          rowTitle="month"
          parts={monthParts}
          rows={value.months.map(({ name, experiment, production, wasted }) => ({
            name,
            values: [experiment, production, wasted],
          }))}
          text={moneyText}
        />
      </section>
      <AliveCard alive={outlook.alive} />
      <Waste waste={value.waste} total={value.microUsd} />
      <RefusedCard refused={outlook.refused} />
      <AccuracyCard />
    </>
  );
}

/** Wasted spending, with a sentence on the reason. */
function Waste({ waste, total }: { readonly waste: Spending["waste"]; readonly total: number }) {
  const sum = waste.reduce((all, { microUsd }) => all + microUsd, 0);
  const share = total > 0 ? ` (${Math.round((100 * sum) / total)} %)` : "";
  const ordered = [...waste].sort((a, b) => b.microUsd - a.microUsd);
  return (
    <section class="card">
      <h2>
        Waste: {moneyText(sum)}
        {share}
      </h2>
      {ordered.length === 0 ? (
        <p class="quiet">No run that was paid for failed early, was repeated, or went on past its best.</p>
      ) : (
        <div class="scrolls">
          <table>
            <thead>
              <tr>
                <th>run</th>
                <th class="number">wasted</th>
                <th>why</th>
              </tr>
            </thead>
            <tbody>
              {ordered.map(({ id, kind, microUsd, sentence }) => (
                <tr key={`${id} ${kind}`}>
                  <td>
                    <a href={linkTo(["runs", id])}>{id}</a>
                  </td>
                  <td class="number">{moneyText(microUsd)}</td>
                  <td>
                    {wasteWords[kind] ?? kind}: <span class="quiet">{sentence}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Selects the grouping and the months. */
function Controls({
  by,
  since,
  until,
}: {
  readonly by: string;
  readonly since: string;
  readonly until: string;
}) {
  return (
    <div class="row">
      <h1>Money</h1>
      <select
        aria-label="Grouped by"
        value={by}
        onChange={(event) => changeFields({ by: event.currentTarget.value })}
      >
        {groupings.map((name) => (
          <option key={name} value={name}>
            by {name}
          </option>
        ))}
      </select>

      <label>
        from{" "}
        <input
          type="month"
          value={since}
          onChange={(event) => changeFields({ since: event.currentTarget.value })}
        />
      </label>
      <label>
        before{" "}
        <input
          type="month"
          value={until}
          onChange={(event) => changeFields({ until: event.currentTarget.value })}
        />
      </label>
    </div>
  );
}
