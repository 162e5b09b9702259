/**
 * Commands under a budget, as processes: what they start, which processes are killed, and what they cost. Linux only,
 * because the tests read /proc.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { adoptOrphans, askStop, isStopRequested } from "../../packages/tunewise/src/launch/index.ts";
import {
  budget,
  childrenOf,
  exec,
  type Front,
  isThere,
  kill,
  meterWhen,
  nobodyLeft,
  rate,
} from "../support/exec-front.ts";
import { tunewise } from "../support/exec-place.ts";
import { processesWith, script, scripts, testMachine, until } from "../support/launch-world.ts";

describe("a command without trouble", () => {
  it("has its streams and its exit code", async () => {
    const { code, out, err } = await exec(
      rate,
      script('console.log("out");console.error("err");process.exit(7)'),
    ).ended;
    expect([code, out]).toEqual([7, "out\n"]);
    expect(err).toContain("err\n");
    expect(err).toMatch(/spent \$0\.\d+ in \d+ ms; run \d{8}-/);
  });

  it("reads what is typed", async () => {
    const front = exec(rate, script("process.stdin.pipe(process.stdout)"));
    front.child.stdin?.end("typed\n");
    expect((await front.ended).out).toBe("typed\n");
  });

  it("that is not there ends with 127, one that is killed with 128 and the signal", async () => {
    expect((await exec(rate, ["no-such-program"]).ended).code).toBe(127);
    expect((await exec(rate, script('process.kill(process.pid, "SIGKILL")')).ended).code).toBe(137);
  });

  it("finds its environment, and its mark", async () => {
    const text =
      'for (const k of ["TUNEWISE_RUN_ID","MLFLOW_TRACKING_URI","WANDB_TAGS"]) console.log(process.env[k])';
    const { out } = await exec([...rate, "--store", ".tunewise"], script(text)).ended;
    expect(out).toMatch(
      /^\d{8}-\d{6}-node-[0-9a-f]{4}\nhttp:\/\/127\.0\.0\.1:\d+\ntunewise\.run=.*fingerprint=/,
    );
  });

  it("is not begun where Ctrl-C comes while the server for what it logs starts", async () => {
    const front = exec(
      [...rate, "--store", ".tunewise"],
      script('require("node:fs").writeFileSync("begun", "")'),
    );
    const root = join(front.folder, ".tunewise", "exec");
    await until(() => existsSync(root) && readdirSync(root).some((name) => /-node-/.test(name)));
    front.child.kill("SIGINT");
    const { code, err } = await front.ended;
    expect([code, existsSync(join(front.folder, "begun"))]).toEqual([130, false]);
    expect(err).toContain("USAGE_INTERRUPTED");
    await nobodyLeft(front); // including its server
  });

  it("that ran before is refused with its price, and runs again for a reason", async () => {
    const command = [...script("1"), "--", "--seed=1"];
    const first = exec(rate, command);
    expect((await first.ended).code).toBe(0);
    const again = await exec(rate, command, first.folder).ended;
    expect([again.code, again.err]).toEqual([2, expect.stringMatching(/RUN_DUPLICATE[\s\S]*for \$0\.\d/)]);
    expect((await exec([...rate, "--force", "to be sure"], command, first.folder).ended).code).toBe(0);
    // The folder that identifies these processes is an argument of the command too.
    const other = [...script("1"), "--", "--seed=2"];
    expect((await exec(rate, other, first.folder).ended).err).toContain("the same but for its seed");
  });

  it("is refused by a server that is not there, and then not started", async () => {
    const { code, err, out } = await exec(
      [...rate, "--store", "x", "--server", "http://127.0.0.1:1/"],
      script('console.log("ran")'),
    ).ended;
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("TRACKER_UNREACHABLE");
  });

  it("leaves a document with --json", async () => {
    const { out } = await exec([...budget(30), "--json"], script("1")).ended;
    const document = JSON.parse(out);
    expect(document).toMatchObject({
      command: "exec",
      exit_code: 0,
      overshoot_micro_usd: 0,
      stopped_by: null,
    });
    expect(document.spent_micro_usd).toBe(Math.round(document.seconds * 1e6));
  });

  it("is refused without a rate", async () => {
    const { code, err } = await exec(["--budget", "5usd"], script("1")).ended;
    expect(code).toBe(64);
    expect(err).toContain("EXEC_RATE_MISSING");
  });
});

describe("the budget", () => {
  it("warns, asks the command to save, and ends with 2", async () => {
    const front = exec(budget(0.5, 20), script(scripts.saving));
    const { code, err } = await front.ended;
    expect(code).toBe(2);
    expect(readFileSync(join(front.folder, "saved.txt"), "utf8")).toBe("yes");
    expect(err.indexOf("of $0.500 are spent")).toBeGreaterThan(0);
    expect(err.indexOf("the budget is spent")).toBeGreaterThan(err.indexOf("of $0.500 are spent"));
    const meter = front.meter();
    expect(meter).toMatchObject({ status: "ended", commandExitCode: 0, warned: true, left: 0 });
    expect(meter?.stop?.reason).toBe("budget");
  });

  it("asks at most one tick late, and counts the time of grace", async () => {
    const front = exec(budget(0.5, 0.3), script(scripts.stubborn));
    expect((await front.ended).code).toBe(2);
    const meter = await meterWhen(front, ({ status }) => status === "ended");
    const late = (meter.stop?.spentMicroUsd ?? Number.NaN) - 500_000;
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThanOrEqual(50_000);
    expect(meter.meteredMs).toBeGreaterThanOrEqual(800);
    expect(meter.meteredMs).toBeLessThan(3000);
    expect(meter.spentMicroUsd).toBe(Math.round(meter.meteredMs * 1000));
  });

  it("ends grandchildren, sessions of their own and those without the mark", async () => {
    const front = exec(budget(1.5, 0.1), script(scripts.family));
    await front.ready();
    // Front, supervisor, watchdog, shell, command, its two children and the grandchild.
    expect(await until(() => processesWith(front.folder).length === 8)).toBe(true);
    expect((await front.ended).code).toBe(2);
    await nobodyLeft(front);
    expect(front.meter()?.left).toBe(0);
  });

  it("buries orphans, so that a long run does not fill the table of processes", async () => {
    const orphan =
      'require("child_process").spawn("true",{detached:true,stdio:"ignore"}).unref();process.exit()';
    const text = `console.log("ready");setInterval(()=>require("child_process").spawnSync(process.execPath,["-e",${JSON.stringify(orphan)}]),100)`;
    const front = exec(budget(3, 0.1), script(text));
    const { supervisor } = await front.ready();
    await wait(1500);
    await expect.poll(() => childrenOf(supervisor?.pid ?? 0).length, { timeout: 3000 }).toBe(1);
    expect((await front.ended).code).toBe(2);
  });

  it("leaves processes of others alone", async () => {
    const other = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { stdio: "ignore" });
    await exec(budget(0.3, 0), script(scripts.stubborn)).ended;
    expect(isThere(other.pid ?? 0)).toBe(true);
    other.kill("SIGKILL");
  });

  it("is not the only one to ask: a flag in the run's folder does too", async () => {
    const front = exec([...rate, "--grace-seconds", "20"], script(scripts.saving));
    await front.ready();
    const runs = join(front.folder, ".tunewise/exec");
    const run = join(runs, readdirSync(runs)[0] ?? "");
    expect(isStopRequested(run)).toBe(false);
    await askStop(run, "request", testMachine());
    expect(isStopRequested(run)).toBe(true);
    expect((await front.ended).code).toBe(2);
    expect(front.meter()?.stop?.reason).toBe("request");
  });
});

describe("Ctrl-C", () => {
  it("once is passed on to the command", async () => {
    const front = exec(
      rate,
      script('process.on("SIGINT",()=>process.exit(9));console.log("ready");setInterval(()=>{},1000)'),
    );
    await front.ready();
    kill(front.child.pid, "SIGINT");
    expect((await front.ended).code).toBe(9);
    expect(front.meter()?.stop).toBe(null);
  });

  it("twice ends everything", async () => {
    const front = exec(rate, script(scripts.family));
    await front.ready();
    kill(front.child.pid, "SIGINT");
    await until(() => front.said().includes("passed on"));
    kill(front.child.pid, "SIGINT");
    expect((await front.ended).code).toBe(130);
    expect(front.meter()).toMatchObject({ status: "ended", left: 0 });
    await nobodyLeft(front);
  });

  it("and a scheduler's SIGTERM asks to save first", async () => {
    const front = exec([...rate, "--grace-seconds", "20"], script(scripts.saving));
    await front.ready();
    kill(front.child.pid, "SIGTERM");
    expect((await front.ended).code).toBe(130);
    expect(existsSync(join(front.folder, "saved.txt"))).toBe(true);
  });
});

/** Kills front, supervisor and watchdog at the same moment. */
function killAll(front: Front, supervisor: number | undefined): void {
  const watchdogs = processesWith(front.folder).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("read -r line"),
  );
  for (const pid of [...watchdogs, front.child.pid, supervisor]) kill(pid);
}

