/**
 * @file Refused requests in the audit: wrong passwords and tokens, and calls about what the caller may not see or do.
 *
 * Whoever attacks must not fill the disk: the same refusal is written once, and how often it came again when its window
 * is over; all refusals together are bounded per hour. Passwords are no part of what is noted.
 */
import { type AuditAction, recordAudit } from "@tunewise/tracker";
import type { TrackingContext } from "../tracking-context.ts";

/** A request that was refused. */
export interface RefusedRequest {
  readonly status: number;
  /** Who asked, or claimed to be asking; empty: nobody was named. */
  readonly person: string;
  readonly address: string;
  /** Method and path, without the query. */
  readonly what: string;
  /** The refusal's sentence. */
  readonly reason: string;
}

/** Notes refusals down, without making anybody wait. */
export interface RefusalLog {
  readonly note: (refused: RefusedRequest) => void;
  /** Writes what is still counted. */
  readonly close: () => Promise<void>;
}

/** The same refusal is written once in so long. */
const windowMs = 600_000;
/** Lines of refusals in an hour. A line has at most 1 kB, so that a day of attacks takes at most 3 MB. */
const maxLinesPerHour = 120;
const hourMs = 3_600_000;
/** Different refusals that are counted at once; the oldest are written and forgotten. */
const maxCounted = 1_000;
const maxPersonChars = 100;
const maxTextChars = 300;

interface Counted {
  readonly refused: RefusedRequest;
  readonly sinceMs: number;
  /** How often it came again. */
  again: number;
}

/** A log of refusals in the audit of a store. */
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
