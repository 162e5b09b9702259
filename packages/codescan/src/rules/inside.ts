/** @file Questions that rules of several languages ask: of the function around a place, of a program's words. */
import { type Asked, anyOf } from "../engine/language.ts";
import type { Here } from "../engine/seen.ts";
import type { Value } from "../engine/value.ts";
import { says } from "./conditions.ts";

const insideMost = 20_000;

/** The source of the function a thing happens in; at the top of a file the whole text. */
export function sourceAround({ inside, text }: Here): string {
  return (inside === undefined ? text : text.slice(inside.start, inside.end)).slice(0, insideMost);
}

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
  return isShell(words) && words.slice(2).some(({ level, clean }) => level > 0 && (clean & 1) === 0);
}

/** Names of functions whose hashes protect nothing. */
export function isForChecksum({ inside }: Here): boolean {
  return anyOf(
    /checksum|etag|cache|fingerprint|dedup|filehash|hashfile|file_hash|hash_file|bucket|shard/i,
    /partition|gravatar/i,
  ).test(inside?.name ?? "");
}

/** Passwords by their name. */
export const passwordName: RegExp = /passw|passwd|\bpwd\b|_pwd|^\$?pwd|passphrase/i;

/** Whether the function around makes something of such a name: `newToken`, `otp`, not `readTokenCache`. */
export function makesOne({ inside }: Here, name: Asked): boolean {
  const word = inside?.name ?? "";
  return name.test(word) && (word.length <= 12 || /gen|creat|make|new|rand|build|issue|reset/i.test(word));
}

/** An open address of another machine where people log in or pay. */
export const openLogin: Asked = {
  test: (text) =>
    /^http:\/\/(?!localhost|127\.|10\.|192\.168|\[::1|www\.w3\.org|schemas?\.)[\w.-]{3,100}\.[a-z]{2,10}/.test(
      text,
    ) && /^[^\s]{1,300}(login|auth|passw|token|pay|account)/i.test(text),
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
