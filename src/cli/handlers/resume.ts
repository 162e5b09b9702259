/** @file `tunewise resume`: goes on with a run. */
import { resumeRun } from "../../app/train/index.ts";
import { curveGuards } from "../../guard/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { createProgress } from "../render/progress.ts";
import { endRun } from "./run-end.ts";
import { downloadTeller, hostOf, outputOf, overridesOf } from "./surroundings.ts";

/** Goes on where the last checkpoint stands. */
export async function handle(call: Call, console: Console): Promise<number> {
  const { show, close } = createProgress(console, { usd: null });
  const overrule = textFlag(call, "overrule");
  const options = {
    meteredSince: 0, // the process was started for this run, and the host's clock with it
    overrule: curveGuards.find((guard) => guard === overrule) ?? null,
    force: textFlag(call, "force"),
    overrides: overridesOf(call),
    watch: show,
    onDownload: downloadTeller(console),
    ...outputOf(call),
  };
  try {
    return endRun(await resumeRun(call.words[0] ?? "latest", hostOf(console), options), console, close);
  } finally {
    close();
  }
}
