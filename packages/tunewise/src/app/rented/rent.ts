/**
 * @file Rents a machine for a run, and ends it again, whatever happens in between: the intent is on disk before the
 * machine is created, its lease is armed before the worker starts, and it is gone when its provider has said so twice.
 */

import { type Seconds, seconds, type Usd, usdText } from "@tunewise/core/quantity";
import { type ProblemCode, problem, type TunewiseError } from "../../problem/index.ts";
import {
  type MachineNeeds,
  type MachineRequest,
  machineName,
  type Offer,
  type Way,
} from "../../provision/index.ts";
import { endMachine } from "./end-machine.ts";
import { leaseCommand } from "./lease-command.ts";
import { awaitMachine, createMachine } from "./obtain-machine.ts";
import { type Intent, paidAtMost, type Receipt } from "./records.ts";
import { type RentalTerms, termsOf } from "./terms.ts";
import { watchMachine } from "./watch-machine.ts";
import { type RentalWorld, reasonOf, workIsDone } from "./world.ts";

/** What is to be rented, as it was approved. */
export interface RentalRequest {
  /** What the run is known by, and its machines follow from. */
  readonly run: string;
  /** What earlier machines of the run have cost, as it was shown; the records count. */
  readonly spentUsd: Usd;
  readonly offer: Offer;
  readonly needs: MachineNeeds;
  readonly capUsd: Usd | null;
  /** The worst case that was approved; `null`: that of this request. */
  readonly approvedUsd: Usd | null;
  readonly leaseSeconds: Seconds;
  readonly diskUsdPerHour: Usd | null;
  readonly sshPublicKey: string;
}

/** A machine that is ready, for the work on it. */
export interface ReadyMachine {
  readonly name: string;
  readonly way: Way;
  readonly terms: RentalTerms;
  /** Aborted when the work is to save and end. */
  readonly signal: AbortSignal;
}

/** How long a machine that is taken up again may take to be reached. */
const leastReachingMs = 120_000;

/**
 * Does `work` on a machine that is rented for it.
 *
 * A run that was left alone finds its machine again by its name. The cap is for all machines of a run together.
 *
 * @param onGone told of the receipt, whatever became of the work
 * @throws {TunewiseError} what `termsOf`, `createMachine`, `awaitMachine`, `work` and `endMachine` throw,
 *   `RENTAL_VANISHED`, `RENTAL_CAP_REACHED`
 */
export async function withRentedMachine<Result>(
  request: RentalRequest,
  world: RentalWorld,
  work: (machine: ReadyMachine) => Promise<Result>,
  onGone: (receipt: Receipt) => Promise<void> | void = () => undefined,
): Promise<Result> {
  const found = await takeUp(request.run, world);
  const intent = found ?? (await intend(request, world));
  let outcome: { readonly result: Result } | { readonly error: unknown };
  try {
    if (found === null) await createMachine(machineOf(request, intent), world);
    outcome = { result: await useMachine(intent, world, work) };
  } catch (error) {
    outcome = { error };
  }
  const reason = "error" in outcome ? reasonOf(outcome.error) : workIsDone;
  const receipt = await endMachine(intent, reason, world);
  await onGone(receipt);
  if ("error" in outcome) throw withSpent(outcome.error, receipt);
  return outcome.result;
}

/**
 * The machine that an earlier controller of the run left, if it can still be used: checkpoints may be there alone. All
 * others are ended.
 */
async function takeUp(run: string, world: RentalWorld): Promise<Intent | null> {
  const { provider, records, nowMs, say } = world;
  const left = (await records.all()).filter(({ intent, receipt }) => intent.run === run && receipt === null);
  let taken: Intent | null = null;
  for (const { intent, reason } of left) {
    const found = await provider.find(intent.name);
    const { capSeconds, endingSeconds } = intent.terms;
    const isUsable = nowMs() < intent.ms + 1000 * (capSeconds - 3 * endingSeconds);
    if (taken === null && reason === null && found !== null && found.state !== "ending" && isUsable)
      taken = intent;
    else {
      say(`ending ${intent.name}, which an earlier session of this run left`);
      await endMachine(intent, "its controller was gone", world);
    }
  }
  if (taken !== null) say(`going on with ${taken.name}, which an earlier session of this run left`);
  return taken;
}

/** Settles the terms of a new machine, and writes down that it will be created. */
async function intend(
  request: RentalRequest,
  { provider, records, nowMs, say }: RentalWorld,
): Promise<Intent> {
  const { run, offer } = request;
  const earlier = (await records.all()).filter(({ intent }) => intent.run === run);
  const spentUsd = earlier.reduce((sum, record) => sum + paidAtMost(record, nowMs()), 0) as Usd;
  const terms = termsOf({ ...request, spentUsd, address: provider.address }, provider.guarantee);
  const attempt = Math.max(0, ...earlier.map(({ intent }) => intent.attempt)) + 1;
  const name = machineName(run, attempt);
  const intent: Intent = {
    ...{ kind: "intent", name, run, attempt, provider: provider.address, offer: offer.id, terms },
    ms: nowMs(),
  };
  await records.add(name, intent);
  say(`renting ${offer.id} at ${usdText(terms.usdPerHour)} an hour, as ${name}`);
  return intent;
}

function machineOf(request: RentalRequest, { name, terms }: Intent): MachineRequest {
  const { offer, needs, sshPublicKey } = request;
  return {
    ...{ name, offer, needs, sshPublicKey, startingSeconds: terms.startingSeconds },
    ...{ maxUsdPerHour: terms.machineUsdPerHour, maxSeconds: terms.maxSeconds },
    stopSeconds: seconds(Math.floor(terms.endingSeconds / 4)),
    command: leaseCommand(terms),
  };
}

async function useMachine<Result>(
  intent: Intent,
  world: RentalWorld,
  work: (machine: ReadyMachine) => Promise<Result>,
): Promise<Result> {
  const { name, terms } = intent;
  const now = world.nowMs();
  const untilMs = Math.max(intent.ms + 1000 * terms.startingSeconds, now + leastReachingMs);
  const reached = await awaitMachine(intent, untilMs, world);
  const stopping = new AbortController();
  const watch = watchMachine({ intent, reached, stopping }, world);
  const working = work({ name, way: reached.way, terms, signal: stopping.signal });
  working.catch(() => undefined); // where the machine is lost, its loss is what counts
  try {
    const first = await Promise.race([working.then((result) => ({ result })), watch.verdict]);
    if ("result" in first) return first.result;
    const { code, reason } = first;
    throw problem(code, {
      ...{ name, offer: intent.offer, reason, address: intent.provider },
      ...{ rate: usdText(terms.usdPerHour), cap: usdText(terms.capUsd) },
      spent: "{spent}",
    });
  } finally {
    watch.close();
  }
}

/** The same error with what the machine has cost. */
function withSpent(error: unknown, { spentMicroUsd }: Receipt): unknown {
  const { code, params, cause } = error as Partial<TunewiseError>;
  if (params?.["spent"] !== "{spent}") return error;
  const spent = `at most ${usdText(spentMicroUsd as Usd)}`;
  return problem(code as ProblemCode, { ...params, spent }, { cause });
}
