/** @file Passwords and tokens in settings of a known form: drivers, registries, headers, command lines. */
import { alphabetBits, bitOf } from "./alphabet.ts";
import { startsWord } from "./format.ts";
import { entropyOf, isPlaceholder, isTemplate } from "./placeholder.ts";
import { decodeBase64, isWebToken } from "./proofs.ts";
import type { Span } from "./rule.ts";
import { isReference, judgeValue } from "./strength.ts";
import { isWordlike } from "./wordlike.ts";

/** The start of other settings of a driver. */
const pairStart = /(?:server|data source|host|user(?: ?id)?|uid|database|initial catalog|endpoint) ?=/i;

/** The password of `Server=...;User ID=...;Password=...;`, recognized by the adjacent settings. */
export function readDriverPassword(text: string, { start, end }: Span): Span | null {
  const pairs = text.slice(Math.max(0, start - 120), start).split(";");
  if (pairs.length < 2 || !pairs.slice(-4, -1).some((pair) => pairStart.test(pair))) return null;
  const stop = endOf(text, end, ";\"'\n\r<>\\", 100);
  const value = text.slice(end, stop);
  if (value.length < 5 || isTemplate(value) || isWeak(value)) return null;
  return { start: end, end: stop };
}

/** The three parts of a JSON Web Token, or the five of an encrypted one. */
export function readWebToken(text: string, { start }: Span): Span | null {
  if (!startsWord(text, start) || "-._".includes(text[start - 1] ?? " ")) return null;
  const bits = bitOf("dotted");
  let end = start;
  while (end - start < 8_192 && (alphabetBits(text.charCodeAt(end)) & bits) !== 0) end++;
  while (text[end - 1] === ".") end--;
  const token = text.slice(start, end);
  const parts = token.split(".");
  if ((parts.length !== 3 && parts.length !== 5) || parts.some(({ length }, i) => length < 8 && i !== 1))
    return null;
  if (!isWebToken(token) || isDocumented(parts[1] ?? "")) return null;
  return isPlaceholder(parts.at(-1) ?? "", 3) ? null : { start, end };
}

/** Bodies of example tokens in the standard and in its best-known debugger. */
function isDocumented(body: string): boolean {
  return /1234567890|john ?doe|"iss" ?: ?"joe"|example|"foo"|"bar"/i.test(decodeBase64(body));
}

