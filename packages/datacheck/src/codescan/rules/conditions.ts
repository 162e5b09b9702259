/** @file Small predicates for rules. */
import { anyOf, type NamePattern } from "../engine/language.ts";
import type { CallSeen, Here } from "../engine/seen.ts";
import { hole, isBuilt, type Value } from "../engine/value.ts";

/** The argument at a position or with one of its names. */
export function argument(seen: CallSeen, position: number, ...names: readonly string[]): Value | undefined {
  for (const name of names) {
    const value = seen.named.get(name);
    if (value !== undefined) return value;
  }
  return position < 0 ? undefined : seen.args[position];
}

/** Whether the value is known to be exactly this constant. */
export function is(value: Value | undefined, constant: string | number | boolean | null): boolean {
  return value !== undefined && value.constant === constant;
}

/** Whether the value is constant text that matches, on at least one branch. */
export function says(value: Value | undefined, pattern: NamePattern): boolean {
  const texts = value?.choices ?? [value?.constant];
  return texts.some((text) => typeof text === "string" && pattern.test(text));
}

/** Whether the known part of a text matches; a hole represents each unknown piece. */
export function shaped(value: Value | undefined, pattern: NamePattern): boolean {
  return value?.shape !== undefined && pattern.test(value.shape);
}

/** Whether the value is not known to be constant: a variable, a call, composed text. */
export function varies(value: Value | undefined): boolean {
  if (value === undefined || value.constant !== undefined) return false;
  return value.shape === undefined || value.shape.includes(hole);
}

/** Whether the value's path matches. */
export function isA(value: Value | undefined, pattern: RegExp): boolean {
  return value !== undefined && value.path !== "" && pattern.test(value.path);
}

/** Whether the value derives from a variable with a matching name. */
export function comesFrom(value: Value | undefined, pattern: NamePattern): boolean {
  return value?.roots.some((root) => pattern.test(root)) ?? false;
}

/** Whether a module with a matching name is imported. */
export function importsOf({ imports }: Here, pattern: RegExp): boolean {
  for (const path of imports) if (pattern.test(path)) return true;
  return false;
}

/** Whether a command runs through a shell. */
export function hasShell(seen: CallSeen): boolean {
  if (/getoutput|getstatusoutput/.test(seen.path)) return true;
  const shell = seen.named.get("shell");
  return shell !== undefined && shell.constant !== false && shell.constant !== 0;
}

/** Whether the value is composed text whose known part matches. */
export function isBuiltAs(value: Value | undefined, pattern: NamePattern): boolean {
  return value !== undefined && isBuilt(value) && shaped(value, pattern);
}

/** A path, with a known start, below a world-writable directory. */
export const temporaryPath: RegExp =
  /^(\/(var\/|usr\/)?tmp\/|\/dev\/shm\/|[cC]:\\{1,2}(Windows\\{1,2})?te?mp\\)[^\0]{1,100}(\0|$)/i;

/** Each text with such a path contains one of these words. */
export const temporaryWords: readonly string[] = ["tmp/", "shm/", "mp\\", "MP\\"];

/** Whether the value is a predictable file path in a world-writable directory. */
export function isTemporaryPath(value: Value | undefined): boolean {
  return says(value, temporaryPath);
}

/** Whether a file mode, as a number or in octal digits, is world-writable. */
export function isWorldWritable(value: Value | undefined): boolean {
  const { constant } = value ?? {};
  const isOctal = typeof constant === "string" && /^0?o?[0-7]{3,4}$/.test(constant);
  const mode = isOctal ? Number.parseInt(constant.replace(/^0?o?/, ""), 8) : constant;
  return typeof mode === "number" && Number.isInteger(mode) && mode <= 0o7777 && (mode & 0o002) !== 0;
}

/** The name of the value's origin: a variable, an attribute, or the key of a field. */
export function nameOf(value: Value | undefined): string {
  const made = value?.made;
  if (made?.kind === "member") return made.name;
  const key = made?.kind === "index" ? made.index : made?.kind === "call" ? made.args[0]?.value : undefined;
  if (key?.kind === "text" && typeof key.pieces[0] === "string") return key.pieces[0];
  return value?.roots[0] ?? "";
}

