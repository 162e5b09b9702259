/** @file `tunewise runs charge`: charges a run for what no meter sees. */
import { chargeRun } from "../../app/tracking/index.ts";
import { type Usd, usdText } from "../../quantity/index.ts";
import type { ChargeKind } from "../../track/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { plain } from "../render/place.ts";
import { hostOf } from "./surroundings.ts";

/** Adds the line. @throws {TunewiseError} `RUN_NOT_FOUND`, `BUDGET_INVALID` */
export async function handle(call: Call, console: Console): Promise<number> {
  const [id = "", amount = ""] = call.words;
  const kind = (textFlag(call, "kind") ?? "other") as ChargeKind;
  const about = {
    kind,
    quantity: numberFlag(call, "quantity") ?? 0,
    unit: textFlag(call, "unit") ?? (kind === "tokens" ? "tokens" : ""),
    source: textFlag(call, "source") ?? "tunewise charge",
  };
  const run = await chargeRun(id, amount, about, textFlag(call, "store") ?? undefined, hostOf(console));
  if (console.json) console.document({ run: run.id, spentMicroUsd: run.spentMicroUsd });
  else console.result(`${plain(run.id)} has cost ${usdText(run.spentMicroUsd as Usd)}`);
  return DONE;
}
