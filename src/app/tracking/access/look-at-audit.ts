/**
 * @file The audit, as people ask for it.
 */
import { problem } from "../../../problem/index.ts";
import { type AuditLine, readAudit } from "../../../track/index.ts";
import { type AccessHost, type AccessRequest, lookAtAccess } from "./open-access.ts";

/** Which lines. */
export interface AuditRequest extends AccessRequest {
  readonly action?: string;
  readonly person?: string;
  readonly subject?: string;
  /** ISO days or months; from the first on, up to before the second. */
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

/** Lines, newest first. @throws {TunewiseError} `SPEND_DAY_INVALID`, `STORE_ABSENT` */
export async function lookAtAudit(request: AuditRequest, host: AccessHost): Promise<AuditLine[]> {
  const { action, person, subject, since, until, limit } = request;
  const query = {
    ...(action === undefined ? {} : { action }),
    ...(person === undefined ? {} : { person }),
    ...(subject === undefined ? {} : { subject }),
    ...(since === undefined ? {} : { sinceMs: dayMs(since) }),
    ...(until === undefined ? {} : { untilMs: dayMs(until) }),
    limit,
  };
  return lookAtAccess(request, host, (database) => readAudit(database, query));
}

function dayMs(day: string): number {
  const ms = /^\d{4}-\d{2}(-\d{2})?$/.test(day) ? Date.parse(day) : Number.NaN;
  if (Number.isNaN(ms)) throw problem("SPEND_DAY_INVALID", { day });
  return ms;
}
