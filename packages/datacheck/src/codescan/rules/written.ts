/** @file Hard-coded secrets, the same in all languages: texts, keys, addresses, comparisons. */
import { anyOf, type NamePattern } from "../engine/language.ts";
import type { Value } from "../engine/value.ts";
import type { Match } from "../rule.ts";
import { isAboutSecret, isSecretName, nameOf, says } from "./conditions.ts";
import { passwordName } from "./inside.ts";
import { assigns, operates } from "./matches.ts";
import { isHint, isPlaceholder } from "./placeholder.ts";

const vendorToken = /^(sk-|sk_live|AKIA|ghp_|xox[abp]-|AIza)[\w-]{12,}$/;
const longKey = /^(?=.{0,200}\d)(?=.{0,200}[A-Za-z])[A-Za-z0-9+/=_-]{24,200}$/;
const addresses = [
  /^(?:jdbc:)?[a-z+]{2,20}:\/\/[^:/@\s\0]{1,80}:([^:/@\s\0]{3,80})@(host|localhost|example)?/,
  /^jdbc:\S{1,300}[?&;]password=([^&;\s\0]{3,60})/,
];
const connections = [
  ...addresses,
  /(?:^|;)\s{0,3}(?:password|pwd)\s{0,3}=\s{0,3}([^;\s\0]{3,80})/i,
  // `host=db user=app password=x`; `app:x@tcp(db)`
  /^\w{1,20}=.{0,300}\spassword=([^;\s\0]{3,80})/i,
  /^[^:/@\s]{1,80}:([^:/@\s\0]{3,80})@(?:tcp|unix)?\(/,
];

/** Whether a text is a secret token, recognized by its vendor's prefix, and not an example. */
export function isVendorToken(text: string): boolean {
  return vendorToken.test(text) && !isPlaceholder(text);
}

/** Whether a secret's name is assigned a real secret: not a hint, an example or a field name. */
export function isWrittenSecret(name: string, value: Value | undefined): boolean {
  const text = value?.constant;
  const bare = name.replace(/^\$/, "");
  return typeof text === "string" && text.length >= 4 && isSecretName(bare) && !isPlaceholder(text, bare);
}

/** Whether a key's name is assigned a token with a known prefix. */
export function isNamedToken(name: string, value: Value | undefined): boolean {
  return /key|secret|token/i.test(name) && says(value, { test: isVendorToken });
}

/** Whether a text is a real password rather than a placeholder. */
export function isWrittenWord(value: Value | undefined): boolean {
  return says(value, { test: (text) => /^\S{3,80}$/.test(text) && !isPlaceholder(text) });
}

/** Whether the first group of a pattern matches a password rather than a placeholder or an example. */
function holdsPassword(text: string, patterns: readonly RegExp[]): boolean {
  return patterns.some((pattern) => {
    const [, password, exampleHost] = pattern.exec(text) ?? [];
    if (password === undefined || isHint(password)) return false;
    return exampleHost === undefined || !(isPlaceholder(password) || password === "user");
  });
}

/** A database connection string that contains a password. */
export const connectionWithPassword: NamePattern = { test: (text) => holdsPassword(text, connections) };

/** A long key under a name that ends in `key`. */
export const writtenKey: Match = assigns(anyOf(/(^|[_$])key$|Key$/, /^\$?KEY$/), ({ value }) =>
  says(value, longKey),
);

/** A password in an address. */
export const writtenAddress: Match = assigns(/./, ({ value }) =>
  says(value, { test: (text) => holdsPassword(text, addresses) }),
);

function isPasswordName(name: string): boolean {
  if (isAboutSecret(name)) return false;
  return passwordName.test(name) || /^\$?(pw|pass|pass_?code|pin)$/i.test(name);
}

/** A password from a call or variable compared with a text literal, except in tests. */
export function comparedWithWritten(operators: string, text: NamePattern = /^[^\s]{3,60}$/): Match {
  return operates(operators, ({ operands: [a, b], here }) => {
    const isOne = (name: Value | undefined, written: Value | undefined): boolean =>
      says(written, text) && isPasswordName(nameOf(name)) && name?.constant === undefined;
    return !/test/i.test(here.inside?.name ?? "") && (isOne(a, b) || isOne(b, a));
  });
}
