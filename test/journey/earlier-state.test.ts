/**
 * A store, run folders, a recipe and commands of an earlier state of the project, used unchanged.
 * `earlier/state.tar.gz` was written at commit 11f65614, before rooms, contract and commands were renewed: a completed
 * run, one that Ctrl-C interrupted after four of eight steps, and a command in a budget. `resumed-before.safetensors`
 * is the adapter that the same state made of the interrupted run.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openSafetensors } from "../../packages/engine/src/weights/safetensors/safetensors.ts";
import { type Outcome, tunewise } from "../support/small-run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const completed = "20261127-235236-earlier-8351";
const interrupted = "20261127-235240-earlier-a7a3";
const folder = join(temporaryFolder(), "project");

/** The folder stood elsewhere: its own path is written in its files. */
function moveTo(target: string): void {
  const runs = join(target, ".tunewise/runs");
  for (const run of readdirSync(runs)) {
    for (const name of ["origin.json", "record.jsonl"]) {
      const path = join(runs, run, name);
      writeFileSync(path, readFileSync(path, "utf8").replaceAll("/srv/project", target));
    }
  }
}

beforeAll(() => {
  mkdirSync(folder);
  const archive = resolve("test/journey/earlier/state.tar.gz");
  expect(spawnSync("tar", ["xzf", archive, "-C", folder]).status).toBe(0);
  cpSync(resolve("models/small"), join(folder, "small"), { recursive: true });
  moveTo(folder);
});

const run = (...words: string[]): Outcome => tunewise(folder, words);

/** What a command prints with `--json`. */
function json(...words: string[]): Record<string, unknown> {
  const { code, out, err } = run(...words, "--json");
  expect(code, `${words.join(" ")}: ${out.slice(-500)}${err}`).toBe(0);
  return JSON.parse(out) as Record<string, unknown>;
}

test("runs are listed with their scores and costs", () => {
  const { runs } = json("runs") as { runs: { id: string; status: string; spent_micro_usd: number }[] };
  const found = runs.map(({ id, status, spent_micro_usd }) => [id, status, spent_micro_usd]);
  expect(found).toContainEqual([completed, "completed", 1130]);
  expect(found).toContainEqual([interrupted, "interrupted", 539]);
  expect(found).toHaveLength(3);
});

test("what was spent is the same sum", () => {
  expect(run("spend").out).toMatch(/together +3 +6\.2 s +\$0\.001729/);
});

test("a run is shown with the summary that it ended with", () => {
  const shown = json("show", completed).run as { status: string; summary: string };
  expect(shown.status).toBe("completed");
  expect(JSON.parse(shown.summary)).toMatchObject({ best_step: 8, sessions: 1, tuned: { json_match: 0 } });
  expect(run("show", completed).out).toContain(completed);
});

test("the same recipe is refused as a duplicate of the run that did it", () => {
  const { code, out } = run("run", "--yes", "--json");
  expect(code).not.toBe(0);
  expect(out).toContain("RUN_DUPLICATE");
  expect(out).toContain(completed);
});

test("its model answers, is judged again and is exported, by the earlier names of the commands", () => {
  expect(run("generate", completed, "The screen is dark.", "--max-new-tokens", "4").code).toBe(0);
  const before = JSON.parse((json("show", completed).run as { summary: string }).summary);
  const { scores } = json("evaluate", completed) as {
    scores: { metric: string; tuned: { value: number } }[];
  };
  const perplexity = scores.find(({ metric }) => metric === "perplexity");
  expect(perplexity?.tuned.value).toBeCloseTo(before.tuned.perplexity, 3);
  expect(run("export", completed, "--format", "peft", "--output", "peft").code).toBe(0);
  expect(readdirSync(join(folder, "peft"))).toContain("adapter_model.safetensors");
});

test("the interrupted run is resumed, and comes to the weights that the earlier state made of it", async () => {
  const { code, out, err } = run("resume", interrupted, "--json");
  expect(code, out.slice(-500) + err).toBe(0);
  expect(out).toContain('"resumedFromStep":4');
  const adapter = join(folder, ".tunewise/runs", interrupted, "adapter/adapter_model.safetensors");
  const [now, before] = await Promise.all(
    [adapter, join(folder, "resumed-before.safetensors")].map((path) => openSafetensors(path)),
  );
  try {
    expect([...(now?.weights.keys() ?? [])]).toEqual([...(before?.weights.keys() ?? [])]);
    for (const name of now?.weights.keys() ?? []) {
      const [a, b] = [await now?.read(name), await before?.read(name)];
      // other processors add in another order
      for (const [at, value] of (a ?? []).entries()) expect(value).toBeCloseTo(b?.[at] ?? Number.NaN, 4);
    }
  } finally {
    await now?.close();
    await before?.close();
  }
  expect(run("compare", completed, interrupted).code).toBe(0);
});

test("the same command is refused as a duplicate, and runs with a reason", () => {
  const command = ["--budget", "1usd", "--rate", "1/h", "--", "node", "-e", "1"];
  const again = run("exec", ...command);
  expect(again.code).not.toBe(0);
  expect(again.err).toContain("20261127-235254-node-5d25");
  expect(run("exec", "--force", "once more", ...command).code).toBe(0);
});
