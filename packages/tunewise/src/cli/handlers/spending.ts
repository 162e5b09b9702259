/** @file `tunewise cost report`, `cost budget` and `runs charge`: costs of runs and budgets of projects. */

import { seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import type { ChargeKind } from "@tunewise/tracker";
import {
  chargeRun,
  dropSharedBudget,
  listBudgets,
  type SpendGroup,
  type Spending,
  setSharedBudget,
} from "@tunewise/tracker";
import { type CostReport, reportCosts } from "../../app/tracking/index.ts";
import { problem } from "../../problem/index.ts";
import { type Call, numberFlag, textFlag, textFlags } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { outlookText } from "../render/outlook.ts";
import { fittedTable } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { accessRequest } from "./access.ts";
import { runtimeOf } from "./context.ts";

/** Maximum wasted runs that are listed. */
const maxNamed = 10;

/** Sums the ledger. */
export async function handleReport(call: Call, console: Console): Promise<number> {
  const by = textFlag(call, "by") ?? "project";
  const spending = await reportCosts(
    { by, ...textFlags(call, "store", "since", "until") },
    runtimeOf(console),
  );
  console.output({ by, ...spending }, () => spendText(by, spending, console.tableColumns));
  return DONE;
}

function spendText(by: string, spending: CostReport, columns: number): string {
  if (spending.runs === 0) return "no spending on record";
  const total: SpendGroup = { ...spending, name: "together" };
  const groups = fittedTable(
    [by, "#runs", "#time", "#cost", "#share"],
    [...spending.groups, total].map(({ name, runs, microUsd, seconds: time }) => [
      plain(name),
      String(runs),
      secondsText(seconds(time)),
      usdText(microUsd as Usd),
      percent(microUsd, spending.microUsd),
    ]),
    columns,
  );
  return [groups, purposeText(spending), wasteText(spending, columns), outlookText(spending)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function purposeText({ purposes, microUsd }: Spending): string {
  const search = purposes.find(({ name }) => name === "experiment");
  if (!search || microUsd === 0) return "";
  const production = percent(microUsd - search.microUsd, microUsd);
  return `experiments took ${percent(search.microUsd, microUsd)}, runs for production ${production}`;
}

function wasteText({ waste, microUsd }: Spending, columns: number): string {
  if (waste.length === 0) return "no waste found";
  const sum = waste.reduce((total, one) => total + one.microUsd, 0);
  const rows = waste
    .slice(0, maxNamed)
    .map((one) => [plain(one.id), one.kind, usdText(one.microUsd as Usd), plain(one.sentence)]);
  const more = waste.length > maxNamed ? `\nand ${waste.length - maxNamed} more` : "";
  const table = fittedTable(["run", "why", "#cost", ""], rows, columns);
  return `${usdText(sum as Usd)} (${percent(sum, microUsd)}) bought nothing:\n${table}${more}`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`;
}

type Budgets = Awaited<ReturnType<typeof listBudgets>>;

/** Lists, sets or drops budgets. @throws {TunewiseError} `BUDGET_INVALID` */
export async function handleBudget(call: Call, console: Console): Promise<number> {
  const [action = "list", amount] = call.words;
  const period: "month" | "total" = textFlag(call, "period") === "total" ? "total" : "month";
  const name = { project: textFlag(call, "project"), period };
  const asker = accessRequest(call);
  if (action === "set" && amount === undefined) throw problem("BUDGET_INVALID", { found: "nothing" });
  const budgets =
    action === "set"
      ? await setSharedBudget(name, amount ?? "", asker, runtimeOf(console))
      : action === "remove"
        ? await dropSharedBudget(name, asker, runtimeOf(console))
        : await listBudgets(asker.store, runtimeOf(console));
  console.output({ budgets }, () => budgetsText(budgets, console.tableColumns));
  return DONE;
}

function budgetsText(budgets: Budgets, columns: number): string {
  if (budgets.length === 0)
    return "no budgets; one is set by: tunewise cost budget set 500usd --project NAME";
  return fittedTable(
    ["project", "period", "#spent", "#budget", "#left"],
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

/** Adds a charge to the ledger. @throws {TunewiseError} `RUN_NOT_FOUND`, `BUDGET_INVALID` */
export async function handleCharge(call: Call, console: Console): Promise<number> {
  const [id = "", amount = ""] = call.words;
  const kind = (textFlag(call, "kind") ?? "other") as ChargeKind;
  const about = {
    kind,
    quantity: numberFlag(call, "quantity") ?? 0,
    unit: textFlag(call, "unit") ?? (kind === "tokens" ? "tokens" : ""),
    source: textFlag(call, "source") ?? "tunewise charge",
  };
  const run = await chargeRun(id, amount, about, textFlag(call, "store") ?? undefined, runtimeOf(console));
  console.output(
    { run: run.id, spentMicroUsd: run.spentMicroUsd },
    () => `${plain(run.id)} has cost ${usdText(run.spentMicroUsd as Usd)}`,
  );
  return DONE;
}
