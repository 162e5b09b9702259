/**
 * @file What a token is: a random text that its owner alone has. The store keeps its hash and its first letters.
 */
import { createHash } from "node:crypto";

/** Letters and digits that are not mixed up in print; 32 of them, so that five bits choose one without bias. */
const letters = "abcdefghijkmnpqrstuvwxyz23456789";

/** Letters of the random part: W&B's older clients want 40 of them behind a dash, neither more nor less. */
const secretLetters = 40;
const shownLetters = 8;
const mark = "tw-";

/** Random bytes that a token is made of. */
export const tokenBytes: number = secretLetters;

const pattern = /^tw-[a-km-np-z2-9]{40}$/;

/** A new token. */
export interface TokenSecret {
  /** Shown to its owner once. */
  readonly secret: string;
  readonly prefix: string;
  readonly digest: string;
}

/**
 * A token from chance: 200 bits, of which 40 are shown in lists.
 *
 * @param random `tokenBytes` bytes
 */
export function tokenFrom(random: Uint8Array): TokenSecret {
  if (random.length !== tokenBytes) throw new Error("Internal: a token takes other bytes");
  const secret = mark + Array.from(random, (byte) => letters[byte & 31]).join("");
  return { secret, prefix: secret.slice(0, mark.length + shownLetters), digest: digestOf(secret) };
}

/** The hash by which a token is found, or `null` for a text that is none. */
export function tokenDigest(text: string): string | null {
  return pattern.test(text) ? digestOf(text) : null;
}

/** A secret of so many random bits needs no slow hash. */
function digestOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
