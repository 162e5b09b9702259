/**
 * @file For tests: `tunewise exec` on a failing disk, with its front in this process and its supervisor in a separate
 * one, and the invariants that must hold whatever the disk did.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openStore } from "@tunewise/tracker";
import ts from "typescript";
import { type RunMeter, readMeter } from "../../packages/tunewise/src/launch/index.ts";
import { type FaultKind, injectFaults } from "./faults.ts";
import type { SupervisorFault } from "./faulty-supervisor.ts";
import { type Invoked, invokeHere } from "./invoke-here.ts";

/** The process whose disk fails first; `full` affects both. */
export type Who = "front" | "supervisor";

/** A command, its exit code and its costs. */
export interface FaultyCommand {
  readonly flags: readonly string[];
  /** Shell script; it appends a line to the file `$RAN` when it starts. */
  readonly script: string;
  /** Exit code of `exec` without faults. */
  readonly code: number;
  /** Minimum cost in micro-dollars once the command has started. */
  readonly minCosts: number;
}

/** A dollar a second. */
const rate = ["--rate", "3600/h", "--tick-seconds", "0.1"];

/** A command that ends by itself, and one that ends only by its budget, with all its processes. */
export const commands: Readonly<Record<"short" | "stubborn", FaultyCommand>> = {
  short: { flags: rate, script: 'echo ran >>"$RAN"; sleep 0.25', code: 0, minCosts: 240_000 },
  stubborn: {
    flags: [...rate, "--budget", "0.8usd", "--grace-seconds", "0.1"],
    script: 'trap "" INT TERM; echo ran >>"$RAN"; setsid sleep 300 & sleep 300 & sleep 300',
    code: 2,
    minCosts: 800_000,
  },
};

/** Compiles a program for preloading into supervisors to JavaScript, because Node runs them without a loader. */
export function writePreload(folder: string): string {
  for (const name of ["faults", "faulty-supervisor"]) {
    const { outputText } = ts.transpileModule(readFileSync(resolve("test/support", `${name}.ts`), "utf8"), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        rewriteRelativeImportExtensions: true,
      },
    });
    writeFileSync(join(folder, `${name}.js`), outputText);
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  return join(folder, "faulty-supervisor.js");
}

/** The outcome of a command with a fault. */
export interface Met {
  readonly said: Invoked;
  readonly fired: boolean;
  /** Operations of the process whose disk should fail. */
  readonly operations: readonly string[];
  readonly wrong: readonly string[];
}

/** Runs a command whose front or supervisor meets one fault, and checks the result. */
export async function meetInExec(
  command: FaultyCommand,
  who: Who,
  fault: { readonly at: number; readonly kind: FaultKind } | null,
): Promise<Met> {
  const root = mkdtempSync(join(tmpdir(), "tunewise-exec-fault-"));
  const folder = join(root, "project");
  const [mark, ran, log] = [join(root, "mark"), join(root, "ran"), join(root, "operations")];
  mkdirSync(join(folder, ".tunewise"), { recursive: true });
  await (await openStore(join(folder, ".tunewise/tunewise.db"))).close();
  const kind = fault?.kind ?? "EIO";
  const planOf = (whose: Who) => ({
    under: folder,
    mark,
    kind,
    ...(fault !== null && who === whose ? { at: fault.at } : {}),
  });
  const supervised: SupervisorFault = { ...planOf("supervisor"), log };
  const env = environmentOf(ran, supervised);
  const words = ["exec", "--server", "none", "--json", ...command.flags, "--"];
  const began = performance.now();
  const front = await injectFaults(planOf("front"), ({ hasFired }) =>
    invokeHere(folder, [...words, "sh", "-c", command.script], {
      isMuted: () => kind === "crash" && hasFired(),
      env,
    }),
  );
  const fired = existsSync(mark);
  const isFull = fired && kind === "full";
  if (isFull) rmSync(mark); // frees space: processes that waited for it continue
  const wrong: string[] = [];
  const left = await whoIsLeft(root);
  if (left.length > 0) wrong.push(`left behind: ${left}`);
  const wallMs = performance.now() - began;
  endFront(folder);
  const isCrash = kind === "crash" && fired && who === "front";
  const seen = { root, folder, ran, command, said: front.result, wallMs, isCrash };
  wrong.push(...(await faultsIn(seen)));
  // a killed supervisor has written no log
  const told = existsSync(log) ? readFileSync(log, "utf8").split("\n").filter(Boolean) : [];
  const operations = who === "front" ? front.operations : told;
  // the second run must leave nothing either; it writes into the folder until it ends
  const leftAgain = await whoIsLeft(root);
  if (leftAgain.length > 0) wrong.push(`left behind once more: ${leftAgain}`);
  if (wrong.length === 0) rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  return { said: front.result, fired, operations, wrong };
}

/**
 * Environment of the command. The path of `$RAN` is not an argument, because arguments determine the command's
 * identity.
 */