/** The credentials after `Basic ` in a header: base64 of user and password. */
export function readBasicHeader(text: string, { start, end }: Span): Span | null {
  if (!/authorization["'`]?\s{0,3}[:=,]?\s{0,3}["'`]?$/i.test(text.slice(Math.max(0, start - 30), start)))
    return null;
  const stop = endOfRun(text, end, bitOf("base64"), 300);
  const pair = decodeBase64(text.slice(end, stop));
  const [user = "", password = ""] = pair.split(":", 2);
  if (!/^[\x20-\x7e]{6,}$/.test(pair) || password.length < 4 || password === user) return null;
  return isWeak(password)
    ? null
    : { start: end, end: text[stop] === "=" ? stop + 1 + Number(text[stop + 1] === "=") : stop };
}

/** Text between a header's name and its token. After `Bearer` it may be empty. */
const scheme =
  /^(?:["'`]?\]?\s{0,3}[:=,]\s{0,3})?(?:[fb](?=["'`]))?\\?["'`]?(?:(?!Basic)[A-Za-z-]{3,12} )?(?=[\w.+/=~-]{16})/i;

/**
 * The token of an authorization header, other than a user and password: `Authorization: Bearer`, `Token`, `ApiKey` or
 * no scheme.
 */
export function readAuthorization(text: string, { start: keyword, end }: Span): Span | null {
  // `AggregationAuthorization` is not a header; `Proxy-Authorization` is
  if (/[a-z]/.test(text[keyword - 1] ?? "")) return null;
  const found = scheme.exec(text.slice(end, end + 60));
  if (found === null) return null;
  const start = end + found[0].length;
  const stop = endOfRun(text, start, bitOf("tilde") | bitOf("anyBase64"), 2_000);
  const value = text.slice(start, stop);
  if (!/[0-9]/.test(value) || !/[a-z]/i.test(value) || isWordlike(value)) return null;
  return isPlaceholder(value, 3) || isTemplate(value) || isReference(value) ? null : { start, end: stop };
}

/** A user and password in base64, as in settings of registries. */
export function readPair(text: string, { end }: Span): Span | null {
  const opening = /^\s{0,2}["']?/.exec(text.slice(end, end + 4))?.[0] ?? "";
  const start = end + opening.length;
  const stop = endOfRun(text, start, bitOf("base64"), 300);
  const pair = decodeBase64(text.slice(start, stop));
  const password = pair.slice(pair.indexOf(":") + 1);
  if (!/^[\x21-\x7e]{1,60}:[\x20-\x7e]{4,}$/.test(pair) || isTemplate(password) || isWeak(password))
    return null;
  return { start, end: stop + (/^={0,2}/.exec(text.slice(stop, stop + 2))?.[0].length ?? 0) };
}

/** The last field of a line of `.pgpass`. */
export function readPgpass(text: string, { end }: Span): Span | null {
  const found = /^[\w.*-]{1,60}:[\w.@*-]{1,60}:([^\s:]{4,100})(?:\s|$)/.exec(text.slice(end, end + 230));
  const [whole = "", password = ""] = found ?? [];
  if (found === null || judgeValue(password, "password", false) !== "secret") return null;
  const start = end + whole.indexOf(password, whole.indexOf(":"));
  return { start, end: start + password.length };
}

/** The token of an npm registry in `.npmrc`. */
export function readRegistryToken(text: string, { end }: Span): Span | null {
  const opening = /^["'`]?\s{0,2}[=: ]\s{0,2}["'`]?/.exec(text.slice(end, end + 8));
  if (opening === null) return null;
  const start = end + opening[0].length;
  const stop = endOfRun(text, start, bitOf("dotted") | bitOf("base64"), 300);
  const value = text.slice(start, stop);
  return value.length < 16 || isPlaceholder(value, 2.8) || isTemplate(value) ? null : { start, end: stop };
}

/** The signature of a shared access URL: `...&sig=...`. */
export function readSharedSignature(text: string, { start, end }: Span): Span | null {
  const around = text.slice(Math.max(0, start - 300), start);
  if (!/[?&]s[vepr]=[^\s"'<>]{0,300}$/.test(around)) return null;
  const stop = endOf(text, end, "&\"'\n\r <>\\`)", 120);
  const value = text.slice(end, stop);
  return value.length < 40 || !/^[\w%+/=-]+$/.test(value) || isPlaceholder(value, 3.2)
    ? null
    : { start: end, end: stop };
}

/** Whether a password is trivial to guess. */
function isWeak(password: string): boolean {
  return (
    /pass|pwd|secret|change|example|your|test|^x+$|^\*+$|\{|\}|\.\.\./i.test(password) ||
    entropyOf(password) < 1.5
  );
}

function endOf(text: string, start: number, stops: string, longest: number): number {
  let end = start;
  while (end - start < longest && end < text.length && !stops.includes(text[end] ?? "")) end++;
  return end;
}

function endOfRun(text: string, start: number, bits: number, longest: number): number {
  let end = start;
  while (end - start < longest && (alphabetBits(text.charCodeAt(end)) & bits) !== 0) end++;
  return end;
}

/** The password of `user/password@database`. */
export function readOraclePassword(text: string, { end }: Span): Span | null {
  const found = /^(?:-\w{1,3} )?["']?\w{1,30}\/([^\s@/"']{4,64})@/.exec(text.slice(end, end + 110));
  const [whole = "", password = ""] = found ?? [];
  if (found === null || judgeValue(password, "password", false) !== "secret") return null;
  const stop = end + whole.length - 1;
  return { start: stop - password.length, end: stop };
}

/** The secret next to an AWS access key id, as in the file that the AWS console provides. */
export function readAwsPair(text: string, { end }: Span): Span | null {
  const found =
    /^[A-Z2-7]{16}["']?[\s,:;|"']{1,6}(?:[\w ]{0,30}[:=]\s?["']?)?([A-Za-z\d/+]{40})(?![A-Za-z\d/+=])/.exec(
      text.slice(end, end + 110),
    );
  const [whole = "", secret = ""] = found ?? [];
  if (found === null || judgeValue(secret, "key", false) !== "secret") return null;
  return { start: end + whole.length - secret.length, end: end + whole.length };
}

/** A user and password after a word such as "credentials", separated by a slash, a bar or a colon. */
const userAndPassword =
  /^(?: \w{1,12}){0,3} ?(?:are|is)?:? [`"]?[\w.@-]{2,40}[`"]? ?[/|:] ?["'`]?([^\s"'`/][^\s"'`]{5,39}?)["'`.,;]?(?!\S)/;

/** The password of `credentials: user / password` in prose. */
export function readCredentials(text: string, { end }: Span): Span | null {
  const found = userAndPassword.exec(text.slice(end, end + 140));
  const [whole = "", password = ""] = found ?? [];
  if (found === null || judgeValue(password, "password", true) !== "secret") return null;
  if (/^\w+(?:\\[nrt])?$/.test(password) && isWordlike(password)) return null;
  const start = end + whole.lastIndexOf(password);
  return { start, end: start + password.length };
}
