/** @file Predicates shared by the rules of several languages, about the enclosing function and program arguments. */
import { anyOf, type NamePattern } from "../engine/language.ts";
import type { Here } from "../engine/seen.ts";
import { carries, type Value } from "../engine/value.ts";
import { says } from "./conditions.ts";

const maxInside = 20_000;

/** The source of the enclosing function; at the top level the whole text. */
export function sourceAround({ inside, text }: Here): string {
  return (inside === undefined ? text : text.slice(inside.start, inside.end)).slice(0, maxInside);
}

/** Whether part of a text matches one of the patterns. */
type Says = (here: Here, ...patterns: readonly NamePattern[]) => boolean;

/** Computes a value once per file. The value is discarded with the file's scan. */
export function perFile<T>(read: (text: string) => T): (here: Here) => T {
  const known = new WeakMap<Here["imports"], T>();
  return ({ imports, text }) => {
    const value = known.get(imports) ?? read(text);
    known.set(imports, value);
    return value;
  };
}

/**
 * Tests a pattern once per part of the text. Rules repeat the same test at every call, and a file may have thousands.
 */
function once(partOf: (here: Here) => string, startOf: (here: Here) => number): Says {
  const lastOf = perFile(() => ({ start: Number.NaN, answers: new Map<NamePattern | string, boolean>() }));
  return (here, ...patterns) => {
    const last = lastOf(here);
    if (startOf(here) !== last.start) last.answers.clear();
    last.start = startOf(here);
    return patterns.some((pattern) => {
      const key = pattern instanceof RegExp ? `${pattern.flags}/${pattern.source}` : pattern;
      const known = last.answers.get(key) ?? pattern.test(partOf(here));
      last.answers.set(key, known);
      return known;
    });
  };
}

/** Whether a pattern matches anywhere in the file. */
export const fileSays: Says = once(
  ({ text }) => text,
  () => 0,
);

/** Whether a pattern matches in the enclosing function; at the top level, in the first part of the file. */
export const aroundSays: Says = once(sourceAround, ({ inside }) => inside?.start ?? -1);

/** Whether arguments start a shell with a command: `sh -c TEXT`. */
export function isShell(words: readonly Value[]): boolean {
  const [program, flag] = words;
  return (
    says(program, /(^|[/\\])((ba|z|da|k|c)?sh|cmd(\.exe)?|powershell(\.exe)?|pwsh)$/i) &&
    says(flag, /^(-\w{0,3}c|\/c|-Command)$/i)
  );
}

/** The arguments, with list arguments flattened. */
export function wordsOf(values: readonly Value[]): Value[] {
  const [first] = values;
  return first?.entries === undefined ? [...values] : [...first.entries.values()];
}

/** Whether tainted text is among the arguments after the shell's flag. */
export function handsToShell(values: readonly Value[]): boolean {
  const words = wordsOf(values);
  return isShell(words) && words.slice(2).some((one) => carries(one, "shell") > 0);
}

/** Whether the enclosing function's name implies a hash without a security purpose. */
export function isForChecksum({ inside }: Here): boolean {
  return anyOf(
    /checksum|etag|cache|fingerprint|dedup|filehash|hashfile|file_hash|hash_file|bucket|shard/i,
    /partition|gravatar/i,
  ).test(inside?.name ?? "");
}

const secretNames = anyOf(
  /\b\w{0,40}([pP]assword|Token|Secret|Nonce|Salt|Hmac|[eE]ncrypt|Otp|ApiKey)\w{0,40}\b/,
  /\b(token|secret|nonce|salt|hmac|otp|csrf|passwd|apiKey)(_\w{1,40}|[A-Z]\w{0,40})?\b/,
  /\b(\w{1,40}_(token|secret|nonce|salt|key)|HMAC|SALT|TOKEN)\b/,
);

/** Whether names in the enclosing function refer to secrets. String contents do not count. */
export function isBesideSecrets(here: Here): boolean {
  return here.inside !== undefined && secretNames.test(sourceAround(here).replace(writtenText, '""'));
}

const writtenText = /"(?:[^"\\\n]|\\.){0,300}"/g;

/** Names of passwords. */
export const passwordName: RegExp = /passw|passwd|\bpwd\b|_pwd|^\$?pwd|passphrase/i;

/** Whether the enclosing function creates such a value: `newToken`, `otp`, but not `readTokenCache`. */
export function makesOne({ inside }: Here, name: NamePattern): boolean {
  const word = inside?.name ?? "";
  return name.test(word) && (word.length <= 12 || /gen|creat|make|new|rand|build|issue|reset/i.test(word));
}

/** A download piped directly to a shell. */
export const pipedToShell: RegExp =
  /\b(curl|wget|fetch)\s[^|]{1,600}\|\s{0,20}(sudo\s{1,9}(-\w{1,9}\s{1,9}){0,4})?([\w/]{0,20}\/)?(ba|z|da|k)?sh\b/;

/** An unencrypted address with a full host name on another machine. Excludes XML namespaces. */
export const openAddress: RegExp =
  /^(http|ftp):\/\/(?!localhost|127\.|10\.|192\.168|172\.(1[6-9]|2\d|3[01])\.|0\.0\.0\.0|\[::1|www\.w3\.org|schemas?\.|xml\.|tempuri\.org|example)[\w-]{1,60}\.[\w.-]{1,100}/i;

/** Names of document types, which are never fetched. */
const kindName = anyOf(
  /schema|xmlns|xsd|\/ns\/|purl\.org|example\.(com|org|net)|java\.sun\.com|apache\.org\/xml|xml\.org/i,
  /\/claims\/|openxmlformats|microsoft\.com\/\d|\/fwlink/i,
);

/** An unencrypted address that is fetched from another machine. */
export const openPage: NamePattern = { test: (text) => openAddress.test(text) && !kindName.test(text) };

/** An unencrypted address for login or payment. */
export const openLogin: NamePattern = {
  test: (text) => openAddress.test(text) && /^[^\s]{1,300}(login|auth|passw|token|pay|account)/i.test(text),
};

/** Actions that require authorization. */
export const sensitive: RegExp =
  /^[^;]{0,40}\b\w{0,30}(log_?[io]n|sign_?in|auth(?!or(?!i))|grant|elevat|admin|(set|add|assign)_?role|allow_?access|(verify|check)_?password)\w{0,30}\(/i;

/** The source after a condition that runs if the condition holds. */
export function behindTest({ text }: Here, start: number, end: number): string | undefined {
  const before = text.slice(Math.max(0, start - 160), start);
  if (!/\bif\s{0,3}\([^;{}]{0,150}$/.test(before)) return undefined;
  const [, rest] =
    /^[^;{}]{0,150}?\)\s{0,9}\{?\s{0,200}([\s\S]{0,500})/.exec(text.slice(end, end + 800)) ?? [];
  if (rest === undefined) return undefined;
  const at = rest.search(/\belse\b/);
  const [then, otherwise] = at < 0 ? [rest, ""] : [rest.slice(0, at), rest.slice(at + 4)];
  const [, done] = /\b(\w{1,60})\([^;]{0,100};/.exec(then) ?? [];
  // both branches do it, so nothing depends on the condition
  const [, block = ""] = /^\s{0,20}\{?([^}]{0,300})/.exec(otherwise) ?? [];
  return done !== undefined && block.includes(`${done}(`) ? undefined : then.slice(0, 200);
}
