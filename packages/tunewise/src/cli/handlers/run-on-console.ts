/** @file Shows a run on a console: its plan, progress and outcome. */
import type { WorkerSite } from "../../app/plan/index.ts";
import type { RunOptions, RunOutcome, ShownPlan } from "../../app/train/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Console } from "../console.ts";
import { downloadPrinter } from "./context.ts";
import { endRun, watchRun } from "./run-end.ts";
import { showPlan } from "./show-plan.ts";
import { showChoice } from "./site.ts";

/** How a run is shown and approved on a console. */
export interface ConsoleRun extends Pick<RunOptions, "consent"> {
  /** The recipe's path, as the user wrote it. */
  readonly path: string;
  readonly site: WorkerSite | null;
  /** Address of the provider whose machine is rented for the run. */
  readonly provider?: string;
}

/** Runs a recipe with plan, progress and outcome on a console. Returns the exit code. */
export async function onConsole(
  recipe: Recipe,
  { path, site, consent, provider }: ConsoleRun,
  console: Console,
  run: (options: RunOptions) => Promise<RunOutcome>,
): Promise<number> {
  const { show, close } = watchRun(console, recipe);
  const onPlan = async ({ planned, earlier, by, reason }: ShownPlan): Promise<void> => {
    showPlan(planned, console, path, by, site);
    if (reason !== null) showChoice({ by, reason }, console);
    // in text output the plan includes these findings
    if (console.json) for (const finding of earlier) show({ kind: "finding", finding });
  };
  try {
    const outcome = await run({
      onDownload: downloadPrinter(console),
      onTrace: (text) => console.info(text),
      onPlan,
      consent,
      onApproved: () => console.io.beginSaving(),
      onEvent: show,
    });
    return endRun(outcome, console, close, provider);
  } finally {
    close();
  }
}
