/**
 * @file Records of rented machines on disk. Each machine has a file of lines, and the first line is written before the
 * machine is created.
 */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { appendLines } from "@tunewise/core/files";
import { seconds, type Usd } from "@tunewise/core/quantity";
import { readTextFile } from "@tunewise/core/untrusted";
import { z } from "zod";
import type { RentalTerms } from "./worst-case.ts";

/** Written before a machine is created. */
export interface Intent {
  readonly kind: "intent";
  readonly name: string;
  readonly run: string;
  readonly attempt: number;
  /** Address of the provider. */
  readonly provider: string;
  readonly offer: string;
  readonly terms: RentalTerms;
  /** Milliseconds since 1970. The machine is metered from this time. */
  readonly ms: number;
}

/** States that a machine is gone, as confirmed twice by its provider. */
export interface Receipt {
  readonly kind: "receipt";
  readonly ms: number;
  /** Times of the provider's two confirmations. */
  readonly absentMs: readonly [number, number];
  /** Maximum cost of the machine since the intent. */
  readonly spentMicroUsd: number;
  /** Whether ending took so long that the provider may have given up and reported the machine as ended anyway. */
  readonly isDoubtful: boolean;
}

/** A line of a machine's file. */
export type RentalEntry =
  | Intent
  | Receipt
  /** The machine tracks its lease. */
  | { readonly kind: "armed"; readonly ms: number }
  /** The lease was renewed. */
  | { readonly kind: "seen"; readonly ms: number }
  /** The end of the machine was requested. */
  | { readonly kind: "ending"; readonly ms: number; readonly reason: string };

/** Contents of a machine's file. */
export interface RentalRecord {
  readonly intent: Intent;
  /** Last sign of life, in milliseconds since 1970; `null` if there was none. */
  readonly seenMs: number | null;
  /** Why its end was requested; `null` if it was not. */
  readonly reason: string | null;
  readonly receipt: Receipt | null;
}

/** Storage of the records. */
export interface RentalRecords {
  readonly all: () => Promise<readonly RentalRecord[]>;
  /** Appends a line to a machine's file. The line is on disk when this returns. */
  readonly add: (name: string, entry: RentalEntry) => Promise<void>;
}

const count = z.number().min(0);
const time = count.transform(seconds);
const money = count.transform((value) => value as Usd);
const termsSchema: z.ZodType<RentalTerms> = z.object({
  usdPerHour: money,
  machineUsdPerHour: money,
  diskUsdPerHour: money,
  capUsd: money,
  worstUsd: money,
  leaseSeconds: time,
  capSeconds: time,
  machineLeaseSeconds: time,
  workerLeaseSeconds: time,
  maxSeconds: time,
  startingSeconds: time,
  endingSeconds: time,
  endsWithLease: z.boolean(),
  endsInTime: z.boolean(),
  weaknesses: z.array(z.string()),
});
const entrySchema: z.ZodType<RentalEntry> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("intent"),
    name: z.string(),
    run: z.string(),
    attempt: z.int().min(1),
    provider: z.string(),
    offer: z.string(),
    terms: termsSchema,
    ms: count,
  }),
  z.object({
    kind: z.literal("receipt"),
    ms: count,
    absentMs: z.tuple([count, count]),
    spentMicroUsd: count,
    isDoubtful: z.boolean(),
  }),
  z.object({ kind: z.literal("armed"), ms: count }),
  z.object({ kind: z.literal("seen"), ms: count }),
  z.object({ kind: z.literal("ending"), ms: count, reason: z.string() }),
]);

/** Maximum size of a machine's file, enough for a line per minute over several weeks. */
const maxRecordBytes = 8 << 20;

/** Opens the records of an output folder. */
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

/** Reads a machine's file. Returns `null` if its first line is missing. */
export async function readRecord(path: string): Promise<RentalRecord | null> {
  return recordOf(entriesOf(await readTextFile(path, maxRecordBytes)));
}

/** Parses the lines. Invalid or truncated lines are ignored. */
function entriesOf(text: string): RentalEntry[] {
  return text.split("\n").flatMap((line) => {
    try {
      return entrySchema.safeParse(JSON.parse(line)).data ?? [];
    } catch {
      return [];
    }
  });
}

/** Builds a record from a machine's lines. Returns `null` if the first line is missing. */
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
 * Maximum cost of a machine so far, metered from the intent. The end of an abandoned machine is not observed. If it
 * tracked its lease, it lived at most one lease after the last sign of life. Otherwise only the provider's deadline
 * limits the cost, and without one nothing does.
 */
export function maxPaid({ intent, seenMs, receipt }: RentalRecord, nowMs: number): Usd {
  if (receipt !== null) return receipt.spentMicroUsd as Usd;
  const { ms, terms } = intent;
  const leaseMs = 1000 * terms.leaseSeconds;
  const byLease = seenMs !== null && terms.endsWithLease ? seenMs + leaseMs : Number.POSITIVE_INFINITY;
  const byDeadline = terms.endsInTime ? ms + 1000 * terms.capSeconds + leaseMs : Number.POSITIVE_INFINITY;
  const untilMs = Math.min(nowMs, byLease, byDeadline);
  return Math.ceil((terms.usdPerHour * Math.max(0, untilMs - ms)) / 3_600_000) as Usd;
}
