/** @file Small questions that rules ask of what they see. */
import { type Asked, anyOf } from "../engine/language.ts";
import type { CallSeen, Here } from "../engine/seen.ts";
import { hole, isBuilt, type Value } from "../engine/value.ts";

/** An argument by position or by one of its names. */
export function argument(seen: CallSeen, position: number, ...names: readonly string[]): Value | undefined {
  for (const name of names) {
    const value = seen.named.get(name);
    if (value !== undefined) return value;
  }
  return position < 0 ? undefined : seen.args[position];
}

/** Whether it is known to be exactly this. */
export function is(value: Value | undefined, constant: string | number | boolean | null): boolean {
  return value !== undefined && value.constant === constant;
}

/** Whether it is constant text that fits, on one of the ways that lead here. */
export function says(value: Value | undefined, pattern: Asked): boolean {
  const texts = value?.choices ?? [value?.constant];
  return texts.some((text) => typeof text === "string" && pattern.test(text));
}

/** Whether it is text, constant or not, whose known part fits; a hole stands for each unknown piece. */
export function shaped(value: Value | undefined, pattern: Asked): boolean {
  return value?.shape !== undefined && pattern.test(value.shape);
}

/** Whether it is not known to be constant: a variable, a call, text put together. */
export function varies(value: Value | undefined): boolean {
  if (value === undefined || value.constant !== undefined) return false;
  return value.shape === undefined || value.shape.includes(hole);
}

/** Whether the path of what the value is fits. */
export function isA(value: Value | undefined, pattern: RegExp): boolean {
  return value !== undefined && value.path !== "" && pattern.test(value.path);
}

/** Whether it was made from a variable of such a name. */
export function comesFrom(value: Value | undefined, pattern: Asked): boolean {
  return value?.roots.some((root) => pattern.test(root)) ?? false;
}

/** Whether a module of such a name is imported. */
export function importsOf({ imports }: Here, pattern: RegExp): boolean {
  for (const path of imports) if (pattern.test(path)) return true;
  return false;
}

/** Whether a command goes through a shell. */
export function hasShell(seen: CallSeen): boolean {
  if (/getoutput|getstatusoutput/.test(seen.path)) return true;
  const shell = seen.named.get("shell");
  return shell !== undefined && shell.constant !== false && shell.constant !== 0;
}

/** Whether it was put together, and its known part fits. */
export function isBuiltAs(value: Value | undefined, pattern: Asked): boolean {
  return value !== undefined && isBuilt(value) && shaped(value, pattern);
}

/** A path below a folder that everybody may write to, whose beginning is known. */
export const temporaryPath: RegExp =
  /^(\/(var\/|usr\/)?tmp\/|\/dev\/shm\/|[cC]:\\{1,2}(Windows\\{1,2})?te?mp\\)[^\0]{1,100}(\0|$)/i;

/** Words of which one is in every text with such a path. */
export const temporaryWords: readonly string[] = ["tmp/", "shm/", "mp\\", "MP\\"];

/** Whether it is the path of a file that everybody knows, where everybody may write. */
export function isTemporaryPath(value: Value | undefined): boolean {
  return says(value, temporaryPath);
}

/** A mode of files, as a number or in octal digits, by which everybody may write. */
export function isWorldWritable(value: Value | undefined): boolean {
  const { constant } = value ?? {};
  const isOctal = typeof constant === "string" && /^0?o?[0-7]{3,4}$/.test(constant);
  const mode = isOctal ? Number.parseInt(constant.replace(/^0?o?/, ""), 8) : constant;
  return typeof mode === "number" && Number.isInteger(mode) && mode <= 0o7777 && (mode & 0o002) !== 0;
}

/** The name it goes by where it was made: a variable's, an attribute's, the key of a field that was asked for. */
export function nameOf(value: Value | undefined): string {
  const made = value?.made;
  if (made?.kind === "member") return made.name;
  const key = made?.kind === "index" ? made.index : made?.kind === "call" ? made.args[0]?.value : undefined;
  if (key?.kind === "text" && typeof key.pieces[0] === "string") return key.pieces[0];
  return value?.roots[0] ?? "";
}

/** Words of a name, in lower case: those of `dbPassword2` and of `DB_PASSWORD` are `db` and `password`. */
export function nameWords(name: string): string[] {
  const parted = name.replace(/([a-z\d])([A-Z])/g, "$1 $2");
  return parted
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
}

/** The constant that was handed over under this name where the value was made by a call; `undefined` where none was. */
export function madeWith(
  value: Value | undefined,
  name: string,
): string | number | boolean | null | undefined {
  if (value?.made?.kind !== "call") return undefined;
  const given = value.made.args.find((one) => one.name === name)?.value;
  if (given?.kind === "constant") return given.value;
  return given?.kind === "text" ? given.pieces.join("") : given === undefined ? undefined : "?";
}

/** A parser's words are tokens too: a secret one is long and has digits. */
export function looksSecret(name: string, text: string): boolean {
  if (!/token|nonce|salt|csrf|\bpin\b|captcha|session_?id/i.test(name)) return true;
  return text.length >= 8 && /\d/.test(text) && /^[\w+/=.~!@#$%^&*-]+$/.test(text);
}

/** Names of what must stay secret or unguessable. */
export function isSecretName(name: string): boolean {
  // `max_tokens`: those that a language model counts
  if (/^(is|has|starts|last|next|prev|current)[A-Z_]|^(total|max|min|num|n|avg)_?tokens$/i.test(name))
    return false;
  return secretWords.test(name) && !isAboutSecret(name);
}

/** Whether a name is that of something about a secret: `passwordStatus`, `PASSWORD_RESET`, `token_type`, `secretPath`. */
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

/** Whether text put together begins with a host that nobody can change, or with a path of this host. */
export function hasFixedHost(value: Value | undefined): boolean {
  return shaped(value, /^(https?:\/\/[^\0/@]{1,200}\/|\/[^\0/\\])/);
}

/** SQL that makes, changes or drops tables and accounts: their names cannot be handed over as values. */
export const sqlNames: Asked = anyOf(
  /^[\s(]{0,200}(create|drop|alter|truncate|grant|revoke|use|pragma|show|set|vacuum|analyze|comment|rename)\s/i,
  /^[\s(]{0,200}(exec(ute)?|call|kill|attach|detach)\s/i,
);

/** SQL that begins with a verb. */
export const sqlVerb: Asked = anyOf(
  /^[\s(]{0,200}(select\b[\s\S]{0,2000}\bfrom\b|insert\s|update\b[\s\S]{0,500}\bset\b|delete\s+from\b)/i,
  /^[\s(]{0,200}((create|drop|alter|truncate)\s|replace\s+into|with\s|exec(ute)?\s|call\s|grant\s|merge\s)/i,
  /^[\s(]{0,200}(pragma\s|use\s|show\s|union\s)/i,
);

const unseenValue =
  /^\s{0,9}(select|insert|update|delete|replace|with)\s[\s\S]{0,3000}(=|like|in|values|,)[\s('"%]{0,5}\0(?!\p{Cc})/iu;

/** Whether it is SQL with a value in it whose origin the text does not show. */
export function isSqlOfUnseen(value: Value | undefined): boolean {
  return value?.level === 0 && shaped(value, unseenValue);
}
