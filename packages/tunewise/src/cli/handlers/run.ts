/** @file `tunewise run`, `resume` and `demo`: plan, request approval, train and report. */
import { relative, resolve } from "node:path";
import type { Seconds } from "@tunewise/core/quantity";
import { demoRecipe } from "../../app/demo/index.ts";
import {
  type ApprovedPlan,
  approve,
  type Consent,
  placementAt,
  planRecipe,
  requireUnblocked,
} from "../../app/plan/index.ts";
import { defaultOutput, findEarlierRuns } from "../../app/runs/index.ts";
import { resumeRun, runRecipe } from "../../app/train/index.ts";
import type { Plan } from "../../plan/index.ts";
import type { Finding } from "../../problem/index.ts";
import { isProviderAddress } from "../../provision/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Call, isOn, textFlag, textFlags } from "../command.ts";
import type { Console } from "../console.ts";
import { calledText } from "../render/next-command.ts";
import { createProgress } from "../render/progress.ts";
import { plain } from "../render/terminal.ts";
import { askYes, downloadPrinter, overridesOf, resumeOptions, runtimeOf, stallOf } from "./context.ts";
import { loadPricedRecipe } from "./priced-recipe.ts";
import { endRun, watchRun } from "./run-end.ts";
import { readSavedPlan } from "./saved-plan.ts";
import { showPlan } from "./show-plan.ts";
import { byOf, choiceOf, planOptions, showChoice, siteOf } from "./site.ts";

/** Runs a recipe or a saved plan. */
export async function handleRun(call: Call, console: Console): Promise<number> {
  if (isProviderAddress(textFlag(call, "on") ?? "")) {
    const { handleRentedRun } = await import("./rented.ts");
    return handleRentedRun(call, console);
  }
  const runtime = runtimeOf(console);
  const path = call.words[0] ?? "tunewise.yaml";
  const saved = path.endsWith(".json") ? await readSavedPlan(resolve(console.io.cwd, path)) : null;
  const overrides = { ...saved?.overrides, ...overridesOf(call) };
  const loaded = await loadPricedRecipe(saved?.recipePath ?? path, runtime, overrides, call, console);
  const site = await siteOf(call, runtime); // may throw, so it precedes planning and questions
  const planned = await planRecipe(loaded, runtime, downloadPrinter(console), planOptions(site, console));
  const force = textFlag(call, "force");
  const earlier = await findEarlierRuns(planned.prepared, runtime, force);
  const chosen = await choiceOf(call, planned, runtime);
  const by = chosen?.by ?? byOf(call);
  showPlan(
    { ...planned, findings: [...planned.findings, ...earlier] },
    console,
    saved?.recipePath ?? path,
    by,
    site,
  );
  requireUnblocked(planned, by);
  if (chosen !== null) showChoice(chosen, console);
  const placement = site && by === "torch" ? placementAt(site, planned.plan, loaded.recipe) : undefined;
  const asked = runtime.elapsedSeconds();
  const consent = await consentTo(call, console, saved?.plan ?? null);
  const approved = approve(planned, consent, calledText(call), placement);
  // Metering counts from the start of the process, except for the time spent waiting for approval.
  const meteredSince = runtime.elapsedSeconds() - asked;
  return carryOut(approved, runtime, console, { force, earlier, meteredSince, ...stallOf(call) });
}

/** Options of starting a run. */
interface Circumstances {
  readonly force: string | null;
  readonly earlier: readonly Finding[];
  /** Start of metering, in seconds of the runtime's clock; default: the start of the run. */
  readonly meteredSince?: number;
  /** Maximum time without a report of the run; default: half an hour. */
  readonly stallSeconds?: Seconds;
}

const unforced: Circumstances = { force: null, earlier: [] };

/** Runs an approved plan, with progress on the console. */
export async function carryOut(
  approved: ApprovedPlan,
  runtime: Runtime,
  console: Console,
  { force, earlier, meteredSince, stallSeconds }: Circumstances = unforced,
): Promise<number> {
  const { show, close } = watchRun(console, approved.prepared.recipe);
  console.io.beginSaving();
  try {
    // in text output the plan includes these findings
    if (console.json) for (const finding of earlier) await show({ kind: "finding", finding });
    const outcome = await runRecipe(approved, runtime, show, force, meteredSince, stallSeconds);
    return endRun(outcome, console, close);
  } finally {
    close();
  }
}

async function consentTo(call: Call, console: Console, saved: Plan | null): Promise<Consent> {
  if (saved !== null) return { kind: "saved", plan: saved };
  if (isOn(call, "yes")) return { kind: "flag" };
  if (!console.canAsk) return { kind: "none" };
  return { kind: "asked", yes: await askYes("Run this plan?", "run") };
}

/** Resumes from the last checkpoint. */
export async function handleResume(call: Call, console: Console): Promise<number> {
  if (isProviderAddress(textFlag(call, "on") ?? "")) {
    const { handleRentedResume } = await import("./rented.ts");
    return handleRentedResume(call, console);
  }
  const runtime = runtimeOf(console);
  const site = await siteOf(call, runtime);
  const { show, close } = createProgress(console, { usd: null });
  const options = {
    site,
    ...resumeOptions(call),
    overrides: overridesOf(call),
    watch: show,
    onDownload: downloadPrinter(console),
    ...textFlags(call, "output"),
  };
  try {
    return endRun(await resumeRun(call.words[0] ?? "latest", runtime, options), console, close);
  } finally {
    close();
  }
}

/** Plans, trains, evaluates and reports the example. */
export async function handleDemo(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const { loaded, fallback } = await demoRecipe(
    runtime,
    textFlag(call, "output") ?? defaultOutput,
    downloadPrinter(console),
  );
  if (fallback !== null) {
    console.error(`The demo's default model is not available here: ${plain(fallback)}`);
    console.error(
      "Training the small model that comes with tunewise instead; it learns the form of an answer, little more.\n",
    );
  }
  const planned = await planRecipe(loaded, runtime);
  showPlan(planned, console, relative(console.io.cwd, loaded.path));
  return carryOut(approve(planned, { kind: "flag" }), runtime, console, {
    force: null,
    earlier: [],
    meteredSince: 0,
  });
}
