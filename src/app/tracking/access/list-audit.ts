/** @file Queries the audit log. */
import { type AuditLine, readAudit } from "../../../track/index.ts";
import { dayMs } from "../spending.ts";
import { type AccessHost, type AccessRequest, readAccess } from "./open-access.ts";

/** Filters of the audit log. */
export interface AuditRequest extends AccessRequest {
  readonly action?: string;
  readonly person?: string;
  readonly subject?: string;
  /** ISO days or months: `since` is inclusive, `until` exclusive. */
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

/** Returns audit lines, newest first. @throws {TunewiseError} `SPEND_DAY_INVALID`, `STORE_ABSENT` */
export async function listAudit(request: AuditRequest, host: AccessHost): Promise<AuditLine[]> {
  const { action, person, subject, since, until, limit } = request;
  const query = {
    ...(action === undefined ? {} : { action }),
    ...(person === undefined ? {} : { person }),
    ...(subject === undefined ? {} : { subject }),
    ...(since === undefined ? {} : { sinceMs: dayMs(since) }),
    ...(until === undefined ? {} : { untilMs: dayMs(until) }),
    limit,
  };
  return readAccess(request, host, (database) => readAudit(database, query));
}
