import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seconds, type Usd, usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import {
  anOffer,
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
import type { RentalWorld } from "./dependencies.ts";
import { leaseCommand } from "./lease-command.ts";
import { type Intent, maxPaid, type Receipt, recordsIn } from "./records.ts";
import { type ReadyMachine, type RentalRequest, withRentedMachine } from "./rent.ts";
import { sweepMachines } from "./sweep.ts";
import { promiseText, termsOf } from "./worst-case.ts";

const hourMs = 3_600_000;

/** Rents a machine and returns the result with its receipt. */
async function rentWith(
  request: RentalRequest,
  world: RentalWorld,
  work: (machine: ReadyMachine) => Promise<string>,
): Promise<{ readonly result: string; readonly receipt: Receipt }> {
  const receipts: Receipt[] = [];
  const result = await withRentedMachine(request, world, work, (one) => void receipts.push(one));
  const [receipt] = receipts;
  if (receipt === undefined || receipts.length > 1) throw new Error(`${receipts.length} receipts`);
  return { result, receipt };
}

/** A cloud with faults, and functions to rent from it. */
function place(faults: Partial<CloudFaults> = {}, guarantee: Partial<Guarantee> = {}) {
  const time = new VirtualTime();
  const options = { time, random: () => 0.5, faults: { ...noFaults, ...faults } };
  const cloud = new RentedCloud({ ...options, guarantee: { ...wholeGuarantee, ...guarantee } });
  const records = recordsInMemory();
  const world = worldOf(cloud, records, time);
  /** Advances time until the work has finished, and returns its result. */
  const outcome = async <Value>(work: Promise<Value>): Promise<Value> => {
    let settled: (() => Value) | undefined;
    work.then(
      (value) => {
        settled = () => value;
      },
      (error: unknown) => {
        settled = () => {
          throw error;
        };
      },
    );
    while (settled === undefined) await time.run(time.nowMs + hourMs / 60);
    return settled();
  };
  const rent = (work: (machine: ReadyMachine) => Promise<string>, changed: Partial<RentalRequest> = {}) =>
    outcome(rentWith({ ...aRequest, ...changed }, world, work));
  return { time, cloud, records, world, outcome, rent };
}

/** Work that takes some hours. */
const stepsFor =
  (time: VirtualTime, hours: number) =>
  async ({ signal }: ReadyMachine): Promise<string> => {
    const endMs = time.nowMs + hours * hourMs;
    while (time.nowMs < endMs && !signal.aborted) await time.sleep(60_000);
    return signal.aborted ? "stopped" : "completed";
  };

const terms = { ...aRequest, address: "dstack://10.0.0.2/main", spentUsd: 0 as Usd };

describe("the worst case (1)", () => {
  it("is the cap and one lease of machine and disk, and is said before the start", () => {
    const whole = termsOf({ ...terms, diskUsdPerHour: usd(0.4) }, wholeGuarantee);
    expect(promiseText(whole, wholeGuarantee)).toBe(
      "at most $5.60 (cap $5.00, one lease of 15 min at $2.40 an hour), even if this computer and its network die, as long as the dstack server at 10.0.0.2:3000 lives",
    );
    expect(whole).toMatchObject({ worstUsd: usd(5.6), machineLeaseSeconds: 780, workerLeaseSeconds: 390 });
  });

  it.each([
    [{ endsWithProgram: false }, "a machine whose lease is over is not ended by anybody"],
    [{ endsInTime: false }, "the provider has no deadline of its own"],
    [{ isKeptHere: true }, "runs on this computer, and ends no machine when it dies with it"],
  ])("is a weaker promise where %o", (change, why) => {
    const guarantee = { ...wholeGuarantee, ...change };
    const text = promiseText(termsOf(terms, guarantee), guarantee);
    expect(text).toContain(why);
    expect(text).toContain("The promise is weaker");
  });

  it.each([
    ["RENTAL_RATE_UNKNOWN", { offer: { ...anOffer, usdPerHour: null } }],
    ["RENTAL_RATE_UNKNOWN", { diskUsdPerHour: null }],
    ["RENTAL_CAP_MISSING", { capUsd: null }],
    ["RENTAL_CAP_SMALL", { capUsd: usd(0.3) }],
    ["RENTAL_LEASE_SHORT", { leaseSeconds: seconds(200) }],
    ["RENTAL_ABOVE_APPROVED", { approvedUsd: usd(5.4) }],
  ])("refuses with %s before anything is created", async (code, change) => {
    const { rent, cloud, records } = place();
    await expect(rent(async () => "", change)).rejects.toMatchObject({ code });
    expect([cloud.machines, records.lines.size]).toEqual([[], 0]);
  });

  it("names a budget that is enough", () => {
    expect(() => termsOf({ ...terms, capUsd: usd(0.3) }, wholeGuarantee)).toThrow(
      "$0.300 buy 9 min of aws us-east-1 g6e.xlarge at $2.00 an hour, but starting it may take up to 10 min and ending it 2 min.",
    );
    expect(termsOf({ ...terms, capUsd: usd(0.48) }, wholeGuarantee).capSeconds).toBe(864);
  });
});

describe("the intent (2)", () => {
  it("is on the disk before the machine is created, and finds it again when the answer is lost", async () => {
    const { rent, cloud, records, time } = place({ lostCreations: 1 });
    const { result, receipt } = await rent(stepsFor(time, 1));
    expect(result).toBe("completed");
    expect(cloud.machines).toHaveLength(1);
    const [record] = await records.all();
    expect(record?.intent.ms).toBeLessThan(cloud.machines[0]?.createdMs ?? 0);
    expect(receipt.spentMicroUsd).toBeGreaterThanOrEqual(cloud.paidUsd);
  });

  it("stands in a file of lines, of which a torn one is left out", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tunewise-rented-"));
    const records = recordsIn(folder);
    const settled = termsOf(terms, wholeGuarantee);
    const names = { name: "tunewise-0-1", run: "a", attempt: 1, provider: "dstack://h/p", offer: "x" };
    await records.add(names.name, { kind: "intent", ...names, terms: settled, ms: 1 });
    await records.add(names.name, { kind: "seen", ms: 5 });
    writeFileSync(join(folder, "rented", "other.jsonl"), '{"kind":"seen","ms":1}\n{"kind"');
    expect(await records.all()).toEqual([
      { intent: { kind: "intent", ...names, terms: settled, ms: 1 }, seenMs: 5, reason: null, receipt: null },
    ]);
    rmSync(folder, { recursive: true });
  });

  it("is taken up by the next session, whose money goes on from there", async () => {
    const { cloud, records, time, outcome, world } = place();
    const killed = worldOf(cloud, records, time, new Mortal(100));
    withRentedMachine(aRequest, killed, stepsFor(time, 9)).catch(() => undefined);
    await time.run(time.nowMs + hourMs / 5);
    const result = await outcome(withRentedMachine(aRequest, world, stepsFor(time, 1)));
    expect(result).toBe("completed");
    expect(cloud.machines).toHaveLength(1);
  });

  it("counts a machine that was left alone until its lease was over, and no longer", () => {
    const settled = termsOf(terms, wholeGuarantee);
    const intent = { terms: settled, ms: 0 } as Intent;
    const record = { intent, seenMs: hourMs, reason: null, receipt: null };
    expect(maxPaid(record, 9 * hourMs)).toBe(usd(2.5));
    expect(maxPaid({ ...record, seenMs: null }, 9 * hourMs)).toBe(usd(5.5));
    expect(
      maxPaid({ ...record, intent: { ...intent, terms: { ...settled, endsWithLease: false } } }, 9 * hourMs),
    ).toBe(usd(5.5));
  });
});

