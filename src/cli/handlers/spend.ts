/** @file `tunewise cost report`: what runs cost. */
import { type SpendGroup, type Spending, sumSpending } from "../../app/tracking/index.ts";
import { seconds, secondsText, type Usd, usdText } from "../../quantity/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { fittedTable } from "../render/fitted-table.ts";
import { plain } from "../render/place.ts";
import { hostOf } from "./surroundings.ts";

/** Wasted runs that are named. */
const namedMost = 10;

/** Sums the ledger. */
export async function handle(call: Call, console: Console): Promise<number> {
  const by = textFlag(call, "by") ?? "project";
  const [store, since, until] = ["store", "since", "until"].map((name) => textFlag(call, name));
  const spending = await sumSpending(
    { by, ...(store ? { store } : {}), ...(since ? { since } : {}), ...(until ? { until } : {}) },
    hostOf(console),
  );
  if (console.json) console.document({ by, ...spending });
  else console.result(spendText(by, spending, console.tableColumns));
  return DONE;
}

function spendText(by: string, spending: Spending, columns: number): string {
  if (spending.runs === 0) return "nothing was spent, or nothing is known of it";
  const total: SpendGroup = { ...spending, name: "together" };
  const groups = fittedTable(
    [
      { head: by },
      { head: "runs", align: "right" },
      { head: "time", align: "right" },
      { head: "cost", align: "right" },
      { head: "share", align: "right" },
    ],
    [...spending.groups, total].map(({ name, runs, microUsd, seconds: time }) => [
      plain(name),
      String(runs),
      secondsText(seconds(time)),
      usdText(microUsd as Usd),
      percent(microUsd, spending.microUsd),
    ]),
    columns,
  );
  return [groups, purposeText(spending), wasteText(spending, columns)]
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
  if (waste.length === 0) return "nothing of it was wasted that can be seen";
  const sum = waste.reduce((total, one) => total + one.microUsd, 0);
  const rows = waste
    .slice(0, namedMost)
    .map((one) => [plain(one.id), one.kind, usdText(one.microUsd as Usd), plain(one.sentence)]);
  const more = waste.length > namedMost ? `\nand ${waste.length - namedMost} more` : "";
  const table = fittedTable(
    [{ head: "run" }, { head: "why" }, { head: "cost", align: "right" }, { head: "" }],
    rows,
    columns,
  );
  return `${usdText(sum as Usd)} (${percent(sum, microUsd)}) bought nothing:\n${table}${more}`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`;
}
