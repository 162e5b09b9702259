/**
 * @file `tunewise stop`: asks a run to save and stop.
 */
import { requestRunStop } from "../../app/tracking/index.ts";
import { type Call, textFlag } from "../command.ts";
import { DONE } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { plain } from "../render/place.ts";
import { hostOf } from "./surroundings.ts";

/** Marks the run. */
export async function handle(call: Call, face: Face): Promise<number> {
  const reason = textFlag(call, "reason") ?? "asked for";
  const store = textFlag(call, "store") ?? undefined;
  const run = await requestRunStop(call.words[0] ?? "", reason, store, hostOf(face));
  if (face.json) face.document({ run: run.id, status: run.status, reason });
  else if (run.status === "running") face.result(`${plain(run.id)} is asked to stop`);
  else face.result(`${plain(run.id)} is not at work: it is ${run.status}`);
  return DONE;
}
