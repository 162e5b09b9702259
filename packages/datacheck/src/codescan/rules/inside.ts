/** @file Questions that rules of several languages ask: of the function around a place, of a program's words. */
import { type Asked, anyOf } from "../engine/language.ts";
import type { Here } from "../engine/seen.ts";
import { carries, type Value } from "../engine/value.ts";
import { says } from "./conditions.ts";

const insideMost = 20_000;

/** The source of the function a thing happens in; at the top of a file the whole text. */
export function sourceAround({ inside, text }: Here): string {
  return (inside === undefined ? text : text.slice(inside.start, inside.end)).slice(0, insideMost);
}

/** Whether one of some patterns is in a part of a text. */
type Says = (here: Here, ...patterns: readonly Asked[]) => boolean;

/** What is read out of a file, once for all its calls, and kept as long as its scan alone. */
export function perFile<T>(read: (text: string) => T): (here: Here) => T {
  const known = new WeakMap<Here["imports"], T>();
  return ({ imports, text }) => {
    const value = known.get(imports) ?? read(text);
    known.set(imports, value);
    return value;
  };
}

/** Asks once for each part: rules put the same question at every call, and a file may have thousands. */
function once(partOf: (here: Here) => string, startOf: (here: Here) => number): Says {
  const lastOf = perFile(() => ({ start: Number.NaN, answers: new Map<Asked | string, boolean>() }));
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

/** Whether the file says so anywhere. */
export const fileSays: Says = once(
  ({ text }) => text,
  () => 0,
);

/** Whether the function around says so; at the top of a file, its beginning. */
export const aroundSays: Says = once(sourceAround, ({ inside }) => inside?.start ?? -1);

/** Whether words are those of a shell that is handed a command: `sh -c TEXT`. */
export function isShell(words: readonly Value[]): boolean {
  const [program, flag] = words;
  return (
    says(program, /(^|[/\\])((ba|z|da|k|c)?sh|cmd(\.exe)?|powershell(\.exe)?|pwsh)$/i) &&
    says(flag, /^(-\w{0,3}c|\/c|-Command)$/i)
  );
}

/** The words of a list, or those that follow each other as arguments. */
export function wordsOf(values: readonly Value[]): Value[] {
  const [first] = values;
  return first?.entries === undefined ? [...values] : [...first.entries.values()];
}

/** Whether text from outside, not cleaned for the shell, is among the words behind the shell's flag. */
export function handsToShell(values: readonly Value[]): boolean {
  const words = wordsOf(values);
  return isShell(words) && words.slice(2).some((one) => carries(one, "shell") > 0);
}

/** Names of functions whose hashes protect nothing. */
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

/** Whether words of secrets are among the names in the function around; what its texts say is none. */
export function isBesideSecrets(here: Here): boolean {
  return here.inside !== undefined && secretNames.test(sourceAround(here).replace(writtenText, '""'));
}

const writtenText = /"(?:[^"\\\n]|\\.){0,300}"/g;

/** Passwords by their name. */
export const passwordName: RegExp = /passw|passwd|\bpwd\b|_pwd|^\$?pwd|passphrase/i;

/** Whether the function around makes something of such a name: `newToken`, `otp`, not `readTokenCache`. */
export function makesOne({ inside }: Here, name: Asked): boolean {
  const word = inside?.name ?? "";
  return name.test(word) && (word.length <= 12 || /gen|creat|make|new|rand|build|issue|reset/i.test(word));
}

/** What is fetched and handed to a shell at once. */
export const pipedToShell: RegExp =
  /\b(curl|wget|fetch)\s[^|]{1,600}\|\s{0,20}(sudo\s{1,9}(-\w{1,9}\s{1,9}){0,4})?([\w/]{0,20}\/)?(ba|z|da|k)?sh\b/;

/** An unencrypted address of another machine, by its full name; not the name of a kind of XML. */
export const openAddress: RegExp =
  /^(http|ftp):\/\/(?!localhost|127\.|10\.|192\.168|172\.(1[6-9]|2\d|3[01])\.|0\.0\.0\.0|\[::1|www\.w3\.org|schemas?\.|xml\.|tempuri\.org|example)[\w-]{1,60}\.[\w.-]{1,100}/i;

/** Names of documents' kinds, which nobody fetches. */
const kindName = anyOf(
  /schema|xmlns|xsd|\/ns\/|purl\.org|example\.(com|org|net)|java\.sun\.com|apache\.org\/xml|xml\.org/i,
  /\/claims\/|openxmlformats|microsoft\.com\/\d|\/fwlink/i,
);

/** An unencrypted address of another machine that something is fetched from. */
export const openPage: Asked = { test: (text) => openAddress.test(text) && !kindName.test(text) };

/** An open address of another machine where people log in or pay. */
export const openLogin: Asked = {
  test: (text) => openAddress.test(text) && /^[^\s]{1,300}(login|auth|passw|token|pay|account)/i.test(text),
};

/** What is done for those alone who may do it. */
export const sensitive: RegExp =
  /^[^;]{0,40}\b\w{0,30}(log_?[io]n|sign_?in|auth(?!or(?!i))|grant|elevat|admin|(set|add|assign)_?role|allow_?access|(verify|check)_?password)\w{0,30}\(/i;

/** The text behind a condition: what is done where it holds. */
export function behindTest({ text }: Here, start: number, end: number): string | undefined {
  const before = text.slice(Math.max(0, start - 160), start);
  if (!/\bif\s{0,3}\([^;{}]{0,150}$/.test(before)) return undefined;
  const [, rest] =
    /^[^;{}]{0,150}?\)\s{0,9}\{?\s{0,200}([\s\S]{0,500})/.exec(text.slice(end, end + 800)) ?? [];
  if (rest === undefined) return undefined;
  const at = rest.search(/\belse\b/);
  const [then, otherwise] = at < 0 ? [rest, ""] : [rest.slice(0, at), rest.slice(at + 4)];
  const [, done] = /\b(\w{1,60})\([^;]{0,100};/.exec(then) ?? [];
  // done on both ways: nothing hangs on it
  const [, block = ""] = /^\s{0,20}\{?([^}]{0,300})/.exec(otherwise) ?? [];
  return done !== undefined && block.includes(`${done}(`) ? undefined : then.slice(0, 200);
}
