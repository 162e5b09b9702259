/** @file Ends a machine, and writes a receipt after its provider has confirmed twice that it is gone. */

import { seconds, secondsText, usdText } from "@tunewise/core/quantity";
import { problem } from "../../problem/index.ts";
import { type RentalWorld, reasonOf } from "./dependencies.ts";
import { type Intent, maxPaid, type Receipt } from "./records.ts";

/** Pause between requests, and minimum time between the two confirmations. */
const [pauseMs, apartMs] = [10_000, 30_000];
/** How long to retry before telling the user that the machine may still exist. */
const tryingMs = 20 * 60_000;

/**
 * Requests the end of a machine until its provider has confirmed twice that it is gone. An error is not a confirmation.
 *
 * @param reason reason for the record
 * @returns the receipt, already on disk
 * @throws {TunewiseError} `RENTAL_NOT_DELETED`
 */
export async function endMachine(intent: Intent, reason: string, world: RentalWorld): Promise<Receipt> {
  const { provider, records, nowMs, sleep } = world;
  const { name } = intent;
  const beganMs = nowMs();
  // ending the machine is more important than recording it
  await records.add(name, { kind: "ending", ms: beganMs, reason }).catch(() => undefined);
  let absentMs: number | null = null;
  let presentMs = intent.ms;
  let failure = "its provider has not said that it is gone";
  while (nowMs() - beganMs < tryingMs) {
    try {
      // repeated each time, because a provider may have released only a part of the machine
      const failed = await provider.delete(name).then(() => null, reasonOf);
      const found = await provider.find(name);
      const ms = nowMs();
      if (found !== null) {
        [absentMs, presentMs] = [null, ms];
        failure = failed ?? `it is ${found.detail}`;
      } else if (absentMs === null) absentMs = ms;
      else if (ms - absentMs >= apartMs)
        return await receiptOf(intent, { absent: [absentMs, ms], presentMs, beganMs }, world);
    } catch (error) {
      failure = reasonOf(error);
    }
    await sleep(pauseMs);
  }
  throw problem("RENTAL_NOT_DELETED", {
    name,
    offer: intent.offer,
    minutes: Math.round((nowMs() - beganMs) / 60_000),
    reason: failure,
    rate: usdText(intent.terms.usdPerHour),
    address: provider.address,
    standing: standingOf(world),
  });
}

function standingOf({ provider: { guarantee } }: RentalWorld): string {
  const { endsWithProgram, endsInTime, keeper } = guarantee;
  if (!endsWithProgram && !endsInTime) return "Nothing else will shut it down.";
  return `Its lease is no longer renewed, so ${keeper} will shut it down if it can.`;
}

/** When the machine was last found, when it was confirmed gone twice, and when its end began. */
interface Seen {
  readonly absent: readonly [number, number];
  readonly presentMs: number;
  readonly beganMs: number;
}

async function receiptOf(
  intent: Intent,
  { absent, presentMs, beganMs }: Seen,
  { provider, records, nowMs, say }: RentalWorld,
): Promise<Receipt> {
  const known = (await records.all()).find((record) => record.intent.name === intent.name);
  const record = known ?? { intent, seenMs: null, reason: null, receipt: null };
  const presentUsd = (intent.terms.usdPerHour * (presentMs - intent.ms)) / 3_600_000;
  const paid = maxPaid({ ...record, receipt: null }, absent[0]);
  const { givesUpSeconds } = provider.guarantee;
  const receipt: Receipt = {
    kind: "receipt",
    ms: nowMs(),
    absentMs: absent,
    spentMicroUsd: Math.max(paid, Math.ceil(presentUsd)),
    isDoubtful: givesUpSeconds !== null && absent[0] - beganMs > 1000 * givesUpSeconds,
  };
  await records.add(intent.name, receipt);
  if (receipt.isDoubtful)
    say(
      `${intent.name} is said to be gone, but its end took more than ${secondsText(seconds(givesUpSeconds ?? 0))}: ` +
        "its provider may have given up. Look into the console of the cloud.",
    );
  return receipt;
}
