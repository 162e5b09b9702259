/**
 * @file Logs refused requests in the audit log: wrong passwords and tokens, and requests beyond the caller's
 * permissions.
 *
 * An attacker must not be able to fill the disk. A refusal is written once, and its number of repetitions is written at
 * the end of a time window. The total number of lines per hour is limited. Passwords are never logged.
 */

import type { TrackingContext } from "../tracking-context.ts";
import { type AuditAction, recordAudit } from "./audit.ts";

/** A refused request. */
export interface RefusedRequest {
  readonly status: number;
  /** The user name that the request gave; empty if there was none. */
  readonly person: string;
  readonly address: string;
  /** Method and path, without the query. */
  readonly what: string;
  /** The refusal as a sentence. */
  readonly reason: string;
}

/** Logs refusals without delaying requests. */
export interface RefusalLog {
  readonly note: (refused: RefusedRequest) => void;
  /** Writes the counters that have not been written yet. */
  readonly close: () => Promise<void>;
}

/** Time window in which the same refusal is written once. */
const windowMs = 600_000;
/** Maximum lines per hour. A line has at most 1 kB, so a day of attacks takes at most 3 MB. */
const maxLinesPerHour = 120;
const hourMs = 3_600_000;
/** Maximum number of refusals with a counter. Beyond it, the oldest counters are written and removed. */
const maxCounted = 1_000;
const maxPersonChars = 100;
const maxTextChars = 300;

interface Counted {
  readonly refused: RefusedRequest;
  readonly sinceMs: number;
  /** Number of repetitions. */
  again: number;
}

/** Creates a refusal log in the audit log of a store. */
export function createRefusalLog({ write, now }: Pick<TrackingContext, "write" | "now">): RefusalLog {
  const counted = new Map<string, Counted>();
  let writing: Promise<unknown> = Promise.resolve();
  let [hourStartMs, lines] = [Number.NEGATIVE_INFINITY, 0];
  const add = (
    action: AuditAction,
    { person, subject, detail }: Record<"person" | "subject" | "detail", string>,
  ) => {
    if (now() - hourStartMs >= hourMs) [hourStartMs, lines] = [now(), 0];
    lines++;
    if (lines > maxLinesPerHour) return;
    const line =
      lines < maxLinesPerHour
        ? { person, subject, detail }
        : {
            person: "",
            subject: "server",
            detail: `more refusals than the ${maxLinesPerHour} an hour that are noted`,
          };
    writing = write((transaction) => recordAudit(transaction, { ms: now(), action, ...line })).catch(
      () => undefined,
    );
  };
  const tell = ({ refused, again }: Counted, isFirst: boolean): void => {
    const { status, person, address, what, reason } = refused;
    const action = status === 401 ? "sign-in-refused" : "access-refused";
    const minutes = windowMs / 60_000;
    const from = `from ${address}`;
    const detail = isFirst
      ? `${status} ${from}: ${reason.slice(0, maxTextChars)}`
      : `${status} ${from}: ${again} more within ${minutes} minutes`;
    add(action, { person: person.slice(0, maxPersonChars), subject: what.slice(0, maxTextChars), detail });
  };
  const end = (key: string, one: Counted): void => {
    counted.delete(key);
    if (one.again > 0) tell(one, false);
  };
  return {
    note: (refused) => {
      const key = JSON.stringify([refused.status, refused.person.slice(0, maxPersonChars), refused.address]);
      for (const [other, one] of counted) {
        if (counted.size <= maxCounted && now() - one.sinceMs < windowMs) break;
        end(other, one);
      }
      const known = counted.get(key);
      if (known) {
        known.again++;
        return;
      }
      const fresh = { refused, sinceMs: now(), again: 0 };
      counted.set(key, fresh);
      tell(fresh, true);
    },
    close: async () => {
      for (const [key, one] of counted) end(key, one);
      await writing;
    },
  };
}
