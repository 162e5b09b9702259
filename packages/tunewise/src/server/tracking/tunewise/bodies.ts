/** @file Schemas of tunewise's own routes. Unknown keys are refused, so that typos are noticed. */

import { stopCauses } from "@tunewise/core/run";
import type { ChargeRequest, LaunchReport, LaunchRequest } from "@tunewise/tracker";
import { z } from "zod";

/** Amount in micro-dollars, up to a billion dollars. */
const microUsd = z.int().min(0).max(1e15);
const milliseconds = z.int().min(0).max(1e13);
const text = (max: number): z.ZodString =>
  // PostgreSQL stores no NUL
  z
    .string()
    .max(max)
    .refine((value) => !value.includes("\u0000"), "holds a NUL");
const fingerprint = z
  .string()
  .regex(/^[0-9a-f]{40,128}$/)
  .nullable()
  .default(null);

/** Request to start a command. */
export const launchBody: z.ZodType<LaunchRequest> = z
  .strictObject({
    id: z.string().regex(/^[a-zA-Z0-9][\w.-]{0,255}$/),
    command: text(10_000),
    host: text(255).default(""),
    project: text(500).min(1).nullable().default(null),
    person: text(250).default(""),
    fingerprint,
    family: fingerprint,
    force: text(1000).min(1).nullable().default(null),
    price_micro_usd_per_hour: microUsd,
    price_source: text(500),
    cap_micro_usd: microUsd.nullable().default(null),
    outer: text(256).min(1).nullable().default(null),
  })
  .transform(({ force, price_micro_usd_per_hour, price_source, cap_micro_usd, ...rest }) => ({
    ...rest,
    forced: force,
    price: { microUsdPerHour: price_micro_usd_per_hour, source: price_source },
    capMicroUsd: cap_micro_usd,
  }));

/** Report of a command's meter. */
export const readingBody: z.ZodType<LaunchReport> = z
  .strictObject({
    micro_usd: microUsd,
    metered_ms: milliseconds,
    ended: z.enum(["completed", "failed", "stopped", "interrupted"]).nullable().default(null),
    stopped_by: z.enum(stopCauses).nullable().default(null),
  })
  .transform(({ micro_usd, metered_ms, ended, stopped_by }) => ({
    microUsd: micro_usd,
    meteredMs: metered_ms,
    ended,
    stoppedBy: stopped_by,
  }));

/** A charge to a run. A caller that may retry adds the time it was incurred, so that it counts once. */
export const chargeBody: z.ZodType<Omit<ChargeRequest, "ms"> & { readonly ms: number | null }> = z
  .strictObject({
    kind: z.enum(["tokens", "storage", "other"]),
    micro_usd: microUsd,
    quantity: z.number().min(0).max(1e15).default(0),
    unit: text(50).default(""),
    source: text(500).min(1),
    ms: milliseconds.nullable().default(null),
  })
  .transform(({ micro_usd, ...rest }) => ({ ...rest, microUsd: micro_usd }));

/** Reason for stopping a run. */
export const stopBody: z.ZodType<{ reason: string }> = z.strictObject({
  reason: text(1000).min(1).default("asked for"),
});

/** Grouping of the ledger's sums, and their period. */
export const spendQuery: z.ZodType<{
  readonly by: string;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}> = z.object({
  by: z.string().default("project"),
  since: z.string().optional(),
  until: z.string().optional(),
});
