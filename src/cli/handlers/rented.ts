/** @file `tunewise run` and `resume` on machines that are rented for the run, and `tunewise runs sweep`. */
import { join, resolve } from "node:path";
import {
  approve,
  type Consent,
  offeredSite,
  placementAt,
  planRecipe,
  remoteSite,
  requireConsent,
  requireUnblocked,
  type WorkerSite,
} from "../../app/plan/index.ts";
import {
  type ChosenOffer,
  cheapestOffer,
  priceOf,
  promiseText,
  type ReadyMachine,
  type RentalRequest,
  type RentalWorld,
  type RentedRun,
  rentalKey,
  rentalWorld,
  rentedRunOf,
  resumedRunOf,
  type SweptMachine,
  sweepMachines,
  termsOf,
  type WantedMachine,
  withRentedMachine,
} from "../../app/rented/index.ts";
import { defaultOutput, findEarlierRuns, findRun, recipeOfRun } from "../../app/runs/index.ts";
import { chargeMachine } from "../../app/tracking/index.ts";
import { type RunOutcome, resumeRun, runRecipe } from "../../app/train/index.ts";
import { executedSpec, isRayAddress } from "../../executors/index.ts";
import { loadRecipe } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import {
  isKubernetesAddress,
  type MachineNeeds,
  openProvider,
  type Provider,
  type Volume,
} from "../../provision/index.ts";
import { cost, seconds, type Usd, usd, usdText } from "../../quantity/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { EventBody } from "../../run/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Call, isOn, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { calledText } from "../render/next-command.ts";
import { fittedTable } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { askYes, downloadPrinter, overridesOf, resumeOptions, runtimeOf } from "./context.ts";
import { endRun, watchRun } from "./run-end.ts";
import { showPlan } from "./show-plan.ts";
import { planOptions, processesOf, shardingOf } from "./site.ts";

/** Lease of a rented machine, and how long it may do nothing, unless said otherwise. */
const [defaultLeaseSeconds, defaultStallMinutes] = [900, 30];
/** Plans, shows the worst case, asks, rents, trains, and ends the machine. */
export async function handleRentedRun(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const path = call.words[0] ?? "tunewise.yaml";
  const own = await loadRecipe(path, runtime, overridesOf(call));
  const { provider, chosen, machinePrice } = await choose(call, own.recipe, runtime);
  const loaded = await loadRecipe(path, runtime, { ...overridesOf(call), machinePrice });
  const planned = await planRecipe(
    loaded,
    runtime,
    downloadPrinter(console),
    planOptions(
      offeredSite(provider.address, chosen.offer, chosen.needs.machines, shardingOf(call)),
      console,
    ),
  );
  const force = textFlag(call, "force");
  const earlier = await findEarlierRuns(planned.prepared, runtime, force);
  showPlan({ ...planned, findings: [...planned.findings, ...earlier] }, console, path, "torch");
  requireUnblocked(planned, "torch");
  const output = resolve(loaded.folder, loaded.recipe.output);
  const world = rentalWorld(provider, output, runtime);
  const rented = await rentedRunOf(
    `${planned.plan.basis.recipeFingerprint} ${planned.prepared.dataFingerprint}`,
    world,
  );
  const request = await requestOf({ call, chosen, rented, recipe: loaded.recipe, output, world }, console);
  const asked = runtime.elapsedSeconds();
  const consent = await consentTo(call, console, "run");
  // as for any run: refused before anything is created
  approve(planned, consent, calledText(call));
  const meteredSince = runtime.elapsedSeconds() - asked;
  return trainRented(
    { call, request, world, output, recipe: loaded.recipe },
    console,
    (site, place, watch) => {
      const approved = approve(planned, consent, calledText(call), placementAt(site, planned.plan));
      return runRecipe(approved, place, watch, force, meteredSince, request.stallSeconds);
    },
  );
}

/**
 * Goes on with a run on a machine that is rented for that, as its plan was approved, after a word on its price.
 *
 * @throws {TunewiseError} `RUN_NOT_MOVABLE`, and those of renting and of `resumeRun`
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
  requireConsent(await consentTo(call, console, "resume"), calledText(call), true);
  return trainRented({ call, request, world, output, recipe }, console, (site, place, watch) =>
    resumeRun(run.id, place, {
      ...{ site, watch, output, isMachineGone: true, ...resumeOptions(call) },
      ...{ overrides: { ...overridesOf(call), machinePrice }, onDownload: downloadPrinter(console) },
    }),
  );
}

/** What is trained on a rented machine. */
interface RentedTraining {
  readonly call: Call;
  readonly request: RentalRequest;
  readonly world: RentalWorld;
  readonly output: string;
  readonly recipe: Recipe;
}

