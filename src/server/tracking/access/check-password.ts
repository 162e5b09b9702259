/**
 * @file Whether a password is a user's: slow by design the first time, and quick for a minute after.
 */
import { createHmac, randomBytes } from "node:crypto";
import { fitsPassword, hashPassword, saltBytes, type User } from "../../../track/index.ts";
import { createGate } from "./gate.ts";

/** How long a password that fitted counts as known; a client logs many times a second. */
const knownMs = 60_000;
const knownMost = 1_000;
/** Passwords that are looked at side by side, each with tens of MiB, and those that wait. */
const [atOnce, waitingMost] = [2, 32];

/** Checks passwords. */
export interface PasswordCheck {
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
export function createPasswordCheck(now: () => number): PasswordCheck {
  const key = randomBytes(32);
  const known = new Map<string, number>();
  const gate = createGate(atOnce, waitingMost);
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
      if (known.size >= knownMost) known.clear();
      known.set(markOf(hash, password), now() + knownMs);
      return "fits";
    },
  };
}
