/**
 * @file Kills front process and supervisor of `tunewise exec` together, at random times. Measures how much the command
 * is charged beyond its cap and the lease, and how long it ran without being charged.
 *
 *     node bench/exec/double-kills.mjs [--kills 20] [--seed 1] [--lease 10]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    /** Seconds within which the watchdog must become a supervisor that meters again. */
    lease: { type: "string", default: "10" },
  },
});
const [kills, lease] = [Number(values.kills), Number(values.lease)];
const program = resolve("dist/cli/main.js");
/** In seconds, at $1 each. */
const [cap, grace] = [2, 0.3];

/** Random numbers in [0, 1) from a seed (mulberry32). */
function chanceOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function processesWith(text) {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(text);
    } catch {
      return false;
    }
  });
}

function meterOf(folder) {
  try {
    const root = join(folder, ".tunewise/exec");
    return JSON.parse(readFileSync(join(root, readdirSync(root)[0], "meter.json"), "utf8"));
  } catch {
    return null;
  }
}

async function until(look, seconds) {
  for (const end = performance.now() + 1000 * seconds; performance.now() < end; await wait(20)) {
    const found = look();
    if (found) return found;
  }
  return null;
}

function end(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended
  }
}

async function killBoth(afterMs) {
  const folder = mkdtempSync(join(tmpdir(), "tunewise-double-"));
  const flags = ["--rate", "3600/h", "--budget", `${cap}usd`, "--grace-seconds", String(grace)];
  const command = ["sh", "-c", `trap "" INT TERM; setsid sleep 600 & : ${folder}; sleep 600`];
  const words = [program, "exec", "--server", "none", "--tick-seconds", "0.1", ...flags, "--", ...command];
  const front = spawn(process.execPath, words, { cwd: folder, stdio: "ignore" });
  const started = await until(() => (meterOf(folder)?.leader ? performance.now() : null), 60);
  await wait(afterMs);
  const meter = meterOf(folder);
  end(front.pid);
  if (meter?.supervisor) end(meter.supervisor.pid);
  const isOver = await until(() => processesWith(folder).length === 0, 120);
  const lived = (performance.now() - started) / 1000;
  const last = meterOf(folder);
  const charged = (last?.meteredMs ?? 0) / 1000;
  for (const pid of processesWith(folder)) end(Number(pid));
  rmSync(folder, { recursive: true, force: true });
  return { afterMs, isOver: isOver !== null, status: last?.status, charged, lived };
}

const chance = chanceOf(Number(values.seed));
let [beyond, uncharged, left] = [0, 0, 0];
for (let at = 1; at <= kills; at++) {
  const found = await killBoth(Math.round(chance() * 1000 * (cap + grace)));
  beyond += Math.max(0, found.charged - cap - grace - lease);
  uncharged = Math.max(uncharged, found.lived - found.charged);
  if (!found.isOver || found.status !== "ended") left++;
  const [charged, lived] = [found.charged, found.lived].map((value) => value.toFixed(2));
  console.log(
    `${at}: killed after ${found.afterMs} ms, charged ${charged} s, lived ${lived} s, ${found.status}`,
  );
}
console.log(
  `${kills} double kills: ${beyond.toFixed(2)} s charged beyond cap, grace and lease; ` +
    `at most ${uncharged.toFixed(2)} s uncharged; ${left} commands left`,
);
process.exitCode = beyond > 0 || left > 0 ? 1 : 0;
