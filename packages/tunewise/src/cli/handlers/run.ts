/** @file `tunewise run`, `resume` and `demo`. */
import { relative, resolve } from "node:path";
import { defaultOutput } from "@tunewise/tracker";
import { demoRecipe } from "../../app/demo/index.ts";
import type { Consent } from "../../app/plan/index.ts";
import { planAndRun, type RunRequest, resumeRun } from "../../app/train/index.ts";
import type { Plan } from "../../plan/index.ts";
import { isProviderAddress } from "../../provision/index.ts";
import { type Call, isOn, textFlag, textFlags } from "../command.ts";
import type { Console } from "../console.ts";
import { calledText } from "../render/next-command.ts";
import { createProgress } from "../render/progress.ts";
import { plain } from "../render/terminal.ts";
import { askYes, downloadPrinter, overridesOf, resumeOptions, runtimeOf, stallOf } from "./context.ts";
import { loadPricedRecipe } from "./priced-recipe.ts";
import { endRun } from "./run-end.ts";
import { type ConsoleRun, onConsole } from "./run-on-console.ts";
import { readSavedPlan } from "./saved-plan.ts";
import { byOf, choiceOf, siteOf } from "./site.ts";

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
  const request: RunRequest = {
    loaded,
    site,
    by: choiceOf(call, runtime) ?? byOf(call),
    force: textFlag(call, "force"),
    command: calledText(call),
    meteredSince: 0, // the process was started for this run
    ...stallOf(call),
  };
  const consent = (): Promise<Consent> => consentTo(call, console, saved?.plan ?? null);
  const how = { path: saved?.recipePath ?? path, site, consent };
  return onConsole(loaded.recipe, how, console, (options) => planAndRun(request, options, runtime));
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
  const request: RunRequest = {
    loaded,
    site: null,
    by: "this-machine",
    command: calledText(call),
    meteredSince: 0,
  };
  const how: ConsoleRun = {
    path: relative(console.io.cwd, loaded.path),
    site: null,
    consent: () => ({ kind: "flag" }),
  };
  return onConsole(loaded.recipe, how, console, (options) => planAndRun(request, options, runtime));
}
