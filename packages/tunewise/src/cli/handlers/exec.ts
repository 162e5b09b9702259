/**
 * @file `tunewise exec`: runs a command within a budget.
 *
 *     meter on the disk ─► registered, or refused ─► tracking server ─► started ─► charged ─► ended
 */
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { usd, usdText } from "@tunewise/core/quantity";
import { type AcceptedLaunch, type LaunchRegistry, type LaunchRequest, makeRunId } from "@tunewise/tracker";
import { reportEnd, reportEndedLaunches, reportOf } from "../../app/tracking/index.ts";
import { packageVersion } from "../../catalog/index.ts";
import {
  askStop,
  type CommandFingerprint,
  type CommandRun,
  commandEnvironment,
  endGivenUp,
  endUnstarted,
  fingerprintCommand,
  hashNamedFiles,
  type LaunchOutcome,
  launchCommand,
  type Machine,
  prepareCommand,
  readBudget,
  readCodeVersion,
  readMeter,
  readRate,
  runIdVariable,
  shownCommand,
} from "../../launch/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { createMachine } from "../exec/machine.ts";
import { eventText, type Limits, limitText, showEnd } from "../exec/show.ts";
import { openTracker, type Tracker } from "../exec/tracker.ts";
import { isHangUp } from "../interrupt.ts";
import { errorText } from "../render/problem.ts";
import { plain } from "../render/terminal.ts";

/** Maximum characters of a program's name in a run id, so that the id fits in a W&B tag. */
const maxNameChars = 24;

/**
 * Runs the command and returns its exit code.
 *
 * @throws {TunewiseError} `RUN_DUPLICATE`, `SHARED_BUDGET_SPENT`, `EXEC_OUTCOME_LOST`, and the errors of `openTracker`
 *   and `launchCommand`
 */
export async function handle(call: Call, console: Console): Promise<number> {
  const { io } = console;
  const limits = limitsOf(call);
  const output = resolve(io.cwd, textFlag(call, "output") ?? ".tunewise");
  const tracker = await openTracker(call, console, output);
  try {
    return await track(call, console, limits, join(output, "exec"), tracker);
  } finally {
    await tracker.registry.close();
  }
}

