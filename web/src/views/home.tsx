/** @file Home: what was spent and what of it was wasted, what needs somebody, and the runs. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Command } from "../components/command.tsx";
import { ask, type Reply } from "../data/api.ts";
import { afterFirstRows } from "../data/first-rows.ts";
import { countText, moneyText } from "../format.ts";
import { linkTo } from "../location.ts";
import { Runs } from "./runs/runs.tsx";

/** The first view. */
export function Home() {
  return (
    <>
      <main>
        <h1 class="hidden">Runs</h1>
        <Summary />
        <Runs />
      </main>
      <Command text="tunewise runs list" />
    </>
  );
}

/** This month in a line. */
function Summary() {
  const spending = useSignal<Reply<"/api/tunewise/v1/spend", "get"> | null>(null);
  const budgets = useSignal<Reply<"/api/tunewise/v1/budgets", "get">["budgets"]>([]);
  useEffect(() => {
    void afterFirstRows().then(() => {
      const since = `${new Date().toISOString().slice(0, 7)}`;
      void ask("get", "/api/tunewise/v1/spend", { query: { by: "status", since } })
        .then((found) => {
          spending.value = found;
        })
        .catch(() => undefined);
      void ask("get", "/api/tunewise/v1/budgets")
        .then((found) => {
          budgets.value = found.budgets;
        })
        .catch(() => undefined);
    });
  }, []);
  const { value } = spending;
  if (value === null) return <p class="summary" aria-busy="true" />;
  const wasted = value.waste.reduce((sum, { microUsd }) => sum + microUsd, 0);
  const [budget] = budgets.value;
  return (
    <p class="summary">
      <a href={linkTo(["money"])}>
        {moneyText(value.microUsd)} spent this month
        {budget &&
          ` of ${moneyText(budget.microUsd)} (${budget.projectName ?? "all projects"}, ${budget.period})`}
      </a>
      {wasted > 0 && (
        <span>
          waste {moneyText(wasted)} in {countText(value.waste.length, "run")}
        </span>
      )}
      <span class="quiet">{countText(value.runs, "run")} paid for</span>
    </p>
  );
}
