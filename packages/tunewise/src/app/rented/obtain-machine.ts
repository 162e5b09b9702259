/** @file Creates a machine, and waits until it can be reached and tracks its lease. */

import { secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import { problem, TunewiseError } from "../../problem/index.ts";
import type { MachineRequest, RentedMachine, Way } from "../../provision/index.ts";
import { type RentalWorld, reasonOf } from "./dependencies.ts";
import type { Intent } from "./records.ts";

/** Polling interval, and how long the provider may not know a machine after its creation. */
const [pauseMs, unknownMs] = [5_000, 60_000];
/** Maximum attempts to create a machine, and checks between attempts whether it exists. */
const [maxTries, maxAsks] = [3, 8];

/** A machine that tracks its lease. */
export interface ReachedMachine {
  readonly way: Way;
  /** The machine's program started after this time. The provider counts its deadline from that start. */
  readonly startedAfterMs: number;
}

/**
 * Waits for a machine, and requires that it tracks its lease.
 *
 * @param untilMs when to give up
 * @throws {TunewiseError} `RENTAL_NOT_STARTED`, `RENTAL_LEASE_UNARMED`
 */
export async function awaitMachine(
  intent: Intent,
  untilMs: number,
  world: RentalWorld,
): Promise<ReachedMachine> {
  const { nowMs, sleep, provider } = world;
  const beganMs = nowMs();
  let [isSeen, last, startedAfterMs] = [false, "its provider reported no state", intent.ms];
  while (nowMs() < untilMs) {
    const askedMs = nowMs();
    const answer = await provider.find(intent.name).catch((error: unknown) => ({ failure: reasonOf(error) }));
    if (answer === null) {
      if (isSeen || nowMs() - beganMs > unknownMs)
        throw notStarted(intent, "disappeared before it could be reached");
    } else if ("failure" in answer) last = answer.failure;
    else {
      [isSeen, last] = [true, answer.detail];
      requirePrice(answer, intent);
      if (answer.state === "ending")
        throw notStarted(intent, `ended before it could be reached: ${answer.detail}`);
      if (answer.state === "starting") startedAfterMs = askedMs;
      if (answer.state === "running" && answer.way !== null)
        return { way: await arm(answer.way, intent, untilMs, world), startedAfterMs };
    }
    if (world.signal.aborted) throw notStarted(intent, "was interrupted before it could be reached");
    await sleep(pauseMs);
  }
  throw notStarted(intent, `was not reachable within ${secondsText(intent.terms.startingSeconds)}: ${last}`);
}

/**
 * Creates a machine. After an error the machine may exist all the same, so the provider is asked.
 *
 * @throws the provider's error
 */
export async function createMachine(
  request: MachineRequest,
  { provider, sleep }: RentalWorld,
): Promise<void> {
  for (let i = 1; ; i++) {
    try {
      return await provider.create(request);
    } catch (error) {
      // an error from the provider itself will not go away, unlike one of the network
      const isFinal = TunewiseError.is(error) && error.code !== "PROVIDER_UNREACHABLE";
      for (let j = 0; j < maxAsks; j++) {
        const isThere = await provider.find(request.name).then(
          (found) => found !== null,
          () => false,
        );
        if (isThere) return;
        if (isFinal) throw error;
        await sleep(pauseMs);
      }
      if (i === maxTries) throw error;
    }
  }
}

/** Refuses a machine whose price rose between plan and creation. */
function requirePrice({ usdPerHour }: RentedMachine, intent: Intent): void {
  const { terms } = intent;
  if (usdPerHour === null || usdPerHour <= terms.machineUsdPerHour) return;
  const [found, planned] = [usdPerHour, terms.machineUsdPerHour].map((rate) => usdText(rate as Usd));
  throw notStarted(intent, `costs ${found} an hour, but ${planned} were approved`);
}

/** Waits until the machine confirms that it tracks its lease. `sshd` may start before the lease program. */
async function arm(
  way: Way,
  { name, offer, provider }: Intent,
  untilMs: number,
  { reach, records, nowMs, sleep }: RentalWorld,
): Promise<Way> {
  const machine = reach(name, way);
  let fault: string | null;
  do {
    fault = await machine.leaseFault().catch(reasonOf);
    if (fault === null) {
      await machine.renew().catch(() => undefined); // a later renewal follows
      await records.add(name, { kind: "armed", ms: nowMs() });
      return way;
    }
    await sleep(pauseMs);
  } while (nowMs() < untilMs);
  throw problem("RENTAL_LEASE_UNARMED", { name, offer, address: provider, reason: fault, spent: "{spent}" });
}

function notStarted({ name, offer, provider: address }: Intent, how: string): TunewiseError {
  return problem("RENTAL_NOT_STARTED", { name, offer, address, how, spent: "{spent}" });
}