/** The words of a name in lower case: `dbPassword2` and `DB_PASSWORD` contain `db` and `password`. */
export function nameWords(name: string): string[] {
  const parted = name.replace(/([a-z\d])([A-Z])/g, "$1 $2");
  return parted
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
}

/** The constant passed under this name to the call that created the value; `undefined` if there is none. */
export function madeWith(
  value: Value | undefined,
  name: string,
): string | number | boolean | null | undefined {
  if (value?.made?.kind !== "call") return undefined;
  const given = value.made.args.find((one) => one.name === name)?.value;
  if (given?.kind === "constant") return given.value;
  return given?.kind === "text" ? given.pieces.join("") : given === undefined ? undefined : "?";
}

/**
 * Whether a text looks like a secret. The words of a parser are also called tokens; a secret token is long and has
 * digits.
 */
export function looksSecret(name: string, text: string): boolean {
  if (!/token|nonce|salt|csrf|\bpin\b|captcha|session_?id/i.test(name)) return true;
  return text.length >= 8 && /\d/.test(text) && /^[\w+/=.~!@#$%^&*-]+$/.test(text);
}

/** Whether a name denotes something that must stay secret or unguessable. */
export function isSecretName(name: string): boolean {
  // `max_tokens` counts a language model's tokens
  if (/^(is|has|starts|last|next|prev|current)[A-Z_]|^(total|max|min|num|n|avg)_?tokens$/i.test(name))
    return false;
  return secretWords.test(name) && !isAboutSecret(name);
}

/** Whether a name denotes data about a secret: `passwordStatus`, `PASSWORD_RESET`, `token_type`, `secretPath`. */
export function isAboutSecret(name: string): boolean {
  return aboutSecret.test(name);
}

const aboutSecret = anyOf(
  /(url|uri|path|file|field|label|name|type|hint|length|len|size|count|expir\w{0,8}|header|prompt|regex|char(acter)?s|alphabet)$/i,
  /(status|state|strength|policy|format|mode|kind|result|reset|change|error|message|visib\w{1,6}|rules?|level|score|input|options?|requirements?|event|action|step|page|form|flow|method|manager|service)$/i,
);

const secretWords = anyOf(
  /passw(or)?d|passwd|passphrase|\bpwd\b|_pwd|pwd_|secret|token|api_?key|credential|session_?id/i,
  /\botp\b|otp_|_otp|nonce|salt|csrf|captcha|private_?key|auth_?key|access_?key|encryption_?key/i,
  /\bpin\b|pin_?code|reset_?code|verification_?code|activation/i,
);

/** Whether a composed address starts with a fixed host or with a path on the same host. */
export function hasFixedHost(value: Value | undefined): boolean {
  return shaped(value, /^(https?:\/\/[^\0/@]{1,200}\/|\/[^\0/\\])/);
}

/** SQL that creates, alters or drops tables and accounts. Their names cannot be bound as parameters. */
export const sqlNames: NamePattern = anyOf(
  /^[\s(]{0,200}(create|drop|alter|truncate|grant|revoke|use|pragma|show|set|vacuum|analyze|comment|rename)\s/i,
  /^[\s(]{0,200}(exec(ute)?|call|kill|attach|detach)\s/i,
);

/** SQL that starts with a verb. */
export const sqlVerb: NamePattern = anyOf(
  /^[\s(]{0,200}(select\b[\s\S]{0,2000}\bfrom\b|insert\s|update\b[\s\S]{0,500}\bset\b|delete\s+from\b)/i,
  /^[\s(]{0,200}((create|drop|alter|truncate)\s|replace\s+into|with\s|exec(ute)?\s|call\s|grant\s|merge\s)/i,
  /^[\s(]{0,200}(pragma\s|use\s|show\s|union\s)/i,
);

const unseenValue =
  /^\s{0,9}(select|insert|update|delete|replace|with)\s[\s\S]{0,3000}(=|like|in|values|,)[\s('"%]{0,5}\0(?!\p{Cc})/iu;

/** Whether it is SQL with an embedded value whose origin is not in this file. */
export function isSqlOfUnseen(value: Value | undefined): boolean {
  return value?.level === 0 && shaped(value, unseenValue);
}
