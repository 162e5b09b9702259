/**
 * Searches with two parallel trials, as processes on the small model that ships. The results equal those of a
 * sequential search, the account equals the ledgers plus the idle share, and kills of the search or a trial lose and
 * repeat nothing.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tunewise } from "../support/small-run.ts";
import {
  type SmallSearch,
  smallSearchFolder,
  smallSearchRecipe,
  startSearch,
} from "../support/small-search.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = temporaryFolder();

const two: SmallSearch = {
  search: "parallel: 2\n  budget: { usd: 0.03 }\n  trials: 4\n  final: false",
  machine: "usd_per_hour: 0.5, threads: 2",
  metrics: "perplexity",
  testRows: 4,
};

const recipe = (options: SmallSearch): string => smallSearchRecipe({ ...two, ...options });
const project = (name: string, options: SmallSearch = {}): string =>
  smallSearchFolder(root, name, { ...two, ...options });

interface Result {
  readonly account: {
    readonly budgetUsd: number;
    readonly spentUsd: number;
    readonly trials: number;
    readonly knownRuns: number;
  };
  readonly end: { readonly sentence: string };
  readonly finals_micro_usd: number;
  readonly idle_micro_usd: number;
  readonly parallel: number;
  readonly finals: { readonly verdict: string; readonly winner: { readonly status: string } } | null;
  readonly trials: readonly {
    readonly trial: number;
    readonly run: string;
    readonly microUsd: number;
    readonly point: unknown;
    readonly failed: boolean;
  }[];
  readonly folder: string;
}

interface Line {
  readonly kind: string;
  readonly trial: number;
  readonly status?: string;
  readonly at?: number;
  readonly value?: number | null;
}

function linesOf(path: string): unknown[] {
  const text = existsSync(path) ? readFileSync(path, "utf8").trim() : "";
  return text === "" ? [] : text.split("\n").map((line) => JSON.parse(line) as unknown);
}

const recordsOf = ({ folder }: Pick<Result, "folder">): Line[] =>
  linesOf(join(folder, "records.jsonl")) as Line[];

function search(folder: string): Result {
  const { code, out, err } = tunewise(folder, ["search", "--yes", "--json"]);
  expect(code, err).toBe(0);
  return JSON.parse(out) as Result;
}

const spentOf = (folder: string): number =>
  (JSON.parse(tunewise(folder, ["spend", "--json"]).out) as { microUsd: number }).microUsd;

function runsOf(folder: string): string[] {
  const { runs } = JSON.parse(tunewise(folder, ["runs", "--trials", "--json"]).out) as {
    runs: { id: string }[];
  };
  return runs.map(({ id }) => id).sort();
}

/** PIDs of processes that compute runs of a folder, from the lock files of executions. */
function workers(folder: string): number[] {
  const runs = join(folder, ".tunewise/runs");
  return (existsSync(runs) ? readdirSync(runs) : []).flatMap((run) => {
    try {
      return [(JSON.parse(readFileSync(join(runs, run, "execution/lock"), "utf8")) as { pid: number }).pid];
    } catch {
      return []; // no process holds this lock
    }
  });
}

/** Requires that runs, ledgers, records and account agree, that nothing was paid twice, and that the budget holds. */
function expectSound(folder: string, result: Result): void {
  const { account, finals_micro_usd: finals, idle_micro_usd: idle, trials } = result;
  const ids = [...new Set(trials.map(({ run }) => run))].sort();
  expect(runsOf(folder)).toEqual(ids);
  expect(spentOf(folder)).toBe(account.spentUsd + finals);
  expect(trials.reduce((sum, { microUsd }) => sum + microUsd, 0)).toBe(account.spentUsd + finals);
  expect(account.spentUsd + finals + idle).toBeLessThanOrEqual(account.budgetUsd);
  const records = recordsOf(result);
  const count = (kind: string): number => records.filter((line) => line.kind === kind).length;
  expect(count("stretch-end")).toBe(count("stretch-start"));
  const reached = records
    .filter(({ status }) => status === "reached")
    .map(({ trial, at }) => `${trial} at ${at}`);
  expect(new Set(reached).size).toBe(reached.length);
  for (const run of ids) expectNoStepTwice(folder, run);
}

/** Each session must start at the last checkpoint saved before it, never earlier. */
function expectNoStepTwice(folder: string, run: string): void {
  let saved = 0;
  for (const line of linesOf(join(folder, ".tunewise/runs", run, "events.jsonl"))) {
    const event = line as { kind: string; step?: number; resumedFromStep?: number };
    if (event.kind === "checkpoint-saved") saved = Math.max(saved, event.step ?? 0);
    if (event.kind === "run-start") expect(event.resumedFromStep, run).toBeGreaterThanOrEqual(saved);
  }
}

