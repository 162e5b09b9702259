/**
 * @file Measures the charges of runs whose machine is lost: runs the command line against a real machine (`--at ssh`,
 * an `sshd` on loopback, or `--at ray`, a cluster on loopback), disconnects it at a random time, and compares the
 * ledger with the cap and the lease.
 *
 *     npx tsx bench/lost-machines.mts --at ssh --count 20 --lease 10 --cap 120
 *
 * Losses: `node`: everything on the machine is killed, and it cannot be reached. `network`: connections stay open, but
 * no data passes. `both`: the controller and everything on the machine are killed. Needs TUNEWISE_PYTHON, or
 * TUNEWISE_RAY_PYTHON.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { mulberry32 } from "@tunewise/core/math";
import type { TestProject } from "vitest/node";
import setup, { type RayCluster } from "../test/support/ray-cluster.ts";
import { startSshServer } from "../test/support/ssh-server.ts";

const { values } = parseArgs({
  options: {
    at: { type: "string", default: "ssh" },
    count: { type: "string", default: "20" },
    lease: { type: "string", default: "10" },
    cap: { type: "string", default: "120" },
    spread: { type: "string", default: "30" },
    seed: { type: "string", default: "35" },
    loss: { type: "string", default: "node,network,both" },
  },
});
const [count, leaseSeconds, capSeconds] = [values.count, values.lease, values.cap].map(Number) as [
  number,
  number,
  number,
];
const random = mulberry32(Number(values.seed));
const root = mkdtempSync(join(tmpdir(), "tw-lost-"));
const program = [
  process.execPath,
  "--import",
  import.meta.resolve("tsx"),
  resolve("packages/tunewise/src/cli/main.ts"),
];

/** A second costs $1, so that the ledger shows both. */
const recipe = `name: lost
model: ${resolve("models/small")}
data: { train: train.jsonl, validation: validation.jsonl, test: test.jsonl, max_length: 192, rows: { train: 48, validation: 4, test: 3 }, bad_rows: skip }
task: { kind: json, metrics: [perplexity] }
method: { kind: lora, rank: 4 }
training: { steps: 100000, batch_size: 8, learning_rate: 1e-3, evaluate_every: 1000, checkpoint_every: 50, seed: 3 }
forgetting: { measure: false }
safety: { refusals: "off", code: "off" }
guards: { divergence: off, no_progress: off, overfitting: off, futility: off, plateau: off, leakage_suspected: off, gradients: off }
machine: { usd_per_hour: 3600, source: the benchmark, threads: 1 }
budget: { usd: ${capSeconds} }
`;

interface Place {
  readonly address: string;
  readonly environment: Record<string, string | undefined>;
  readonly words: readonly string[];
  readonly stop: () => Promise<void>;
}

async function sshPlace(folder: string): Promise<Place> {
  const server = await startSshServer(folder, process.env["TUNEWISE_PYTHON"]);
  return { address: server.address, environment: server.environment, words: [], stop: () => server.stop() };
}

async function rayPlace(folder: string): Promise<Place> {
  let cluster: RayCluster | null = null;
  const project = {
    provide: (_: string, value: RayCluster) => {
      cluster = value;
    },
  } as unknown as TestProject;
  const stop = await setup(project);
  if (cluster === null || stop === undefined) throw new Error("no cluster: set TUNEWISE_RAY_PYTHON");
  const { address, token, python } = cluster as RayCluster;
  const environment = { ...process.env, RAY_AUTH_TOKEN: token, TUNEWISE_REMOTE_PYTHON: python };
  return { address, environment, words: ["--storage", join(folder, "storage")], stop };
}

/** A proxy to a port that can be silenced: connections stay open, but no data passes. */
async function silentLine(port: number): Promise<{ readonly port: number; silence(): void; close(): void }> {
  let isSilent = false;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on("data", (part) => void (isSilent || to.write(part)));
      from.on("error", () => undefined);
      from.on("close", () => void (isSilent || to.destroy()));
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    port: (server.address() as { port: number }).port,
    silence: () => {
      isSilent = true;
    },
    close: () => {
      for (const one of open) one.destroy();
      server.close();
    },
  };
}

