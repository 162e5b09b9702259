/**
 * @file `tunewise exec`: a command inside a budget.
 */
import { join, resolve } from "node:path";
import {
  adoptOrphans,
  type CommandRun,
  commandEnvironment,
  fingerprintCommand,
  hashNamedFiles,
  type LaunchEvent,
  launchCommand,
  type RunMeter,
  readBudget,
  readCodeVersion,
  readRate,
  shownCommand,
} from "../../launch/index.ts";
import { problem } from "../../problem/index.ts";
import { seconds, secondsText, type Usd, usd, usdText } from "../../quantity/index.ts";
import { makeRunId } from "../../track/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import { createMachine } from "../exec/machine.ts";
import { DONE, FAILED } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { plain } from "../render/place.ts";

/** Letters of a program's name in a run id, so that the id fits into a tag of W&B. */
const nameCharsMost = 24;

/**
 * Runs the command and answers with its exit code.
 *
 * @throws {TunewiseError} `EXEC_OUTCOME_LOST`, and the errors of `launchCommand`
 */
export async function handle(call: Call, face: Face): Promise<number> {
  const { world } = face;
  const machine = createMachine();
  const limits = limitsOf(call);
  const root = resolve(world.cwd, textFlag(call, "output") ?? ".tunewise", "exec");
  for (const { runId, command } of await adoptOrphans(root, machine, world.env)) {
    face.talk(`run ${runId} (${plain(command)}) had lost its meter; it has a new one`);
  }
  const program = (call.words[0] ?? "").replace(/^.*\//, "").slice(0, nameCharsMost);
  const runId = makeRunId(program, machine.now(), Math.random());
  const folder = join(root, runId);
  const environment = await environmentOf(call, face, runId, folder);
  face.talk(`running ${plain(shownCommand(call.words))} ${limitText(limits)}`);
  const spec = { runId, folder, command: call.words, environment, ...limits };
  const run = await launchCommand(spec, machine, (event) => face.complain(eventText(event)));
  const release = passSignals(run, face);
  try {
    const outcome = await run.ended;
    showEnd(outcome, folder, face);
    if (outcome.exitCode !== null) return outcome.exitCode;
    throw problem("EXEC_OUTCOME_LOST", { run: runId, spent: usdText(outcome.meter.spentMicroUsd) });
  } finally {
    release();
  }
}

interface Limits {
  readonly rateUsdPerHour: Usd;
  readonly rateSource: string;
  readonly capUsd: Usd | null;
  readonly tickMs: number;
  readonly graceMs: number;
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

async function environmentOf(
  call: Call,
  { world }: Face,
  runId: string,
  folder: string,
): Promise<Record<string, string>> {
  const [files, code] = await Promise.all([
    hashNamedFiles(call.words, world.cwd),
    readCodeVersion(world.cwd),
  ]);
  return commandEnvironment({
    runId,
    folder,
    inherited: world.env,
    server: textFlag(call, "server"),
    apiKey: world.env[textFlag(call, "api-key-env") ?? "TUNEWISE_API_KEY"] ?? null,
    project: textFlag(call, "project"),
    fingerprint: fingerprintCommand({ command: call.words, files, code }),
  });
}

/** Ctrl-C once goes to the command, twice ends everything; SIGTERM asks to save first. */
function passSignals(run: CommandRun, face: Face): () => void {
  let times = 0;
  const release = face.world.takeOver(() => {
    times++;
    if (times > 1) return run.end();
    face.complain("\npassed on to the command; Ctrl-C again ends it and everything it started");
    run.interrupt();
  });
  const stop = (): void => run.stop();
  face.world.signal.addEventListener("abort", stop);
  return () => {
    release();
    face.world.signal.removeEventListener("abort", stop);
  };
}

function limitText({ capUsd, rateUsdPerHour, graceMs }: Limits): string {
  const rate = `at ${usdText(rateUsdPerHour)} an hour`;
  if (capUsd === null) return `${rate}, without a budget`;
  const time = secondsText(seconds((capUsd / rateUsdPerHour) * 3600));
  return `${rate}: ${usdText(capUsd)} last ${time}, then it has ${secondsText(seconds(graceMs / 1000))} to save`;
}

function eventText({ kind, meter }: LaunchEvent): string {
  const spent = usdText((kind === "stop-asked" ? meter.stop : null)?.spentMicroUsd ?? meter.spentMicroUsd);
  const cap = meter.capUsd === null ? "" : ` of ${usdText(meter.capUsd)}`;
  if (kind === "warning") return `tunewise: ${spent}${cap} are spent`;
  if (kind === "supervisor-lost") return `tunewise: the meter was lost at ${spent} and is started again`;
  const grace = secondsText(seconds(meter.graceMs / 1000));
  const why =
    meter.stop?.reason === "budget" ? `the budget is spent (${spent}${cap})` : "a stop was asked for";
  return `tunewise: ${why}; the command is asked to save and has ${grace}`;
}

function showEnd(
  { meter, exitCode, overshootUsd }: { meter: RunMeter; exitCode: number | null; overshootUsd: Usd },
  folder: string,
  face: Face,
): void {
  if (face.json) {
    const {
      runId,
      spentMicroUsd,
      meteredMs,
      rateUsdPerHour,
      rateSource,
      capUsd,
      stop,
      left,
      commandExitCode,
    } = meter;
    face.document({
      run: runId,
      folder,
      spent_micro_usd: spentMicroUsd,
      seconds: meteredMs / 1000,
      rate_micro_usd_per_hour: rateUsdPerHour,
      rate_source: rateSource,
      cap_micro_usd: capUsd,
      overshoot_micro_usd: overshootUsd,
      stopped_by: stop?.reason ?? null,
      exit_code: exitCode,
      command_exit_code: commandExitCode,
      processes_left: left,
    });
    return;
  }
  const over = overshootUsd > 0 ? `, ${usdText(overshootUsd)} over the budget for saving and ending` : "";
  const time = secondsText(seconds(meter.meteredMs / 1000));
  face.talk(`spent ${usdText(meter.spentMicroUsd)} in ${time}${over}; run ${meter.runId}`);
  if (meter.left > 0) face.complain(`tunewise: ${meter.left} processes of the run are still there`);
  if (exitCode !== DONE && exitCode !== FAILED && meter.stop === null && exitCode !== null) {
    face.talk(`the command ended with exit code ${exitCode}`);
  }
}