/** Seconds from the start of the first trial's run until the idle clock stopped. */
function trialSeconds(folder: string, { trials, folder: searched }: Result): number {
  const begun = trials.map(({ run }) => {
    const shown = JSON.parse(tunewise(folder, ["show", run, "--json"]).out) as { run: { createdAt: string } };
    return Date.parse(shown.run.createdAt);
  });
  return (statSync(join(searched, "idle.jsonl")).mtimeMs - Math.min(...begun)) / 1000;
}

function configurationOf(folder: string, run: string): unknown {
  return JSON.parse(readFileSync(join(folder, ".tunewise/runs", run, "configuration.json"), "utf8"));
}

/** Loss by point and share of the steps. */
function lossesOf(result: Result): Map<string, number> {
  const points = new Map(result.trials.map(({ trial, point }) => [trial, JSON.stringify(point)]));
  return new Map(
    recordsOf(result).flatMap(({ trial, at, value }) =>
      typeof value === "number" ? [[`${points.get(trial)} at ${at}`, value] as const] : [],
    ),
  );
}

test("two at once come to what one at a time comes to, and the machine's time is accounted for", {
  timeout: 240_000,
}, () => {
  const folder = project("two", { search: "parallel: 2\n  budget: { usd: 0.03 }\n  trials: 4" });
  const preview = tunewise(folder, ["search", "--dry-run"]).out;
  expect(preview).toContain("2 trials at the same time, on 1 thread each");
  expect(preview).toMatch(/reserved for the final runs, \$0\.\d+ for idle capacity/);
  const two = search(folder);
  expect(two).toMatchObject({
    parallel: 2,
    account: { trials: 4 },
    finals: { winner: { status: "completed" } },
  });
  expectSound(folder, two);
  // the recorded configuration is for the whole machine, not for one trial's share
  for (const { run } of two.trials)
    expect(configurationOf(folder, run)).toMatchObject({ machine: { threads: 2, usd_per_hour: 0.5 } });
  expect(two.idle_micro_usd).toBeGreaterThan(0); // the last of an odd number of segments runs alone
  const counted = ((two.account.spentUsd + two.idle_micro_usd) / 1e6 / 0.5) * 3600;
  const seconds = trialSeconds(folder, two);
  expect(counted).toBeLessThan(1.05 * seconds);
  expect(counted).toBeGreaterThan(0.8 * seconds); // the rest is the time for decisions between segments
  expect(readFileSync(join(two.folder, "report.md"), "utf8")).toContain("| idle beside them |");

  const alone = project("alone", {
    search: "budget: { usd: 0.03 }\n  trials: 4\n  final: false",
    machine: "usd_per_hour: 0.5, threads: 1",
  });
  const one = search(alone);
  expect(one).toMatchObject({ parallel: 1, idle_micro_usd: 0 });
  const [together, apart] = [lossesOf(two), lossesOf(one)];
  const shared = [...together.keys()].filter((key) => apart.has(key));
  expect(shared.length).toBeGreaterThanOrEqual(3); // the recipe's defaults and the points of the initial design
  for (const key of shared) expect(together.get(key), key).toBe(apart.get(key));

  const more = {
    search: "budget: { usd: 0.03 }\n  trials: 1\n  final: false",
    machine: "usd_per_hour: 0.5, threads: 1",
  };
  writeFileSync(join(folder, "tunewise.yaml"), recipe(more));
  // threads and price do not change a run's identity
  expect(search(folder).account).toMatchObject({ knownRuns: 4, trials: 1 });
});

test("killed at varied moments it loses no trial and pays for none twice", { timeout: 240_000 }, async () => {
  const folder = project("killed");
  let kills = 0;
  for (let turn = 0; turn < 16 && kills < 5; turn++) {
    const { child, ended, seen } = startSearch(folder);
    const isAtWork = await seen(/trial \d+ (begins|goes on|is promoted)/);
    await new Promise((later) => setTimeout(later, 100 + ((turn * 530) % 2100)));
    if (isAtWork && child.kill("SIGKILL")) kills++;
    if ((await ended) === 0) break; // its trials save and end by themselves while the next search starts
  }
  expect(kills).toBeGreaterThanOrEqual(3);
  const result = search(folder);
  expect(result.account.trials).toBe(4);
  expect(result.trials.filter(({ failed }) => failed)).toEqual([]);
  expectSound(folder, result);
  expect(workers(folder)).toEqual([]);
});

