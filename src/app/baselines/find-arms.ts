/** @file Finds the arms of a recipe that can run here, and reports what the others lack. */

import { type Arm, type ArmLine, armLines, curveLines } from "../../baselines/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { type Finding, findingOf, problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { FoundRun } from "../runs/index.ts";
import { findTrainedRun, hasSameBaseFormat } from "./find-tuned-run.ts";
import { curveSizes, preparedOnFewerRows } from "./learning-curve.ts";

/** Arms with their runs. */
export interface FoundArms {
  readonly lines: readonly ArmLine[];
  /** By the arm's id. */
  readonly runs: ReadonlyMap<string, FoundRun>;
  readonly findings: readonly Finding[];
}

/**
 * Excludes arms that cannot answer, each with a finding on what it needs.
 *
 * @throws {TunewiseError} `ARMS_NONE`
 */
export async function findArms(prepared: Prepared, runtime: Runtime): Promise<FoundArms> {
  const { environment } = runtime;
  const runs = new Map<string, FoundRun>();
  const findings: Finding[] = [];
  const lines: ArmLine[] = [];
  const leaveOut = (line: ArmLine, reason: string, fix: string): void => {
    findings.push(findingOf("ARM_LEFT_OUT", "warning", { arm: line.name, reason, fix }, [], 1));
  };
  for (const line of [...armLines(prepared.recipe), ...curveLines(curveSizes(prepared))]) {
    const [first] = line.candidates;
    const run = await runBehind(first, prepared, runtime);
    if (first.who === "tuned" && run === null) {
      leaveOut(line, "no completed run trained as this recipe says", "tunewise try --train");
    } else if (run !== null && !hasSameBaseFormat(run.run, prepared.recipe)) {
      leaveOut(line, `${run.run.id} holds its base in another format`, "set method.kind to that of the run");
    } else if (first.who === "api" && !hasKey(first.endpoint?.key ?? null, environment)) {
      const key = first.endpoint?.key ?? "";
      leaveOut(line, `the environment variable ${key} is not set`, `export ${key}=...`);
    } else {
      lines.push(line);
      if (run !== null) for (const arm of line.candidates) runs.set(arm.id, run);
    }
  }
  const [missing] = findings;
  if (lines.length === 0 && missing) {
    const { detail, fix } = missing;
    throw problem("ARMS_NONE", { count: findings.length, first: detail, fix });
  }
  return { lines, runs, findings };
}

async function runBehind(arm: Arm, prepared: Prepared, runtime: Runtime): Promise<FoundRun | null> {
  if (arm.who !== "tuned") return null;
  const rows = arm.trainedRows;
  return findTrainedRun(
    rows === null ? prepared : await preparedOnFewerRows(prepared, rows, runtime),
    arm.run,
  );
}

function hasKey(name: string | null, environment: Runtime["environment"]): boolean {
  return name === null || (environment[name] ?? "") !== "";
}
