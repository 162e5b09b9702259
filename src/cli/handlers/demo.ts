/** @file `tunewise demo`: a whole run on the example that comes along. */
import { relative } from "node:path";
import { demoRecipe } from "../../app/demo/index.ts";
import { approve, planRecipe } from "../../app/plan/index.ts";
import { defaultOutput } from "../../app/runs/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { plain } from "../render/place.ts";
import { carryOut, showPlan } from "./run.ts";
import { downloadTeller, hostOf } from "./surroundings.ts";

/** Checks, plans, trains, judges, reports. */
export async function handle(call: Call, console: Console): Promise<number> {
  const runtime = hostOf(console);
  const { loaded, fallback } = await demoRecipe(
    runtime,
    textFlag(call, "output") ?? defaultOutput,
    downloadTeller(console),
  );
  if (fallback !== null) {
    console.error(`The demo's usual model cannot be had here: ${plain(fallback)}`);
    console.error(
      "Training the small model that comes with tunewise instead; it learns the form of an answer, little more.\n",
    );
  }
  const planned = await planRecipe(loaded, runtime);
  showPlan(planned, console, relative(console.io.cwd, loaded.path));
  return carryOut(approve(planned, { kind: "flag" }), runtime, console, {
    ...{ force: null, earlier: [] },
    meteredSince: 0,
  });
}
