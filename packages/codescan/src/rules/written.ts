/** @file What is written down of a secret in a source, the same in all languages: words, keys, addresses, comparisons. */
import { anyOf } from "../engine/language.ts";
import type { Value } from "../engine/value.ts";
import type { Match } from "../rule.ts";
import { isSecretName, nameOf, says } from "./conditions.ts";
import { passwordName } from "./inside.ts";
import { assigns, operates } from "./matches.ts";
import { isPlaceholder } from "./placeholder.ts";

/** Tokens that their vendors' first letters tell. */
export const vendorToken: RegExp = /^(sk-|pk_live|sk_live|AKIA|ghp_|xox[abp]-|AIza)[\w-]{12,}$/;
const longKey = /^(?=.{0,200}\d)(?=.{0,200}[A-Za-z])[A-Za-z0-9+/=_-]{24,200}$/;
/** An address with a password that is neither a format's place nor a template's. */
const addressWithPassword: RegExp =
  /^(jdbc:)?[a-z+]{2,20}:\/\/[^:/@\s]{1,80}:(?!%[sdvq])[^:/@\s{}$<\0]{3,80}@/;
const exampleAddress = /:(pass(word)?|user|xxx+|\*+)@(host|localhost|example)/;

/** Whether a name of a secret is given a text that is one: no hint, no example, no name of a field. */
export function isWrittenSecret(name: string, value: Value | undefined): boolean {
  const text = value?.constant;
  const bare = name.replace(/^\$/, "");
  return typeof text === "string" && text.length >= 4 && isSecretName(bare) && !isPlaceholder(text, bare);
}

/** Whether a name of a key is given a token that its first letters tell. */
export function isVendorToken(name: string, value: Value | undefined): boolean {
  return /key|secret|token/i.test(name) && says(value, vendorToken);
}

/** Whether a text is handed over as a password. */
export function isWrittenWord(value: Value | undefined): boolean {
  return says(value, /^[^<{$\s]{3,80}$/) && !isPlaceholder(String(value?.constant), "");
}

/** A long key under a name that ends in `key`. */
export const writtenKey: Match = assigns(anyOf(/(^|[_$])key$|Key$/, /^\$?KEY$/), ({ value }) =>
  says(value, longKey),
);

/** A password in an address. */
export const writtenAddress: Match = assigns(
  /./,
  ({ value }) => says(value, addressWithPassword) && !says(value, exampleAddress),
);

function isPasswordName(name: string): boolean {
  return passwordName.test(name) || /^\$?(pw|pass|pass_?code|pin)$/i.test(name);
}

/** A password from a call or a variable that is compared with a text of the source, but for tests. */
export function comparedWithWritten(operators: string, text: RegExp = /^[^\s]{3,60}$/): Match {
  return operates(operators, ({ operands: [a, b], here }) => {
    const isOne = (name: Value | undefined, written: Value | undefined): boolean =>
      says(written, text) && isPasswordName(nameOf(name)) && name?.constant === undefined;
    return !/test/i.test(here.inside?.name ?? "") && (isOne(a, b) || isOne(b, a));
  });
}
