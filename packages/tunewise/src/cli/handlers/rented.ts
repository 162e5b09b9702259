/** @file `tunewise run` and `resume` on machines rented for the run. */
import { resolve } from "node:path";
import { seconds, type Usd, usd, usdText } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import { type Consent, offeredSite, type PlannedRecipe, requireConsent } from "../../app/plan/index.ts";
import {
  type ChosenOffer,
  cheapestOffer,
  priceOf,
  promiseText,
  type Receipt,
  type RentalRequest,
  type RentalWorld,
  type RentedRun,
  rentalKey,
  rentalWorld,
  rentedRunOf,
  resumedRunOf,
  termsOf,
  trainRented,
  type WantedMachine,
} from "../../app/rented/index.ts";
import { findRun, recipeOfRun } from "../../app/runs/index.ts";
import {
  planAndRun,
  type RunOptions,
  type RunOutcome,
  type RunRequest,
  resumeRun,
  type TrainAt,
} from "../../app/train/index.ts";
import { executedSpec } from "../../executors/index.ts";
import { loadRecipe } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import { isKubernetesAddress, openProvider, type Provider, type Volume } from "../../provision/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Call, isOn, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { calledText } from "../render/next-command.ts";
import { plain } from "../render/terminal.ts";
import { askYes, downloadPrinter, overridesOf, resumeOptions, runtimeOf, stallOf } from "./context.ts";
import { endRun, watchRun } from "./run-end.ts";
import { onConsole } from "./run-on-console.ts";
import { processesOf, shardingOf } from "./site.ts";

/** Default lease of a rented machine. */
const defaultLeaseSeconds = 900;

/** Plans, shows the worst case, asks for approval, rents, trains, and deletes the machine. */
export async function handleRentedRun(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const path = call.words[0] ?? "tunewise.yaml";
  const own = await loadRecipe(path, runtime, overridesOf(call));
  const { provider, chosen, machinePrice } = await choose(call, own.recipe, runtime);
  const loaded = await loadRecipe(path, runtime, { ...overridesOf(call), machinePrice });
  const { recipe } = loaded;
  const output = resolve(loaded.folder, recipe.output);
  const world = rentalWorld(provider, output, runtime);
  const { offer, needs } = chosen;
  const run: RunRequest = {
    loaded,
    site: offeredSite(provider.address, offer, needs.machines, shardingOf(call)),
    by: "torch",
    force: textFlag(call, "force"),
    command: calledText(call),
    meteredSince: 0, // the process was started for this run
    ...stallOf(call),
  };
  let request: RentalRequest | null = null;
  const consent = async ({ plan, prepared }: PlannedRecipe): Promise<Consent> => {
    const experiment = `${plan.basis.recipeFingerprint} ${prepared.dataFingerprint}`;
    const rented = await rentedRunOf(experiment, world);
    request = await requestOf({ call, chosen, rented, recipe, output, world }, console);
    return consentTo(call, console, "run");
  };
  const how = { path, site: null, consent, provider: provider.address };
  return onConsole(recipe, how, console, (options) => {
    const within: RunOptions["within"] = (train) => {
      if (request === null) throw new Error("Internal: a machine was approved that nobody requested");
      return rent({ call, request, world, output }, options.onEvent, console, train);
    };
    return planAndRun(run, { ...options, within }, runtime);
  });
}

/**
 * Resumes a run on a newly rented machine under its approved plan, after approval of the price.
 *
 * @throws {TunewiseError} `RUN_NOT_MOVABLE`, and the errors of renting and of `resumeRun`
 */
export async function handleRentedResume(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const found = await findRun(call.words[0] ?? "latest", runtime, textFlag(call, "output") ?? undefined);
  const { run, folder, output } = found;
  const { recipe } = await recipeOfRun(found, overridesOf(call));
  const { provider, chosen, machinePrice } = await choose(call, recipe, runtime);
  const world = rentalWorld(provider, output, runtime);
  const computed = (await executedSpec(folder.path))?.placement;
  if (computed?.kind !== "torch")
    throw problem("RUN_NOT_MOVABLE", { run: run.id, address: provider.address });
  const rented = await resumedRunOf(run.id, computed.host?.address ?? null, world);
  const request = await requestOf({ call, chosen, rented, recipe, output, world }, console);
  const asked = runtime.elapsedSeconds();
  requireConsent(await consentTo(call, console, "resume"), calledText(call), true);
  const meteredSince = runtime.elapsedSeconds() - asked;
  const resume: TrainAt = (site, place, watch) =>
    resumeRun(run.id, place, {
      site,
      watch,
      output,
      isMachineGone: true,
      ...resumeOptions(call),
      meteredSince,
      overrides: { ...overridesOf(call), machinePrice },
      onDownload: downloadPrinter(console),
    });
  const { show, close } = watchRun(console, recipe);
  console.io.beginSaving();
  try {
    const outcome = await rent({ call, request, world, output }, show, console, resume);
    return endRun(outcome, console, close, provider.address);
  } finally {
    close();
  }
}

/** Rents the machine, trains on it and ends it. */
function rent(
  { call, request, world, output }: Requested,
  watch: (event: EventBody) => void,
  console: Console,
  train: TrainAt,
): Promise<RunOutcome> {
  const onGone = (receipt: Receipt): void => {
    const cost = usdText(receipt.spentMicroUsd as Usd);
    const text = `\n${plain(request.offer.id)} is gone, its provider said twice; it cost at most ${cost}`;
    if (console.json) console.event({ ...receipt, kind: "machine-gone" });
    else console.info(text);
  };
  const how = { sharding: shardingOf(call), processes: processesOf(call), watch, onGone };
  return trainRented({ request, world, output, ...how }, runtimeOf(console), train);
}

