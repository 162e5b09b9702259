/** @file Finds every machine that carries our tag, and what nobody looks after any more, in dollars an hour. */

import type { Usd } from "@tunewise/core/quantity";
import type { RentedMachine } from "../../provision/index.ts";
import { endMachine } from "./end-machine.ts";
import { type Intent, paidAtMost, type RentalRecord } from "./records.ts";
import type { RentalWorld } from "./world.ts";

/** How long a machine may be started, beside its own time for that, before it counts as left. */
const graceMs = 60_000;

/** A machine with our tag. */
export interface SweptMachine {
  readonly name: string;
  /** Id of its run; `null`: no record here knows the machine. */
  readonly run: string | null;
  /**
   * `at-work`: its controller gave a sign of life within its lease · `orphan`: it gave none, or there is a receipt for
   * a machine that is there all the same · `unknown`: no record here · `unreceipted`: it is gone, without a receipt.
   */
  readonly standing: "at-work" | "orphan" | "unknown" | "unreceipted";
  /** What an hour costs; `null`: neither provider nor record say. */
  readonly usdPerHour: Usd | null;
  readonly createdMs: number | null;
  /** What it has cost at most; `null`: not known. */
  readonly spentUsd: Usd | null;
  readonly detail: string;
}

/**
 * Compares the provider's machines with the records here.
 *
 * @param isEnded whether orphans and unknown machines are to be ended, and receipts written
 * @throws {TunewiseError} the provider's own, `RENTAL_NOT_DELETED`
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
    ...{ name, run: intent.run, standing: isCared ? "at-work" : "orphan", usdPerHour },
    ...{ createdMs: createdMs ?? intent.ms, spentUsd, detail },
  };
}

/** How long a controller that lives may be silent. */
function caredUntilMs({ intent, seenMs, reason }: RentalRecord): number {
  const { startingSeconds, leaseSeconds } = intent.terms;
  if (reason !== null) return 0;
  return (seenMs ?? intent.ms + 1000 * startingSeconds) + 1000 * leaseSeconds + graceMs;
}

function goneOf(record: RentalRecord, now: number): SweptMachine {
  const { name, run, terms, ms } = record.intent;
  const isStarting = record.seenMs === null && now - ms < graceMs;
  return {
    ...{ name, run, standing: isStarting ? "at-work" : "unreceipted", usdPerHour: terms.usdPerHour },
    ...{ createdMs: ms, spentUsd: paidAtMost(record, now), detail: "its provider does not have it" },
  };
}

/** Ends a machine that no record here knows: from now on one does. */
async function endUnknown({ name, usdPerHour, createdMs }: SweptMachine, world: RentalWorld): Promise<void> {
  const { provider, records, nowMs } = world;
  const rate = usdPerHour ?? (0 as Usd);
  const none = 0 as Intent["terms"]["leaseSeconds"];
  const intent: Intent = {
    ...{
      kind: "intent",
      name,
      run: "",
      attempt: 1,
      provider: provider.address,
      offer: "a machine of nobody here",
    },
    ms: createdMs ?? nowMs(),
    terms: {
      ...{ usdPerHour: rate, machineUsdPerHour: rate, diskUsdPerHour: 0 as Usd, capUsd: 0 as Usd },
      ...{ worstUsd: 0 as Usd, leaseSeconds: none, capSeconds: none, machineLeaseSeconds: none },
      ...{ workerLeaseSeconds: none, maxSeconds: none, startingSeconds: none, endingSeconds: none },
      ...{ endsWithLease: false, endsInTime: false },
      weaknesses: [],
    },
  };
  await records.add(name, intent);
  await endMachine(intent, "swept", world);
}
