/**
 * Searches as processes on the small model that ships: planned, run, answered from the record, killed twenty times,
 * stopped by Ctrl-C and by a shared budget, and never above their own budget.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tunewise } from "../support/small-run.ts";
import {
  type SmallSearch,
  smallSearchFolder,
  smallSearchRecipe,
  startSearch,
} from "../support/small-search.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = temporaryFolder();

const project = (name: string, options: SmallSearch = {}): string => smallSearchFolder(root, name, options);

interface Result {
  readonly search: string;
  readonly account: {
    readonly budgetUsd: number;
    readonly spentUsd: number;
    readonly trials: number;
    readonly knownRuns: number;
    readonly best: { readonly trial: number; readonly units: number } | null;
    readonly rungs: readonly { readonly units: number; readonly stretches: number }[];
  };
  readonly range_test: {
    readonly run: string;
    readonly microUsd: number;
    readonly steps: readonly { readonly rate: number; readonly loss: number | null }[];
    readonly given: { readonly low: number; readonly high: number };
    readonly kept: { readonly low: number; readonly high: number };
  } | null;
  readonly finals_micro_usd: number;
  readonly finals: {
    readonly winner: { readonly run: string; readonly status: string };
    readonly own: { readonly run: string } | null;
    readonly scores: readonly { readonly metric: string; readonly rows: number }[] | null;
    readonly verdict: string;
  } | null;
  readonly trials: readonly {
    readonly trial: number;
    readonly share: number | null;
    readonly run: string;
    readonly microUsd: number;
    readonly origin: string;
    readonly point: Readonly<Record<string, number | string>>;
  }[];
  readonly folder: string;
  readonly from_record: boolean;
}

interface ShownRun {
  readonly run: { readonly status: string; readonly spentMicroUsd: number; readonly summary: string };
}

const read = (out: string): Result => JSON.parse(out) as Result;
/** The share of training that the best trial completed in the comparison. */
const shareOfBest = ({ account, trials }: Result): number | null | undefined =>
  trials.find(({ trial }) => trial === account.best?.trial)?.share;
/** IDs of recorded runs. A kill at the start of a run may leave a folder without a recorded run. */
function runsOf(folder: string): string[] {
  const { runs } = JSON.parse(tunewise(folder, ["runs", "--trials", "--json"]).out) as {
    runs: { id: string }[];
  };
  return runs.map(({ id }) => id).sort();
}

const shown = (folder: string, run: string): ShownRun =>
  JSON.parse(tunewise(folder, ["show", run, "--json"]).out) as ShownRun;
const spentOf = (folder: string): number =>
  (JSON.parse(tunewise(folder, ["spend", "--json"]).out) as { microUsd: number }).microUsd;

/** A line of a search's record file. */
interface Line {
  readonly kind: string;
  readonly trial: number;
  /** Only at the end of a segment. */
  readonly status?: string;
  readonly at?: number;
}

