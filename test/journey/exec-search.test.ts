/**
 * The example that searches hyperparameters of any trainer: segments under `tunewise exec`, killed in between, never
 * above the budget.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { program } from "../support/program.ts";
import { tunewise } from "../support/small-run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/**
 * A trainer that takes 30 ms a unit, or `later` ms after the third. It resumes from its saved state, logs every unit,
 * and saves when interrupted.
 */
const trainer = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
const [rate, to, folder, later = 30] = process.argv.slice(2);
const path = folder + "/result.json";
let at = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).at : 0;
let asked = false;
process.on("SIGINT", () => { asked = true; });
const save = () => writeFileSync(path, JSON.stringify({ at, value: (Math.log10(Number(rate)) + 3) ** 2 + 1 / at }));
while (at < Number(to) && !asked) {
  await new Promise((done) => setTimeout(done, at < 3 ? 30 : Number(later)));
  at++;
  appendFileSync(folder + "/units.log", at + "\\n");
}
save();
`;

interface SearchRecord {
  readonly kind: string;
  readonly trial: number;
  readonly status: string;
  readonly microUsd: number;
}

const plan = {
  name: "lr",
  command: [process.execPath, "trainer.mjs", "{learning_rate}", "{to}", "{folder}"],
  space: { learning_rate: { kind: "log-uniform", low: 1e-5, high: 1e-1 } },
  defaults: { learning_rate: 1e-5 },
  goal: "minimize",
  trials: 4,
  rungs: { minimum: 1, maximum: 9 },
  rate_usd_per_hour: 36,
  budget_usd: 0.05,
  final_run_usd: 0.005,
  save_seconds: 0.2,
  seconds_per_unit: [0.03, 0.035, 0.06],
  start_seconds: [0.05, 0.15, 0.6],
  exec_flags: ["--server", "none", "--tick-seconds", "0.05"],
  program: [process.execPath, program],
};

function start(folder: string): {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  said(): string;
} {
  const script = resolve("examples/exec/search.mjs");
  const child = spawn(process.execPath, [script, "search.json"], { cwd: folder, stdio: "pipe" });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += String(chunk);
  });
  const ended = new Promise<number | null>((done) => child.once("exit", done));
  return { child, ended, said: () => out };
}

/** Starts and kills the search after each of the given delays, then lets it finish, and checks its account. */
async function searchAndCheck(settings: object, killsMs: readonly number[]): Promise<SearchRecord[]> {
  const folder = join(temporaryFolder(), "any-trainer");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "trainer.mjs"), trainer);
  writeFileSync(join(folder, "search.json"), JSON.stringify(settings));
  for (const after of killsMs) {
    const { child, ended } = start(folder);
    await new Promise((later) => setTimeout(later, after));
    child.kill("SIGKILL");
    await ended;
  }
  const { ended, said } = start(folder);
  expect(await ended, said()).toBe(0);
  const records = readFileSync(join(folder, "lr.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as SearchRecord);
  const ends = records.filter(({ kind }) => kind === "stretch-end");
  expect(ends.length).toBeGreaterThan(3);
  expect(records.length).toBe(2 * ends.length);
  const { best, spent_usd: spentUsd } = JSON.parse(said().slice(said().indexOf("\n{")));
  const spent = Math.round(spentUsd * 1e6);
  expect(spent).toBe(ends.reduce((sum, { microUsd }) => sum + microUsd, 0));
  expect(spent).toBe(
    (JSON.parse(tunewise(folder, ["spend", "--json"]).out) as { microUsd: number }).microUsd,
  );
  expect(spent).toBeLessThanOrEqual(45_000 + 2_000); // plus 0.2 s of saving
  expect(best.value).toBeLessThan(4 + 1 / 9); // the value that the default rate reaches at the end
  for (const trial of new Set(ends.map((one) => one.trial))) {
    const units = readFileSync(join(folder, "trials", `lr-${trial}`, "units.log"), "utf8")
      .trim()
      .split("\n");
    expect(units).toEqual(units.map((_, at) => String(at + 1)));
  }
  return ends;
}

const minutes = { timeout: 240_000 };

test("killed in between it goes on, trains no unit twice, and stays inside its budget", minutes, async () => {
  await searchAndCheck(plan, [900, 1700, 2600]);
});

test("segments that took longer than expected are cut, gone on with, and charged once", minutes, async () => {
  const slower = { ...plan, command: [...plan.command, "200"] };
  const ends = await searchAndCheck(slower, []);
  expect(ends.map(({ status }) => status)).toContain("cut");
});
