/** @file `tunewise runs stop`: asks a run to save and stop. */
import { requestRunStop } from "../../app/tracking/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { plain } from "../render/place.ts";
import { hostOf } from "./surroundings.ts";

/** Marks the run. */
export async function handle(call: Call, console: Console): Promise<number> {
  const reason = textFlag(call, "reason") ?? "asked for";
  const store = textFlag(call, "store") ?? undefined;
  const run = await requestRunStop(call.words[0] ?? "", reason, store, hostOf(console));
  if (console.json) console.document({ run: run.id, status: run.status, reason });
  else if (run.status === "running") console.result(`${plain(run.id)} is asked to stop`);
  else console.result(`${plain(run.id)} is not at work: it is ${run.status}`);
  return DONE;
}
