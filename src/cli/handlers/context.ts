/** @file What handlers of use cases share: the host, overrides from flags, download progress. */

import type { OnDownload, RecipeOverrides } from "../../prepare/index.ts";
import { bytes, bytesText } from "../../quantity/index.ts";
import { createRuntime, type Runtime } from "../../runtime/index.ts";
import { budgetFlag, type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { pickRules } from "../flags.ts";
import { version } from "../version.ts";

/** The host of this command, whose clock is that of its process: inside another program it counts from the command's start. */
export function hostOf({ io, quiet, error }: Console): Runtime {
  const note = (text: string): void => {
    if (!quiet) error(`note: ${text}`);
  };
  return { ...createRuntime(io.cwd, io.signal, version(), io.now), note };
}

/** Caps and the choice of a checkpoint given on the command line. */
export function overridesOf(call: Call): RecipeOverrides {
  const { usd: budgetUsd, minutes: budgetMinutes } = budgetFlag(call);
  const pick = textFlag(call, "pick");
  const reportTo = textFlag(call, "report-to") as NonNullable<RecipeOverrides["reportTo"]> | null;
  return {
    ...(budgetUsd === null ? {} : { budgetUsd }),
    ...(budgetMinutes === null ? {} : { budgetMinutes }),
    ...(reportTo === null ? {} : { reportTo }),
    ...(pick === null ? {} : { keep: pickRules[pick as keyof typeof pickRules] }),
  };
}

/** The folder given by `--output`, as a property to spread. */
export function outputOf(call: Call): { readonly output?: string } {
  const output = textFlag(call, "output");
  return output === null ? {} : { output };
}

/** Milliseconds between lines about one download. */
const tellEvery = 2_000;

/** Tells of downloads, a line every two seconds. */
export function downloadTeller(console: Console): OnDownload {
  let toldAt = Number.NEGATIVE_INFINITY;
  return ({ file, doneBytes, totalBytes }) => {
    const now = console.io.now();
    if (now - toldAt < tellEvery && doneBytes !== totalBytes) return;
    toldAt = now;
    const total = totalBytes === null ? "" : ` of ${bytesText(bytes(totalBytes))}`;
    console.info(`fetching ${file}: ${bytesText(bytes(doneBytes))}${total}`);
  };
}
