/**
 * @file Who calls: a user with a password or with a token, and the rights that follow; a page has its token in a
 * cookie. As long as the store has no users, nobody is asked.
 *
 * @source RFC 7617 (Basic), RFC 6750 (Bearer); W&B's clients send Basic `api:TOKEN`, MLflow's either
 */
import { createHmac, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createGate } from "@tunewise/core/untrusted";
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
} from "@tunewise/tracker";
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { type Caller, Refusal } from "../../http/route.ts";
import { type Identify, nobody } from "../../http/serve.ts";

/** How long it may take until the first user counts. */
const pollMs = 1_000;
/** A token's last use is noted once in so long. */
const noteEveryMs = 15 * 60_000;
const maxNoted = 10_000;

/** Tells callers apart, and lets pages in. */
export interface IdentifyUsers extends Identify {
  /** The user whose name and password, or token, these are. @throws {Refusal} 401 */
  readonly userOf: (credentials: Credentials, address: string) => Promise<User>;
}

/** Tells callers apart by the users of a context's store. */
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
    demandValid(found, now());
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
        throw error instanceof Refusal && isPage(request) ? withoutChallenge(error) : error;
      }
    },
  };
}

function demandValid({ token, user }: KnownToken, nowMs: number): void {
  const { prefix, revokedMs, expiresMs } = token;
  if (revokedMs !== null) throw refused(`The token ${prefix}... was revoked.`, user.name);
  if (expiresMs !== null && nowMs >= expiresMs)
    throw refused(`The token ${prefix}... has expired.`, user.name);
}

/** Notes a use now and then, without making the caller wait; one that is not noted is noted later. */
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

/** Tells clients that can log in how to. @source RFC 9110, section 11.6.1 */
const challenge = { "www-authenticate": 'Basic realm="tunewise", charset="UTF-8"' };

/** @param claimed the name that came with the request */
function refused(message: string, claimed: string | null = null): Refusal {
  // what looks like a token, whole or mistyped, is a secret, also in the place of a name
  const person = claimed?.startsWith("tw-") ? "a token" : claimed;
  return new Refusal(401, "not_identified", message, { headers: challenge, person });
}

/** Browsers say of a page's requests where they come from. @source W3C, Fetch Metadata Request Headers */
function isPage({ headers }: Pick<IncomingMessage, "headers">): boolean {
  return headers["sec-fetch-site"] === "same-origin";
}

/** A page asks for name and password itself: the browser is not to. */
function withoutChallenge({ status, code, message, person }: Refusal): Refusal {
  return new Refusal(status, code, message, { person });
}

/** A name with a password, or a token, by its hash, with the name that stands before it, if any. */
export type Credentials =
  | { readonly name: string; readonly password: string }
  | { readonly name: string | null; readonly digest: string };

/** The name under which W&B's clients send everybody's token. */
const anyName = "api";
/** A header that is longer was written by nobody's client. */
const maxHeaderLength = 4096;

/** The cookie that holds a page's token. */
export const sessionCookie = "tunewise_session";

/**
 * The credentials of a request; `null` where there are none, or they cannot be understood. A cookie counts for pages of
 * this server alone.
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

/** The token in a request's cookies; empty where there is none. */
export function sessionToken(cookies = ""): string {
  if (cookies.length > maxHeaderLength) return "";
  const pairs = cookies.split(";").map((one) => one.trim());
  return pairs.find((one) => one.startsWith(`${sessionCookie}=`))?.slice(sessionCookie.length + 1) ?? "";
}

/** How long a password that fitted counts as known; a client logs many times a second. */
const knownMs = 60_000;
const maxKnown = 1_000;
/** Passwords that are checked at once, each with tens of MiB, and those that wait. */
const [atOnce, maxWaiting] = [2, 32];

/** Checks passwords. */
interface PasswordCheck {
  /** Whether the password fitted a short while ago; costs nothing. */
  readonly isKnown: (user: Pick<User, "password"> | null, password: string) => boolean;
  /** Takes as long for a name that no user has. */
  readonly check: (user: Pick<User, "password"> | null, password: string) => Promise<"fits" | "no" | "busy">;
}

/**
 * Gives a check of passwords.
 *
 * A password that fitted is remembered by a keyed hash of it and of the user's own hash, so that a changed password
 * counts at once.
 *
 * @param now milliseconds
 */
function createPasswordCheck(now: () => number): PasswordCheck {
  const key = randomBytes(32);
  const known = new Map<string, number>();
  const gate = createGate(atOnce, maxWaiting);
  // What a password is compared with where there is no user: made once, as it takes its time.
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

/** Failures without a wait: people mistype. */
const freeFailures = 5;
const firstWaitMs = 1_000;
const maxWaitMs = 300_000;
/** Pairs of address and name that are remembered; the oldest are forgotten. */
const maxPairs = 10_000;

interface Failed {
  readonly count: number;
  readonly untilMs: number;
}

/**
 * Whoever guesses passwords has to wait: after some failures of one address for one name, longer each time.
 *
 * The reply stays 401, as clients repeat what comes with 429. Behind a proxy all addresses are one; then somebody who
 * guesses at a name makes its owner wait too, and tokens go on to work.
 */
interface Failures {
  /** Whether a password may be tried now. */
  readonly mayTry: (address: string, name: string) => boolean;
  readonly noteFailure: (address: string, name: string) => void;
  readonly noteSuccess: (address: string, name: string) => void;
}

/** Counts in memory: a restart forgets them. @param now milliseconds */
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

/** A user as a caller. */
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