/** Kills every remote process of a run: each has the folder of the run or of its machine in its command line. */
function killThere(marks: readonly string[]): void {
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      if (Number(name) !== process.pid && marks.some((mark) => line.includes(mark)))
        process.kill(Number(name), "SIGKILL");
    } catch {
      // it has ended
    }
  }
}

function cli(
  folder: string,
  words: readonly string[],
  env: Place["environment"],
): { child: ChildProcess; text: () => string; end: Promise<number | null> } {
  const [node = "", ...rest] = program;
  const child = spawn(node, [...rest, ...words], {
    cwd: folder,
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (part: Buffer) => {
      text += part;
    });
  return { child, text: () => text, end: new Promise((done) => child.once("close", done)) };
}

/** Loses the machine of one run. Returns the seconds charged beyond the loss (or an earlier cap) plus a lease. */
async function trial(loss: string, at: number): Promise<number> {
  const folder = join(root, `${loss}-${at}`);
  const project = join(folder, "project");
  mkdirSync(folder);
  cpSync(resolve("examples/tickets"), project, { recursive: true });
  writeFileSync(join(project, "tunewise.yaml"), recipe);
  const place = await (values.at === "ray" ? rayPlace(folder) : sshPlace(join(folder, "box")));
  const port = Number(/:(\d+)$/.exec(place.address)?.[1]);
  const line = await silentLine(port);
  const address = place.address.replace(/:\d+$/, `:${line.port}`);
  const words = [
    "run",
    "--yes",
    "--json",
    "--worker",
    "torch",
    "--on",
    address,
    "--lease-seconds",
    `${leaseSeconds}`,
    ...place.words,
  ];
  const begun = performance.now();
  const run = cli(project, words, place.environment);
  while (!run.text().includes('"step-end"') && run.child.exitCode === null) await sleep(50);
  // during training, or after the cap has ended it, while the result is written, transferred and evaluated
  await sleep(1000 * Number(values.spread) * random());
  if (run.child.exitCode !== null) throw new Error(`the run ended before its first step: ${run.text()}`);
  const [id = ""] = readdirSync(join(project, ".tunewise/runs"));
  const lostAfter = (performance.now() - begun) / 1000;
  line.silence();
  if (loss === "both") run.child.kill("SIGKILL");
  if (loss !== "network") killThere([`runs/${id}/`, `ray_agent.py ${id} `]);
  await run.end;
  if (loss === "both") await sleep(1000 * (leaseSeconds + 5 * random()));
  const shown = cli(project, ["runs", "show", "latest", "--json"], place.environment);
  await shown.end;
  const text = shown.text();
  const { run: record } = JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
  line.close();
  await place.stop();
  const spent = record.spentMicroUsd / 1e6;
  // the meter started after the command, so this is never below its value
  const bound = Math.min(capSeconds, lostAfter) + leaseSeconds;
  const over = Math.max(0, spent - bound);
  const code = /"code":\s*"([A-Z_]+)"/.exec(run.text().slice(-3000))?.[1] ?? record.status;
  const limit = `lost after ${lostAfter.toFixed(1)} s, lease ${leaseSeconds} s, cap ${capSeconds} s`;
  process.stdout.write(
    `${loss} ${at}: ${code}, charged ${spent.toFixed(1)} s; ${limit}; beyond ${over.toFixed(3)} s\n`,
  );
  return over;
}

try {
  for (const loss of values.loss.split(",")) {
    const beyond: number[] = [];
    for (let at = 0; at < count; at++) beyond.push(await trial(loss, at));
    process.stdout.write(
      `${loss}: ${count} losses, at most ${Math.max(...beyond).toFixed(3)} s beyond loss or cap, and lease\n`,
    );
  }
} finally {
  rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
