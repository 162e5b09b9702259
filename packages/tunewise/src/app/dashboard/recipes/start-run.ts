/**
 * @file Starts the run of an approved plan. Plans again within the approved cap, records the approval in the audit log,
 * and starts a process that survives the server.
 */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { seconds as secondsOf, secondsText, usd, usdText } from "@tunewise/core/quantity";
import { readTextFile } from "@tunewise/core/untrusted";
import type { TrackingContext } from "@tunewise/tracker";
import { type AuditAction, recordAudit } from "@tunewise/tracker";
import type { Plan } from "../../../plan/index.ts";
import { problem } from "../../../problem/index.ts";
import { keptPlan, planByCommand } from "./plan-recipe.ts";
import type { StartedProgram } from "./program.ts";
import { plansFolder, readServed, recipePath, type ServedRecipes, stampOf } from "./served-recipes.ts";
import type { KeptPlan, RunCap } from "./shown-plan.ts";

/** An approval: a plan, and the cap of its run. */
export interface Approval extends RunCap {
  /** See `ShownPlan`. */
  readonly plan: string;
  /** Name of the approver; empty if the server does not ask for names. */
  readonly person: string;
}

/** Seconds to wait for the run's first event before answering. */
const startSeconds = 90;
/** Seconds to wait in the background for a run that is still being prepared, to record who approved it. */
const prepareSeconds = 3_600;
const lookMs = 200;
const maxLogBytes = 16 * 1024 ** 2;

/**
 * Starts a run.
 *
 * @returns its id; `null` if it is still being prepared
 * @throws {TunewiseError} `PLAN_UNKNOWN`, `PLAN_SUM_DIFFERS`, `PLAN_STALE`, `RUN_NOT_APPROVED` for a plan that cannot
 *   be started from here, `RUN_NOT_STARTED` if the run's process ends at once, `RECIPE_COMMAND_FAILED`
 */
export async function startServed(
  served: ServedRecipes,
  context: Pick<TrackingContext, "write" | "now">,
  recipe: string,
  approval: Approval,
): Promise<string | null> {
  const kept = keptPlan(served, recipe, approval.plan);
  requireUnit(kept.shown.cap, approval);
  const { refusal, command } = kept.shown;
  if (refusal !== null) throw problem("RUN_NOT_APPROVED", { reason: refusal.replace(/\.$/, ""), command });
  if ((await stampOf(await readServed(served, recipe))) !== kept.stamp)
    throw problem("PLAN_STALE", { changes: "the recipe or its data" });
  // a repeated request, such as a double click, returns the same run
  kept.started ??= launch(served, context, kept, approval).catch((error: unknown) => {
    kept.started = null;
    throw error;
  });
  return kept.started;
}

/** Requires a cap in the unit that this machine uses. Any amount may be approved. */
function requireUnit(planned: RunCap, { microUsd, seconds }: RunCap): void {
  const [isMoney, isTime] = [microUsd !== null, seconds !== null];
  if (isMoney !== isTime && isMoney === (planned.microUsd !== null)) return;
  throw problem("PLAN_SUM_DIFFERS", { approved: capText({ microUsd, seconds }), planned: capText(planned) });
}

async function launch(
  served: ServedRecipes,
  { write, now }: Pick<TrackingContext, "write" | "now">,
  { plan, recipe, settings, shown }: KeptPlan,
  { person, microUsd, seconds }: Approval,
): Promise<string | null> {
  const cap = { microUsd, seconds };
  const folder = plansFolder(served.output ?? served.runtime.cwd);
  await mkdir(folder, { recursive: true });
  const name = join(
    folder,
    `${new Date(now())
      .toISOString()
      .replace(/[^\dT]/g, "")
      .slice(0, 15)}-${shown.id}`,
  );
  const budget = ["--budget", budgetWord(cap)];
  const again = await planByCommand(
    served,
    recipe,
    settings,
    [...budget, "--output", `${name}.json`],
    served.runtime.signal,
  );
  requireSame(plan, again.plan);
  const blocking = again.findings.find(({ severity }) => severity === "error");
  if (blocking) {
    throw problem("RUN_NOT_APPROVED", { reason: blocking.detail.replace(/\.$/, ""), command: shown.command });
  }
  const detail = `at most ${capText(cap)}, plan ${again.plan.fingerprint}`;
  const note = (action: AuditAction, subject: string, text: string): Promise<void> =>
    write((transaction) => recordAudit(transaction, { ms: now(), person, action, subject, detail: text }));
  await note("run-started", recipe, detail);
  const started = served.start(["run", `${name}.json`, ...budget, "--json"], {
    cwd: dirname(recipePath(served, recipe)),
    log: `${name}.log`,
    isOffline: false,
  });
  const run = await untilBegun(started, name, startSeconds);
  const noteRun = (id: string): Promise<void> => note("run-approved", id, `recipe ${recipe}, ${detail}`);
  if (run !== null) await noteRun(run);
  else
    void untilBegun(started, name, prepareSeconds).then(
      (id) => (id === null ? undefined : noteRun(id)),
      () => undefined,
    );
  return run;
}

/** Requires that nothing but the cap differs from the approved plan. The new plan was made within the approved cap. */
function requireSame(approved: Plan, now: Plan): void {
  const changes = [
    approved.basis.dataFingerprint === now.basis.dataFingerprint ? null : "the data",
    approved.basis.modelRevision === now.basis.modelRevision ? null : "the model's revision",
    approved.basis.pricesFingerprint === now.basis.pricesFingerprint ? null : "prices or their dates",
  ].filter((change) => change !== null);
  if (changes.length > 0) throw problem("PLAN_STALE", { changes: changes.join(", ") });
}

/** Formats a cap for `--budget`. */
function budgetWord({ microUsd, seconds }: RunCap): string {
  return microUsd === null ? `${(seconds ?? 0) / 60}min` : `${microUsd / 1e6}usd`;
}

function capText({ microUsd, seconds }: RunCap): string {
  if (microUsd !== null) return usdText(usd(microUsd / 1e6));
  return seconds === null ? "nothing" : secondsText(secondsOf(seconds));
}

/** Waits for the run's first event in its log. @throws {TunewiseError} `RUN_NOT_STARTED` if the process ends before */
async function untilBegun({ ended }: StartedProgram, name: string, seconds: number): Promise<string | null> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (let looks = 0; looks * lookMs < seconds * 1000; looks++) {
    const wasOver = isOver; // the log is read once more after the process ended
    const text = await readTextFile(`${name}.log`, maxLogBytes).catch(() => "");
    const run = runIn(text);
    if (run !== null) return run;
    if (wasOver) throw problem("RUN_NOT_STARTED", { reason: lastWords(text), plan: `${name}.json` });
    await wait(lookMs);
  }
  return null;
}

function runIn(log: string): string | null {
  for (const line of log.split("\n")) {
    if (!line.includes('"run-start"')) continue;
    const { run_id: run } = objectFrom(line);
    if (typeof run === "string") return run;
  }
  return null;
}

const maxWords = 2_000;

/** The error that a command printed, otherwise the last lines of its log. */
function lastWords(log: string): string {
  const { error } = objectFrom(log.slice(Math.max(0, log.search(/^\{$/m))));
  const { message } = (error ?? {}) as { readonly message?: unknown };
  if (typeof message === "string") return message.slice(0, maxWords);
  return log.trim().split("\n").slice(-10).join("\n").slice(-maxWords) || "it printed nothing";
}

function objectFrom(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