/** Rents the machine, trains there by `train`, ends the machine, and says how it went. */
async function trainRented(
  { call, request, world, output, recipe }: RentedTraining,
  console: Console,
  train: (site: WorkerSite, place: Runtime, watch: (event: EventBody) => void) => Promise<RunOutcome>,
): Promise<number> {
  const runtime = runtimeOf(console);
  const { needs, offer } = request;
  const { show, close } = watchRun(console, recipe);
  try {
    const { result, receipt } = await withRentedMachine(request, world, async (machine) => {
      const signal = AbortSignal.any([runtime.signal, machine.signal]);
      const { address, place } = reached(machine, output, { ...runtime, signal });
      const options = {
        ...{ leaseSeconds: machine.terms.workerLeaseSeconds, onLeaseEnd: null },
        ...{ storage: needs.volume?.path ?? null, processes: processesFor(call, needs) },
      };
      const site = await remoteSite(address, options, shardingOf(call), place);
      let events = 0;
      const outcome = await train(site, place, (event) => {
        machine.progress(++events);
        show(event);
      });
      const { usdPerHour } = machine.terms;
      return { outcome, run: outcome.runId, sinceMs: world.nowMs(), usdPerHour };
    });
    await chargeMachine(result, receipt, output, runtime);
    if (console.json) console.event({ ...receipt, kind: "machine-gone" });
    else
      console.info(
        `\n${plain(offer.id)} is gone, its provider said twice; it cost at most ${usdText(receipt.spentMicroUsd as Usd)}`,
      );
    return endRun(result.outcome, console, close, true);
  } finally {
    close();
  }
}

/** The address of a machine, and the runtime of a run on it: `ssh` knows its name by a configuration of its own. */
function reached(
  { name, way }: ReadyMachine,
  output: string,
  runtime: Runtime,
): { readonly address: string; readonly place: Runtime } {
  if (way.kind === "ray") return { address: way.address, place: runtime };
  const TUNEWISE_SSH_CONFIG = join(output, "rented", `${name}.ssh`);
  const environment = { ...runtime.environment, TUNEWISE_SSH_CONFIG };
  return { address: `ssh://${name}`, place: { ...runtime, environment } };
}

/** A cluster has one process for each card, and without cards one on each machine, unless said otherwise. */
function processesFor(call: Call, { gpuCount, machines }: MachineNeeds): ReturnType<typeof processesOf> {
  const each = machines * Math.max(1, gpuCount);
  return processesOf(call) ?? (machines > 1 ? { least: each, most: each } : null);
}

/** The provider of the call, the cheapest machine there, and its price in place of the recipe's. */
async function choose(
  call: Call,
  { machine: { usdPerHour } }: Recipe,
  runtime: Runtime,
): Promise<{
  readonly provider: Provider;
  readonly chosen: ChosenOffer;
  readonly machinePrice: ReturnType<typeof priceOf>;
}> {
  const provider = await providerOf(call, runtime, usdPerHour > 0 ? usd(usdPerHour) : null);
  const chosen = await cheapestOffer(wantedOf(call), provider);
  return { provider, chosen, machinePrice: priceOf(chosen, provider) };
}

function providerOf(call: Call, { environment }: Runtime, usdPerHour: Usd | null): Promise<Provider> {
  return openProvider(textFlag(call, "on") ?? "", { environment, fetch: globalThis.fetch, usdPerHour });
}

/** The machine that the call asks for. */
function wantedOf(call: Call): WantedMachine {
  const text = textFlag(call, "gpu");
  const [, gpu = null, count = "1"] = /^([\w.+-]+)(?::([1-9]\d?))?$/.exec(text ?? "") ?? [];
  if (text !== null && gpu === null)
    throw problem("USAGE_VALUE_INVALID", {
      ...{ name: "--gpu", expected: "a card such as H100, or H100:8", found: `"${plain(text)}"` },
      fix: "--gpu H100:8",
    });
  const most = numberFlag(call, "max-usd-per-hour");
  const isCluster = isKubernetesAddress(textFlag(call, "on") ?? "");
  return {
    // a cluster's nodes need not have cards
    ...{ gpu, gpuCount: isCluster && text === null ? 0 : Number(count), isSpotAllowed: isOn(call, "spot") },
    ...{
      machines: numberFlag(call, "machines") ?? 1,
      image: textFlag(call, "image"),
      volume: volumeOf(call),
    },
    maxUsdPerHour: most === null ? null : usd(most),
    diskUsdPerGbMonth: numberFlag(call, "disk-usd-per-gb-month"),
  };
}

