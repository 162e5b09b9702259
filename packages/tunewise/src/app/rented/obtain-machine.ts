/** @file Creates a machine, and waits until it is reached and counts its lease. */

import { secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import { problem, TunewiseError } from "../../problem/index.ts";
import type { MachineRequest, RentedMachine, Way } from "../../provision/index.ts";
import type { Intent } from "./records.ts";
import { type RentalWorld, reasonOf } from "./world.ts";

/** Pause between questions, and how long a machine that was created may be unknown to its provider. */
const [pauseMs, unknownMs] = [5_000, 60_000];
/** How often creating is tried, and how often the provider is asked in between whether it has been done. */
const [triesMost, asksMost] = [3, 8];

/** A machine that counts its lease. */
export interface ReachedMachine {
  readonly way: Way;
  /** Its program started after this time, from which on the provider counts its own deadline. */
  readonly startedAfterMs: number;
}

/**
 * Waits for a machine, and demands that it counts its lease.
 *
 * @param untilMs how long it may take
 * @throws {TunewiseError} `RENTAL_NOT_STARTED`, `RENTAL_LEASE_UNARMED`
 */
export async function awaitMachine(
  intent: Intent,
  untilMs: number,
  world: RentalWorld,
): Promise<ReachedMachine> {
  const { nowMs, sleep, provider } = world;
  const beganMs = nowMs();
  let [isSeen, last, startedAfterMs] = [false, "its provider has said nothing of it", intent.ms];
  while (nowMs() < untilMs) {
    const askedMs = nowMs();
    const answer = await provider.find(intent.name).catch((error: unknown) => ({ failure: reasonOf(error) }));
    if (answer === null) {
      if (isSeen || nowMs() - beganMs > unknownMs) throw notStarted(intent, "is gone before it was reached");
    } else if ("failure" in answer) last = answer.failure;
    else {
      [isSeen, last] = [true, answer.detail];
      demandPrice(answer, intent);
      if (answer.state === "ending")
        throw notStarted(intent, `ended before it was reached: ${answer.detail}`);
      if (answer.state === "starting") startedAfterMs = askedMs;
      if (answer.state === "running" && answer.way !== null)
        return { way: await arm(answer.way, intent, untilMs, world), startedAfterMs };
    }
    if (world.signal.aborted) throw notStarted(intent, "was interrupted before it was reached");
    await sleep(pauseMs);
  }
  throw notStarted(intent, `was not there within ${secondsText(intent.terms.startingSeconds)}: ${last}`);
}

/**
 * Creates a machine. A failure says nothing of whether it is there, so its provider is asked.
 *
 * @throws the provider's own
 */
export async function createMachine(
  request: MachineRequest,
  { provider, sleep }: RentalWorld,
): Promise<void> {
  for (let i = 1; ; i++) {
    try {
      return await provider.create(request);
    } catch (error) {
      // what the provider itself refuses it will refuse again
      const isFinal = TunewiseError.is(error) && error.code !== "PROVIDER_UNREACHABLE";
      for (let j = 0; j < asksMost; j++) {
        const isThere = await provider.find(request.name).then(
          (found) => found !== null,
          () => false,
        );
        if (isThere) return;
        if (isFinal) throw error;
        await sleep(pauseMs);
      }
      if (i === triesMost) throw error;
    }
  }
}

/** A price may have changed between plan and creation. */
function demandPrice({ usdPerHour }: RentedMachine, intent: Intent): void {
  const { terms } = intent;
  if (usdPerHour === null || usdPerHour <= terms.machineUsdPerHour) return;
  const [found, planned] = [usdPerHour, terms.machineUsdPerHour].map((rate) => usdText(rate as Usd));
  throw notStarted(intent, `costs ${found} an hour, and ${planned} were approved`);
}

/** Waits until the machine says that it counts its lease; `sshd` may start after it. */
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
      await machine.renew().catch(() => undefined); // the next one follows
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
