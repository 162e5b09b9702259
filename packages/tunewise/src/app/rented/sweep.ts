/** @file Finds all machines with tunewise's tag, and the hourly cost of those that are no longer managed. */

import type { Usd } from "@tunewise/core/quantity";
import type { RentedMachine } from "../../provision/index.ts";
import type { RentalWorld } from "./dependencies.ts";
import { endMachine } from "./end-machine.ts";
import { type Intent, maxPaid, type RentalRecord } from "./records.ts";

/** Tolerance before a machine counts as abandoned, and before a new one must be known to its provider. */
const graceMs = 60_000;

/** A machine with tunewise's tag. */
export interface SweptMachine {
  readonly name: string;
  /** Id of its run; `null` if there is no record here. */
  readonly run: string | null;
  /**
   * State of the machine:
   * - `at-work`: its controller reported within the lease
   * - `orphan`: its controller did not report, or the machine exists although it has a receipt
   * - `unknown`: there is no record here
   * - `unreceipted`: it is gone but has no receipt
   */
  readonly standing: "at-work" | "orphan" | "unknown" | "unreceipted";
  /** Hourly cost; `null` if neither provider nor record states it. */
  readonly usdPerHour: Usd | null;
  readonly createdMs: number | null;
  /** Maximum cost so far; `null` if unknown. */
  readonly spentUsd: Usd | null;
  readonly detail: string;
}

/**
 * Compares the provider's machines with the local records.
 *
 * @param isEnded whether to end a machine if it is an orphan or unknown, or to write its missing receipt
 * @throws {TunewiseError} those of the provider, `RENTAL_NOT_DELETED`
 */
export async function sweepMachines(
  world: RentalWorld,
  isEnded: (machine: SweptMachine) => boolean,
): Promise<readonly SweptMachine[]> {
  const { provider, records, nowMs } = world;
  const known = (await records.all()).filter(({ intent }) => intent.provider === provider.address);
  const there = await provider.list();
  const now = nowMs();
  const names = new Set(there.map(({ name }) => name));
  const swept = [
    ...there.map((machine) => sweptOf(machine, recordNamed(known, machine.name), now)),
    ...known
      .filter(({ intent, receipt }) => receipt === null && !names.has(intent.name))
      .map((record) => goneOf(record, now)),
  ];
  for (const machine of swept) {
    if (machine.standing === "at-work" || !isEnded(machine)) continue;
    const record = recordNamed(known, machine.name);
    if (record !== undefined) await endMachine(record.intent, "swept", world);
    else await endUnknown(machine, world);
  }
  return swept;
}

function recordNamed(records: readonly RentalRecord[], name: string): RentalRecord | undefined {
  return records.find(({ intent }) => intent.name === name);
}

function sweptOf(machine: RentedMachine, record: RentalRecord | undefined, now: number): SweptMachine {
  const { name, createdMs, detail } = machine;
  if (record === undefined) {
    const { usdPerHour } = machine;
    const hours = createdMs === null ? null : (now - createdMs) / 3_600_000;
    const spentUsd = usdPerHour === null || hours === null ? null : (Math.ceil(usdPerHour * hours) as Usd);
    return { name, run: null, standing: "unknown", usdPerHour, createdMs, spentUsd, detail };
  }
  const { intent, receipt } = record;
  const isCared = receipt === null && now < caredUntilMs(record);
  const spentUsd = Math.ceil((intent.terms.usdPerHour * (now - intent.ms)) / 3_600_000) as Usd;
  const rate = Math.max(intent.terms.usdPerHour, machine.usdPerHour ?? 0) as Usd;
  const usdPerHour = rate === 0 ? null : rate;
  return {
    name,
    run: intent.run,
    standing: isCared ? "at-work" : "orphan",
    usdPerHour,
    createdMs: createdMs ?? intent.ms,
    spentUsd,
    detail,
  };
}

/** Time until which a live controller may stay silent. */
function caredUntilMs({ intent, seenMs, reason }: RentalRecord): number {
  const { startingSeconds, leaseSeconds } = intent.terms;
  if (reason !== null) return 0;
  return (seenMs ?? intent.ms + 1000 * startingSeconds) + 1000 * leaseSeconds + graceMs;
}

function goneOf(record: RentalRecord, now: number): SweptMachine {
  const { name, run, terms, ms } = record.intent;
  const isStarting = record.seenMs === null && now - ms < graceMs;
  return {
    name,
    run,
    standing: isStarting ? "at-work" : "unreceipted",
    usdPerHour: terms.usdPerHour,
    createdMs: ms,
    spentUsd: maxPaid(record, now),
    detail: "its provider does not have it",
  };
}

/** Ends a machine without a local record. Creates a record first. */
async function endUnknown({ name, usdPerHour, createdMs }: SweptMachine, world: RentalWorld): Promise<void> {
  const { provider, records, nowMs } = world;
  const rate = usdPerHour ?? (0 as Usd);
  const none = 0 as Intent["terms"]["leaseSeconds"];
  const intent: Intent = {
    kind: "intent",
    name,
    run: "",
    attempt: 1,
    provider: provider.address,
    offer: "a machine of nobody here",
    ms: createdMs ?? nowMs(),
    terms: {
      usdPerHour: rate,
      machineUsdPerHour: rate,
      diskUsdPerHour: 0 as Usd,
      capUsd: 0 as Usd,
      worstUsd: 0 as Usd,
      leaseSeconds: none,
      capSeconds: none,
      machineLeaseSeconds: none,
      workerLeaseSeconds: none,
      maxSeconds: none,
      startingSeconds: none,
      endingSeconds: none,
      endsWithLease: false,
      endsInTime: false,
      weaknesses: [],
    },
  };
  await records.add(name, intent);
  await endMachine(intent, "swept", world);
}
