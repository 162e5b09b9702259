/** @file Placement of `run` and `search` from their flags: the engine, or the worker on this or another machine. */
import { resolve } from "node:path";
import type { Placement } from "@tunewise/core/run";
import {
  type ChosenPlace,
  choosePlace,
  localSite,
  type PlannedRecipe,
  placeFacts,
  type planRecipe,
  remoteSite,
  type WorkerSite,
} from "../../app/plan/index.ts";
import { workerHere, workerPython } from "../../app/worker/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { plain } from "../render/terminal.ts";

/** How to choose the executor of a run on this machine; `null` if the flags already determine it. */
export function choiceOf(
  call: Call,
  runtime: Runtime,
): ((planned: PlannedRecipe) => Promise<ChosenPlace>) | null {
  if (textFlag(call, "on") !== "here" || textFlag(call, "worker") !== null) return null;
  return async (planned) => {
    const { loaded, recipe } = planned.prepared;
    const output = resolve(loaded.folder, recipe.output);
    return choosePlace(await placeFacts(planned, output, await workerHere(runtime), runtime));
  };
}

/** The executor that the flags select. */
export function byOf(call: Call): Placement["kind"] {
  const place = textFlag(call, "on") ?? "here";
  return place !== "here" || textFlag(call, "worker") === "torch" ? "torch" : "this-machine";
}

/** Prints the chosen executor and the reason. */
export function showChoice({ by, reason }: ChosenPlace, console: Console): void {
  const name = by === "torch" ? "the worker on PyTorch" : "the engine";
  if (console.json) console.event({ kind: "place-chosen", by: by === "torch" ? "torch" : "engine", reason });
  else console.info(`on this machine by ${name}: ${plain(reason)}\n`);
}

/** Options of planning for a site; steps are traced if the site has cards. */
export function planOptions(
  site: WorkerSite | null,
  console: Console,
): NonNullable<Parameters<typeof planRecipe>[3]> {
  const onTrace = (text: string): void => console.info(text);
  return site?.cards.length ? { site, onTrace } : { site };
}

/**
 * The machine whose worker may compute the run; `null` if the engine does.
 *
 * @throws {TunewiseError} `SHARDING_NEEDS_CARDS`, `WORKER_NOT_INSTALLED`, and the errors of `remoteSite`
 */
export async function siteOf(call: Call, runtime: Runtime): Promise<WorkerSite | null> {
  const place = textFlag(call, "on");
  const sharding = shardingOf(call);
  if (place !== null && place !== "here") {
    const options = {
      leaseSeconds: numberFlag(call, "lease-seconds"),
      onLeaseEnd: textFlag(call, "on-lease-end"),
      processes: processesOf(call),
      storage: textFlag(call, "storage"),
    };
    return remoteSite(place, options, sharding, runtime);
  }
  const isAsked = textFlag(call, "worker") === "torch";
  if (isAsked) await workerPython(runtime);
  if (isAsked || (place === "here" && (await workerHere(runtime)).isInstalled))
    return localSite(sharding, runtime);
  if (sharding === "fsdp") throw problem("SHARDING_NEEDS_CARDS", { found: "the built-in engine" });
  return null;
}

/** `--sharding`. */
export function shardingOf(call: Call): "fsdp" | "none" {
  return textFlag(call, "sharding") === "fsdp" ? "fsdp" : "none";
}

/** Parses `--processes 8`, or `2-8` for a number that may shrink. @throws {TunewiseError} `USAGE_VALUE_INVALID` */
export function processesOf(call: Call): { readonly least: number; readonly most: number } | null {
  const text = textFlag(call, "processes");
  if (text === null) return null;
  const [, first, last] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(text) ?? [];
  const [least, most] = [Number(first), Number(last ?? first)];
  if (first === undefined || least < 1 || least > most)
    throw problem("USAGE_VALUE_INVALID", {
      name: "--processes",
      expected: "a number such as 8, or a range such as 2-8",
      found: `"${plain(text)}"`,
      fix: "--processes 8",
    });
  return { least, most };
}