describe("the lease (3, 4)", () => {
  it("is armed before the work begins, or the machine is deleted", async () => {
    const { rent, cloud } = place({ strangePrograms: 1 });
    let isBegun = false;
    const work = async (): Promise<string> => {
      isBegun = true;
      return "";
    };
    await expect(rent(work)).rejects.toMatchObject({
      code: "RENTAL_LEASE_UNARMED",
      message: expect.stringMatching(/was deleted, and cost at most \$0\.\d+/),
    });
    expect([isBegun, cloud.machines[0]?.endedMs]).toEqual([false, expect.any(Number)]);
  });

  it("and the provider's deadline are both given to the machine", () => {
    const settled = termsOf(terms, wholeGuarantee);
    expect(leaseCommand(settled)).toContain("-ge 780 ]");
    expect(settled.maxSeconds).toBe(9000 + 900 - 600 - 120);
  });
});

describe("a receipt (5)", () => {
  it("takes two answers that succeeded; errors of deletion are none", async () => {
    const { rent, cloud, time, records } = place({ failedDeletions: 1 });
    const { receipt } = await rent(stepsFor(time, 0.5)); // deletion fails, so the end of its lease ends it
    const [machine] = cloud.machines;
    expect(receipt.absentMs[0]).toBeGreaterThanOrEqual(machine?.endedMs ?? Number.NaN);
    expect(receipt.absentMs[1] - receipt.absentMs[0]).toBeGreaterThanOrEqual(30_000);
    expect((await records.all())[0]?.receipt).toEqual(receipt);
  });

  it("is missing where the provider never says so, and the machine is named in dollars an hour", async () => {
    const { rent, time, world, outcome } = place({ failedDeletions: 1 }, { endsWithProgram: false });
    await expect(rent(stepsFor(time, 0.5))).rejects.toMatchObject({
      code: "RENTAL_NOT_DELETED",
      message: expect.stringContaining("It costs $2.00 an hour."),
      fix: "tunewise runs sweep --on dstack://127.0.0.1:3000/main --delete",
    });
    const [swept] = await outcome(sweepMachines(world, () => false));
    expect(swept).toMatchObject({ standing: "orphan", usdPerHour: usd(2), run: "support-1" });
  });

  it("is doubtful where the provider gives up and calls a machine ended", async () => {
    const { rent, time, world } = place({ failedDeletions: 1 }, { givesUpSeconds: seconds(60) });
    expect((await rent(stepsFor(time, 0.5))).receipt.isDoubtful).toBe(true);
    expect((world as RentalWorld & { said: string[] }).said.at(-1)).toContain("console of the cloud");
  });
});

