/**
 * @file Identifies callers by password or token, and determines their rights. A page has its token in a cookie. While
 * the store has no users, no identification is required.
 *
 * @source RFC 7617 (Basic), RFC 6750 (Bearer); W&B's clients send Basic `api:TOKEN`, MLflow's either
 */
import { createHmac, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createGate } from "@tunewise/core/untrusted";
import { type Caller, HttpError, type Identify, nobody } from "../../http/index.ts";
import type { TrackingContext } from "../../index.ts";
import {
  findToken,
  findUser,
  fitsPassword,
  hashPassword,
  hasUsers,
  type KnownToken,
  noteTokenUse,
  type Reader,
  readableProjects,
  readRoles,
  saltBytes,
  tokenDigest,
  type User,
  writesSomewhere,
} from "../../index.ts";

/** Maximum delay until the first user takes effect. */
const pollMs = 1_000;
/** Minimum interval of recording a token's last use. */
const noteEveryMs = 15 * 60_000;
const maxNoted = 10_000;

/** Identifies callers, and checks credentials when a page signs in. */
export interface IdentifyUsers extends Identify {
  /** Returns the user with these credentials. @throws {HttpError} 401 */
  readonly userOf: (credentials: Credentials, address: string) => Promise<User>;
}

/** Identifies callers by the users of a context's store. */
export function identifyUsers(context: Pick<TrackingContext, "database" | "write" | "now">): IdentifyUsers {
  const { database, now } = context;
  const passwords = createPasswordCheck(now);
  const failures = createFailures(now);
  const noteUse = createUseNotes(context);
  let known = false;
  let checkedMs = Number.NEGATIVE_INFINITY;
  const byToken = async (asked: Extract<Credentials, { digest: string }>): Promise<User> => {
    const found = await findToken(database, asked.digest);
    if (!found || (asked.name !== null && asked.name !== found.user.name))
      throw refused("That token is not known.", found?.user.name ?? asked.name);
    requireValid(found, now());
    noteUse(found);
    return found.user;
  };
  const byPassword = async (
    { name, password }: Extract<Credentials, { password: string }>,
    address: string,
  ): Promise<User> => {
    const user = await findUser(database, name);
    if (user && passwords.isKnown(user, password)) return user;
    if (!failures.mayTry(address, name))
      throw refused("Too many failed; wait a while before the next attempt.", name);
    const answer = await passwords.check(user, password);
    if (answer === "busy") throw refused("Too many are logging in at once; try again, or use a token.", name);
    if (answer === "no" || !user) {
      failures.noteFailure(address, name);
      throw refused("Name or password is wrong.", name);
    }
    failures.noteSuccess(address, name);
    return user;
  };
  const userOf = (asked: Credentials, address: string): Promise<User> =>
    "digest" in asked ? byToken(asked) : byPassword(asked, address);
  return {
    userOf,
    hasUsers: async () => {
      if (known || now() - checkedMs < pollMs) return known;
      known = await hasUsers(database);
      checkedMs = now();
      return known;
    },
    callerOf: async (request) => {
      try {
        const asked = credentialsOf(request);
        if (!asked) throw refused("This server asks for a name with a password, or for a token.");
        return callerOf(await userOf(asked, request.socket.remoteAddress ?? ""), database);
      } catch (error) {
        throw error instanceof HttpError && isPage(request) ? withoutChallenge(error) : error;
      }
    },
  };
}

function requireValid({ token, user }: KnownToken, nowMs: number): void {
  const { prefix, revokedMs, expiresMs } = token;
  if (revokedMs !== null) throw refused(`The token ${prefix}... was revoked.`, user.name);
  if (expiresMs !== null && nowMs >= expiresMs)
    throw refused(`The token ${prefix}... has expired.`, user.name);
}

/** Records a token's use at intervals, without delaying the caller. After a failed write, a later use is recorded. */
function createUseNotes({ write, now }: Pick<TrackingContext, "write" | "now">): (known: KnownToken) => void {
  const noted = new Map<number, number>();
  return ({ token }) => {
    const lastMs = Math.max(token.usedMs ?? 0, noted.get(token.number) ?? 0);
    if (now() - lastMs < noteEveryMs) return;
    if (noted.size >= maxNoted) noted.clear();
    noted.set(token.number, now());
    void write((transaction) => noteTokenUse(transaction, token.number, now())).catch(() => undefined);
  };
}

/** Tells clients how to authenticate. @source RFC 9110, section 11.6.1 */
const challenge = { "www-authenticate": 'Basic realm="tunewise", charset="UTF-8"' };

/** @param claimed the name given in the request */
function refused(message: string, claimed: string | null = null): HttpError {
  // a token given as the name, even a mistyped one, is a secret and must not be recorded
  const person = claimed?.startsWith("tw-") ? "a token" : claimed;
  return new HttpError(401, "not_identified", message, { headers: challenge, person });
}

/** Whether a page of this server sent the request. @source W3C, Fetch Metadata Request Headers */
function isPage({ headers }: Pick<IncomingMessage, "headers">): boolean {
  return headers["sec-fetch-site"] === "same-origin";
}

/** Removes the challenge, since the page itself prompts for name and password, not the browser. */
function withoutChallenge({ status, code, message, person }: HttpError): HttpError {
  return new HttpError(status, code, message, { person });
}

/** A name with a password, or the hash of a token with the name given before it, if any. */
export type Credentials =
  | { readonly name: string; readonly password: string }
  | { readonly name: string | null; readonly digest: string };

/** The name that W&B clients send with every token. */
const anyName = "api";
/** Maximum length of a header; no client sends longer ones. */
const maxHeaderLength = 4096;

