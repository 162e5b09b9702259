/**
 * Costs agree to the micro-dollar however a run or a command ends: in its meter, the ledger, `spend`, `show --json`,
 * and its final output.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Usd, usdText } from "@tunewise/core/quantity";
import { describe, expect, it, test } from "vitest";
import { askStop } from "../../packages/tunewise/src/launch/index.ts";
import { budget, exec, type Front, kill, meterWhen, rate } from "../support/exec-front.ts";
import { script, scripts, testMachine, until } from "../support/launch-world.ts";
import { program } from "../support/program.ts";
import {
  project,
  recipe,
  runFolder,
  tunewise,
  untilPrinted,
  untilStep,
  useProjects,
} from "../support/run-projects.ts";

useProjects();

/** Cost and duration of the folder's only run according to `spend`, in micro-dollars and seconds. */
function spend(folder: string): { readonly microUsd: number; readonly seconds: number } {
  const { out } = tunewise(folder, "spend", "--by", "run", "--json");
  const { microUsd, seconds, groups } = JSON.parse(out) as {
    microUsd: number;
    seconds: number;
    groups: { microUsd: number }[];
  };
  expect(groups.reduce((sum, group) => sum + group.microUsd, 0)).toBe(microUsd);
  return { microUsd, seconds };
}

describe("the money of a command", () => {
  /** Requires the same sum in the meter, the ledger, `spend`, `show`, and the final output. */
  async function agrees(front: Front, said: string | null): Promise<void> {
    const meter = await meterWhen(front, ({ status }) => status === "ended");
    const { microUsd, seconds } = spend(front.folder);
    expect(microUsd).toBe(meter.spentMicroUsd);
    expect(seconds).toBeCloseTo(meter.meteredMs / 1000, 2);
    const shown = JSON.parse(tunewise(front.folder, "show", meter.runId, "--json").out) as {
      spentMicroUsd: number;
      status: string;
    };
    expect(shown.spentMicroUsd).toBe(meter.spentMicroUsd);
    expect(shown.status).not.toBe("running");
    if (said !== null) expect(said).toContain(`"spent_micro_usd": ${meter.spentMicroUsd},`);
    // A second call must not change the sum.
    expect(spend(front.folder).microUsd).toBe(microUsd);
  }
  const sleeping = script("console.log('ready');setTimeout(()=>process.exit(0),1500)");

  it.each([
    ["is done", rate, sleeping, null],
    ["fails", rate, script("process.exit(3)"), null],
    ["meets its cap", budget(1, 0.2), script(scripts.stubborn), null],
    ["has Ctrl-C", rate, script(scripts.saving), (front: Front) => kill(front.child.pid, "SIGINT")],
    ["has SIGTERM", rate, script(scripts.saving), (front: Front) => kill(front.child.pid, "SIGTERM")],
    [
      "was suspended for a while",
      rate,
      sleeping,
      async ({ meter }: Front) => {
        const leader = meter()?.leader?.pid ?? 0;
        kill(-leader, "SIGSTOP");
        await wait(500);
        kill(-leader, "SIGCONT");
      },
    ],
    ["has lost its shell", rate, sleeping, ({ meter }: Front) => kill(meter()?.leader?.pid)],
    ["has lost its supervisor", rate, sleeping, ({ meter }: Front) => kill(meter()?.supervisor?.pid)],
    [
      "has a suspended supervisor",
      budget(2, 0.2),
      script(scripts.stubborn),
      ({ meter }: Front) => kill(meter()?.supervisor?.pid, "SIGSTOP"),
    ],
  ] as const)("that %s", async (_, flags, command, act) => {
    const front = exec([...flags, "--json"], command);
    if (act !== null) {
      await front.ready();
      await act(front);
    }
    const { out } = await front.ended;
    await agrees(front, out);
  });

  it.each(["SIGKILL", "SIGHUP"] as const)("whose front has %s", async (signal) => {
    const front = exec(budget(600, 0.2), script(scripts.stubborn));
    const { runId } = await front.ready();
    kill(front.child.pid, signal);
    const under = spend(front.folder).microUsd; // while the command runs
    expect(under).toBeGreaterThan(0);
    await askStop(join(front.folder, ".tunewise/exec", runId), "request", testMachine());
    await front.ended;
    await agrees(front, null);
    expect(spend(front.folder).microUsd).toBeGreaterThan(under);
  });
});

/** Sets the price to a dollar a second. */
const dear = (text: string): string => text.replace("usd_per_hour: 0.5", "usd_per_hour: 3600");
const long = dear(recipe().replace("steps: 8", "steps: 4000"));

