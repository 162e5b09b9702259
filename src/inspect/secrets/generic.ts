/** @file Values of no vendor's format, told by the name they are assigned to and by looking drawn by lot. */
import { type Assigned, assignedValue } from "./assignment.ts";
import { isPlaceholder, isTemplate } from "./placeholder.ts";
import type { Span } from "./rule.ts";

const passwordWords = ["password", "passwd", "passphrase", "passwort", "pwd", "pass_word"] as const;
const keyWords = [
  ...["secret", "token", "api_key", "apikey", "api-key", "api key", "access_key", "accesskey", "access key"],
  ...["private_key", "privatekey", "auth_key", "authkey", "encryption_key", "encryptionkey", "signing_key"],
  ...["signingkey", "credential", "master_key", "masterkey", "account_key", "license_key", "licensekey"],
] as const;

/** Names that may hold a secret. */
export const genericWords: readonly string[] = [...passwordWords, ...keyWords];

/** Names that hold such a word and no secret: what they say of it, how they end, whose token it is. */
const harmless: readonly RegExp[] = [
  /hash|digest|checksum|sha\d|md5|public|publishable|tokeniz|secret_?(?:name|id|ref|path|arn)/,
  /(?:^|[_.-])(?:id|ids|name|names|type|types|len|length|size|count|num|limit|max|min|path|file|files|dir|index)$/,
  /(?:^|[_.-])(?:url|uri|endpoint|host|port|hint|label|field|column|placeholder|format|policy|regex|pattern)$/,
  /(?:^|[_.-])(?:expiry|expires|ttl|version|pad|eos|bos|unk|mask|sep|cls|sha)$/,
  /tokens?_?(?:id|type|name|kind|count|limit|size|index|path|uri|url|address|symbol|contract)/,
  /key_?(?:name|id|path|file|pair|code|size|type|word)/,
  /(?:^|[^a-z])(?:eos|bos|pad|unk|mask|sep|cls|sync|next|page|nextpage|continuation|cursor|csrf|xsrf|nonce)_?token/,
];

/** Whether a name in lower case holds a secret rather than something about one. */
export function isSecretName(name: string): boolean {
  return !harmless.some((pattern) => pattern.test(name));
}

/** The value assigned to a secret's name where it looks like a secret. */
export function readGeneric(text: string, keyword: Span): Span | null {
  const found = assignedValue(text, keyword);
  if (found === null || !isSecretName(found.name)) return null;
  const value = text.slice(found.start, found.end);
  if (value.length > 200 || isTemplate(value) || isCode(value, found) || isPublicForm(value)) return null;
  const word = text.slice(keyword.start, keyword.end).toLowerCase();
  const fits = (passwordWords as readonly string[]).includes(word) ? isPassword(value, found) : isKey(value);
  return fits ? { start: found.start, end: found.end } : null;
}

/** Expressions, look-ups, paths, addresses, file names and prose. */
function isCode(value: string, { quoted }: Assigned): boolean {
  if (
    /\s|[()[\]{}<>|\\;]|:\/\/|=>|::|\+\+|&&|\|\||\$\w|^\.{0,2}\/|^[\w$]{1,40}\.[\w$]{1,40}(?:\.|$)/.test(
      value,
    )
  )
    return true;
  if (/\.(?:js|ts|py|json|ya?ml|txt|pem|key|crt|md|html|env|com|io|org|net)$/i.test(value)) return true;
  return !quoted && /^[A-Za-z_$][A-Za-z_$]{0,60}\d{0,3}$/.test(value);
}

/** UUIDs, hashes of packages, versions, dates, numbers, colors: forms that are not secret by themselves. */
function isPublicForm(value: string): boolean {
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)) return true;
  if (/^(?:sha\d{1,3}[-:]|arn:|data:|urn:|#[0-9a-f]{3,8}$)/i.test(value)) return true;
  return /^(?:v?\d{1,6}(?:[.:/-]\d{1,6}){1,6}|[\d.,_-]+)$/i.test(value);
}

/** Six characters or more, letters and digits or marks among them. */
function isPassword(value: string, { quoted, tight, name }: Assigned): boolean {
  if (value.length < 6 || value.length > 64 || isPlaceholder(value, 2)) return false;
  if (/pass|pwd|secret|admin|test|user|demo|guest|change|hunter2|letmein|welcome|default|temp/i.test(value))
    return false;
  const letters = /[a-z]/i.test(value);
  const digit = /[0-9]/.test(value);
  const mark = /[^\w.-]/.test(value);
  if (!letters || !(digit || mark)) return false;
  if (quoted || tight) return digit && (mark || changes(value) >= 2);
  return digit && (mark || changes(value) >= 2) && !/[.,/]/.test(value) && name.length < 40;
}

/** Sixteen characters or more, letters and digits well mixed, as lots are and words are not. */
function isKey(value: string): boolean {
  if (value.length < 16 || !/^[\w+/=.~!@#$%^&*:-]+$/.test(value)) return false;
  if (!/[0-9]/.test(value) || !/[a-z]/i.test(value)) return false;
  const hexOnly = /^[0-9a-f]+$/i.test(value);
  if (isPlaceholder(value, hexOnly ? 2.8 : 3.2)) return false;
  return changes(value) >= value.length * (hexOnly ? 0.2 : 0.3);
}

/** How often the class of characters changes: upper case, lower case, digits; other marks are passed over. */
function changes(value: string): number {
  let count = 0;
  let last = 0;
  for (const one of value) {
    const now =
      one >= "0" && one <= "9" ? 1 : one >= "a" && one <= "z" ? 2 : one >= "A" && one <= "Z" ? 3 : 0;
    if (now === 0) continue;
    if (last !== 0 && now !== last) count++;
    last = now;
  }
  return count;
}