describe("a kill", () => {
  it("of the front leaves command and budget as they are", async () => {
    const front = exec(budget(1.5, 20), script(scripts.saving));
    await front.ready();
    kill(front.child.pid);
    const meter = await meterWhen(front, ({ status }) => status === "ended");
    expect(meter).toMatchObject({ commandExitCode: 0, supervisors: 1 });
    expect(meter.stop?.reason).toBe("budget");
    expect(existsSync(join(front.folder, "saved.txt"))).toBe(true);
  });

  it("of the front breaks no pipe of the command", async () => {
    const text =
      "console.log('ready');let n=0;setInterval(()=>{console.log(n++);if(n===20)process.exit(5)},50)";
    const front = exec(rate, script(text));
    await front.ready();
    kill(front.child.pid);
    expect((await meterWhen(front, ({ status }) => status === "ended")).commandExitCode).toBe(5);
  });

  it("of the supervisor brings a new one, which counts the time between and finds the exit code", async () => {
    const front = exec(rate, script("console.log('ready');setTimeout(()=>process.exit(6),2500)"));
    const { supervisor } = await front.ready();
    kill(supervisor?.pid);
    const { code, err } = await front.ended;
    expect(code).toBe(6);
    expect(err).toContain("the meter was lost");
    const meter = front.meter();
    expect(meter?.supervisors).toBe(2);
    expect(meter?.meteredMs).toBeGreaterThan(2400);
    expect(meter?.meteredMs).toBeLessThan(6000);
  });

  it("of both is made good by the watchdog, which nobody has to start", async () => {
    const front = exec(budget(4, 0.1), script(scripts.family));
    const { supervisor } = await front.ready();
    await until(() => (front.meter()?.strays.length ?? 0) >= 2);
    kill(front.child.pid);
    kill(supervisor?.pid);
    const before = front.meter()?.meteredMs ?? Number.NaN;
    const meter = await meterWhen(front, ({ status }) => status === "ended");
    expect(meter).toMatchObject({ stop: { reason: "budget" }, supervisors: 2, left: 0 });
    expect(meter.meteredMs).toBeGreaterThan(before);
    await nobodyLeft(front);
  });

  it("of both and of the watchdog is made good by whatever command looks next", async () => {
    const front = exec(budget(60, 0.1), script(scripts.family));
    const { supervisor, runId } = await front.ready();
    killAll(front, supervisor?.pid);
    await until(() => !isThere(supervisor?.pid ?? 0));
    const { err } = await tunewise(front.folder, "runs", "list");
    expect(err).toContain("had lost its meter; it has a new one");
    expect(front.meter()?.supervisors).toBe(2);
    killAll(front, front.meter()?.supervisor?.pid);
    const stopped = await tunewise(front.folder, "runs", "stop", runId);
    expect(stopped).toMatchObject({ code: 0, out: expect.stringContaining("has stopped; spent $") });
    expect(front.meter()).toMatchObject({
      status: "ended",
      stop: { reason: "request" },
      left: 0,
      supervisors: 3,
    });
    await nobodyLeft(front);
  });

  it("leaves no watchdog behind where nobody is killed", async () => {
    const front = exec(rate, script("1"));
    expect((await front.ended).code).toBe(0);
    await nobodyLeft(front);
  });

  it("of supervisor and command is said to have lost the outcome", async () => {
    const front = exec(rate, script(scripts.stubborn));
    const { supervisor, leader } = await front.ready();
    kill(supervisor?.pid);
    kill(-(leader?.pid ?? 0));
    const { code, err } = await front.ended;
    expect(code).toBe(1);
    expect(err).toContain("EXEC_OUTCOME_LOST");
  });
});

