/** @file Tests `runs list` and `runs show` with runs of several clients. */

import {
  addSpend,
  addTrackedRun,
  changeTrackedRun,
  logTo,
  openDatabase,
  openProject,
  type TrackedRun,
} from "@tunewise/tracker";
import { expect, test } from "vitest";
import { fakeIo } from "../../../../../test/journey/fake-io.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { invoke } from "../invoke.ts";
import { withoutColors } from "../render/paint.ts";
import { width } from "../render/table.ts";

async function tell(cwd: string, ...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const { io, stdout, stderr } = fakeIo({ cwd });
  return { code: await invoke(words, io), out: stdout(), err: stderr() };
}

const startedMs = Date.UTC(2026, 10, 24, 12);

/** Creates a store with a command, a run that it logged with MLflow, and a later run of W&B. */
async function place(): Promise<string> {
  const cwd = await temporaryFolder();
  const database = await openDatabase(`${cwd}/tunewise.db`);
  await database.transaction(async (transaction) => {
    const { number: project } = await openProject(transaction, "tickets", startedMs);
    const add = (id: string, client: TrackedRun["client"], atMs: number, launchedBy: number | null = null) =>
      addTrackedRun(transaction, {
        id,
        client,
        project,
        launchedBy,
        name: `the ${client} run`,
        status: "running",
        person: "ada",
        purpose: "experiment",
        startedMs: atMs,
        fingerprint: null,
        family: null,
        tags: [],
      });
    const launch = await add("exec-1", "exec", startedMs);
    const logged = await add("mlflow-1", "mlflow", startedMs + 1000, launch.number);
    await add("wandb-1", "wandb", startedMs + 2000);
    const point = (step: number, value: number) => ({ key: "eval_loss", step, ms: startedMs + step, value });
    await logTo(
      transaction,
      logged,
      {
        metrics: [point(1, 2), point(2, 0.25)],
        params: [{ key: "lr", value: "1e-3\u001b[31m" }],
        tags: [{ key: "team", value: "search" }],
      },
      startedMs,
    );
    await changeTrackedRun(transaction, logged.number, { status: "completed", endedMs: startedMs + 61_000 });
    await addSpend(transaction, {
      run: logged.number,
      ms: startedMs,
      kind: "machine",
      microUsd: 41_500,
      seconds: 60,
      quantity: 0,
      unit: "",
      priceMicroUsdPerHour: 2_490_000,
      priceSource: "serve --rate",
    });
  });
  await database.close();
  return cwd;
}

test.each([60, 80, 120])("runs are listed within a terminal of %i columns", async (columns) => {
  const { io, stdout } = fakeIo({ cwd: await place(), terminal: true, columns });
  for (const words of [
    ["runs", "list", "--store", "."],
    ["cost", "report", "--store", "."],
  ]) {
    expect(await invoke(words, io)).toBe(0);
  }
  expect(
    stdout()
      .split("\n")
      .filter((line) => width(withoutColors(line)) > columns),
  ).toEqual([]);
  expect(stdout()).toContain("wandb-1");
});

test("runs of all clients are listed, newest first, with what they gave and cost", async () => {
  const cwd = await place();
  const all = await tell(cwd, "runs", "--output", ".");
  expect(all.code, all.err).toBe(0);
  const lines = all.out.trimEnd().split("\n");
  expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual(["run", "wandb-1", "mlflow-1", "exec-1"]);
  expect(lines[2]).toMatch(/mlflow +tickets +completed +eval_loss 0\.25 +1 min +\$0\.042/);
  const some = await tell(
    cwd,
    "runs",
    "--store",
    ".",
    "--client",
    "mlflow",
    "--project",
    "tickets",
    "--json",
  );
  expect((JSON.parse(some.out) as { runs: unknown[] }).runs).toMatchObject([
    {
      id: "mlflow-1",
      person: "ada",
      seconds: 60,
      spentMicroUsd: 41_500,
      result: "eval_loss 0.25",
      scores: [],
    },
  ]);
  expect((await tell(cwd, "runs", "--output", ".", "--project", "other")).out).toBe("no matching runs\n");
  expect((await tell(cwd, "runs")).out).toBe("no matching runs\n");
});

test("one run is told with what it logged, at which price, and the command it ran in", async () => {
  const cwd = await place();
  const { code, out } = await tell(cwd, "show", "mlf", "--output", ".");
  expect(code).toBe(0);
  expect(out).toMatch(/^run +mlflow-1 \(completed\)$/m);
  expect(out).toMatch(/^cost +\$0\.042, at \$2\.49 an hour \(serve --rate\)$/m);
  expect(out).toMatch(/^command +exec-1$/m);
  expect(out).toMatch(/^eval_loss +2\.000 █▁ 0\.2500$/m);
  expect(out).toMatch(/^lr +1e-3·\[31m$/m);
  expect(out).toMatch(/^tag team +search$/m);
  const launch = JSON.parse((await tell(cwd, "show", "exec-1", "--store", ".", "--json")).out) as object;
  expect(launch).toMatchObject({ launched: ["mlflow-1"], launchedBy: null, metrics: [], spend: [] });
  expect((await tell(cwd, "show", "latest", "--output", ".")).out).toMatch(
    /^run +wandb-1 \(running, silent for .+\)$/m,
  );
  const missing = await tell(cwd, "show", "none", "--output", ".");
  expect([missing.code, missing.err]).toEqual([64, expect.stringContaining("RUN_NOT_FOUND")]);
  const empty = await tell(cwd, "show", "latest");
  expect([empty.code, empty.err]).toEqual([64, expect.stringContaining("TRAINING_NOT_FOUND")]);
});

test("a run is charged, and what it cost and what for is told", async () => {
  const cwd = await place();
  const about = ["--kind", "tokens", "--quantity", "2500000", "--source", "bill of 2026-11-20"];
  const charged = await tell(cwd, "charge", "wandb-1", "1.25usd", ...about, "--store", ".");
  expect([charged.code, charged.out]).toEqual([0, "wandb-1 has cost $1.25\n"]);
  const shown = JSON.parse((await tell(cwd, "show", "wandb-1", "--store", ".", "--json")).out) as object;
  const line = { kind: "tokens", microUsd: 1_250_000, seconds: 0, quantity: 2_500_000, unit: "tokens" };
  expect(shown).toMatchObject({ spend: [{ ...line, priceSource: "bill of 2026-11-20" }] });
  expect((await tell(cwd, "charge", "wandb-1", "much", "--store", ".")).err).toContain("BUDGET_INVALID");
  expect((await tell(cwd, "charge", "none", "1usd", "--store", ".")).err).toContain("RUN_NOT_FOUND");
});
