/** @file Passwords and tokens: what is stored of them, and what matches. */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fitsPassword, hashPassword, saltBytes } from "./password.ts";
import { tokenBytes, tokenDigest, tokenFrom } from "./tokens.ts";

describe("a password", () => {
  it("fits its hash alone, which tells nothing of it", async () => {
    const hash = await hashPassword("correct horse é", randomBytes(saltBytes));
    expect(hash).toMatch(/^scrypt\$15\$8\$3\$[\w+/=]+\$[\w+/=]+$/);
    expect(hash).not.toContain("horse");
    expect(await fitsPassword("correct horse e\u0301", hash)).toBe(true);
    for (const other of ["", "correct horse", "correct horse é "]) {
      expect(await fitsPassword(other, hash)).toBe(false);
    }
    expect(await hashPassword("correct horse é", randomBytes(saltBytes))).not.toBe(hash);
  });

  it.each([
    "",
    "x",
    "scrypt$15$8$3$c2FsdA==$",
    "scrypt$15$8$3$c2FsdA==$c2hvcnQ=",
    `scrypt$30$8$3$c2FsdA==$${Buffer.alloc(32).toString("base64")}`,
    `scrypt$15$99$3$c2FsdA==$${Buffer.alloc(32).toString("base64")}`,
    `scrypt$15$8$99$c2FsdA==$${Buffer.alloc(32).toString("base64")}`,
    `scrypt$0$8$1$c2FsdA==$${Buffer.alloc(32).toString("base64")}`,
  ])("fits no hash that is none, or costs too much: %s", async (hash) => {
    expect(await fitsPassword("", hash)).toBe(false);
  });
});

describe("a token", () => {
  it("has 40 letters behind its mark, as W&B's clients want, and is found by its hash", () => {
    const { secret, prefix, digest } = tokenFrom(randomBytes(tokenBytes));
    expect(secret).toMatch(/^tw-[a-z2-9]{40}$/);
    expect(secret.startsWith(prefix)).toBe(true);
    expect(prefix).toHaveLength(11);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(tokenDigest(secret)).toBe(digest);
    expect(tokenFrom(randomBytes(tokenBytes)).secret).not.toBe(secret);
    expect(() => tokenFrom(randomBytes(8))).toThrow("Internal");
  });

  it.each([
    "",
    "tw-",
    `tw-${"a".repeat(39)}`,
    `tw-${"a".repeat(41)}`,
    `tw-${"1".repeat(40)}`,
    "0".repeat(40),
  ])("is not %j", (text) => expect(tokenDigest(text)).toBe(null));
});
