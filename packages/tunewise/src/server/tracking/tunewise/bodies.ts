/** @file Schemas of tunewise's own routes. A key that is not named here is refused, so that a typo is seen. */

import { stopCauses } from "@tunewise/core/run";
import { z } from "zod";
import type { ChargeRequest, LaunchReport, LaunchRequest } from "../../../app/tracking/index.ts";

/** Money in micro-dollars, up to a billion dollars. */
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

/** A command that wants to start. */
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

/** What a command's meter reports. */
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

/** What a run is charged; a caller that may have to repeat the call adds when it was incurred. */
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

/** Why a run is to stop. */
export const stopBody: z.ZodType<{ reason: string }> = z.strictObject({
  reason: text(1000).min(1).default("asked for"),
});

/** What the ledger is summed by, and when it was spent. */
export const spendQuery: z.ZodType<{
  readonly by: string;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}> = z.object({
  by: z.string().default("project"),
  since: z.string().optional(),
  until: z.string().optional(),
});
