/**
 * @file Rents a machine for a run, and ends it whatever happens in between. The intent is on disk before the machine is
 * created. The lease is active before the worker starts. The machine counts as gone after its provider has confirmed it
 * twice.
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
import { type RentalWorld, reasonOf, workIsDone } from "./dependencies.ts";
import { endMachine } from "./end-machine.ts";
import { leaseCommand } from "./lease-command.ts";
import { awaitMachine, createMachine } from "./obtain-machine.ts";
import { type Intent, maxPaid, type Receipt } from "./records.ts";
import { watchMachine } from "./watch-machine.ts";
import { type RentalTerms, termsOf } from "./worst-case.ts";

/** An approved rental. */
export interface RentalRequest {
  /** Identifies the run. The names of its machines derive from it. */
  readonly run: string;
  /** Cost of the run's earlier machines, as shown to the user. The terms use the records instead. */
  readonly spentUsd: Usd;
  readonly offer: Offer;
  readonly needs: MachineNeeds;
  readonly capUsd: Usd | null;
  /** The approved worst case; `null` for this request's own. */
  readonly approvedUsd: Usd | null;
  readonly leaseSeconds: Seconds;
  readonly diskUsdPerHour: Usd | null;
  readonly sshPublicKey: string;
}

/** A machine that is ready for work. */
export interface ReadyMachine {
  readonly name: string;
  readonly way: Way;
  readonly terms: RentalTerms;
  /** Aborted when the work must save and end. */
  readonly signal: AbortSignal;
}

/** Minimum time to reach a machine that an earlier session left. */
const minReachingMs = 120_000;

/**
 * Runs `work` on a machine rented for it.
 *
 * A resumed run finds its earlier machine by name. The cap applies to all machines of a run together.
 *
 * @param onGone receives the receipt, whether the work succeeded or not
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
 * Returns the machine of an earlier session if it is still usable, because it may have the only checkpoints. Ends all
 * other machines of the run.
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

/** Determines the terms of a new machine, and records the intent to create it. */
async function intend(
  request: RentalRequest,
  { provider, records, nowMs, say }: RentalWorld,
): Promise<Intent> {
  const { run, offer } = request;
  const earlier = (await records.all()).filter(({ intent }) => intent.run === run);
  const spentUsd = earlier.reduce((sum, record) => sum + maxPaid(record, nowMs()), 0) as Usd;
  const terms = termsOf({ ...request, spentUsd, address: provider.address }, provider.guarantee);
  const attempt = Math.max(0, ...earlier.map(({ intent }) => intent.attempt)) + 1;
  const name = machineName(run, attempt);
  const intent: Intent = {
    kind: "intent",
    name,
    run,
    attempt,
    provider: provider.address,
    offer: offer.id,
    terms,
    ms: nowMs(),
  };
  await records.add(name, intent);
  say(`renting ${offer.id} at ${usdText(terms.usdPerHour)} an hour, as ${name}`);
  return intent;
}

function machineOf(request: RentalRequest, { name, terms }: Intent): MachineRequest {
  const { offer, needs, sshPublicKey } = request;
  return {
    name,
    offer,
    needs,
    sshPublicKey,
    startingSeconds: terms.startingSeconds,
    maxUsdPerHour: terms.machineUsdPerHour,
    maxSeconds: terms.maxSeconds,
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
  const untilMs = Math.max(intent.ms + 1000 * terms.startingSeconds, now + minReachingMs);
  const reached = await awaitMachine(intent, untilMs, world);
  const stopping = new AbortController();
  const watch = watchMachine({ intent, reached, stopping }, world);
  const working = work({ name, way: reached.way, terms, signal: stopping.signal });
  working.catch(() => undefined); // if the machine is lost, that is the error to report
  try {
    const first = await Promise.race([working.then((result) => ({ result })), watch.verdict]);
    if ("result" in first) return first.result;
    const { code, reason } = first;
    throw problem(code, {
      name,
      offer: intent.offer,
      reason,
      address: intent.provider,
      rate: usdText(terms.usdPerHour),
      cap: usdText(terms.capUsd),
      spent: "{spent}",
    });
  } finally {
    watch.close();
  }
}

/** Adds the cost of the machine to an error. */
function withSpent(error: unknown, { spentMicroUsd }: Receipt): unknown {
  const { code, params, cause } = error as Partial<TunewiseError>;
  if (params?.["spent"] !== "{spent}") return error;
  const spent = `at most ${usdText(spentMicroUsd as Usd)}`;
  return problem(code as ProblemCode, { ...params, spent }, { cause });
}
