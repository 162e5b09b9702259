/** @file Verifies tokens by their checksums and by headers that decode. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { charactersOf } from "./alphabet.ts";

const base62Digits = charactersOf("base62");
const base58Digits = charactersOf("base58");

/** The CRC-32 of a text as six base-62 characters with leading zeros. */
export function base62Checksum(text: string): string {
  let left = crc32(text);
  let written = "";
  while (written.length < 6) {
    written = base62Digits[left % 62] + written;
    left = Math.floor(left / 62);
  }
  return written;
}

/**
 * Whether the last six characters of a token's body, which follows its prefix, are the checksum of those before them.
 *
 * @source github.blog 2021-04-05, Behind GitHub's new authentication token formats; npm's tokens have the same form
 */
export function endsInChecksum(token: string): boolean {
  const body = token.slice(token.indexOf("_") + 1);
  return base62Checksum(body.slice(0, -6)) === body.slice(-6);
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

/**
 * Whether a text of at most 120 characters is base58 whose last four bytes are the checksum of the others.
 *
 * @source Bitcoin wiki, Base58Check encoding: the first four bytes of SHA-256 twice
 */
export function isBase58Check(text: string): boolean {
  if (text.length > 120) return false;
  const bytes: number[] = [];
  for (const one of text) {
    let carry = base58Digits.indexOf(one);
    if (carry === -1) return false;
    for (let i = 0; i < bytes.length; i++) {
      carry += (bytes[i] ?? 0) * 58;
      bytes[i] = carry & 0xff;
      carry >>= 8;
    }
    while (carry > 0) {
      bytes.push(carry & 0xff);
      carry >>= 8;
    }
  }
  const whole = Uint8Array.from(bytes).reverse();
  if (whole.length < 5) return false;
  const sum = sha256(sha256(whole.subarray(0, -4)));
  return whole.subarray(-4).every((byte, index) => byte === sum[index]);
}

/** Encodes bytes and their checksum as base58, for samples. */
export function toBase58Check(bytes: Uint8Array): string {
  const sum = sha256(sha256(bytes)).subarray(0, 4);
  let number = BigInt(`0x${Buffer.concat([bytes, sum]).toString("hex")}`);
  let written = "";
  while (number > 0n) {
    written = base58Digits[Number(number % 58n)] + written;
    number /= 58n;
  }
  return written;
}

/** Decodes base64 in either alphabet. Reads at most 2,048 characters and skips invalid ones. */
export function decodeBase64(text: string): string {
  return Buffer.from(text.slice(0, 2048), "base64").toString("latin1");
}

/** Whether a JSON Web Token's header decodes and names an algorithm, and its body starts with an object. */
export function isWebToken(token: string): boolean {
  const [header = "", body = ""] = token.split(".", 2);
  if (!/^\{[^{}]{0,1500}"(?:alg|enc)" ?:/.test(decodeBase64(header))) return false;
  return token.split(".").length > 3 || decodeBase64(body).startsWith("{"); // five parts: the body is encrypted
}
