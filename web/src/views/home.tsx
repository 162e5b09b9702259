/** @file Home: spending, waste, runs that need attention, and the table of runs. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Command } from "../components/command.tsx";
import { ask, type Reply } from "../data/api.ts";
import { afterFirstRows } from "../data/first-rows.ts";
import { countText, forecastText, moneyText } from "../format.ts";
import { linkTo } from "../location.ts";
import { Matters } from "./needs-attention.tsx";
import { Runs } from "./runs/runs.tsx";

type Summary = Reply<"/api/tunewise/v1/home", "get">;

/** The start view. */
export function Home() {
  const summary = useSignal<Summary | null>(null);
  const read = (): void => {
    void ask("get", "/api/tunewise/v1/home")
      .then((found) => {
        summary.value = found;
      })
      .catch(() => undefined);
  };
  useEffect(() => {
    void afterFirstRows().then(read);
  }, []);
  return (
    <>
      <main>
        <h1 class="hidden">Runs</h1>
        {summary.value === null ? (
          <p class="summary" aria-busy="true" />
        ) : (
          <>
            <MonthLine summary={summary.value} />
            <Matters matters={summary.value.matters} onSeen={read} />
          </>
        )}
        <Runs />
      </main>
      <Command text="tunewise runs list" />
    </>
  );
}

/** This month's summary line. */
function MonthLine({ summary: { month, forecast, budget, alive, refused } }: { readonly summary: Summary }) {
  return (
    <p class="summary">
      <a href={linkTo(["money"])}>
        {moneyText(month.micro_usd)} spent this month
        {budget &&
          ` of ${moneyText(budget.micro_usd)} (${budget.project_name ?? "all projects"}, ${budget.period})`}
      </a>
      {forecast && <span>forecast {forecastText(forecast)}</span>}
      {month.wasted_micro_usd > 0 && (
        <span>
          waste {moneyText(month.wasted_micro_usd)} in {countText(month.wasted_runs, "run")}
        </span>
      )}
      {refused.count > 0 && (
        <span>
          refused {countText(refused.count, "duplicate")}, saved at least {moneyText(refused.micro_usd)}
        </span>
      )}
      {alive.count > 0 && (
        <span>
          {alive.count.toLocaleString("en-US")} at work
          {alive.silent > 0 && ` (${alive.silent.toLocaleString("en-US")} silent)`},{" "}
          {moneyText(alive.micro_usd_per_hour)} an hour
        </span>
      )}
      <span class="quiet">{countText(month.runs, "run")} paid for</span>
    </p>
  );
}
