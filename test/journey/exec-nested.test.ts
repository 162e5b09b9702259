/** Commands under `tunewise exec` that start `tunewise exec` or `tunewise run`: every second is charged once. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { type RunMeter, readMeter } from "../../packages/tunewise/src/launch/index.ts";
import { type Outcome, place, tunewise } from "../support/exec-place.ts";
import { processesWith } from "../support/launch-world.ts";
import { program } from "../support/program.ts";
import { smallModel } from "../support/small-run.ts";

/** A dollar a second. */
const outerFlags = ["exec", "--rate", "3600/h", "--server", "none", "--tick-seconds", "0.1"];
const inner = (more: string, command: string): string =>
  `"${process.execPath}" "${program}" exec --rate 3600/h --server none --tick-seconds 0.1 ${more} -- ${command}`;

/** Meters of a folder, starting with the outer command's. */
function meters(cwd: string): RunMeter[] {
  const root = join(cwd, ".tunewise/exec");
  return readdirSync(root)
    .flatMap((name) => readMeter(join(root, name)) ?? [])
    .sort((one, other) => one.startedAt.localeCompare(other.startedAt));
}

async function launchedBy(cwd: string, id: string): Promise<unknown> {
  const shown = await tunewise(cwd, "runs", "show", id, "--json");
  return (JSON.parse(shown.out) as { launched_by: unknown }).launched_by;
}

test("through a script, one after the other and at the same time", { timeout: 300_000 }, async () => {
  const { cwd, spent } = place();
  const lines = [
    inner("--budget 500usd", "sleep 1"),
    `${inner("--force a", "sleep 1.1")} & ${inner("--force b", "sleep 1.2")}; wait`,
  ];
  writeFileSync(join(cwd, "work.sh"), `set -e\n${lines.join("\n")}\n`);
  const ended = await tunewise(cwd, ...outerFlags, "--", "sh", "work.sh");
  expect(ended).toMatchObject({ code: 0 });
  const [outer, ...parts] = meters(cwd);
  expect(parts).toHaveLength(3);
  expect(ended.err).toContain(`part of run ${outer?.runId}, which is charged for its time`);
  for (const { runId } of parts) expect(await launchedBy(cwd, runId)).toBe(outer?.runId);
  const { microUsd } = await spent("run");
  expect(microUsd).toBe(outer?.spentMicroUsd);
});

test("the cap of the inner command holds, and that of the outer one for all", {
  timeout: 300_000,
}, async () => {
  const { cwd } = place();
  const flags = ["--budget", "60usd", "--grace-seconds", "1"];
  const capped = inner("--budget 1usd --grace-seconds 1", "sleep 300");
  const first: Outcome = await tunewise(cwd, ...outerFlags, ...flags, "--", "sh", "-c", `${capped}; exit $?`);
  expect(first.code).toBe(2);
  expect(meters(cwd).map(({ stop }) => stop?.reason ?? null)).toEqual([null, "budget"]);
  const free = inner("--budget 500usd --grace-seconds 60", `sh -c 'trap "" INT; sleep 300; : ${cwd}'`);
  const outer = ["--budget", "4usd", "--grace-seconds", "1"];
  const second = await tunewise(cwd, ...outerFlags, ...outer, "--", "sh", "-c", free);
  expect(second.code).toBe(2);
  await expect.poll(() => processesWith(cwd), { timeout: 20_000 }).toEqual([]);
});

test("a variable that names no command at work changes nothing", { timeout: 300_000 }, async () => {
  const { cwd, spent } = place();
  const words = [...outerFlags, "--", "env", "TUNEWISE_RUN_ID=made-up", "sh", "-c", inner("", "sleep 1")];
  const { code, err } = await tunewise(cwd, ...words);
  expect(code).toBe(0);
  expect(err).toContain("run made-up is not at work in this store: this command is charged separately");
  const [outer, part] = meters(cwd);
  expect(await launchedBy(cwd, part?.runId ?? "")).toBeNull();
  expect((await spent("run")).microUsd).toBe((outer?.spentMicroUsd ?? 0) + (part?.spentMicroUsd ?? 0));
});

const recipe = `name: small
model: ${smallModel}
data:
  train: train.jsonl
  validation: validation.jsonl
  max_length: 256
  rows: { train: 16, validation: 4 }
  bad_rows: skip
task: { kind: json, metrics: [perplexity] }
method: { kind: lora, rank: 4 }
training: { steps: 4, batch_size: 4, learning_rate: 2e-2, precision: fp32 }
evaluation: { max_new_tokens: 4, rows: 2 }
machine: { usd_per_hour: 3600, threads: 1 }
budget: { minutes: 10 }
`;

test("a training of this engine", { timeout: 600_000 }, async () => {
  const { cwd, spent } = place();
  cpSync(resolve("examples/tickets"), cwd, { recursive: true });
  writeFileSync(join(cwd, "tunewise.yaml"), recipe);
  const train = `"${process.execPath}" "${program}" run --yes`;
  const ended = await tunewise(cwd, ...outerFlags, "--", "sh", "-c", `${train} && sleep 1`);
  expect(ended).toMatchObject({ code: 0 });
  const [outer] = meters(cwd);
  const [run = ""] = readdirSync(join(cwd, ".tunewise/runs"));
  const shown = await tunewise(cwd, "runs", "show", outer?.runId ?? "", "--json");
  expect(JSON.parse(shown.out)).toMatchObject({ launched: [run] });
  const { microUsd, groups } = await spent("run");
  const own = groups.find(({ name }) => name.includes("small"))?.microUsd ?? 0;
  expect(own).toBeGreaterThan(1_000_000);
  expect(microUsd).toBe(Math.max(outer?.spentMicroUsd ?? 0, own));
  expect(readFileSync(join(cwd, ".tunewise/runs", run, "report.md"), "utf8")).not.toBe("");
});
