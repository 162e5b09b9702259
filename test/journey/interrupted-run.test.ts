/** Runs that are stopped, killed, capped or broken in the middle resume where they stopped. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  adapterOf,
  project,
  recipe,
  runFolder,
  tunewise,
  untilStep,
  useProjects,
} from "../support/run-projects.ts";

useProjects();

/** The step of the last event of a kind. */
function lastStep(out: string, kind: string): number {
  const steps = [...out.matchAll(new RegExp(`"kind":"${kind}","step":(\\d+)`, "g"))].map(([, step]) => step);
  return Number(steps.at(-1) ?? 0);
}

describe("a run that is stopped", () => {
  // long enough that a signal arrives in the middle, even on a busy machine
  const long = recipe().replace("steps: 8", "steps: 30");
  let whole = "";
  beforeAll(() => {
    whole = project("long", long);
    expect(tunewise(whole, "run", "--yes", "--json").code).toBe(0);
  });

  test.each(["SIGINT", "SIGKILL"] as const)(
    "by %s and resumed ends with the same adapter",
    async (signal) => {
      const halted = project(signal.toLowerCase(), long);
      const { child, end } = await untilStep(halted, 5);
      child.kill(signal);
      const { code, out } = await end;
      expect(code).toBe(signal === "SIGINT" ? 130 : null);
      if (signal === "SIGKILL")
        expect(tunewise(halted, "evaluate", "latest").err).toContain("RUN_WITHOUT_ADAPTER");
      const resumed = tunewise(halted, "resume", "latest", "--json");
      const from = Number(/"resumedFromStep":(\d+)/.exec(resumed.out)?.[1]);
      // Ctrl-C saves the current step; a kill leaves the last checkpoint, whose event may be missing from the output
      if (signal === "SIGINT") expect(from).toBe(lastStep(out, "step-end"));
      else expect(from - lastStep(out, "checkpoint-saved")).toBeOneOf([0, 2]);
      expect(resumed.code).toBe(0);
      expect(adapterOf(halted).equals(adapterOf(whole))).toBe(true);
    },
  );
});

test("a cap stops the run with a checkpoint, and a higher cap goes on", () => {
  const folder = project("capped", recipe().replace("steps: 8", "steps: 2000"));
  const { code, err } = tunewise(folder, "run", "--yes", "--budget-minutes", "0.3");
  expect(code).toBe(2);
  expect(err).toMatch(/stopping: Stopped at step \d+ of 2000/);
  expect(readdirSync(join(runFolder(folder), "checkpoints")).length).toBeGreaterThan(0);
  const { run } = JSON.parse(tunewise(folder, "show", "latest", "--json").out) as {
    run: { status: string; wallSeconds: number };
  };
  expect(run.status).toBe("stopped");
  expect(run.wallSeconds).toBeLessThan(0.3 * 60 + 3);
  const more = tunewise(folder, "resume", "latest", "--budget-minutes", "0.35");
  expect(more.code).toBe(2);
  expect(more.err).not.toContain("resumedFromStep 0");
});

test("two processes on one run: the second is refused", async () => {
  const folder = project("locked", recipe().replace("steps: 8", "steps: 400"));
  const { child, end } = await untilStep(folder, 2);
  expect(tunewise(folder, "resume", "latest").err).toContain("RUN_LOCKED");
  child.kill("SIGKILL");
  await end;
});

test("a run that breaks is recorded as failed and goes on from its checkpoint", async () => {
  const folder = project("broken", recipe().replace("steps: 8", "steps: 60"));
  const { end } = await untilStep(folder, 4);
  const checkpoints = join(runFolder(folder), "checkpoints");
  renameSync(checkpoints, `${checkpoints}.aside`);
  writeFileSync(checkpoints, "a file where a folder should be");
  expect((await end).code).toBe(1);
  expect(tunewise(folder, "runs").out).toContain("failed");
  rmSync(checkpoints);
  renameSync(`${checkpoints}.aside`, checkpoints);
  const resumed = tunewise(folder, "resume", "latest", "--json");
  expect(resumed.code).toBe(0);
  expect(Number(/"resumedFromStep":(\d+)/.exec(resumed.out)?.[1])).toBeGreaterThanOrEqual(2);
});

test("changed data is not resumed", async () => {
  const folder = project("changed", recipe().replace("steps: 8", "steps: 400"));
  const { child, end } = await untilStep(folder, 3);
  child.kill("SIGINT");
  await end;
  const rows = readFileSync(join(folder, "validation.jsonl"), "utf8").split("\n").slice(3).join("\n");
  writeFileSync(join(folder, "validation.jsonl"), rows);
  expect(tunewise(folder, "resume", "latest").err).toContain("RUN_DATA_CHANGED");
});
