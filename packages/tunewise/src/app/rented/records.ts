/**
 * @file What is known of rented machines, on disk: a file of lines for each, whose first line is there before the
 * machine is created.
 */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { appendLines } from "@tunewise/core/files";
import { seconds, type Usd } from "@tunewise/core/quantity";
import { readTextFile } from "@tunewise/core/untrusted";
import { z } from "zod";
import type { RentalTerms } from "./terms.ts";

/** What is written before a machine is created. */
export interface Intent {
  readonly kind: "intent";
  readonly name: string;
  readonly run: string;
  readonly attempt: number;
  /** Address of the provider. */
  readonly provider: string;
  readonly offer: string;
  readonly terms: RentalTerms;
  /** Milliseconds since 1970: from here on it is metered. */
  readonly ms: number;
}

/** That a machine is gone: its provider said so twice. */
export interface Receipt {
  readonly kind: "receipt";
  readonly ms: number;
  /** When its provider said so first, and again. */
  readonly absentMs: readonly [number, number];
  /** What the machine cost at most, from the intent on. */
  readonly spentMicroUsd: number;
  /** Whether its end took so long that the provider may have given up, and calls it ended all the same. */
  readonly isDoubtful: boolean;
}

/** A line of a machine's file. */
export type RentalEntry =
  | Intent
  | Receipt
  /** The machine counts its lease. */
  | { readonly kind: "armed"; readonly ms: number }
  /** The lease was renewed. */
  | { readonly kind: "seen"; readonly ms: number }
  /** The end was asked for. */
  | { readonly kind: "ending"; readonly ms: number; readonly reason: string };

/** What the file of a machine says. */
export interface RentalRecord {
  readonly intent: Intent;
  /** Last sign of life, in milliseconds since 1970; `null`: none. */
  readonly seenMs: number | null;
  /** Why its end was asked for; `null`: it was not. */
  readonly reason: string | null;
  readonly receipt: Receipt | null;
}

/** Where records are kept. */
export interface RentalRecords {
  readonly all: () => Promise<readonly RentalRecord[]>;
  /** Adds a line to the file of a machine; it is on the disk when this returns. */
  readonly add: (name: string, entry: RentalEntry) => Promise<void>;
}

const count = z.number().min(0);
const time = count.transform(seconds);
const money = count.transform((value) => value as Usd);
const termsSchema: z.ZodType<RentalTerms> = z.object({
  ...{ usdPerHour: money, machineUsdPerHour: money, diskUsdPerHour: money, capUsd: money, worstUsd: money },
  ...{ leaseSeconds: time, capSeconds: time, machineLeaseSeconds: time, workerLeaseSeconds: time },
  ...{ maxSeconds: time, startingSeconds: time, endingSeconds: time, endsWithLease: z.boolean() },
  ...{ endsInTime: z.boolean(), weaknesses: z.array(z.string()) },
});
const entrySchema: z.ZodType<RentalEntry> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("intent"),
    ...{ name: z.string(), run: z.string(), attempt: z.int().min(1), provider: z.string() },
    ...{ offer: z.string(), terms: termsSchema, ms: count },
  }),
  z.object({
    kind: z.literal("receipt"),
    ...{ ms: count, absentMs: z.tuple([count, count]), spentMicroUsd: count, isDoubtful: z.boolean() },
  }),
  z.object({ kind: z.literal("armed"), ms: count }),
  z.object({ kind: z.literal("seen"), ms: count }),
  z.object({ kind: z.literal("ending"), ms: count, reason: z.string() }),
]);

/** Size limit of a machine's file: a line a minute for some weeks. */
const maxRecordBytes = 8 << 20;

/** The records of an output folder. */
export function recordsIn(output: string): RentalRecords {
  const folder = join(output, "rented");
  return {
    all: async () => {
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".jsonl")).sort();
      const records = await Promise.all(names.map((name) => readRecord(join(folder, name))));
      return records.filter((record) => record !== null);
    },
    add: async (name, entry) => {
      await mkdir(folder, { recursive: true });
      await appendLines(join(folder, `${name}.jsonl`), `${JSON.stringify(entry)}\n`);
    },
  };
}

/** What the file of a machine says; `null`: its first line is missing. */
export async function readRecord(path: string): Promise<RentalRecord | null> {
  return recordOf(entriesOf(await readTextFile(path, maxRecordBytes)));
}

/** Lines that are none of ours, or were cut off, say nothing. */
function entriesOf(text: string): RentalEntry[] {
  return text.split("\n").flatMap((line) => {
    try {
      return entrySchema.safeParse(JSON.parse(line)).data ?? [];
    } catch {
      return [];
    }
  });
}

/** What the lines of a machine say; `null`: the first line is missing. */
export function recordOf(entries: readonly RentalEntry[]): RentalRecord | null {
  const intent = entries.find((entry) => entry.kind === "intent");
  if (intent === undefined) return null;
  const signs = entries.filter(({ kind }) => kind === "armed" || kind === "seen");
  return {
    intent,
    seenMs: signs.at(-1)?.ms ?? null,
    reason: entries.findLast((entry) => entry.kind === "ending")?.reason ?? null,
    receipt: entries.findLast((entry) => entry.kind === "receipt") ?? null,
  };
}

/**
 * What a machine has cost at most until now. It is metered from the intent on. Nobody saw when a machine ended that was
 * left alone: one that counts its lease lived for one lease after the last sign of life. Of one that was never seen to
 * count it, only the provider's deadline is known, and without that nothing is.
 */
export function paidAtMost({ intent, seenMs, receipt }: RentalRecord, nowMs: number): Usd {
  if (receipt !== null) return receipt.spentMicroUsd as Usd;
  const { ms, terms } = intent;
  const leaseMs = 1000 * terms.leaseSeconds;
  const byLease = seenMs !== null && terms.endsWithLease ? seenMs + leaseMs : Number.POSITIVE_INFINITY;
  const byDeadline = terms.endsInTime ? ms + 1000 * terms.capSeconds + leaseMs : Number.POSITIVE_INFINITY;
  const untilMs = Math.min(nowMs, byLease, byDeadline);
  return Math.ceil((terms.usdPerHour * Math.max(0, untilMs - ms)) / 3_600_000) as Usd;
}
