/** @file Machines that may still exist: their cost, when they end, and that a receipt removes them. */
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { seconds, usd } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { createAliveMachines } from "./alive.ts";
import { type Intent, recordsIn } from "./records.ts";
import type { RentalTerms } from "./worst-case.ts";

const hour = 3_600_000;
const terms: RentalTerms = {
  usdPerHour: usd(2),
  machineUsdPerHour: usd(1.9),
  diskUsdPerHour: usd(0.1),
  capUsd: usd(10),
  leaseSeconds: seconds(1800),
  worstUsd: usd(11),
  capSeconds: seconds(18_000),
  machineLeaseSeconds: seconds(1700),
  workerLeaseSeconds: seconds(850),
  maxSeconds: seconds(19_000),
  startingSeconds: seconds(300),
  endingSeconds: seconds(100),
  endsWithLease: true,
  endsInTime: true,
  weaknesses: [],
};
const intent = (name: string, more: Partial<RentalTerms> = {}): Intent => ({
  kind: "intent",
  name,
  run: "fingerprint 1",
  attempt: 1,
  provider: "dstack://cloud",
  offer: "l4",
  terms: { ...terms, ...more },
  ms: hour,
});

test("what is alive, since when, for how much, and until when", async () => {
  const output = await temporaryFolder();
  const [read, records] = [createAliveMachines(output), recordsIn(output)];
  expect(await read(2 * hour)).toEqual([]);
  await records.add("a", intent("a"));
  await records.add("b", intent("b", { endsInTime: false }));
  await records.add("c", intent("c", { endsInTime: false, endsWithLease: false }));
  await records.add("d", { ...intent("d"), ms: 0 });
  for (const name of ["a", "b", "c"]) await records.add(name, { kind: "seen", ms: 2 * hour });
  await records.add("b", { kind: "ending", ms: 2 * hour, reason: "the work is done" });
  const found = await read(2.25 * hour);
  expect(
    found.map(({ name, spentUsd, leaseEndsMs, ending }) => [name, spentUsd, leaseEndsMs, ending]),
  ).toEqual([
    ["d", usd(4.5), 5.5 * hour, null], // ends with its provider's deadline
    ["a", usd(2.5), 2.5 * hour, null], // ends with its lease
    ["b", usd(2.5), 2.5 * hour, "the work is done"],
    ["c", usd(2.5), null, null], // nothing ends it
  ]);
  expect(found[1]).toMatchObject({
    provider: "dstack://cloud",
    offer: "l4",
    usdPerHour: usd(2),
    sinceMs: hour,
    seenMs: 2 * hour,
    capUsd: usd(10),
    worstUsd: usd(11),
  });

  const receipt = {
    kind: "receipt",
    ms: 3 * hour,
    absentMs: [3 * hour, 3 * hour],
    isDoubtful: false,
  } as const;
  for (const name of ["b", "c", "d"]) await records.add(name, { ...receipt, spentMicroUsd: 4 });
  await records.add("a", { kind: "seen", ms: 3 * hour });
  await appendFile(join(output, "rented", "torn.jsonl"), '{"kind":"int');
  expect((await read(3.25 * hour)).map(({ name, leaseEndsMs }) => [name, leaseEndsMs])).toEqual([
    ["a", 3.5 * hour],
  ]);
});
