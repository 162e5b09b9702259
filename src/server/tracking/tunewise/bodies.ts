/** @file Bodies of tunewise's own routes. What is not named here is refused, so that a slip is seen. */
import { z } from "zod";
import type { ChargeRequest, LaunchReport, LaunchRequest } from "../../../app/tracking/index.ts";
import { Refused } from "../route.ts";

/** Money in whole micro-dollars, up to a billion dollars. */
const microUsd = z.int().min(0).max(1e15);
const milliseconds = z.int().min(0).max(1e13);
const text = (letters: number): z.ZodString =>
  // PostgreSQL keeps no NUL
  z
    .string()
    .max(letters)
    .refine((value) => !value.includes("\u0000"), "holds a NUL");
const print = z
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
    fingerprint: print,
    family: print,
    force: text(1000).min(1).nullable().default(null),
    price_micro_usd_per_hour: microUsd,
    price_source: text(500),
    cap_micro_usd: microUsd.nullable().default(null),
  })
  .transform(({ force, price_micro_usd_per_hour, price_source, cap_micro_usd, ...rest }) => ({
    ...rest,
    forced: force,
    price: { microUsdPerHour: price_micro_usd_per_hour, source: price_source },
    capMicroUsd: cap_micro_usd,
  }));

/** What a command's meter says. */
export const readingBody: z.ZodType<LaunchReport> = z
  .strictObject({
    micro_usd: microUsd,
    metered_ms: milliseconds,
    ended: z.enum(["completed", "failed", "stopped", "interrupted"]).nullable().default(null),
  })
  .transform(({ micro_usd, metered_ms, ended }) => ({ microUsd: micro_usd, meteredMs: metered_ms, ended }));

/** What a run is charged; a caller that may have to ask twice says when it was incurred. */
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

/** @throws {Refused} 400, saying what does not fit */
export function readBody<Body>(schema: z.ZodType<Body>, value: unknown): Body {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join(".") || "body";
  throw new Refused(400, "invalid_body", `${where}: ${issue?.message ?? "does not fit"}`);
}
