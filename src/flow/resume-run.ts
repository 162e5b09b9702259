/**
 * @file `tunewise resume`: goes on with a run from its last checkpoint.
 */
import { readFile } from "node:fs/promises";
import type { CurveGuard } from "../guard/index.ts";
import { readPlan } from "../plan/index.ts";
import { problem } from "../problem/index.ts";
import type { RunEvent } from "../run/index.ts";
import { findRun, recipeOfRun } from "./find-run.ts";
import type { Host } from "./host.ts";
import type { RecipeOverrides } from "./load-recipe.ts";
import { type OnDownload, prepare } from "./prepare.ts";
import { finish, type RunOutcome } from "./run/finish.ts";
import { withSession } from "./run/open-session.ts";
import { train } from "./run/train.ts";

/** What a resume may change, and whom it tells. */
export interface ResumeOptions {
  readonly output?: string;
  readonly overrides?: RecipeOverrides;
  readonly watch: (event: RunEvent) => void;
  readonly onDownload?: OnDownload;
  /** A guard whose stop does not count; goes on record. */
  readonly overrule?: CurveGuard | null;
}

/**
 * Goes on with a run. The plan it was approved with still holds; only the caps may be raised.
 *
 * @throws {TunewiseError} `RUN_NOT_RESUMABLE`, `RUN_DATA_CHANGED`, `RUN_LOCKED`, `CHECKPOINT_BROKEN`
 */
export async function resumeRun(word: string, host: Host, options: ResumeOptions): Promise<RunOutcome> {
  const found = await findRun(word, host, options.output);
  const { run, folder, output } = found;
  if (run.status === "completed") {
    throw problem("RUN_NOT_RESUMABLE", {
      run: run.id,
      status: run.status,
      reason: "there is nothing left to do",
    });
  }
  const { plan } = readPlan(await readFile(folder.plan, "utf8").catch(() => ""));
  if (plan === null) {
    throw problem("RUN_NOT_RESUMABLE", {
      run: run.id,
      status: run.status,
      reason: "its plan cannot be read",
    });
  }
  const prepared = await prepare(await recipeOfRun(found, options.overrides), host, options.onDownload);
  if (prepared.dataFingerprint !== run.dataFingerprint) {
    const [before, now] = [run.dataFingerprint.slice(0, 12), prepared.dataFingerprint.slice(0, 12)];
    throw problem("RUN_DATA_CHANGED", { run: run.id, before, now });
  }
  const { watch, overrule = null } = options;
  const { id: runId, createdAt, configuration } = run;
  const request = { runId, createdAt, configuration, output, folder, prepared, plan, host, overrule };
  return withSession({ ...request, watch }, async (session) => finish(session, await train(session)));
}