async function track(
  call: Call,
  console: Console,
  limits: Limits,
  root: string,
  tracker: Tracker,
): Promise<number> {
  const { io } = console;
  const { registry } = tracker;
  const machine = createMachine();
  await endUnstarted(root, machine);
  await reportEndedLaunches(registry, root);
  const name = textFlag(call, "name");
  const program = (name ?? call.words[0] ?? "").replace(/^.*\//, "").slice(0, maxNameChars);
  const runId = makeRunId(program, machine.now(), Math.random());
  const folder = join(root, runId);
  const fingerprint = await fingerprintOf(call, console);
  const named = { runId, folder, command: call.words, ...limits };
  await prepareCommand(named, machine);
  const accepted = await registry
    .begin(requestOf(call, console, runId, limits, fingerprint))
    .catch(refused(folder));
  printAccepted(accepted, io.env[runIdVariable] || null, console);
  const start = async (): Promise<CommandRun> => {
    const server = await tracker.serve(folder);
    const environment = commandEnvironment({
      runId,
      folder,
      server,
      fingerprint,
      inherited: io.env,
      apiKey: tracker.apiKey,
      project: textFlag(call, "project"),
    });
    const logs = server === null ? "" : `; MLflow and W&B calls go to ${tracker.place}`;
    // from here on, the command receives Ctrl-C; before, only this process does
    if (io.signal.aborted) throw problem("USAGE_INTERRUPTED", { command: "exec" });
    console.info(`running ${plain(shownCommand(call.words))} ${limitText(limits)}${plain(logs)}`);
    return launchCommand({ ...named, environment }, machine, (event) => console.error(eventText(event)));
  };
  const run = await start().catch(async (error: unknown) => {
    await endGivenUp(folder, machine).catch(() => undefined);
    await registry.report(runId, notStarted).catch(() => undefined); // if it fails, the next command detects it
    throw error;
  });
  return follow(run, { console, folder, registry, machine });
}

const notStarted = { microUsd: 0, meteredMs: 0, ended: "failed" } as const;

/** Refusals after which a command is certainly not registered. */
const refusals: readonly string[] = ["RUN_DUPLICATE", "SHARED_BUDGET_SPENT", "TRACKER_REFUSED"];

/** Removes the folder of a refused command, but keeps the meter of one that may be registered. */
function refused(folder: string): (error: unknown) => Promise<never> {
  return async (error) => {
    const isRefused = TunewiseError.is(error) && refusals.includes(error.code);
    if (isRefused) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  };
}

/** Inputs of following a running command. */
interface Following {
  readonly console: Console;
  readonly folder: string;
  readonly registry: LaunchRegistry;
  readonly machine: ReturnType<typeof createMachine>;
}

async function follow(run: CommandRun, { console, folder, registry, machine }: Following): Promise<number> {
  const release = passSignals(run, console);
  const report = (error: unknown): void =>
    console.error(errorText(error, console.paintStderr, { command: "exec", version: packageVersion() }));
  const endReporting = keepReporting(registry, folder, machine, report);
  try {
    const outcome = await run.ended;
    await endReporting();
    await reportEnd(registry, folder, outcome.meter).catch(report);
    return answerOf(outcome, folder, console);
  } catch (error) {
    // without a supervisor, the end in its meter is still reported
    const meter = readMeter(folder);
    if (meter?.status === "ended") await reportEnd(registry, folder, meter).catch(() => undefined);
    throw error;
  } finally {
    release();
  }
}

function answerOf(ending: LaunchOutcome, folder: string, console: Console): number {
  showEnd(ending, folder, console);
  if (ending.exitCode !== null) return ending.exitCode;
  const { runId, spentMicroUsd } = ending.meter;
  throw problem("EXEC_OUTCOME_LOST", { run: runId, spent: usdText(spentMicroUsd) });
}

function printAccepted(
  { similar, warning, launchedBy }: AcceptedLaunch,
  outer: string | null,
  console: Console,
): void {
  if (launchedBy !== null)
    console.info(
      `part of run ${plain(launchedBy)}, which is charged for its time; its own budget holds as well`,
    );
  else if (outer !== null)
    console.info(`run ${plain(outer)} is not at work in this store: this command is charged separately`);
  if (warning !== null) console.error(`tunewise: ${plain(warning)}`);
  if (similar !== null) console.error(`tunewise: the same but for its seed ran before: ${plain(similar)}`);
}

function limitsOf(call: Call): Limits {
  const [budgetText, rateText] = [textFlag(call, "budget"), textFlag(call, "rate")];
  const capUsd = budgetText === null ? null : readBudget(budgetText);
  const rateUsdPerHour = rateText === null ? usd(0) : readRate(rateText);
  if (capUsd !== null && rateUsdPerHour === 0)
    throw problem("EXEC_RATE_MISSING", { budget: usdText(capUsd) });
  return {
    rateUsdPerHour,
    rateSource: rateText === null ? "no rate was given" : `--rate ${rateText}`,
    capUsd,
    tickMs: 1000 * (numberFlag(call, "tick-seconds") ?? 1),
    graceMs: 1000 * (numberFlag(call, "grace-seconds") ?? 60),
  };
}

async function fingerprintOf(call: Call, { io }: Console): Promise<CommandFingerprint> {
  const [files, code] = await Promise.all([hashNamedFiles(call.words, io.cwd), readCodeVersion(io.cwd)]);
  return fingerprintCommand({ command: call.words, files, code });
}

function requestOf(
  call: Call,
  { io }: Console,
  id: string,
  limits: Limits,
  { exact, family }: CommandFingerprint,
): LaunchRequest {
  const name = textFlag(call, "name");
  return {
    id,
    command: shownCommand(call.words),
    ...(name === null ? {} : { name }),
    host: createMachine().host,
    project: textFlag(call, "project"),
    person: io.env["USER"] ?? io.env["LOGNAME"] ?? "",
    fingerprint: exact,
    family,
    forced: textFlag(call, "force"),
    price: { microUsdPerHour: limits.rateUsdPerHour, source: limits.rateSource },
    capMicroUsd: limits.capUsd,
    outer: io.env[runIdVariable] || null,
  };
}

/** Passes a first Ctrl-C to the command and ends everything at the second; SIGTERM asks to save first. */
function passSignals(run: CommandRun, console: Console): () => void {
  let times = 0;
  const release = console.io.takeOver(() => {
    times++;
    if (times > 1) return run.end();
    console.error("\npassed on to the command; Ctrl-C again ends it and everything it started");
    run.interrupt();
  });
  // the command continues under its supervisor after its terminal is closed
  const stop = (): void => {
    if (!isHangUp(console.io.signal)) run.stop();
  };
  console.io.signal.addEventListener("abort", stop);
  return () => {
    release();
    console.io.signal.removeEventListener("abort", stop);
  };
}

const pauseMs = 5_000;

/**
 * Reports periodically until the returned function is called.
 *
 * @param onError called for the first failed report; later reports include the missing data
 */
function keepReporting(
  registry: LaunchRegistry,
  folder: string,
  machine: Machine,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let busy = Promise.resolve();
  let [hasFailed, hasAsked] = [false, false];
  const report = async (): Promise<void> => {
    const meter = readMeter(folder);
    if (!meter || meter.status === "ended") return;
    const stop = await registry.report(meter.runId, reportOf(meter));
    if (stop === null || hasAsked) return;
    hasAsked = true;
    await askStop(folder, "request", machine);
  };
  const timer = setInterval(() => {
    busy = busy.then(report).catch((error: unknown) => {
      if (!hasFailed) onError(error);
      hasFailed = true;
    });
  }, pauseMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    return busy;
  };
}
