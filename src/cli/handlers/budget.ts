/** @file `tunewise cost budget list`: what projects may spend. */
import { dropSharedBudget, listBudgets, setSharedBudget } from "../../app/tracking/index.ts";
import { problem } from "../../problem/index.ts";
import { type Usd, usdText } from "../../quantity/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { fittedTable } from "../render/fitted-table.ts";
import { plain } from "../render/place.ts";
import { accessRequest } from "./access.ts";
import { hostOf } from "./surroundings.ts";

type Budgets = Awaited<ReturnType<typeof listBudgets>>;

/** Lists, sets or drops budgets. @throws {TunewiseError} `BUDGET_INVALID` */
export async function handle(call: Call, console: Console): Promise<number> {
  const [action = "list", amount] = call.words;
  const period: "month" | "total" = textFlag(call, "period") === "total" ? "total" : "month";
  const name = { project: textFlag(call, "project"), period };
  const asker = accessRequest(call);
  if (action === "set" && amount === undefined) throw problem("BUDGET_INVALID", { found: "nothing" });
  const budgets =
    action === "set"
      ? await setSharedBudget(name, amount ?? "", asker, hostOf(console))
      : action === "remove"
        ? await dropSharedBudget(name, asker, hostOf(console))
        : await listBudgets(asker.store, hostOf(console));
  if (console.json) console.document({ budgets });
  else console.result(budgetsText(budgets, console.tableColumns));
  return DONE;
}

function budgetsText(budgets: Budgets, columns: number): string {
  if (budgets.length === 0)
    return "no budgets; one is set by: tunewise cost budget set 500usd --project NAME";
  return fittedTable(
    [
      { head: "project" },
      { head: "period" },
      { head: "spent", align: "right" },
      { head: "budget", align: "right" },
      { head: "left", align: "right" },
    ],
    budgets.map(({ projectName, period, microUsd, spentMicroUsd }) => [
      projectName === null ? "(all together)" : plain(projectName),
      period,
      usdText(spentMicroUsd as Usd),
      usdText(microUsd as Usd),
      usdText(Math.max(0, microUsd - spentMicroUsd) as Usd),
    ]),
    columns,
  );
}
