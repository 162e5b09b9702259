/**
 * @file Whether a value assigned to a secret's name is a secret: not a reference, not text, not another kind of value.
 */
import type { Family } from "./names.ts";
import { entropyOf, isPlaceholder } from "./placeholder.ts";
import { evidenceOfLot, isUnlikeWords, isWordlike } from "./wordlike.ts";

/** The verdict on a value under a secret's name. A `weak` one is hidden in displayed texts, but not reported. */
export type Verdict = "secret" | "weak" | "none";

/** Max length of a value. */
const longest = 640;

/** Whether a value is filled in later, entirely or in a marked part. */
export function isReference(value: string): boolean {
  if (references.some((reference) => reference.test(value))) return true;
  const filled = value.replace(/\{[\w.!:[\]]{0,40}\}|%[sdv]|\$\{?[A-Z][A-Z_]{3,40}\b/g, "");
  return filled.length < value.length && filled.length <= value.length / 2;
}

const references: readonly RegExp[] = [
  /\$\{[^}\]]{0,80}\}|\$\{\w{1,60}\[[^}]{0,60}\}|\{\{[^{}]{0,99}\}\}|<%.{0,99}%>|#\{\w[^}]{0,80}\}|%\(\w{1,40}\)/,
  /\$\([a-z][^)]{0,99}\)|\{[a-z_]{2,20}\}|\.\.\.|…/,
  /^(?:\$[A-Za-z_]\w{1,60}|%[\w():]{1,60}%|%\{\w.*|["'\\]{0,3} ?\+ ?\w.*\w ?\+ ?["'\\]{0,3}|@[A-Za-z_]{1,40}\d?@?|:[a-z_]{1,40}|%[sdv])$/,
  /^(?:<[\w .:-]{0,60}>|\[[\w .-]{0,60}\])$/,
];

/** Patterns of other kinds of values. */
const forms: readonly RegExp[] = [
  /^[a-z][a-z\d+.-]{1,30}:\/\//i, // URLs
  /^(?:\.{0,2}|~|[A-Za-z]:)[\\/][\w.@-]{1,80}(?:[\\/]|$)/, // paths
  /^[\w.+-]{1,64}@[\w-]{1,60}\.[a-z]{2,24}$/i, // email addresses
  /^(?:sha\d{1,3}[-:]|arn:|data:|urn:|#[0-9a-f]{3,8}$|rgba?\()/i,
  /^(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}$/i, // IPv6 addresses
  /^h1:|^[<>=~^!|&,.\d*-]+$/, // module checksums, version constraints
  /^(?:v?\d{1,6}(?:[.:/-]\d{1,6}){1,6}|[\d.,_:/ +-]+)$/i, // versions, dates, numbers
  /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i, // UUIDs
  /^\$(?:2[abxy]|argon2\w{0,2}|[156]|pbkdf2[\w-]{0,16}|apr1)\$|^\{(?:S?SHA\d{0,3}|MD5|CRYPT|bcrypt)\}/i, // hashes
  /^pbkdf2_|^(?:bcrypt|argon2|scrypt)[$:]/,
  /^[A-Z][A-Z\d]{0,30}(?:_[A-Z\d]{1,30}){1,8}$/, // constants and environment variables
  /\.(?:js|ts|py|json|ya?ml|txt|pem|key|crt|md|html?|env|com|io|org|net|php|rb|go|java|xml|png|svg|css|log|conf)$/i,
  /^[\w$]{1,60}(?:\.|->|::)?[\w$.]{0,60}\([\w\s,.'"$]{0,80}\)$/, // calls
  /^[\w-]{0,40}\[[\w-]{1,40}(?:[~^$*|]?=.{0,60})?\]$/, // selectors
  /\(\?[:=!<]|\[[^\]]{0,60}(?:[aA]-[zZ]|0-9)|\\[dws][+*{\]]|\{\d+,\d*\}\$?$|^\^.{1,638}\$$/, // regular expressions
  /^(?:utf|ucs|iso|cp|windows|latin|koi8|shift|euc)[-_]?\d{0,4}[-_]?\w{0,4}(?:-\d{1,2})?$/i, // character encodings
  /^\{\\?["']|^[\w,-]{0,40}\[.*\]$/, // JSON; a macro with arguments
  /^\w{2,40}=["']|^eyJ[\w-]{4,}\.eyJ/, // an assignment; a web token, which has its own rule
  /^[a-z_]{2,20}(?::[\w,]{1,20})?\|[a-z_]{2,20}(?:$|[:|])/, // validator rules
  /^[a-z-]{2,20}\/[a-z\d.+-]{2,40}(?:;|$)/, // content types
  /^(?:MII[A-Z]|ssh-(?:rsa|ed25519) |AAAA[BCE]3Nza)/, // public keys and certificates
];

/** Words joined by single punctuation marks and ended like labels and sentences: `Sign-in`, `Don't`, `Password*:`. */
const label = /^[#.:]?[A-Za-z][a-z]*(?:[-'/.:,_&](?:[A-Za-z][a-z]*)?){0,8}[!?.:*,]{0,3}$/;

/** Parts joined by dots or dashes, as in translation keys and class names. */
const path = /^[#.]?[A-Za-z][A-Za-z\d]*(?:[._:/-][A-Za-z\d]+){0,12}$/;

function isSlug(value: string): boolean {
  return /[._:/-]/.test(value) && path.test(value);
}

/** Words that mark a placeholder, whatever else the value contains. */
const stands =
  /example|sample|placeholder|change.?(?:me|this|it)|replace|insert|redact|your[_-]?|dummy|removed|fill.?in|todo/i;
/** Words of weak passwords. The rest of a password may still make it strong. */
const weakWords =
  /pass(?:word|wort|wd|phrase|w0rd)?|p[a@4]ss?w[o0]rd|pwd|secret|admin|root|login|token|hunter2|letmein|welcome/gi;
const commonWords =
  /test|user(?:name)?|demo|guest|foo|bar\b|default|temp|qwerty|asdf|abc123|mysql|postgres|django-insecure-/gi;

/**
 * Judges a value under a name of a family.
 *
 * @param bare unquoted, so that it may be code
 */
export function judgeValue(value: string, family: Family, bare: boolean): Verdict {
  if (value.length < 4 || value.length > longest || /\s|[^\x21-\x7e]/.test(value)) return "none";
  if (/^\d{4,20}$/.test(value)) return "weak";
  if (isReference(value) || forms.some((form) => form.test(value)) || stands.test(value)) return "none";
  if (family === "password" && /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i.test(value))
    return "weak";
  const said = value.replace(commonWords, "");
  const rest = said.replace(weakWords, "");
  const isChosen = said === value && value.length >= 10 && classesOf(value) === 4;
  if (rest !== value && !isChosen && (rest.length < 12 || !isLot(rest) || classesOf(rest) < 3)) return "weak";
  if (isPlaceholder(value, family === "key" ? 2.6 : 2)) return "weak";
  if (family !== "password" && isKey(rest)) return "secret";
  if (family === "key" || (family === "secret" && value.length < 8)) return "weak";
  const isStrong =
    isPassword(value, bare) && (family === "password" || (classesOf(value) >= 3 && !isSlug(value)));
  return isStrong ? "secret" : "weak";
}

/** Whether a value is a password, chosen by a person or generated. */
function isPassword(value: string, bare: boolean): boolean {
  if (value.length < 6 || label.test(value)) return false;
  const classes = classesOf(value);
  const digits = /\d/.test(value);
  if (/^\w+$/.test(value)) {
    if (!digits) return value.length >= 8 && isUnlikeWords(value) && /[a-z][A-Z]|[A-Z]{2}[a-z]/.test(value);
    return changes(value) >= 2 && (classes >= 3 ? value.length >= 8 || isLot(value) : isLot(value));
  }
  if (path.test(value) && isWordlike(value) && !/\d{2}/.test(value)) return false;
  if (bare && !digits && /^[\w.$-]+$/.test(value)) return false;
  if (classes >= 3) return digits || !isWordlike(value) || marksOf(value) >= 2;
  if (marksOf(value) >= 3) return true;
  return digits ? /[A-Za-z]/.test(value) : marksOf(value) >= 1 && isUnlikeWords(value);
}

/**
 * Min evidence of randomness, in nats, for a value under a secret's name, and for a value under any name with `key`.
 */
const enough = { named: 8, any: 14 } as const;

/**
 * Whether a value is random enough under any name with `key`. Purely hexadecimal values do not count, since they may be
 * hashes.
 */
export function isLongLot(value: string): boolean {
  return value.length >= 16 && !/^[\da-f-]+$/i.test(value) && evidenceOfLot(value) >= enough.any;
}

/** Whether a value has at least sixteen characters in which letters and digits are mixed as in random values. */
function isKey(value: string): boolean {
  if (value.length >= 16 && !/^[\da-f-]+$/i.test(value) && evidenceOfLot(value) >= enough.named) return true;
  if (value.length < 16 || /^[0-9a-f]{16,19}$/.test(value) || !/[0-9]/.test(value) || !/[a-z]/i.test(value))
    return false;
  const isHex = /^[0-9a-f]+$/i.test(value);
  if (entropyOf(value) < (isHex ? 2.8 : 3.2) || (!isHex && isWordlike(value))) return false;
  return changes(value) + marksOf(value) / 2 >= value.length * (isHex ? 0.2 : 0.3);
}

/** Whether digits and letters are mixed, or letters paired, as in no word. */
function isLot(value: string): boolean {
  return changes(value) + marksOf(value) >= value.length / 3 || isUnlikeWords(value);
}

/** The number of characters that occur in no word, name or path. */
function marksOf(value: string): number {
  return value.replace(/[\w.:/-]/g, "").length;
}

/** The number of character classes in a value: lower case, upper case, digits, others. */
function classesOf(value: string): number {
  return [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((one) => one.test(value)).length;
}

/** The number of changes between upper case, lower case and digits. Other characters are skipped. */
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
