/**
 * @file Who calls: a user with a password or with a token. As long as the store has no users, nobody is asked.
 */
import type { IncomingMessage } from "node:http";
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { findToken, findUser, hasUsers, type KnownToken, noteTokenUse } from "../../../track/index.ts";
import { type Caller, Refused } from "../route.ts";
import { callerOf } from "./callers.ts";
import { createPasswordCheck } from "./check-password.ts";
import { type Credentials, credentialsOf } from "./credentials.ts";
import { createFailures } from "./failures.ts";

/** Tells callers apart. */
export interface Identify {
  /** Whether callers have to say who they are: from the first user on, and never less again. */
  readonly hasUsers: () => Promise<boolean>;
  /** Who calls. @throws {Refused} 401 */
  readonly callerOf: (request: IncomingMessage) => Promise<Caller>;
}

/** How long it may take until the first user counts. */
const lookEveryMs = 1_000;
/** A token's last use is noted once in so long. */
const noteEveryMs = 15 * 60_000;
const notedMost = 10_000;

/** Tells callers apart by the users of a desk's store. */
export function identifyUsers(desk: Pick<TrackingContext, "database" | "write" | "now">): Identify {
  const { database, now } = desk;
  const passwords = createPasswordCheck(now);
  const failures = createFailures(now);
  const noteUse = createUseNotes(desk);
  let known = false;
  let lookedMs = Number.NEGATIVE_INFINITY;
  const byToken = async (asked: Extract<Credentials, { digest: string }>): Promise<Caller> => {
    const found = await findToken(database, asked.digest);
    if (!found || (asked.name !== null && asked.name !== found.user.name))
      throw refused("That token is not known.");
    demandValid(found, now());
    noteUse(found);
    return callerOf(found.user, database);
  };
  const byPassword = async (
    { name, password }: Extract<Credentials, { password: string }>,
    address: string,
  ): Promise<Caller> => {
    const user = await findUser(database, name);
    if (user && passwords.isKnown(user, password)) return callerOf(user, database);
    if (!failures.mayTry(address, name))
      throw refused("Too many failed; wait a while before the next attempt.");
    const answer = await passwords.check(user, password);
    if (answer === "busy") throw refused("Too many are logging in at once; try again, or use a token.");
    if (answer === "no" || !user) {
      failures.noteFailure(address, name);
      throw refused("Name or password is wrong.");
    }
    failures.noteSuccess(address, name);
    return callerOf(user, database);
  };
  return {
    hasUsers: async () => {
      if (known || now() - lookedMs < lookEveryMs) return known;
      known = await hasUsers(database);
      lookedMs = now();
      return known;
    },
    callerOf: async (request) => {
      const asked = credentialsOf(request);
      if (!asked) throw refused("This server asks for a name with a password, or for a token.");
      return "digest" in asked ? byToken(asked) : byPassword(asked, request.socket.remoteAddress ?? "");
    },
  };
}

function demandValid({ token }: KnownToken, nowMs: number): void {
  const { prefix, revokedMs, expiresMs } = token;
  if (revokedMs !== null) throw refused(`The token ${prefix}... was revoked.`);
  if (expiresMs !== null && nowMs >= expiresMs) throw refused(`The token ${prefix}... has expired.`);
}

/** Notes a use now and then, without making the caller wait; one that is not noted is noted later. */
function createUseNotes({ write, now }: Pick<TrackingContext, "write" | "now">): (known: KnownToken) => void {
  const noted = new Map<number, number>();
  return ({ token }) => {
    const lastMs = Math.max(token.usedMs ?? 0, noted.get(token.number) ?? 0);
    if (now() - lastMs < noteEveryMs) return;
    if (noted.size >= notedMost) noted.clear();
    noted.set(token.number, now());
    void write((transaction) => noteTokenUse(transaction, token.number, now())).catch(() => undefined);
  };
}

function refused(message: string): Refused {
  return new Refused(401, "not_identified", message);
}
