/** @file Passwords in addresses: `scheme://user:password@host`. */
import { startsWord } from "./format.ts";
import type { Span } from "./rule.ts";

const longestUserInfo = 300;

/** Passwords everybody knows, of examples and of containers on one's own machine. */
const known = new Set(
  `password passwd pass pwd pw secret changeme root admin user username test postgres mysql mongo redis
  guest rabbitmq example token key foo bar baz p x xxx xxxx credentials mypassword my_password mypass
  dbpass default me minio minioadmin elastic neo4j demo dev local hunter2 s3cret pass123 123456`.split(/\s+/),
);

/** Hosts nobody else can reach, or nobody has. */
const reserved =
  "localhost|127\\.|0\\.0\\.0\\.0|\\[::1\\]|host(?:name)?\\b|your|my-?(?:host|server|domain)|server\\b";
const nowhere = new RegExp(`^(?:${reserved}|(?:[\\w-]{1,60}\\.){0,3}(?:example|test|invalid|local)\\b)`, "i");

/** 1 for characters that no user or password in an address has. */
const stops = new Uint8Array(128).fill(1, 0, 33);
for (const one of "/\"'`<>\\|,;?#()") stops[one.charCodeAt(0)] = 1;

/** The password in an address whose scheme is the keyword. */
export function readAddress(text: string, { start, end }: Span): Span | null {
  if (/[A-Za-z0-9+.-]/.test(text[start - 1] ?? " ") && !startsWord(text, start)) return null;
  let colon = -1;
  let mark = -1;
  for (let at = end; at < text.length && at - end < longestUserInfo; at++) {
    const code = text.charCodeAt(at);
    if (code === 58 && colon === -1) colon = at;
    if (code === 64) mark = at;
    else if (stops[code] === 1) break;
  }
  if (mark === -1 || colon === -1 || colon > mark) return null;
  const password = text.slice(colon + 1, mark);
  if (!isPassword(password, text.slice(end, colon))) return null;
  return nowhere.test(text.slice(mark + 1, mark + 80)) && !isStrong(password)
    ? null
    : { start: colon + 1, end: mark };
}

/** A password worth the name; a template, a port or the user's own name is none. */
function isPassword(password: string, user: string): boolean {
  const lower = password.toLowerCase();
  if (password.length < 3 || known.has(lower) || lower === user.toLowerCase()) return false;
  if (/[{}$*[\]%]{2}|^[$%{*]|\{|\}|\.\.\.|…|:/.test(password)) return false;
  return !/(?:pass(?:word|wd)?|pwd|secret|token|example|changeme)[\d_-]{0,4}$|^(?:your|my)|^x+$/i.test(
    password,
  );
}

/** Beside a host of examples only what was drawn by lot counts. */
function isStrong(password: string): boolean {
  return password.length >= 12 && /[0-9]/.test(password) && /[a-z]/i.test(password);
}