describe("the money of a run", () => {
  /** Requires the same sum in the ledger, `spend` and `show`. */
  function agrees(folder: string): { readonly microUsd: number; readonly seconds: number } {
    const sum = spend(folder);
    const { run, spend: lines } = JSON.parse(tunewise(folder, "show", "latest", "--json").out) as {
      run: { spentMicroUsd: number; wallSeconds: number };
      spend: { spent: number; duration: number }[];
    };
    expect(run.spentMicroUsd).toBe(sum.microUsd);
    expect(lines.reduce((all, { spent }) => all + spent, 0)).toBe(sum.microUsd);
    expect(run.wallSeconds).toBeCloseTo(sum.seconds, 3);
    // At a dollar a second, cost and duration check each other. Each session rounds once.
    expect(Math.abs(sum.microUsd - 1e6 * sum.seconds)).toBeLessThanOrEqual(30);
    expect(spend(folder).microUsd).toBe(sum.microUsd);
    return sum;
  }
  function agreesToTheEnd(folder: string): void {
    const { microUsd } = agrees(folder);
    const events = readFileSync(join(runFolder(folder), "events.jsonl"), "utf8");
    expect(Number(/"kind":"run-end".*"spentMicroUsd":(\d+)/.exec(events)?.[1])).toBe(microUsd);
    const report = join(runFolder(folder), "report.md");
    if (existsSync(report)) {
      expect(readFileSync(report, "utf8")).toContain(`${usdText(microUsd as Usd)} spent`);
    }
  }

  test("that is done, from the start of its process on", () => {
    const folder = project("done", dear(recipe()));
    const before = performance.now();
    expect(tunewise(folder, "run", "--yes").code).toBe(0);
    const wall = (performance.now() - before) / 1000;
    agreesToTheEnd(folder);
    const { seconds } = spend(folder);
    expect(seconds).toBeLessThan(wall);
    expect(seconds).toBeGreaterThan(wall - 1.5); // time to start and to exit Node
  });

  test.each([
    ["minutes", "budget: { minutes: 0.12 }"],
    ["dollars", "budget: { usd: 7 }"],
  ])("that meets its cap of %s", (unit, cap) => {
    const folder = project(`cap-${unit}`, long.replace("budget: { minutes: 10 }", cap));
    expect(tunewise(folder, "run", "--yes").code).toBe(2);
    agreesToTheEnd(folder);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("that has %s", async (signal) => {
    const folder = project(`ends-${signal.toLowerCase()}`, long);
    const { child, end } = await untilStep(folder, 3);
    child.kill(signal);
    expect((await end).code).toBe(130);
    agreesToTheEnd(folder);
  });

  test.each(["SIGKILL", "SIGHUP"] as const)("that has %s loses a tick at most", async (signal) => {
    const folder = project(`killed-${signal.toLowerCase()}`, long);
    const before = performance.now();
    const { child, end } = await untilStep(folder, 10);
    await wait(1300);
    child.kill(signal);
    await end;
    const wall = (performance.now() - before) / 1000;
    const { seconds } = agrees(folder);
    expect(seconds).toBeGreaterThan(wall - 2.5); // one tick, plus the start of Node on a busy machine
    expect(seconds).toBeLessThan(wall);
  });

  test("that is suspended is paid for all the while", async () => {
    const folder = project("suspended", long);
    const { child, end } = await untilStep(folder, 3);
    child.kill("SIGSTOP");
    await wait(2500);
    child.kill("SIGCONT");
    await wait(300);
    child.kill("SIGINT");
    expect((await end).code).toBe(130);
    agreesToTheEnd(folder);
    expect(spend(folder).seconds).toBeGreaterThan(2.5);
  });

  test("that is refused pays nothing", () => {
    const folder = project("refused", dear(recipe()));
    expect(tunewise(folder, "run", "--yes").code).toBe(0);
    const { microUsd } = agrees(folder);
    expect(tunewise(folder, "run", "--yes").err).toContain("RUN_DUPLICATE");
    expect(spend(folder).microUsd).toBe(microUsd);
  });

  test("that cannot be resumed pays for the reading of its rows", async () => {
    const folder = project("unresumed", long);
    const { child, end } = await untilStep(folder, 3);
    child.kill("SIGINT");
    await end;
    const { microUsd } = agrees(folder);
    const missing = join(folder, "validation.jsonl");
    const rows = readFileSync(missing, "utf8").split("\n").slice(3).join("\n");
    writeFileSync(missing, rows);
    expect(tunewise(folder, "resume", "latest").err).toContain("RUN_DATA_CHANGED");
    expect(agrees(folder).microUsd).toBeGreaterThan(microUsd + 300_000);
  });

  test("killed twenty times at any moment adds up to the time of its processes", async () => {
    const folder = project("twenty", long);
    const { child, end } = await untilPrinted(folder, '"kind":"run-start"');
    child.kill("SIGKILL");
    await end;
    let before = agrees(folder).seconds;
    const tick = join(runFolder(folder), "meter.tick");
    let lost = 0;
    for (let round = 0; round < 20; round++) {
      const begun = performance.now();
      const resumed = spawn(process.execPath, [program, "resume", "latest"], {
        cwd: folder,
        stdio: "ignore",
      });
      const gone = new Promise((done) => resumed.once("exit", done));
      // Even rounds are killed at any time, possibly before the first tick; odd rounds after it.
      const isTicking = round % 2 === 1 && (await until(() => existsSync(tick))) === true;
      await wait((round * 977) % 2500);
      const wall = (performance.now() - begun) / 1000;
      resumed.kill("SIGKILL");
      await gone;
      const { seconds } = spend(folder);
      expect(seconds).toBeGreaterThanOrEqual(before);
      expect(seconds - before).toBeLessThanOrEqual(wall + 0.05);
      if (isTicking) lost += wall - (seconds - before);
      before = seconds;
    }
    agrees(folder);
    // Ten rounds ticked: each may lose one tick and the start of Node on a busy machine.
    expect(lost).toBeLessThan(10 * 1.5);
    expect(readdirSync(runFolder(folder)).filter((name) => name.includes("tick"))).toEqual([]);
  }, 600_000);
});
