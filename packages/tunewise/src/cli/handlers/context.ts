/** @file Shared by handlers of use cases: runtime environment, overrides from flags, download progress. */

import { bytes, bytesText, type Seconds, seconds } from "@tunewise/core/quantity";
import type { Decoding } from "../../app/inference/index.ts";
import type { ResumeOptions } from "../../app/train/index.ts";
import { packageVersion } from "../../catalog/index.ts";
import { curveGuards } from "../../guard/index.ts";
import type { OnDownload, RecipeOverrides } from "../../prepare/index.ts";
import { readSettings } from "../../recipe/index.ts";
import { createRuntime, type Runtime } from "../../runtime/index.ts";
import { budgetFlag, type Call, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { checkpointSelections } from "../flags.ts";

/**
 * Creates the runtime environment of a command. Its clock counts from the start of the process, or of the command if it
 * runs inside another program.
 */
export function runtimeOf({ io, quiet, error }: Console): Runtime {
  const note = (text: string): void => {
    if (!quiet) error(`note: ${text}`);
  };
  return { ...createRuntime(io.cwd, io.signal, packageVersion(), io.now), note };
}

/**
 * Settings, caps and the checkpoint selection given on the command line.
 *
 * @throws {TunewiseError} `USAGE_VALUE_INVALID`
 */
export function overridesOf(call: Call): RecipeOverrides {
  const { usd: budgetUsd, minutes: budgetMinutes } = budgetFlag(call);
  const checkpoint = textFlag(call, "checkpoint");
  const settings = textFlag(call, "set");
  const runName = textFlag(call, "name");
  const reportTo = textFlag(call, "report-to") as NonNullable<RecipeOverrides["reportTo"]> | null;
  return {
    ...(budgetUsd === null ? {} : { budgetUsd }),
    ...(budgetMinutes === null ? {} : { budgetMinutes }),
    ...(runName === null ? {} : { runName }),
    ...(reportTo === null ? {} : { reportTo }),
    ...(settings === null ? {} : { settings: readSettings(settings, "--set") }),
    ...(checkpoint === null
      ? {}
      : { checkpointSelection: checkpointSelections[checkpoint as keyof typeof checkpointSelections] }),
  };
}

/** Options for resuming a run, with any executor. */
export function resumeOptions(
  call: Call,
): Pick<ResumeOptions, "meteredSince" | "overrule" | "force" | "stallSeconds"> {
  const overrule = textFlag(call, "overrule");
  return {
    meteredSince: 0, // counts the time since the process started, since it was started for this run
    overrule: curveGuards.find((guard) => guard === overrule) ?? null,
    force: textFlag(call, "force"),
    ...stallOf(call),
  };
}

/** `--stall-minutes`. */
export function stallOf(call: Call): { readonly stallSeconds?: Seconds } {
  const minutes = numberFlag(call, "stall-minutes");
  return minutes === null ? {} : { stallSeconds: seconds(60 * minutes) };
}

/** Decoding settings given by flags. */
export function decodingFlags(call: Call): Partial<Decoding> {
  const flags = { maxTokens: "max-tokens", temperature: "temperature", topP: "top-p", seed: "seed" } as const;
  const given = Object.entries(flags).map(([key, flag]) => [key, numberFlag(call, flag)] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== null));
}

/** Asks yes or no in the terminal. @throws {TunewiseError} `USAGE_INTERRUPTED` */
export async function askYes(question: string, command: string): Promise<boolean> {
  return (await import("../prompts.ts")).askYes(question, command);
}

/** Runs work that Ctrl-C can stop; then returns `null` after printing what is left behind. */
export async function unlessStopped<Result>(
  { io, error }: Console,
  work: Promise<Result>,
  standing: string,
): Promise<Result | null> {
  try {
    return await work;
  } catch (thrown) {
    if (!io.signal.aborted) throw thrown;
    error(standing);
    return null;
  }
}

/** Prints progress, at most one line per `intervalMs`; the first at once or after that time. */
export function progressPrinter(
  { io, info }: Console,
  intervalMs = 5_000,
  lastMs: number = io.now(),
): (text: string, isDue?: boolean) => void {
  let printedMs = lastMs;
  return (text, isDue = false) => {
    const now = io.now();
    if (!isDue && now - printedMs < intervalMs) return;
    printedMs = now;
    info(text);
  };
}

/** Prints the progress of downloads every two seconds, and their completion. */
export function downloadPrinter(console: Console): OnDownload {
  const print = progressPrinter(console, 2_000, Number.NEGATIVE_INFINITY);
  return ({ file, doneBytes, totalBytes }) =>
    print(fetchingText(file, doneBytes, totalBytes), doneBytes === totalBytes);
}

/** `fetching model.safetensors: 12 MB of 40 MB` */
export function fetchingText(name: string, doneBytes: number, totalBytes: number | null): string {
  const total = totalBytes === null ? "" : ` of ${bytesText(bytes(totalBytes))}`;
  return `fetching ${name}: ${bytesText(bytes(doneBytes))}${total}`;
}