/** The cookie that holds a page's token. */
export const sessionCookie = "tunewise_session";

/**
 * Returns the credentials of a request; `null` if they are missing or malformed. A cookie is accepted only from pages
 * of this server.
 */
export function credentialsOf({ headers }: Pick<IncomingMessage, "headers">): Credentials | null {
  const header = headers.authorization ?? "";
  if (header === "" && isPage({ headers })) {
    const digest = tokenDigest(sessionToken(headers.cookie));
    return digest === null ? null : { name: null, digest };
  }
  if (header.length > maxHeaderLength) return null;
  const [, scheme = "", value = ""] = /^(basic|bearer) +([\w+/=.~-]+)$/i.exec(header.trim()) ?? [];
  if (scheme.toLowerCase() === "bearer") {
    const digest = tokenDigest(value);
    return digest === null ? null : { name: null, digest };
  }
  if (scheme === "") return null;
  const text = Buffer.from(value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return null;
  const [name, secret] = [text.slice(0, colon), text.slice(colon + 1)];
  const digest = tokenDigest(secret);
  if (digest !== null) return { name: name === anyName || name === "" ? null : name, digest };
  return { name, password: secret };
}

/** The token in a request's cookies; empty if there is none. */
export function sessionToken(cookies = ""): string {
  if (cookies.length > maxHeaderLength) return "";
  const pairs = cookies.split(";").map((one) => one.trim());
  return pairs.find((one) => one.startsWith(`${sessionCookie}=`))?.slice(sessionCookie.length + 1) ?? "";
}

/** How long a verified password needs no new check, since clients send many requests per second. */
const knownMs = 60_000;
const maxKnown = 1_000;
/** Maximum passwords checked concurrently, each with tens of MiB of memory, and maximum waiting checks. */
const [atOnce, maxWaiting] = [2, 32];

/** Checks passwords. */
interface PasswordCheck {
  /** Whether the password was verified recently. Does not compute a hash of the password. */
  readonly isKnown: (user: Pick<User, "password"> | null, password: string) => boolean;
  /** Checks a password. Takes the same time for an unknown user. */
  readonly check: (user: Pick<User, "password"> | null, password: string) => Promise<"fits" | "no" | "busy">;
}

/**
 * Creates a check of passwords.
 *
 * A verified password is remembered as a keyed hash of it and of the user's stored hash, so that a changed password
 * takes effect at once.
 *
 * @param now milliseconds
 */
function createPasswordCheck(now: () => number): PasswordCheck {
  const key = randomBytes(32);
  const known = new Map<string, number>();
  const gate = createGate(atOnce, maxWaiting);
  // hash to compare with for unknown users; computed once, since hashing is slow
  let nobodys: Promise<string> | null = null;
  const markOf = (hash: string, password: string): string =>
    createHmac("sha256", key).update(`${hash}\n${password}`).digest("base64");
  return {
    isKnown: (user, password) =>
      Boolean(user?.password) && now() < (known.get(markOf(user?.password ?? "", password)) ?? 0),
    check: async (user, password) => {
      nobodys ??= hashPassword(randomBytes(16).toString("hex"), randomBytes(saltBytes));
      const hash = user?.password ?? (await nobodys);
      const fits = await gate(() => fitsPassword(password, hash));
      if (fits === null) return "busy";
      if (!fits || user?.password !== hash) return "no";
      if (known.size >= maxKnown) known.clear();
      known.set(markOf(hash, password), now() + knownMs);
      return "fits";
    },
  };
}

/** Failures without a wait, since people mistype. */
const freeFailures = 5;
const firstWaitMs = 1_000;
const maxWaitMs = 300_000;
/** Maximum remembered pairs of address and name; the oldest are dropped. */
const maxPairs = 10_000;

interface Failed {
  readonly count: number;
  readonly untilMs: number;
}

/**
 * Slows down guessing of passwords: after some failures from one address for one name, each wait is longer.
 *
 * The status stays 401, since clients retry after 429. Behind a proxy all requests have one address, so an attacker
 * also makes the user wait; tokens still work.
 */
interface Failures {
  /** Whether a password may be tried now. */
  readonly mayTry: (address: string, name: string) => boolean;
  readonly noteFailure: (address: string, name: string) => void;
  readonly noteSuccess: (address: string, name: string) => void;
}

/** Counts failures in memory, so a restart resets them. @param now milliseconds */
export function createFailures(now: () => number): Failures {
  const pairs = new Map<string, Failed>();
  const keyOf = (address: string, name: string): string => `${address} ${name.slice(0, 100)}`;
  return {
    mayTry: (address, name) => now() >= (pairs.get(keyOf(address, name))?.untilMs ?? 0),
    noteFailure: (address, name) => {
      const key = keyOf(address, name);
      const count = (pairs.get(key)?.count ?? 0) + 1;
      const wait = count < freeFailures ? 0 : Math.min(firstWaitMs * 2 ** (count - freeFailures), maxWaitMs);
      pairs.delete(key);
      pairs.set(key, { count, untilMs: now() + wait });
      for (const oldest of pairs.keys()) {
        if (pairs.size <= maxPairs) break;
        pairs.delete(oldest);
      }
    },
    noteSuccess: (address, name) => void pairs.delete(keyOf(address, name)),
  };
}

/** Returns a user as a caller. */
function callerOf({ name, number, role }: User, database: Reader): Caller {
  if (role === "admin") return { ...nobody, name };
  return {
    name,
    isAdmin: false,
    rights: {
      rolesIn: (projects, reader = database) => readRoles(reader, number, projects),
      readable: () => readableProjects(database, number, "projects.number"),
      writesSomewhere: () => writesSomewhere(database, number),
    },
  };
}