test("a killed search leaves no process behind", { timeout: 120_000 }, async () => {
  const folder = project("orphans");
  const { child, ended } = startSearch(folder);
  while (workers(folder).length < 2) await new Promise((later) => setTimeout(later, 10));
  const orphans = workers(folder);
  child.kill("SIGKILL");
  await ended;
  const isThere = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const patience = performance.now() + 30_000;
  while (orphans.some(isThere) && performance.now() < patience)
    await new Promise((later) => setTimeout(later, 50));
  expect(orphans.filter(isThere)).toEqual([]);
  expect(workers(folder)).toEqual([]); // their locks are released
});

test("a trial whose process is killed is a failed one, and the search goes on", {
  timeout: 120_000,
}, async () => {
  const folder = project("shot");
  const { ended, seen, said } = startSearch(folder);
  expect(await seen(/trial 2 begins/)).toBe(true);
  while (workers(folder).length === 0) await new Promise((later) => setTimeout(later, 5));
  process.kill(workers(folder)[0] ?? 0, "SIGKILL");
  expect(await ended, said()).toBe(0);
  expect(said()).toMatch(
    /trial \d: failed: its process was terminated by SIGKILL, as happens when memory runs out/,
  );
  const result = search(folder);
  expect(result.account.trials).toBe(4);
  expect(result.trials.filter(({ failed }) => failed)).toHaveLength(1);
  expectSound(folder, result);
});

test("Ctrl-C saves what is at work, and the same command goes on", { timeout: 120_000 }, async () => {
  const folder = project("interrupted", {
    search: "parallel: 2\n  budget: { minutes: 4 }\n  trials: 2",
    machine: "usd_per_hour: 0, threads: 2",
  });
  const { child, ended } = startSearch(folder);
  while (workers(folder).length < 2) await new Promise((later) => setTimeout(later, 10));
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(workers(folder)).toEqual([]);
  const result = search(folder);
  const { account, finals_micro_usd: finals, idle_micro_usd: idle, trials } = result;
  expect(account.trials).toBe(2);
  expect(runsOf(folder)).toHaveLength(2);
  // without a price, an hour of the whole machine counts as a dollar
  expect(trials.reduce((sum, { microUsd }) => sum + microUsd, 0)).toBe(account.spentUsd + finals);
  expect(account.spentUsd + finals + idle).toBeLessThan((4 / 60) * 1e6);
  expect(result.finals?.winner.status).toBe("completed");
});

test("an error that ends the search saves what else is at work, and the same command goes on", {
  timeout: 120_000,
}, () => {
  const folder = project("halted", {
    search: "parallel: 2\n  budget: { usd: 0.03 }\n  trials: 2\n  final: false",
  });
  mkdirSync(join(folder, ".tunewise"));
  expect(tunewise(folder, ["budget", "set", "0.00001usd", "--project", "small"]).code).toBe(0);
  const halted = tunewise(folder, ["search", "--yes"]);
  expect(halted.err).toContain("SEARCH_HALTED");
  expect(halted.code).toBe(2);
  expect(workers(folder)).toEqual([]);
  expect(tunewise(folder, ["budget", "drop", "--project", "small"]).code).toBe(0);
  const result = search(folder);
  expect(result.account.trials).toBe(2);
  expectSound(folder, result);
});

test("once what stands idle has used up all there is, open trials are cut off and none begins", {
  timeout: 120_000,
}, async () => {
  const folder = project("idle");
  const { child, ended } = startSearch(folder);
  while (workers(folder).length < 2) await new Promise((later) => setTimeout(later, 10));
  child.kill("SIGKILL");
  await ended;
  const [id = ""] = readdirSync(join(folder, ".tunewise/searches"));
  appendFileSync(join(folder, ".tunewise/searches", id, "idle.jsonl"), '{"seconds":3600}\n'); // an hour of idle time
  const result = search(folder);
  expect(result.idle_micro_usd).toBe(500_000);
  expect(result.end.sentence).toMatch(
    /^No further trial begins: .* \$0\.500 went into what stood idle, for which/,
  );
  expect(recordsOf(result).map(({ kind, status }) => status ?? kind)).toEqual([
    ...["stretch-start", "stretch-start", "cut", "cut"],
  ]);
  expect(spentOf(folder)).toBe(result.account.spentUsd + result.finals_micro_usd);
});