function environmentOf(ran: string, fault: SupervisorFault): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", RAN: ran, TUNEWISE_TEST_FAULT: JSON.stringify(fault) };
}

/** Processes that remain after half a minute, enough for a busy machine; then kills them. */
async function whoIsLeft(root: string): Promise<string[]> {
  for (let look = 0; look < 1500 && living(root).length > 0; look++) await wait(20);
  const left = living(root);
  for (const { pid } of left) process.kill(pid, "SIGKILL");
  return left.map(({ pid, command }) => `${pid} ${command}`);
}

/** Living processes whose environment contains the folder's name. */
function living(root: string): { pid: number; command: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => textOf(`/proc/${name}/environ`).includes(root))
    .map((name) => ({ pid: Number(name), command: textOf(`/proc/${name}/cmdline`).replaceAll("\0", " ") }));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

interface Seen {
  readonly root: string;
  readonly folder: string;
  readonly ran: string;
  readonly command: FaultyCommand;
  readonly said: Invoked;
  readonly wallMs: number;
  /** The front was "killed": its output is lost, and the next command settles its record. */
  readonly isCrash: boolean;
}

/** The errors in what a command left behind, read from outside by new commands. */
async function faultsIn(seen: Seen): Promise<string[]> {
  const { folder, ran, command, said, wallMs, isCrash } = seen;
  const wrong: string[] = [];
  if (/bug of tunewise|UNEXPECTED|Internal:/.test(said.out + said.err))
    wrong.push(`says a bug: ${said.out}${said.err}`);
  const started = textOf(ran).split("\n").filter(Boolean).length;
  if (started > 1) wrong.push(`was started ${started} times`);
  if (said.code === command.code && started === 0 && !isCrash)
    wrong.push("was never started, and says it was");
  const spent = await invokeHere(folder, ["spend", "--json"]);
  const listed = await invokeHere(folder, ["runs", "--json"]);
  if (spent.code !== 0 || listed.code !== 0) {
    return [...wrong, `cannot be read: ${spent.out}${spent.err}${listed.out}${listed.err}`];
  }
  const meters = metersIn(folder);
  const metered = meters.reduce((sum, { spentMicroUsd }) => sum + spentMicroUsd, 0);
  const { microUsd } = JSON.parse(spent.out) as { microUsd: number };
  if (microUsd !== metered) wrong.push(`the ledger has ${microUsd}, the meter ${metered}`);
  if (started > 0 && metered < command.minCosts) wrong.push(`only ${metered} micro-dollars are metered`);
  if (metered > 1000 * wallMs) wrong.push(`${metered} micro-dollars for ${wallMs} ms`);
  for (const { status } of meters) if (status !== "ended") wrong.push(`its meter says ${status}`);
  const told = /"spent_micro_usd": (\d+)/.exec(said.out)?.[1];
  if (told !== undefined && Number(told) !== metered) wrong.push(`told ${told}, metered ${metered}`);
  const runs = (JSON.parse(listed.out) as { runs: { status: string }[] }).runs;
  for (const { status } of runs) if (status === "running") wrong.push("its run is on record as running");
  if (started > 0 && runs.length !== 1) wrong.push(`${runs.length} runs are on record`);
  wrong.push(...(await faultsAfter(seen, started, runs)));
  return wrong;
}

/** Repeats the command on a working disk: it must be refused if the first one completed, and run otherwise. */
async function faultsAfter(
  { root, folder, ran, command }: Seen,
  started: number,
  runs: readonly { readonly status: string }[],
): Promise<string[]> {
  const words = ["exec", "--server", "none", "--json", ...command.flags, "--"];
  const none: SupervisorFault = { under: folder, log: join(root, "operations-after") };
  const env = environmentOf(ran, none);
  const isDone = runs.some(({ status }) => status === "completed");
  const again = await invokeHere(folder, [...words, "sh", "-c", command.script], { env });
  const refused = /RUN_DUPLICATE/.test(again.out + again.err);
  if (isDone !== refused) return [`once more ends with ${again.code}: ${again.out}${again.err}`];
  if (refused) return [];
  const startedNow = textOf(ran).split("\n").filter(Boolean).length - started;
  return again.code === command.code && startedNow === 1
    ? []
    : [`once more ends with ${again.code}, started ${startedNow} times: ${again.out}${again.err}`];
}

/** The front ran in this process, which continues; marks it as ended for later commands. */
function endFront(folder: string): void {
  const root = join(folder, ".tunewise/exec");
  for (const name of existsSync(root) ? readdirSync(root) : []) {
    const meter = readMeter(join(root, name));
    if (meter === null || meter.status === "ended") continue;
    const front = { ...meter.front, start: "long ago" };
    writeFileSync(join(root, name, "meter.json"), JSON.stringify({ ...meter, front }));
  }
}

function metersIn(folder: string): RunMeter[] {
  const root = join(folder, ".tunewise/exec");
  const names = existsSync(root) ? readdirSync(root) : [];
  return names.flatMap((name) => readMeter(join(root, name)) ?? []);
}
