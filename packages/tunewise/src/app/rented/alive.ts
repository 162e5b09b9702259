/**
 * @file Rented machines that may still exist, read only from the records of an output folder, without asking a
 * provider.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Usd } from "@tunewise/core/quantity";
import { maxPaid, type RentalRecord, readRecord } from "./records.ts";

/** A machine without a receipt. Times are milliseconds since 1970. */
export interface AliveMachine {
  readonly name: string;
  readonly provider: string;
  readonly offer: string;
  readonly usdPerHour: Usd;
  /** Time from which the machine is metered. */
  readonly sinceMs: number;
  /** Time of the last sign of life; `null` if there was none. */
  readonly seenMs: number | null;
  readonly spentUsd: Usd;
  readonly capUsd: Usd;
  /** Maximum cost of all machines of the run. */
  readonly worstUsd: Usd;
  /** When the machine ends if nobody renews its lease; `null` if nothing ends it. */
  readonly leaseEndsMs: number | null;
  /** Why its end was requested; `null` if it was not. */
  readonly ending: string | null;
}

/** Reads the machines of an output folder that may still exist. */
export type ReadAliveMachines = (nowMs: number) => Promise<AliveMachine[]>;

/** Maximum number of machine files to read. */
const maxFiles = 10_000;

/** Creates a reader that caches the files until they change, because most machines ended long ago. */
export function createAliveMachines(output: string): ReadAliveMachines {
  const folder = join(output, "rented");
  const kept = new Map<string, { readonly stamp: string; readonly record: RentalRecord | null }>();
  return async (nowMs) => {
    const listed = await readdir(folder).catch((): string[] => []);
    const names = listed
      .filter((name) => name.endsWith(".jsonl"))
      .sort()
      .slice(-maxFiles);
    const alive: AliveMachine[] = [];
    for (const name of names) {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path).catch(() => ({ size: -1, mtimeMs: 0 }));
      const stamp = `${size} ${mtimeMs}`;
      if (kept.get(name)?.stamp !== stamp)
        kept.set(name, { stamp, record: await readRecord(path).catch(() => null) });
      const record = kept.get(name)?.record ?? null;
      if (record !== null && record.receipt === null) alive.push(aliveOf(record, nowMs));
    }
    return alive.sort((a, b) => a.sinceMs - b.sinceMs);
  };
}

function aliveOf(record: RentalRecord, nowMs: number): AliveMachine {
  const { name, provider, offer, terms, ms } = record.intent;
  return {
    name,
    provider,
    offer,
    usdPerHour: terms.usdPerHour,
    sinceMs: ms,
    seenMs: record.seenMs,
    spentUsd: maxPaid(record, nowMs),
    capUsd: terms.capUsd,
    worstUsd: terms.worstUsd,
    leaseEndsMs: leaseEndsMs(record),
    ending: record.reason,
  };
}

/** The earlier of its lease, which its controller renews, and its provider's deadline. */
function leaseEndsMs({ intent: { ms, terms }, seenMs }: RentalRecord): number | null {
  const leaseMs = 1000 * terms.leaseSeconds;
  const ends = [
    ...(terms.endsWithLease && seenMs !== null ? [seenMs + leaseMs] : []),
    ...(terms.endsInTime ? [ms + 1000 * terms.capSeconds + leaseMs] : []),
  ];
  return ends.length === 0 ? null : Math.min(...ends);
}
