/** @file A project's budget also applies to runs of this engine: it stops the active one and refuses the next. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { trainSmallRun, tunewise } from "../support/small-run.ts";

const folder = mkdtempSync(join(tmpdir(), "tunewise-shared-"));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

test("a run stops when its project's month is spent; no other begins, and none is resumed", () => {
  trainSmallRun(folder);
  expect(tunewise(folder, ["budget", "set", "1usd", "--project", "small"]).code).toBe(0);
  const dear = readFileSync(join(folder, "tunewise.yaml"), "utf8")
    .replace("usd_per_hour: 0", "usd_per_hour: 3600")
    .replace("seed: 3", "seed: 5, checkpoint_every: 1");
  writeFileSync(join(folder, "tunewise.yaml"), dear);
  const stopped = tunewise(folder, ["run", "--yes", "--json"]);
  expect(stopped.out).toContain('"guard":"shared-budget"');
  const end = JSON.parse(stopped.out.trim().split("\n").at(-1) ?? "{}") as { run_id: string; status: string };
  expect(end.status).toBe("stopped");
  expect(stopped.code).toBe(2);

  const { budgets } = JSON.parse(tunewise(folder, ["budget", "--json"]).out) as {
    budgets: { projectName: string; microUsd: number; spentMicroUsd: number }[];
  };
  const { microUsd: spent } = JSON.parse(tunewise(folder, ["spend", "--json"]).out) as { microUsd: number };
  expect(budgets).toMatchObject([{ projectName: "small", microUsd: 1e6, spentMicroUsd: spent }]);
  expect(spent).toBeGreaterThanOrEqual(1e6);

  const resumed = tunewise(folder, ["resume", end.run_id]);
  expect([resumed.code, resumed.err]).toEqual([2, expect.stringContaining("SHARED_BUDGET_SPENT")]);

  writeFileSync(join(folder, "tunewise.yaml"), dear.replace("seed: 5", "seed: 6"));
  const refused = tunewise(folder, ["run", "--yes"]);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining("SHARED_BUDGET_SPENT")]);
  expect(tunewise(folder, ["budget", "drop", "--project", "small"]).code).toBe(0);
}, 120_000);
