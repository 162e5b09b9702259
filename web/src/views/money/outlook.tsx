/** @file Forecast, budgets, what costs money now, and refused duplicates. */
import { Bars } from "../../components/bars.tsx";
import type { Reply } from "../../data/api.ts";
import { agoText, countText, dayText, forecastText, moneyText, timeText } from "../../format.ts";
import { linkTo } from "../../location.ts";
import { type BudgetOutlook, budgetName, budgetText } from "./outlook-text.ts";

type Outlook = Reply<"/api/tunewise/v1/money/outlook", "get">;

/** This month's cost so far, and its forecast. */
export function MonthForecast({ outlook }: { readonly outlook: Outlook["outlook"] }) {
  const { spent_micro_usd, forecast, days, min_days, month_end_ms } = outlook;
  return (
    <p>
      This month <strong>{moneyText(spent_micro_usd)}</strong> so far,{" "}
      {forecast === null ? (
        <span class="quiet">
          and no forecast: it takes {min_days} whole days with costs on three of them, and there are {days}
        </span>
      ) : (
        <>
          forecast <strong>{forecastText(forecast)}</strong> before {dayText(month_end_ms)}{" "}
          <span class="quiet">
            (four of five outcomes lie in the interval; from {countText(days, "day")} and what is at work)
          </span>
        </>
      )}
    </p>
  );
}

/** The remaining budgets, and how long they will last. */
export function BudgetsCard({ budgets }: { readonly budgets: readonly BudgetOutlook[] }) {
  return (
    <section class="card">
      <h2>Budgets</h2>
      {budgets.length === 0 ? (
        <p class="quiet">
          None. <code>tunewise cost budget set 500usd --period month</code>
        </p>
      ) : (
        <>
          <Bars
            label="Spent of budgets"
            rows={budgets.map((budget) => ({
              name: budgetName(budget),
              value: budget.spent_micro_usd,
              most: budget.micro_usd,
              text: `${moneyText(budget.spent_micro_usd)} of ${moneyText(budget.micro_usd)}`,
            }))}
          />
          <ul class="plain-list">
            {budgets.map((budget) => (
              <li key={budgetName(budget)}>
                {budgetName(budget)}: {budgetText(budget)}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** What costs money now. */
export function AliveCard({ alive }: { readonly alive: Outlook["alive"] }) {
  const { runs, machines, micro_usd_per_hour, unpriced_runs, silent_runs } = alive;
  const rented = new Set(machines.map(({ run }) => run));
  const isNothing = runs.total + machines.length === 0;
  return (
    <section class="card">
      <h2>
        At work now: {moneyText(micro_usd_per_hour)} an hour
        {runs.total > 0 && ` for ${countText(runs.total, "run")}`}
        {silent_runs > 0 && `, ${silent_runs.toLocaleString("en-US")} of them silent`}
      </h2>
      {isNothing && <p class="quiet">No run is at work, and no rented machine is on record.</p>}
      {unpriced_runs > 0 && (
        <p class="quiet">
          {countText(unpriced_runs, "run")} without a price: <code>machine.usd_per_hour</code> in a recipe,{" "}
          <code>tunewise serve --rate 2.49/h</code>, or a tag <code>tunewise.rate</code>
        </p>
      )}
      {!isNothing && (
        <div class="scrolls">
          <table>
            <thead>
              <tr>
                <th>what</th>
                <th class="number">an hour</th>
                <th class="number">so far</th>
                <th class="number">at most</th>
                <th>since</th>
                <th>ends</th>
              </tr>
            </thead>
            <tbody>
              {machines.map((machine) => (
                <MachineRow key={machine.name} machine={machine} />
              ))}
              {runs.items.map((run) => (
                <tr key={run.id}>
                  <td>
                    <a href={linkTo(["runs", run.id])}>{run.name || run.id}</a>{" "}
                    <span class="quiet">{run.person}</span>
                  </td>
                  <td class="number">
                    {rented.has(run.id) ? "its machine's" : moneyText(run.micro_usd_per_hour) || "unknown"}
                  </td>
                  <td class="number">{moneyText(run.spent_micro_usd)}</td>
                  <td class="number">{moneyText(run.cap_micro_usd)}</td>
                  <td>{timeText(run.started_ms)}</td>
                  <td>
                    {run.lease_ends_ms !== null && `lease until ${timeText(run.lease_ends_ms)}, `}
                    <span class="quiet">heard of {agoText(run.seen_ms)}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {runs.total > runs.items.length && (
            <p class="quiet">and {countText(runs.total - runs.items.length, "run")} that began later</p>
          )}
        </div>
      )}
    </section>
  );
}

function MachineRow({ machine }: { readonly machine: Outlook["alive"]["machines"][number] }) {
  const { name, provider, offer, run, since_ms, lease_ends_ms, is_ending } = machine;
  return (
    <tr>
      <td>
        {run === null ? name : <a href={linkTo(["runs", run])}>{name}</a>}{" "}
        <span class="quiet">
          rented: {offer} of {provider}
        </span>
      </td>
      <td class="number">{moneyText(machine.micro_usd_per_hour)}</td>
      <td class="number">{moneyText(machine.spent_micro_usd)}</td>
      <td class="number">{moneyText(machine.worst_micro_usd)}</td>
      <td>{timeText(since_ms)}</td>
      <td>
        {is_ending
          ? "its end was asked for"
          : lease_ends_ms === null
            ? "nothing ends it by itself"
            : `lease until ${timeText(lease_ends_ms)}`}
      </td>
    </tr>
  );
}

/** Runs refused as duplicates. */
export function RefusedCard({ refused }: { readonly refused: Outlook["refused"] }) {
  const { items, total, micro_usd } = refused;
  return (
    <section class="card">
      <h2>
        {total === 0
          ? "Refused duplicates"
          : `Refused ${countText(total, "duplicate")}, saved at least ${moneyText(micro_usd)}`}
      </h2>
      {total === 0 ? (
        <p class="quiet">No run was refused because the same experiment ran before.</p>
      ) : (
        <div class="scrolls">
          <table>
            <thead>
              <tr>
                <th>when</th>
                <th>who</th>
                <th>the same as</th>
                <th class="number">it cost</th>
              </tr>
            </thead>
            <tbody>
              {items.map(({ ms, person, earlier, earlier_name, project_name, micro_usd: cost }) => (
                <tr key={`${ms} ${earlier} ${person}`}>
                  <td>{timeText(ms)}</td>
                  <td>{person}</td>
                  <td>
                    <a href={linkTo(["runs", earlier])}>{earlier_name || earlier}</a>{" "}
                    <span class="quiet">{project_name}</span>
                  </td>
                  <td class="number">{moneyText(cost)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {total > items.length && <p class="quiet">and {total - items.length} more</p>}
        </div>
      )}
    </section>
  );
}
