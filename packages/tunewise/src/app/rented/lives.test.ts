/**
 * @file 300 simulated lives: whatever fails, a run costs at most its cap plus one lease. `RENTED_LIVES` and
 * `RENTED_SEED` select other lives and print the largest overshoot.
 */

import { seconds, type Usd, usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { seeded } from "../../../../../test/support/chance.ts";
import {
  aRequest,
  type CloudFaults,
  Mortal,
  noFaults,
  RentedCloud,
  recordsInMemory,
  wholeGuarantee,
  worldOf,
} from "../../../../../test/support/rented-cloud.ts";
import { VirtualTime } from "../../../../../test/support/virtual-time.ts";
import type { Guarantee } from "../../provision/index.ts";
import { type ReadyMachine, type RentalRequest, withRentedMachine } from "./rent.ts";
import { sweepMachines } from "./sweep.ts";
import { termsOf } from "./worst-case.ts";

const hourMs = 3_600_000;
const [lives, firstSeed] = [
  Number(process.env["RENTED_LIVES"] ?? 300),
  Number(process.env["RENTED_SEED"] ?? 1),
];

/** All random choices of a life. */
interface Life {
  readonly guarantee: Guarantee;
  readonly faults: CloudFaults;
  readonly request: RentalRequest;
  /** For each session: the number of awaits until the controller is killed, and the pause before the next session. */
  readonly sessions: readonly { readonly killAt: number; readonly pauseHours: number }[];
  readonly workHours: number;
  readonly isStalled: boolean;
}

function lifeOf(seed: number): Life {
  const random = seeded(7919 * seed + 17);
  for (let i = 0; i < 10; i++) random();
  const share = (chance: number, value: () => number): number => (random() < chance ? value() : 0);
  const startMs = new VirtualTime().nowMs;
  const leaseSeconds = seconds(300 + Math.round(1500 * random()));
  const capUsd = usd(1 + 9 * random());
  const sessions = 1 + Math.floor(3 * random());
  return {
    guarantee: {
      ...wholeGuarantee,
      endsWithProgram: random() < 0.85,
      endsInTime: random() < 0.8,
      startingSeconds: seconds(120 + Math.round(600 * random())),
    },
    faults: {
      lostCreations: share(0.3, () => 0.5),
      failedDeletions: share(0.4, () => (random() < 0.4 ? 1 : random())),
      failedCalls: share(0.4, () => 0.4 * random()),
      strangePrograms: share(0.2, () => 0.5),
      priceChange: random() < 0.2 ? 0.7 + 0.5 * random() : 1,
      spotHours: share(0.25, () => 1 + 3 * random()),
      outages: random() < 0.3 ? [0, 1].map(() => outage(startMs, random)) : [],
    },
    request: {
      ...aRequest,
      run: `run-${seed}`,
      capUsd,
      leaseSeconds,
      diskUsdPerHour: usd(0.02),
      approvedUsd: usd(1000),
    },
    sessions: Array.from({ length: sessions }, () => ({
      killAt: random() < 0.75 ? 1 + Math.floor(3 ** (7 * random())) : Number.POSITIVE_INFINITY,
      pauseHours: random() < 0.5 ? 0.5 * random() : 8 * random(),
    })),
    workHours: (capUsd / 2e6) * (0.2 + 1.2 * random()),
    isStalled: random() < 0.15,
  };
}

function outage(startMs: number, random: () => number): [number, number] {
  const from = startMs + 6 * hourMs * random();
  return [from, from + 2 * hourMs * random()];
}

/** The outcome of a life. */
interface Lived {
  readonly cloud: RentedCloud;
  readonly time: VirtualTime;
  readonly records: ReturnType<typeof recordsInMemory>;
  readonly results: unknown[];
  readonly awaits: number[];
}

async function live(
  { guarantee, faults, request, sessions, workHours, isStalled }: Life,
  seed: number,
): Promise<Lived> {
  const time = new VirtualTime();
  const random = seeded(104_729 * seed + 3);
  const cloud = new RentedCloud({ time, random, faults, guarantee });
  const records = recordsInMemory();
  const lived: Lived = { cloud, time, records, results: [], awaits: [] };
  let beginMs = time.nowMs;
  for (const { killAt, pauseHours } of sessions) {
    await time.run(beginMs);
    const life = new Mortal(killAt, () => random() < 0.5);
    const work = (machine: ReadyMachine): Promise<string> =>
      train(machine, { cloud, life, time, endMs: time.nowMs + workHours * hourMs, isStalled });
    withRentedMachine(request, worldOf(cloud, records, time, life), work).then(
      (result) => lived.results.push(result),
      (error: unknown) => lived.results.push(error),
    );
    // wait until this session has ended or was killed
    for (let i = 0; i < 400 && !life.isDead && lived.results.length < lived.awaits.length + 1; i++)
      await time.run(time.nowMs + hourMs / 4);
    while (lived.results.length < lived.awaits.length + 1) lived.results.push("killed");
    lived.awaits.push(life.count);
    beginMs = time.nowMs + pauseHours * hourMs;
  }
  await time.run(time.nowMs + 100 * hourMs);
  return lived;
}

/** Trains like a run: takes steps until it is done, told to stop, or its machine is gone. */
async function train(
  { name, signal }: ReadyMachine,
  { cloud, life, time, endMs, isStalled }: TrainingWorld,
): Promise<string> {
  for (let step = 1; time.nowMs < endMs; step++) {
    await life.await(() => time.sleep(45_000));
    if (!cloud.isUp(name)) throw new Error("EXECUTION_LOST");
    if (isStalled && step > 10) continue; // a stalled training takes no steps and ignores signals
    if (signal.aborted) return "stopped";
  }
  return "completed";
}

interface TrainingWorld {
  readonly cloud: RentedCloud;
  readonly life: Mortal;
  readonly time: VirtualTime;
  readonly endMs: number;
  readonly isStalled: boolean;
}

/** The maximum cost that was promised for a life, in dollars. */
function promised({ request, guarantee }: Life): {
  readonly worstUsd: Usd;
  readonly isWhole: boolean;
  readonly leaseUsd: number;
} {
  const terms = termsOf({ ...request, address: "", spentUsd: 0 as Usd }, guarantee);
  return {
    worstUsd: terms.worstUsd,
    isWhole: terms.weaknesses.length === 0,
    leaseUsd: terms.worstUsd - terms.capUsd,
  };
}

/** Whether at least one of the two deadlines works on each machine. */
function isHeld({ guarantee }: Life, { cloud }: Lived): boolean {
  return cloud.machines.every(
    ({ hasLease }) => (hasLease && guarantee.endsWithProgram) || guarantee.endsInTime,
  );
}

describe("a rented machine, in simulated lives", () => {
  it("costs at most the cap and one lease in all of them, whatever dies", {
    timeout: 400 * lives,
  }, async () => {
    let [most, held, unheld, machines, killed] = [Number.NEGATIVE_INFINITY, 0, 0, 0, 0];
    for (let seed = firstSeed; held + unheld < lives; seed++) {
      const life = lifeOf(seed);
      const { worstUsd, isWhole, leaseUsd } = promised(life);
      const lived = await live(life, seed);
      const { cloud, results } = lived;
      machines += cloud.machines.length;
      killed += results.filter((one) => one === "killed").length;
      if (isHeld(life, lived)) {
        held++;
        const lived = cloud.machines.map(({ createdMs, endedMs }) => ((endedMs ?? 0) - createdMs) / hourMs);
        const hours = lived.reduce((sum, one) => sum + one, 0);
        const total = cloud.paidUsd + hours * (life.request.diskUsdPerHour ?? 0);
        expect(total, `seed ${seed}: paid ${total}, promised ${worstUsd}`).toBeLessThanOrEqual(worstUsd);
        most = Math.max(most, (total - (life.request.capUsd ?? 0)) / leaseUsd);
      } else {
        unheld++;
        expect(isWhole, `seed ${seed}: the whole promise was made`).toBe(false);
      }
      await checkReceipts(lived, seed);
      await checkSweep(lived, life, seed);
    }
    if (process.env["RENTED_LIVES"]) console.log(JSON.stringify({ lives, held, killed, machines, most }));
    // guards against lives that are too harmless to test anything
    expect({ held: held > 200, killed: killed > 200, machines: machines > 300 }).toEqual({
      held: true,
      killed: true,
      machines: true,
    });
    expect(most, "leases beyond the cap").toBeGreaterThan(0.5);
  });

  it("costs no more whichever await of a controller is its last", { timeout: 120_000 }, async () => {
    const calm: Life = {
      ...lifeOf(1),
      guarantee: wholeGuarantee,
      faults: noFaults,
      workHours: 0.5,
      isStalled: false,
      request: { ...lifeOf(1).request, capUsd: usd(1.5), leaseSeconds: seconds(900) },
    };
    const [awaits = 0] = (
      await live({ ...calm, sessions: [{ killAt: Number.POSITIVE_INFINITY, pauseHours: 0 }] }, 1)
    ).awaits;
    expect(awaits).toBeGreaterThan(100);
    const { worstUsd } = promised(calm);
    for (let killAt = 1; killAt <= awaits; killAt += killAt < 40 || killAt > awaits - 40 ? 1 : 7) {
      const lived = await live({ ...calm, sessions: [{ killAt, pauseHours: 0 }] }, killAt);
      expect(lived.cloud.paidUsd, `killed at await ${killAt}`).toBeLessThanOrEqual(worstUsd);
      expect(lived.cloud.machines.every(({ endedMs }) => endedMs !== null)).toBe(true);
      await checkReceipts(lived, killAt);
    }
  });
});

/** Receipts must be correct: a machine with a receipt was gone when its provider confirmed it. */
async function checkReceipts({ records, cloud }: Lived, seed: number): Promise<void> {
  for (const { intent, receipt } of await records.all()) {
    if (receipt === null) continue;
    const there = cloud.machines.filter(
      ({ name, createdMs, endedMs }) =>
        name === intent.name &&
        createdMs < receipt.absentMs[1] &&
        (endedMs ?? Infinity) > receipt.absentMs[1],
    );
    expect(there, `seed ${seed}: a receipt for a machine that is there`).toEqual([]);
  }
}

/** The sweep must list all remaining machines with their hourly cost. */
async function checkSweep({ cloud, records, time }: Lived, { guarantee }: Life, seed: number): Promise<void> {
  const calm = new RentedCloud({
    time,
    random: () => 0.5,
    guarantee,
    faults: noFaults,
  });
  calm.machines.push(...cloud.machines);
  const sweeping = sweepMachines(worldOf(calm, records, time), () => false);
  await time.run(time.nowMs + hourMs);
  const swept = await sweeping;
  for (const { name, endedMs, usdPerHour } of cloud.machines.filter((one) => one.endedMs === null)) {
    const found = swept.find((one) => one.name === name);
    expect(found, `seed ${seed}: ${name} is not named (${endedMs})`).toMatchObject({ standing: "orphan" });
    expect(found?.usdPerHour).toBeGreaterThanOrEqual(usdPerHour);
  }
}
