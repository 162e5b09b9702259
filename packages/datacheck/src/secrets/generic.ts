/** @file Secrets without a vendor's format, recognized by the name they are assigned to and by their characters. */
import { type Assigned, assignedValue } from "./assignment.ts";
import { type Family, familyOf, isAnyKey, isBelonging, isOwnWord, isSecretName } from "./names.ts";
import { isPlaceholder } from "./placeholder.ts";
import type { Span } from "./rule.ts";
import { isLongLot, judgeValue, type Verdict } from "./strength.ts";
import { isUnlikeWords, isWordlike } from "./wordlike.ts";

/** The value assigned to a secret's name, if it is a secret. */
export function readGeneric(text: string, keyword: Span): Span | null {
  return readWith(text, keyword, "secret");
}

/** The value assigned to a secret's name, if it is too weak to be reported. It is hidden in displayed texts. */
export function readWeak(text: string, keyword: Span): Span | null {
  return readWith(text, keyword, "weak");
}

function readWith(text: string, keyword: Span, wanted: Verdict): Span | null {
  if (!isOwnWord(text, keyword.start, keyword.end)) return null;
  const word = text.slice(keyword.start, keyword.end).toLowerCase();
  const found = assignedValue(text, keyword);
  if (found === null || !isSecretName(found.name) || isBelonging(found.tail)) return null;
  if (/^_?key$/.test(word) && found.tail !== "") return null; // other names that contain `key` must end in it
  const value = text.slice(found.start, found.end);
  const family = familyAt(text, keyword, value);
  if (isAnyKey(text, keyword.start, keyword.end) && (isOtherKey(text, keyword.start) || !isLongLot(value)))
    return null;
  const mayBeName = wanted === "weak" && found.by !== "code" && found.by !== "prose";
  if (!found.quoted && (isExpression(value, found) || (!mayBeName && isName(value, found)))) return null;
  const verdict = isRandomUuid(value)
    ? verdictOfUuid(value, family, found)
    : judgeValue(value, family, !found.quoted && found.by === "code");
  return verdict === wanted ? { start: found.start, end: found.end } : null;
}

/** The family of a name. A hexadecimal password after a login in `.netrc` is a key. */
function familyAt(text: string, { start, end }: Span, value: string): Family {
  const isLogin =
    /^[\da-f]{32,64}$/.test(value) &&
    /\blogin \S{1,40}\s{1,9}$/.test(text.slice(Math.max(0, start - 60), start));
  return isLogin ? "key" : familyOf(text.slice(start, end).toLowerCase());
}

/** Version 4: all but six bits are random. */
function isRandomUuid(value: string): boolean {
  return /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i.test(value);
}

/** A UUID is a secret only if the name ends in a keyword, since most UUIDs are identifiers. */
function verdictOfUuid(value: string, family: Family, { tail }: Assigned): Verdict {
  if (family === "password" || tail !== "") return "none";
  return isPlaceholder(value, 2.8) ? "weak" : "secret";
}

/** Words before a key that is not a secret, in natural language. */
const otherKeys = /\b(?:public|primary|foreign|host|root|map|cache|license plate) $/i;

function isOtherKey(text: string, start: number): boolean {
  return otherKeys.test(text.slice(Math.max(0, start - 16), start));
}

/** Whether an unquoted value is code: a name, a path of names, a call, an index access, an operator. */
function isExpression(value: string, { by }: Assigned): boolean {
  if (/^(?:await|new|null|true|false|none|nil|undefined|self|this|string|str|bool|int)\b/i.test(value))
    return true;
  if (/^[*&!]\w*$|^\/.*\/[a-z]{0,3}$|^[A-Za-z_$][\w$.]*(?:\(.*\)|\[.*\]|\{.*\})[;,]?$|=>|[;{([]$/.test(value))
    return true;
  if (/^[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*){1,8}/.test(value) && isWordlike(value))
    return true;
  const [opened] = /^[A-Za-z_$][\w$.]*(?=[([{<])/.exec(value) ?? [];
  if (opened !== undefined && isWordlike(opened)) return true;
  return by === "code" && /[()[\]{}<>|\\;$,]|::|\+\+|&&|^[\w$]{1,40}\.[\w$]/.test(value);
}

/** Whether an unquoted value may be a variable's name. */
function isName(value: string, { by }: Assigned): boolean {
  if (!/^[A-Za-z_$][\w$]*$/.test(value)) return false;
  const isPlain =
    !/\d/.test(value) ||
    /^[A-Za-z_$]+\d{1,3}$/.test(value) ||
    /^[a-z]+_|^[a-z\d]+(?:_[a-z\d]+)+$/.test(value);
  if (by === "code") return isPlain || isWordlike(value);
  return isPlain && !isUnlikeWords(value) && !/\d{2}/.test(value);
}