/** `CLAIM:PATH`. */
function volumeOf(call: Call): Volume | null {
  const text = textFlag(call, "volume");
  if (text === null) return null;
  const [, claim, path] = /^([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?):(\/[\w./-]{1,500})$/.exec(text) ?? [];
  if (claim !== undefined && path !== undefined) return { claim, path };
  throw problem("USAGE_VALUE_INVALID", {
    ...{
      name: "--volume",
      expected: "a claim and a path, such as shared:/mnt/shared",
      found: `"${plain(text)}"`,
    },
    fix: "--volume CLAIM:/mnt/shared",
  });
}

/** What goes into a request. */
interface Asked {
  readonly call: Call;
  readonly chosen: ChosenOffer;
  readonly rented: RentedRun;
  readonly recipe: Recipe;
  readonly output: string;
  readonly world: RentalWorld;
}

/** The request, after what the machine costs at worst was shown: that is what is approved. */
async function requestOf(
  { call, chosen, rented, recipe, output, world: { provider } }: Asked,
  console: Console,
): Promise<RentalRequest> {
  const { usd: cap } = recipe.budget;
  const stall = numberFlag(call, "stall-minutes") ?? defaultStallMinutes;
  const request: RentalRequest = {
    ...{ ...chosen, run: rented.run, capUsd: cap === null ? null : usd(cap), approvedUsd: null },
    ...{ leaseSeconds: seconds(numberFlag(call, "lease-seconds") ?? defaultLeaseSeconds) },
    sshPublicKey: await rentalKey(output, runtimeOf(console)),
    ...{ stallSeconds: seconds(60 * stall), spentUsd: rented.spentUsd },
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

/** Shows every machine that carries our tag, and ends those that nobody looks after. */
export async function handleSweep(call: Call, console: Console): Promise<number> {
  if (isRayAddress(textFlag(call, "on") ?? ""))
    return (await import("./sweep-cluster.ts")).handleClusterSweep(call, console);
  const runtime = runtimeOf(console);
  const output = resolve(console.io.cwd, textFlag(call, "output") ?? defaultOutput);
  const world = rentalWorld(await providerOf(call, runtime, null), output, runtime);
  const found = await sweepMachines(world, () => false);
  const left = found.filter(({ standing }) => standing !== "at-work");
  const isEnded = isOn(call, "delete") && left.length > 0 && (await mayEnd(left, call, console));
  if (console.json) console.document({ provider: world.provider.address, machines: found, ended: isEnded });
  else console.result(found.length === 0 ? "no machine carries our tag" : sweepText(found, console));
  if (isEnded) await endAll(left, world, console);
  else if (left.length > 0 && !console.json)
    console.info(`\nnext: tunewise runs sweep --on ${plain(world.provider.address)} --delete`);
  return DONE;
}

async function mayEnd(left: readonly SweptMachine[], call: Call, console: Console): Promise<boolean> {
  if (isOn(call, "yes")) return true;
  if (!console.canAsk) return false;
  return askYes(`End ${left.map(({ name }) => name).join(", ")}?`, "runs sweep --delete");
}

async function endAll(left: readonly SweptMachine[], world: RentalWorld, console: Console): Promise<void> {
  const names = new Set(left.map(({ name }) => name));
  await sweepMachines(world, ({ name }) => names.has(name));
  if (!console.json) console.result(`\n${[...names].join(", ")}: gone, their provider said twice`);
}

function sweepText(found: readonly SweptMachine[], console: Console): string {
  const money = (sum: Usd | null): string => (sum === null ? "unknown" : usdText(sum));
  const isPaid = ({ standing }: SweptMachine): boolean => standing === "orphan" || standing === "unknown";
  const orphans = found.filter(isPaid);
  const rate = orphans.reduce((sum, { usdPerHour }) => sum + (usdPerHour ?? 0), 0) as Usd;
  const table = fittedTable(
    ["machine", "standing", "#an hour", "#cost so far", ["since", 2], ["state", 1]],
    found.map(({ name, standing, usdPerHour, spentUsd, createdMs, detail }) => [
      ...[plain(name), standing, money(usdPerHour), money(spentUsd)],
      ...[createdMs === null ? "" : new Date(createdMs).toISOString(), plain(detail)],
    ]),
    console.tableColumns,
  );
  return orphans.length === 0
    ? table
    : `${table}\n\nnobody looks after ${orphans.length} of them: ${usdText(rate)} an hour`;
}
