/**
 * Processes that try to escape the budget of `tunewise exec`: daemons, new sessions, fork storms. Each is tested with a
 * control group and without one, where the supervisor must rely on orphans and the kernel's list of children.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openCgroup } from "../../packages/tunewise/src/launch/processes/cgroup.ts";
import { budget, exec, type Front, kill, meterWhen, nobodyLeft, rate } from "../support/exec-front.ts";
import { processesWith, until } from "../support/launch-world.ts";

/** Forks every 100 microseconds into a new session without a living parent, for at most 30 s. */
const storm = `use POSIX; my $until = time + 30; $ENV{TUNEWISE_RUN_ID} = "";
while (time < $until) { my $child = fork; exit 0 if $child; POSIX::setsid(); select undef, undef, undef, 0.0001;
  last if -e $ARGV[0] . "/storm-over"; }`;
const hasPerl = spawnSync("perl", ["-e", "1"]).status === 0;

/** Exits at once; the process that it starts has another session, no mark and no parent. */
const daemon = (seconds: number): string[] => [
  "sh",
  "-c",
  `env -i setsid sh -c 'sleep ${seconds}; exit 3' "$0" </dev/null >/dev/null 2>&1 & exit 0`,
];

const stormy: Front[] = [];
afterEach(() => {
  for (const { folder } of stormy.splice(0)) writeFileSync(join(folder, "storm-over"), "");
});

const ways = [
  { way: "with a control group", env: {} },
  { way: "without one", env: { TUNEWISE_CGROUP: "off" } },
];

describe.each(ways)("the tree of a command, $way", ({ env }) => {
  it("is paid for until its last process has ended, and the exit code is the command's", async () => {
    const front = exec([...rate, "--json"], daemon(2.5), undefined, env);
    const { code, out, err } = await front.ended;
    expect(code).toBe(0);
    expect(err).toMatch(/the command has ended with exit code 0, and .* go(es)? on \(.*sh \d+/);
    const document = JSON.parse(out);
    expect(document).toMatchObject({ exit_code: 0, processes_left: 0, processes_killed: 0 });
    expect(document.processes_outlived).toBeGreaterThanOrEqual(1);
    expect(document.seconds).toBeGreaterThan(2.4);
    expect(document.spent_micro_usd).toBe(Math.round(document.seconds * 1e6));
    expect(processesWith(front.folder)).toEqual([]);
  });

  it("is ended by the budget although the command itself had left", async () => {
    const front = exec(budget(2, 0.2), daemon(60), undefined, env);
    const { code, err } = await front.ended;
    expect(code).toBe(2);
    expect(err).toContain("the command itself had ended before, with exit code 0");
    expect(front.meter()).toMatchObject({ status: "ended", left: 0, commandExitCode: 0 });
    await nobodyLeft(front);
  });

  it("is asked to end by Ctrl-C when only daemons are left", async () => {
    const front = exec([...rate, "--grace-seconds", "20"], daemon(60), undefined, env);
    await meterWhen(front, ({ outlived }) => outlived !== null);
    kill(front.child.pid, "SIGINT");
    expect((await front.ended).code).toBe(130);
    expect(front.meter()).toMatchObject({ status: "ended", left: 0, killed: 0 });
    await nobodyLeft(front);
  });

  it("is asked to end by Ctrl-C that comes while its supervisor is lost and daemons are left", async () => {
    const front = exec([...rate, "--grace-seconds", "20"], daemon(60), undefined, env);
    const { supervisor } = await meterWhen(front, ({ outlived }) => outlived !== null);
    kill(supervisor?.pid);
    kill(front.child.pid, "SIGINT");
    expect((await front.ended).code).toBe(130);
    expect(front.meter()).toMatchObject({ status: "ended", supervisors: 2, left: 0 });
    await nobodyLeft(front);
  });

  it.skipIf(!hasPerl)("does not get away by forking faster than anybody can look (perl)", async () => {
    const front = exec(budget(2, 0.2), ["perl", "-e", storm], undefined, env);
    stormy.push(front);
    expect((await front.ended).code).toBe(2);
    const meter = front.meter();
    expect(meter).toMatchObject({ status: "ended", left: 0 });
    // The command itself exits at its first fork: the metered time is the storm's.
    expect(meter?.meteredMs).toBeGreaterThanOrEqual(2000);
    for (let looks = 0; looks < 20; looks++) expect(processesWith(front.folder)).toEqual([]);
  });
});

it("leaves no control group behind", async () => {
  const front = exec(rate, ["true"]);
  expect((await front.ended).code).toBe(0);
  const { cgroup, runId } = (await meterWhen(front, ({ status }) => status === "ended")) ?? {};
  if (typeof cgroup !== "string") return expect(cgroup).toBe(null); // control groups are not available here
  expect(openCgroup(cgroup, runId ?? "")?.isPopulated()).toBe(false);
  expect(spawnSync("ls", [cgroup]).status).not.toBe(0);
});

it("ends nobody through a meter that names a control group of somebody else", () => {
  expect(openCgroup("/sys/fs/cgroup/tunewise-b", "a")).toBe(null);
  expect(openCgroup(join(tmpdir(), "tunewise-a"), "a")).toBe(null);
});

it("outlives a supervisor that is killed: its successor finds daemons by the control group", async () => {
  const front = exec(budget(4, 0.2), daemon(60));
  const { supervisor, cgroup } = await meterWhen(front, ({ outlived }) => outlived !== null);
  if (cgroup === null) return expect(cgroup).toBe(null); // control groups are not available here
  kill(supervisor?.pid);
  expect((await front.ended).code).toBe(2);
  expect(front.meter()).toMatchObject({ supervisors: 2, left: 0, commandExitCode: 0 });
  expect(await until(() => processesWith(front.folder).length === 0)).toBe(true);
});