/** Selects the provider, its cheapest suitable machine, and that machine's price, which replaces the recipe's. */
async function choose(
  call: Call,
  { machine: { usdPerHour } }: Recipe,
  runtime: Runtime,
): Promise<{
  readonly provider: Provider;
  readonly chosen: ChosenOffer;
  readonly machinePrice: ReturnType<typeof priceOf>;
}> {
  const wanted = wantedOf(call);
  const provider = await providerOf(call, runtime, usdPerHour > 0 ? usd(usdPerHour) : null);
  const chosen = await cheapestOffer(wanted, provider);
  return { provider, chosen, machinePrice: priceOf(chosen, provider) };
}

function providerOf(call: Call, { environment }: Runtime, usdPerHour: Usd | null): Promise<Provider> {
  return openProvider(textFlag(call, "on") ?? "", { environment, fetch: globalThis.fetch, usdPerHour });
}

/** The machine that the flags request. */
function wantedOf(call: Call): WantedMachine {
  const text = textFlag(call, "gpu");
  const [, gpu = null, count = "1"] = /^([\w.+-]+)(?::([1-9]\d?))?$/.exec(text ?? "") ?? [];
  if (text !== null && gpu === null)
    throw problem("USAGE_VALUE_INVALID", {
      name: "--gpu",
      expected: "a card such as H100, or H100:8",
      found: `"${plain(text)}"`,
      fix: "--gpu H100:8",
    });
  const most = numberFlag(call, "max-usd-per-hour");
  const isCluster = isKubernetesAddress(textFlag(call, "on") ?? "");
  for (const name of isCluster ? ["spot", "disk-usd-per-gb-month"] : []) requireAbsent(call, name);
  return {
    // nodes of a cluster may have no cards
    gpu,
    gpuCount: isCluster && text === null ? 0 : Number(count),
    isSpotAllowed: isOn(call, "spot"),
    machines: numberFlag(call, "machines") ?? 1,
    image: textFlag(call, "image"),
    volume: volumeOf(call),
    maxUsdPerHour: most === null ? null : usd(most),
    diskUsdPerGbMonth: numberFlag(call, "disk-usd-per-gb-month"),
  };
}

/** Refuses a flag for something that a cluster decides itself. @throws {TunewiseError} `USAGE_VALUE_INVALID` */
function requireAbsent(call: Call, name: string): void {
  if (!call.flags.has(name)) return;
  throw problem("USAGE_VALUE_INVALID", {
    name: `--${name}`,
    expected: "left out on Kubernetes, whose nodes are there already",
    found: `--${name}`,
    fix: "machine: { usd_per_hour: 4.2 } in the recipe says what all of it costs",
  });
}

/** Parses `CLAIM:PATH`. */
function volumeOf(call: Call): Volume | null {
  const text = textFlag(call, "volume");
  if (text === null) return null;
  const [, claim, path] = /^([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?):(\/[\w./-]{1,500})$/.exec(text) ?? [];
  if (claim !== undefined && path !== undefined) return { claim, path };
  throw problem("USAGE_VALUE_INVALID", {
    name: "--volume",
    expected: "a claim and a path, such as shared:/mnt/shared",
    found: `"${plain(text)}"`,
    fix: "--volume CLAIM:/mnt/shared",
  });
}

/** A requested machine and its run. */
interface Requested {
  readonly call: Call;
  readonly request: RentalRequest;
  readonly output: string;
  readonly world: RentalWorld;
}

/** Inputs of a request. */
interface Asked extends Omit<Requested, "request"> {
  readonly recipe: Recipe;
  readonly chosen: ChosenOffer;
  readonly rented: RentedRun;
}

/** Shows the machine's worst-case cost, which is the approved amount, and returns the request. */
async function requestOf(
  { call, chosen, rented, recipe, output, world: { provider } }: Asked,
  console: Console,
): Promise<RentalRequest> {
  const { usd: cap } = recipe.budget;
  const request: RentalRequest = {
    ...chosen,
    run: rented.run,
    capUsd: cap === null ? null : usd(cap),
    approvedUsd: null,
    leaseSeconds: seconds(numberFlag(call, "lease-seconds") ?? defaultLeaseSeconds),
    sshPublicKey: await rentalKey(output, runtimeOf(console)),
    spentUsd: rented.spentUsd,
  };
  const terms = termsOf({ ...request, address: provider.address }, provider.guarantee);
  const { keeper } = provider.guarantee;
  if (console.json) console.event({ kind: "rental-planned", offer: request.offer.id, ...terms, keeper });
  else console.info(`rented: ${plain(request.offer.id)}, ${plain(promiseText(terms, provider.guarantee))}\n`);
  return { ...request, approvedUsd: terms.worstUsd };
}

async function consentTo(call: Call, console: Console, command: "run" | "resume"): Promise<Consent> {
  if (isOn(call, "yes")) return { kind: "flag" };
  if (!console.canAsk) return { kind: "none" };
  const question = command === "run" ? "run this plan" : "go on with this run";
  return { kind: "asked", yes: await askYes(`Rent this machine and ${question}?`, command) };
}