describe("twenty kills at any moment", () => {
  // Three ways to kill, from before the command starts until after it was asked to stop; 21, to divide evenly.
  const kills = Array.from(
    { length: 21 },
    (_, at) => [at, ["front", "supervisor", "both"][at % 3], 150 + 90 * at] as const,
  );

  it.each(kills)("%i: %s after %i ms", async (_, who, ms) => {
    const text =
      'require("fs").appendFileSync("starts","x");process.on("SIGINT",()=>{});setInterval(()=>{},1000)';
    const front = exec(budget(0.8, 0.2), script(text));
    const first = await meterWhen(front, () => true);
    await wait(ms);
    const { supervisor } = front.meter() ?? first;
    if (who !== "supervisor") kill(front.child.pid);
    if (who !== "front") kill(supervisor?.pid);
    if (who === "both") {
      await until(() => !isThere(front.child.pid ?? 0) && !isThere(supervisor?.pid ?? 0));
      // Before the first supervisor has a watchdog, the command has not started, and another process must recover.
      if (supervisor === null)
        await adoptOrphans(join(front.folder, ".tunewise/exec"), testMachine(), process.env);
    }
    const meter = await meterWhen(front, ({ status }) => status === "ended");
    const starts = existsSync(join(front.folder, "starts"))
      ? readFileSync(join(front.folder, "starts"), "utf8")
      : "";
    // If everything is killed before the command starts, it never starts; it never starts twice.
    expect(starts === "x" || (starts === "" && who === "both" && meter.leader === null)).toBe(true);
    expect(meter.left).toBe(0);
    await nobodyLeft(front);
    if (starts === "x") {
      expect(meter.stop?.reason).toBe("budget");
      expect(meter.spentMicroUsd).toBeGreaterThanOrEqual(800_000 + 200_000);
      expect(meter.spentMicroUsd).toBe(Math.round(meter.meteredMs * 1000));
    }
  });
});