describe("a sweep (6)", () => {
  it("finds what nobody knows, ends it on demand, and writes the receipts that are missing", async () => {
    const { cloud, records, time, world, outcome } = place();
    const lost = recordsInMemory(); // records of a computer that no longer exists
    const away = worldOf(cloud, lost, time, new Mortal(40));
    withRentedMachine({ ...aRequest, run: "elsewhere" }, away, stepsFor(time, 9)).catch(() => undefined);
    const killed = worldOf(cloud, records, time, new Mortal(60));
    withRentedMachine(aRequest, killed, stepsFor(time, 9)).catch(() => undefined);
    await time.run(time.nowMs + hourMs / 4);
    const before = await outcome(sweepMachines(world, () => false));
    expect(before.map(({ standing, run }) => [standing, run])).toEqual([
      ["unknown", null],
      ["at-work", "support-1"],
    ]);
    await outcome(sweepMachines(world, ({ standing }) => standing === "unknown"));
    expect(cloud.machines[0]?.endedMs).not.toBeNull();
    await time.run(time.nowMs + hourMs);
    const after = await outcome(sweepMachines(world, () => true));
    expect(after.map(({ standing }) => standing)).toEqual(["unreceipted"]);
    expect(await outcome(sweepMachines(world, () => true))).toEqual([]);
  });
});

describe("time (7, 8)", () => {
  it("is metered from the creation on, and ends the run at its cap", async () => {
    const { rent, cloud, time } = place({}, { startingSeconds: seconds(1800) });
    const { result, receipt } = await rent(stepsFor(time, 9));
    expect(result).toBe("stopped"); // the work was allowed to save before the cap
    expect(receipt.spentMicroUsd).toBeLessThan(usd(5.5));
    expect(receipt.spentMicroUsd).toBeGreaterThanOrEqual(cloud.paidUsd);
    const deaf = place();
    await expect(deaf.rent(() => deaf.time.sleep(99 * hourMs).then(() => ""))).rejects.toMatchObject({
      code: "RENTAL_CAP_REACHED",
      message: expect.stringContaining("cost at most $5.0"),
    });
  });

  it("of a machine that vanishes, or does not come, or costs more, is not paid on", async () => {
    const { rent, time } = place({ spotHours: 0.5 });
    await expect(rent(stepsFor(time, 2))).rejects.toMatchObject({ code: "RENTAL_VANISHED" });
    const slow = place();
    slow.cloud.find = async (name) => {
      await slow.time.sleep(1000);
      const found = slow.cloud.machines.find((one) => one.name === name && one.endedMs === null);
      const state = found?.isEnding ? "ending" : "starting";
      return found === undefined
        ? null
        : { name, state, way: null, usdPerHour: null, createdMs: null, detail: "pulling" };
    };
    await expect(slow.rent(async () => "")).rejects.toMatchObject({
      code: "RENTAL_NOT_STARTED",
      message: expect.stringContaining("was not reachable within 10 min: pulling"),
    });
    const dear = place();
    const { find } = dear.cloud;
    dear.cloud.find = async (name) => {
      const found = await find.call(dear.cloud, name);
      return found === null ? null : { ...found, usdPerHour: usd(3) };
    };
    await expect(dear.rent(async () => "")).rejects.toMatchObject({
      code: "RENTAL_NOT_STARTED",
      message: expect.stringContaining("costs $3.00 an hour, but $2.00 were approved"),
    });
    const refused = place({ priceChange: 1.2 });
    await expect(refused.rent(async () => "")).rejects.toMatchObject({ code: "PROVIDER_REFUSED" });
    expect((await refused.records.all())[0]?.receipt).not.toBeNull();
  });
});
