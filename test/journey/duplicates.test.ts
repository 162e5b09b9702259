/** @file A repeated experiment is never paid for silently, whatever its name. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Outcome, trainSmallRun, tunewise } from "../support/small-run.ts";

const folder = mkdtempSync(join(tmpdir(), "tunewise-duplicates-"));
let first = "";

beforeAll(() => {
  first = trainSmallRun(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

/** Runs the recipe with text replacements, each `[from, to]`. */
function again(changes: readonly (readonly [string, string])[], ...words: string[]): Outcome {
  let text = readFileSync(join(folder, "tunewise.yaml"), "utf8");
  for (const [from, to] of changes) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  writeFileSync(join(folder, "again.yaml"), text);
  const outcome = tunewise(folder, ["run", "again.yaml", "--yes", ...words]);
  return { ...outcome, err: outcome.err.replaceAll(/\s+/g, " ") };
}

const runsThere = (): number => readdirSync(join(folder, ".tunewise", "runs")).length;

test("the same experiment is refused before anything is spent, whatever it and its files are called", () => {
  copyFileSync(join(folder, "validation.jsonl"), join(folder, "other.jsonl"));
  const changes = [
    ["name: small", "name: another"],
    ["validation: validation.jsonl", "validation: other.jsonl"],
    ["minutes: 10", "minutes: 11"],
    ["usd_per_hour: 0", "usd_per_hour: 3"],
  ] as const;
  const { code, err } = again(changes);
  expect(err).toContain("RUN_DUPLICATE");
  expect(err).toContain(`Run ${first} of`);
  expect(err).toMatch(/perplexity \d/);
  expect(code).toBe(2);
  expect(runsThere()).toBe(1);
  const report = JSON.parse(tunewise(folder, ["cost", "report", "--json"]).out) as { refused?: unknown };
  expect(report.refused).toMatchObject([{ earlier: first, earlierName: "small" }]);
});

test("one setting apart is said, with what the earlier run gave", () => {
  const { code, err } = again([["steps: 16", "steps: 2"]]);
  expect(err).toContain(`Run ${first} differs in training.steps (16 there, 2 here) alone: perplexity`);
  expect(code).toBe(0);
});

test("another seed is said, and runs", () => {
  const { code, err } = again([["seed: 3", "seed: 4"]]);
  expect(err).toContain(`Run ${first} differs in its seed alone`);
  expect(code).toBe(0);
});

test("a reason lets it run all the same, and stands in the record", () => {
  const { code, out } = again([], "--force", "the disk was slow", "--json");
  expect(out).toContain("RUN_SEED_ALONE");
  expect(code).toBe(0);
  const { run_id: id } = JSON.parse(out.trim().split("\n").at(-1) ?? "{}") as { run_id: string };
  const shown = JSON.parse(tunewise(folder, ["show", id, "--json"]).out) as { tags?: unknown };
  // the planned time is a tag too, for the table of runs
  const planned = expect.stringMatching(/^\d+$/);
  expect(shown.tags).toEqual({ "tunewise.forced": "the disk was slow", "tunewise.planned_ms": planned });
});
