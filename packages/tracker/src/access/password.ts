/** @file Passwords, which are stored only as scrypt hashes. */
import { type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/**
 * Cost of a new hash: 32 MiB and a few tenths of a second.
 *
 * @source OWASP Password Storage Cheat Sheet, 2025: scrypt with N = 2^15, r = 8, p = 3
 */
const cost = { log2N: 15, r: 8, p: 3 } as const;
/** Upper limit on the cost of a stored hash, because the store's content is not trusted. */
const maxCost = { log2N: 17, r: 8, p: 4 } as const;

const keyBytes = 32;
/** Bytes of a salt. */
export const saltBytes = 16;

/** Permitted password length in characters. */
export const passwordLetters = { least: 8, most: 1024 } as const;

/**
 * Hashes a password. The result holds everything needed to verify it: `scrypt$15$8$3$SALT$KEY`.
 *
 * @param salt `saltBytes` random bytes
 */
export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  const key = await derive(password, salt, cost);
  const { log2N, r, p } = cost;
  return ["scrypt", log2N, r, p, base64(salt), base64(key)].join("$");
}

/** Whether a password matches a hash; compares in constant time. A malformed hash matches no password. */
export async function fitsPassword(password: string, hash: string): Promise<boolean> {
  const [, log2N, r, p, salt, key] =
    /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w+/=]+)\$([\w+/=]+)$/.exec(hash) ?? [];
  if (salt === undefined || key === undefined) return false;
  const asked = { log2N: Number(log2N), r: Number(r), p: Number(p) };
  const isBounded =
    asked.log2N >= 1 &&
    asked.log2N <= maxCost.log2N &&
    asked.r >= 1 &&
    asked.r <= maxCost.r &&
    asked.p >= 1 &&
    asked.p <= maxCost.p;
  const expected = Buffer.from(key, "base64");
  if (!isBounded || expected.length !== keyBytes) return false;
  return timingSafeEqual(await derive(password, Buffer.from(salt, "base64"), asked), expected);
}

function derive(
  password: string,
  salt: Uint8Array,
  { log2N, r, p }: { readonly log2N: number; readonly r: number; readonly p: number },
): Promise<Buffer> {
  const N = 2 ** log2N;
  const options: ScryptOptions = { N, r, p, maxmem: 2 * 128 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFC"), salt, keyBytes, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