function recordsOf({ folder }: Pick<Result, "folder">): Line[] {
  const text = readFileSync(join(folder, "records.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

describe("a search", () => {
  const folder = project("whole");
  let first: Result;

  test("says what the budget buys, and writes nothing", () => {
    const { code, out, err } = tunewise(folder, ["search", "--dry-run"]);
    expect(code, err).toBe(0);
    expect(out).toContain("training.learning_rate: 0.001 to 0.1, log (the recipe says 0.003)");
    expect(out).toContain("method.rank: 2, 4, 8 (the recipe says 4)");
    expect(out).toMatch(/budget \$0\.030: \$0\.02\d+ for trials/);
    expect(out).toMatch(/11 % +\d+ /);
    const { plan } = JSON.parse(tunewise(folder, ["search", "--dry-run", "--json"]).out);
    expect(plan.rungs.map(({ units }: { units: number }) => Math.round(9 * units))).toEqual([1, 3, 9]);
    expect(plan.trials).toBeGreaterThan(0);
    expect(existsSync(join(folder, ".tunewise"))).toBe(false);
    expect(tunewise(folder, ["search"]).err).toContain("RUN_NOT_APPROVED");
    expect(err).not.toContain("SEARCH_RUNG_IN_WARMUP");
    const slow = smallSearchRecipe({}).replace("steps: 18,", "steps: 18, warmup: 3,");
    writeFileSync(join(folder, "slow.yaml"), slow);
    const warned = tunewise(folder, ["search", "slow.yaml", "--dry-run"]).err.replaceAll(/\s+/g, " ");
    expect(warned).toContain("moves from step 2 to step 6 of 18: the learning rate rises up to step 3");
    const { plan: later } = JSON.parse(tunewise(folder, ["search", "slow.yaml", "--dry-run", "--json"]).out);
    expect(later.rungs.map(({ units }: { units: number }) => Math.round(18 * units))).toEqual([6, 18]);
  });

  test("finds settings that beat the recipe's own, inside its budget, and its account is the ledger's", {
    timeout: 300_000,
  }, () => {
    const { code, out, err } = tunewise(folder, ["search", "--yes", "--json"]);
    expect(code, err).toBe(0);
    first = read(out);
    expect(first.account.trials).toBe(6);
    expect(shareOfBest(first)).toBe(1);
    expect(first.finals).toMatchObject({ winner: { status: "completed" }, verdict: "better" });
    expect(first.finals?.scores?.[0]).toMatchObject({ metric: "perplexity", rows: 8 });
    const spent = first.account.spentUsd + first.finals_micro_usd;
    expect(spent).toBeLessThanOrEqual(first.account.budgetUsd);
    expect(spentOf(folder)).toBe(spent);
    expect(first.trials.reduce((sum, { microUsd }) => sum + microUsd, 0)).toBe(spent);
    expect(first.trials.map(({ run }) => run).sort()).toEqual(runsOf(folder));
    for (const name of ["report.html", "report.md", "search.json"])
      expect(readFileSync(join(first.folder, name), "utf8")).toContain(first.search);
  });

  test("its trials are no trainings until they are finished", () => {
    const { finals, trials } = first;
    const done = [finals?.winner.run, finals?.own?.run].sort();
    const completed = trials.filter(({ run }) => shown(folder, run).run.status === "completed");
    expect(completed.map(({ run }) => run).sort()).toEqual(done);
    const paused = trials.find(({ run }) => !done.includes(run))?.run ?? "";
    expect(JSON.parse(shown(folder, paused).run.summary)).toMatchObject({
      kind: "trial",
      search: first.search,
    });
    const compared = tunewise(folder, ["compare"]).out;
    expect(compared).toContain(done[0]);
    expect(compared).not.toContain(paused);
    const listed = tunewise(folder, ["runs"]).out;
    expect(listed).not.toContain(paused);
    expect(listed).toMatch(
      new RegExp(`search ${first.search}: ${trials.length - done.length} trials, .* --trials`),
    );
    expect(tunewise(folder, ["runs", "--trials"]).out).toContain(paused);
  });

  test("the same again is answered from its record", () => {
    const { code, out, err } = tunewise(folder, ["search", "--json"]);
    expect(code, err).toBe(0);
    expect(read(out)).toEqual({ ...first, from_record: true });
  });

  test("a larger one knows the trials of the first, and pays for none of them again", {
    timeout: 300_000,
  }, () => {
    const before = spentOf(folder);
    writeFileSync(
      join(folder, "tunewise.yaml"),
      smallSearchRecipe({ search: "budget: { usd: 0.03 }\n  trials: 2" }),
    );
    const { code, out, err } = tunewise(folder, ["search", "--yes", "--json"]);
    expect(code, err).toBe(0);
    const second = read(out);
    expect(second.account).toMatchObject({ knownRuns: 6, trials: 2 });
    expect(second.trials.map(({ origin }) => origin).filter((origin) => origin === "defaults")).toEqual([]);
    const spent = second.account.spentUsd + second.finals_micro_usd;
    expect(spentOf(folder) - before).toBe(spent);
    expect(spent).toBeLessThanOrEqual(second.account.budgetUsd);
    expect(runsOf(folder)).toHaveLength(8);
  });
});

test("killed twenty times it loses no trial and pays for none twice", { timeout: 600_000 }, async () => {
  const folder = project("killed");
  let kills = 0;
  for (let turn = 0; turn < 60 && kills < 20; turn++) {
    const { child, ended, seen } = startSearch(folder);
    const isAtWork = await seen(/trial \d+ (begins|goes on|is promoted)|final run:/);
    await new Promise((later) => setTimeout(later, (turn * 97) % 640)); // kills at varied moments of a segment
    if (isAtWork && child.kill("SIGKILL")) kills++;
    if ((await ended) === 0) break;
  }
  expect(kills).toBeGreaterThanOrEqual(20);
  const { code, out, err } = tunewise(folder, ["search", "--yes", "--json"]);
  expect(code, err).toBe(0);
  const result = read(out);
  const { account, finals_micro_usd: finals, trials } = result;
  expect(account.trials).toBe(6);
  expect(runsOf(folder)).toEqual(trials.map(({ run }) => run).sort());
  const records = recordsOf(result);
  const reached = records
    .filter(({ status }) => status === "reached")
    .map(({ trial, at }) => `${trial} at ${at}`);
  expect(new Set(reached).size).toBe(reached.length);
  const [begun, ended] = ["stretch-start", "stretch-end"].map((one) =>
    records.filter(({ kind }) => kind === one),
  );
  expect(ended).toHaveLength(begun?.length ?? -1);
  expect(spentOf(folder)).toBe(account.spentUsd + finals);
  expect(account.spentUsd + finals).toBeLessThanOrEqual(account.budgetUsd);
  for (const run of runsOf(folder)) expectNoStepTwice(folder, run);
});

test("a range test comes first, survives a kill, is paid from the budget, and trials keep to its rates", {
  timeout: 300_000,
}, async () => {
  const folder = project("range", { search: "budget: { usd: 0.03 }\n  trials: 4\n  range_test: 60" });
  writeFileSync(
    join(folder, "tunewise.yaml"),
    readFileSync(join(folder, "tunewise.yaml"), "utf8").replace(
      "{ from: 1e-3, to: 1e-1 }",
      "{ from: 1e-5, to: 10 }",
    ),
  );
  expect(tunewise(folder, ["search", "--dry-run"]).out).toMatch(
    /first a range test: 60 steps .*at most \$0\.00\d+\nbudget \$0\.030: \$0\.02\d+ for trials/,
  );
  const { child, ended, seen } = startSearch(folder);
  expect(await seen(/range test: 60 steps/)).toBe(true);
  await new Promise((later) => setTimeout(later, 300));
  child.kill("SIGKILL");
  await ended;
  const { code, out, err } = tunewise(folder, ["search", "--yes", "--json"]);
  expect(code, err).toBe(0);
  const { range_test: range, account, finals_micro_usd: finals, trials } = read(out);
  if (range === null) throw new Error("no range test");
  expect(range.given).toEqual({ low: 1e-5, high: 10 });
  expect(range.steps[0]).toMatchObject({ rate: expect.closeTo(1e-5, 8), loss: expect.any(Number) });
  expect(range.steps.length).toBeLessThanOrEqual(60);
  expect(range.kept.low).toBeGreaterThan(1e-4); // below this rate, a step does not improve a model of this size
  expect(range.kept.high).toBeLessThan(1);
  const rates = trials
    .filter(({ origin }) => origin !== "defaults")
    .map(({ point }) => point["training.learning_rate"] as number);
  expect(rates.length).toBe(3);
  expect(Math.min(...rates)).toBeGreaterThanOrEqual(range.kept.low);
  expect(Math.max(...rates)).toBeLessThanOrEqual(range.kept.high);
  expect(range.microUsd + account.spentUsd + finals).toBe(spentOf(folder));
  expect(account.budgetUsd + range.microUsd).toBe(30_000);
  expect(spentOf(folder)).toBeLessThanOrEqual(30_000);
  expect(runsOf(folder)).toEqual([range.run, ...trials.map(({ run }) => run)].sort());
  const again = tunewise(folder, ["search", "--json"]);
  expect(read(again.out)).toMatchObject({ from_record: true, range_test: range });
});

test("rungs that are slices of the rows: trained anew on more of them, killed in between, paid once", {
  timeout: 300_000,
}, async () => {
  const folder = project("rows", { search: "budget: { usd: 0.03 }\n  trials: 5\n  fidelity: rows" });
  for (const after of [400, 1100]) {
    const { child, ended, seen } = startSearch(folder);
    expect(await seen(/trial \d+ (begins|is promoted|goes on), on (\d+ % of the|all) rows/)).toBe(true);
    await new Promise((later) => setTimeout(later, after));
    child.kill("SIGKILL");
    await ended;
  }
  const { code, out, err } = tunewise(folder, ["search", "--yes", "--json"]);
  expect(code, err).toBe(0);
  const result = read(out);
  const { account, finals, finals_micro_usd: finalUsd, trials } = result;
  expect(account.trials).toBe(5);
  expect(shareOfBest(result)).toBe(1);
  expect(finals?.winner.status).toBe("completed");
  expect(spentOf(folder)).toBe(account.spentUsd + finalUsd);
  expect(trials.reduce((sum, { microUsd }) => sum + microUsd, 0)).toBe(spentOf(folder));
  expect(spentOf(folder)).toBeLessThanOrEqual(30_000);
  const lines = readFileSync(join(result.folder, "runs.jsonl"), "utf8").trim().split("\n");
  const runs = lines.map((line) => JSON.parse(line) as { trial: number; run: string; slice?: number });
  expect(runsOf(folder)).toEqual(runs.map(({ run }) => run).sort());
  const rowsOf = (run: string): [number, number] => {
    const text = readFileSync(join(folder, ".tunewise/runs", run, "configuration.json"), "utf8");
    const { data, training } = JSON.parse(text) as {
      data: { rows: { train: number } };
      training: { steps: number };
    };
    return [data.rows.train, training.steps];
  };
  const slices = new Set(runs.map(({ slice }) => slice));
  expect(slices.size).toBe(3);
  for (const { run, slice = 1 } of runs)
    expect(rowsOf(run)).toEqual([Math.round(96 * slice), Math.round(18 * slice)]);
  for (const run of runsOf(folder)) expectNoStepTwice(folder, run);
  expect(readFileSync(join(result.folder, "report.md"), "utf8")).toContain("trained on rows");
});

/** Each session must start at the last checkpoint saved before it, never earlier. */
function expectNoStepTwice(folder: string, run: string): void {
  const text = readFileSync(join(folder, ".tunewise/runs", run, "events.jsonl"), "utf8");
  let saved = 0;
  for (const line of text.trim().split("\n")) {
    const event = JSON.parse(line) as { kind: string; step?: number; resumedFromStep?: number };
    if (event.kind === "checkpoint-saved") saved = Math.max(saved, event.step ?? 0);
    if (event.kind === "run-start") expect(event.resumedFromStep, run).toBeGreaterThanOrEqual(saved);
  }
}

test("Ctrl-C saves, and the same command goes on", { timeout: 300_000 }, async () => {
  const folder = project("interrupted", {
    search: "budget: { minutes: 4 }\n  trials: 2\n  final: false",
    machine: "usd_per_hour: 0, threads: 1",
  });
  const { child, ended, seen } = startSearch(folder);
  expect(await seen(/trial 1 begins/)).toBe(true);
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  const { code, out, err } = tunewise(folder, ["search", "--yes", "--json"]);
  expect(code, err).toBe(0);
  const { account, finals, trials } = read(out);
  expect(finals).toBeNull();
  expect(account.trials).toBe(2);
  expect(runsOf(folder)).toHaveLength(2);
  // without a price, time is the cost: an hour counts as a dollar
  const seconds = trials.reduce((sum, { microUsd }) => sum + (3600 * microUsd) / 1e6, 0);
  expect(account.budgetUsd).toBe(Math.round((4 / 60) * 1e6));
  expect(seconds).toBeLessThan(4 * 60);
  expect(spentOf(folder)).toBe(0);
});

test("a budget that several runs share stops a search, which goes on once there is more", {
  timeout: 300_000,
}, () => {
  const folder = project("shared", { search: "budget: { usd: 0.03 }\n  trials: 2\n  final: false" });
  expect(tunewise(folder, ["search", "--yes", "--budget-usd", "0.0001"]).err).toContain(
    "SEARCH_BUDGET_TOO_SMALL",
  );
  mkdirSync(join(folder, ".tunewise"));
  expect(tunewise(folder, ["budget", "set", "0.00001usd", "--project", "small"]).code).toBe(0);
  const halted = tunewise(folder, ["search", "--yes"]);
  expect(halted.err).toContain("SEARCH_HALTED");
  expect(halted.code).toBe(2);
  expect(tunewise(folder, ["search", "--yes"]).err).toContain("SHARED_BUDGET_SPENT");
  expect(tunewise(folder, ["budget", "drop", "--project", "small"]).code).toBe(0);
  const { code, out, err } = tunewise(folder, ["search", "--yes", "--json"]);
  expect(code, err).toBe(0);
  expect(read(out).account.trials).toBe(2);
  expect(runsOf(folder)).toHaveLength(2);
});

describe("before anything is spent", () => {
  test.each([
    ["SEARCH_WITHOUT_BUDGET", { search: "trials: 3" }, "--budget 60min"],
    ["SEARCH_WITHOUT_VALIDATION", { data: "split: { validation: 0 }" }, "`data.validation`"],
    ["SEARCH_VALUE_REFUSED", { search: "budget: { usd: 1 }\n    " }, "method.rank the value 2000"],
    [
      "SEARCH_BUDGET_TOO_SMALL",
      { search: "budget: { usd: 0.0001 }" },
      "tunewise search tunewise.yaml --budget ",
    ],
  ] as const)("%s", (code, options, words) => {
    const folder = project(code.toLowerCase(), options);
    if (code === "SEARCH_VALUE_REFUSED") {
      const path = join(folder, "tunewise.yaml");
      writeFileSync(path, readFileSync(path, "utf8").replace("[2, 4, 8]", "[2, 2000]"));
    }
    const { err } = tunewise(folder, ["search", "--yes"]);
    expect(err).toContain(code);
    expect(err.replaceAll(/\s+/g, " ")).toContain(words);
    expect(existsSync(join(folder, ".tunewise"))).toBe(false);
  });
});
