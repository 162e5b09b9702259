/** @file The result of a call: sanitized, passed on, composed, or unknown. */

import { joinedList } from "./contents.ts";
import { anyOf } from "./language.ts";
import type { CallSeen } from "./seen.ts";
import {
  blend,
  cleaned,
  cleanOfAll,
  constantOf,
  type Danger,
  dangers,
  filled,
  hole,
  isBuilt,
  joined,
  shapeOf,
  throughUnknown,
  unknown,
  type Value,
} from "./value.ts";
import type { Known, Walk } from "./walk.ts";

/** Functions of unknown code whose names imply that they sanitize. */
const saysClean = anyOf(
  /(sanitiz|sanitis|escape|saniti[sz]ed|purify|bleach|whitelist|normalize_and_check)/i,
  /(^|_)(safe|safely|clean|cleaned|validated|quoted?)(_|$)|^(get|to|make)?Safe[A-Z]/,
);

/** The dangers that such a name implies are removed. */
const cleanFor: readonly (readonly [RegExp, number])[] = [
  [/html|xss|markup/i, dangers.html | dangers.header | dangers.log],
  [/sql|ident|column|table/i, dangers.sql],
  [/shell|command|cmd/i, dangers.shell],
  [/ldap|dn$/i, dangers.ldap],
  [/xpath|xml/i, dangers.xpath | dangers.html],
  [/url|uri/i, dangers.url | dangers.redirect | dangers.html | dangers.header],
  [/file|path/i, dangers.path | dangers.upload | dangers.header],
  [/regex|pattern/i, dangers.regex],
  [/\blog/i, dangers.log],
];

/** Root of an object that was created with the request and can be queried for its content. */
export const requestHolder = "!request";

/** The result of a call whose arguments are evaluated. */
export function callResult(walk: Walk, seen: CallSeen): Value {
  const { path, args, named, receiver } = seen;
  const given = [...args, ...named.values()];
  const method = path.includes(".") ? path.slice(path.lastIndexOf(".")) : "";
  const result = contentOf(walk, seen, method, given);
  const resolved = walk.language.resolves.has(path) || (method !== "" && walk.language.resolves.has(method));
  const kept = resolved || (result.resolved === true && receiver.resolved === true);
  const { resolved: _, ...rest } = result;
  return { ...rest, path: path === "" ? "" : `${path}()`.slice(-200), ...(kept ? { resolved: true } : {}) };
}

function contentOf(walk: Walk, seen: CallSeen, method: string, given: readonly Value[]): Value {
  const { language } = walk;
  const { path, args, receiver } = seen;
  const cleans = own(language.cleaners, path) ?? own(language.cleaners, method);
  if (cleans !== undefined) return cleanedFor(cleans, [...given, receiver]);
  const known = knownOf(walk, path);
  if (known !== undefined) return ofKnown(walk, known, seen, given);
  const made = own(language.empties ?? {}, path);
  if (made !== undefined && given.length === 0)
    return made === "text" ? constantOf("") : { ...unknown, entries: new Map(), whole: true };
  if (method === ".charAt" && typeof receiver.constant === "string" && typeof given[0]?.constant === "number")
    return constantOf(receiver.constant.charAt(given[0].constant));
  if (path === "util.format" && given[0]?.shape !== undefined) return filled(given[0], given.slice(1));
  if (method === ".format" || path === "format") return filled(receiver, given);
  if (method === ".replace" || method === ".replaceAll") return replaced(walk, receiver, given);
  if (method === ".concat" && receiver.shape !== undefined) return joined([receiver, ...given]);
  if (method === ".join" && receiver.made?.kind === "group" && receiver.entries !== undefined) {
    const between = String(given[0]?.constant ?? ",");
    return (
      joinedList({ ...receiver, whole: true }, constantOf(between)) ?? blend([...receiver.entries.values()])
    );
  }
  if (path === "re.sub" || path === "preg_replace") return substituted(given);
  const list = method === ".join" && given[0] !== undefined ? joinedList(given[0], receiver) : undefined;
  if (list !== undefined) return list;
  if (method === ".join" && isBuilt(receiver) && typeof (given[0]?.constant ?? "") === "string")
    return { ...receiver };
  if (method === ".join" && receiver.shape !== undefined)
    return { ...blend(given), ...(given[0]?.plain ? { plain: true } : { shape: hole }) };
  const has = (set: ReadonlySet<string>): boolean => set.has(path) || (method !== "" && set.has(method));
  const [only] = given;
  if (has(language.keeps)) {
    const ofArgument = !path.startsWith(".") && language.keeps.has(path) && only !== undefined;
    return textual(ofArgument ? only : { ...receiver, loose: true });
  }
  if (has(language.passes)) {
    const shape = args.length > 1 ? args.map(shapeOf).join("/") : hole;
    const isFixed =
      given.length > 0 &&
      !path.startsWith(".") &&
      language.passes.has(path) &&
      given.every((one) => one.fixed || one.constant !== undefined);
    return { ...blend([...given, receiver]), shape, ...(isFixed ? { fixed: true } : {}) };
  }
  if (has(language.asks)) return unknown;
  const worst = blend(given);
  const name = path.slice(path.lastIndexOf(".") + 1);
  if (saysClean.test(name)) {
    const [, bits = cleanOfAll] = cleanFor.find(([pattern]) => pattern.test(name)) ?? [];
    return cleaned(given.length > 0 && worst.level > 0 ? worst : blend([worst, receiver]), bits);
  }
  if (
    method !== "" &&
    receiver.roots.includes(requestHolder) &&
    /^_?(get|read|param|form|query|arg|cookie|header|body|json|value)/i.test(name)
  ) {
    return { ...unknown, level: 2, roots: [name] };
  }
  if (method !== "" && receiver.level > 0) return { ...blend([receiver]), ...textOf(receiver) };
  // an unknown function may pass on its arguments
  if (given.some((one) => /(^|\.)request$/.test(one.path)))
    return { ...unknown, level: 1, roots: [requestHolder] };
  if (worst.level < 2 && !worst.roots.includes(throughUnknown)) return { ...unknown, roots: worst.roots };
  return { ...worst, level: 1, roots: [...worst.roots, throughUnknown] };
}

/** The recorded name of a function of the file: `this.read`, or `Reader.read` if the file defines the class. */
export function nameIn({ language, known }: Walk, path: string): string {
  if (path.startsWith(`${language.self}.`)) return path.slice(language.self.length + 1);
  const dot = language.types === undefined ? -1 : path.lastIndexOf(".");
  return dot > 0 && known.has(`class ${path.slice(0, dot)}`) ? path.slice(dot + 1) : path;
}

function textual(value: Value): Value {
  const { level, clean, roots, constant, choices, plain, entries, resolved, loose } = value;
  return {
    level,
    clean,
    roots,
    path: "",
    ...textOf(value),
    ...(constant === undefined ? {} : { constant, ...(loose ? { loose } : {}) }),
    ...(choices === undefined ? {} : { choices }),
    ...(plain === undefined ? {} : { plain }),
    ...(entries === undefined ? {} : { entries }),
    ...(resolved === undefined ? {} : { resolved }),
  };
}

function textOf({ shape }: Value): { shape?: string } {
  return shape === undefined ? {} : { shape };
}

/** Reads own keys only, since keys such as `constructor` come from scanned text. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return key !== "" && Object.hasOwn(record, key) ? record[key] : undefined;
}

function cleanedFor(cleans: readonly Danger[] | "all", values: readonly Value[]): Value {
  const mixed = blend(values);
  if (cleans === "all") return { ...unknown, roots: mixed.roots, plain: true };
  const bits = cleans.reduce((sum, danger) => sum | dangers[danger], 0);
  return { ...cleaned(mixed, bits), shape: hole };
}

/** Records the arguments of a call to a function of the file, keeping the most tainted ones. */
export function noteGiven(known: Known | undefined, given: readonly (Value | undefined)[]): void {
  if (known === undefined) return;
  for (const [position, value] of given.entries()) {
    const before = known.given[position];
    if (value === undefined) continue;
    if (before === undefined || before.level < value.level) known.given[position] = value;
    else if (value.level > 0 && before.level === value.level)
      known.given[position] = { ...before, clean: before.clean & value.clean };
  }
}

/** Resolves a path to a function of the file: of the object's own class, of another class, or by name. */
function knownOf(walk: Walk, path: string): Known | undefined {
  const { known, language, owner } = walk;
  if (known.size === 0 || path === "") return undefined;
  if (!path.startsWith(`${language.self}.`)) {
    return known.get(path) ?? known.get(path.replace("().", ".")) ?? known.get(nameIn(walk, path));
  }
  const name = path.slice(language.self.length + 1);
  return known.get(`${owner}.${name}`) ?? known.get(name);
}

/** The arguments of a call by parameter position, as far as they are known. */
function positioned({ made }: Known, { args, named }: CallSeen): readonly (Value | undefined)[] {
  if (named.size === 0) return args;
  if (made === undefined) return [...args, ...named.values()];
  const given: (Value | undefined)[] = [...args];
  const shift = made.method ? 1 : 0;
  for (const [at, { name }] of made.parameters.entries()) {
    const value = named.get(name);
    if (value !== undefined && at >= shift) given[at - shift] = value;
  }
  return given;
}

/** The result of a call to a function of the file with these arguments. */
function ofKnown(walk: Walk, known: Known, seen: CallSeen, given: readonly Value[]): Value {
  // within a followed call the other callers' arguments are not known yet
  if (walk.calls.length === 0) noteGiven(known, positioned(known, seen));
  const followed = walk.follow(walk, known, seen);
  if (followed !== undefined) return followed;
  const { gives } = known;
  if (gives === undefined) return unknown;
  const worst = blend(given);
  if (gives.level === 0 || gives.level === 2) return gives;
  // following the call shows its other sources and how clean they are
  const own = new Set(known.made?.parameters.map(({ name }) => name));
  const isMixed = !walk.isLast && gives.roots.some((root) => !own.has(root));
  return { ...gives, level: isMixed && worst.level === 2 ? 1 : worst.level, roots: worst.roots };
}

/** Text without line breaks cannot forge a line of a log or a header. */
function replaced(walk: Walk, receiver: Value, given: readonly Value[]): Value {
  const [from] = given;
  const breaks = typeof from?.constant === "string" && /^[\r\n]+$/.test(from.constant);
  const source = from?.made?.kind === "text" ? walk.text.slice(from.made.start, from.made.end) : "";
  if (source.startsWith("/") && typeof from?.constant === "string") {
    const { constant: _, ...rest } = {
      ...joined([receiver, ...given.slice(1)]),
      shape: receiver.shape ?? hole,
    };
    return cleaned(rest, bitsWithout(from.constant, source));
  }
  const mixed = joined([receiver, ...given.slice(1)]);
  const { constant: _, ...rest } = { ...mixed, shape: receiver.shape ?? hole };
  const marks = marksReplaced.find(([mark]) => mark === from?.constant);
  if (marks !== undefined && given[1]?.constant !== from?.constant) return cleaned(rest, marks[1]);
  return breaks ? cleaned(rest, dangers.log | dangers.header) : rest;
}

/** Characters whose removal makes text safe from certain dangers. */
const marksReplaced: readonly (readonly [string, number])[] = [
  ["'", dangers.sql | dangers.xpath],
  ['"', dangers.xpath],
  ["<", dangers.html],
  ["..", dangers.path],
];

/** The dangers excluded by removing the matches of a pattern literal: `/[^a-z]/g`, `/</g`. */
function bitsWithout(pattern: string, source: string): number {
  if (!/\/[a-z]*g[a-z]*$/.test(source)) return 0;
  if (/^\(?\[\^[^\]]{1,60}\][+*]?\)?$/.test(pattern)) return cleanOfAll;
  const marks = /^(?:\[[^\]^][^\]]{0,60}\]|\(?(?:\\?.\|){0,12}\\?.\)?)\+?$/.test(pattern) ? pattern : "";
  const has = (mark: string): boolean => marks.includes(mark);
  let bits = 0;
  if (has("<")) bits |= dangers.html;
  if (has("'") || has('"')) bits |= dangers.sql;
  if (has("\\n") || has("\\r") || has("\\s")) bits |= dangers.log | dangers.header;
  if (has("/")) bits |= dangers.path;
  if (/^\(?(\\\.){2}/.test(pattern)) bits |= dangers.path;
  if (has("$") && has("`") && has(";")) bits |= dangers.shell;
  return bits;
}

/** `re.sub` sanitizes if it removes all but certain characters; other patterns pass the text on. */
function substituted(given: readonly Value[]): Value {
  const [pattern] = given;
  const text = typeof pattern?.constant === "string" ? pattern.constant : "";
  const mixed = blend(given);
  if (/^\/?\(?\[\^[^\]]{1,60}\][+*]?\)?\/?[a-z]{0,4}$/.test(text)) return cleaned(mixed, cleanOfAll);
  return /\\[rn]|[\r\n]/.test(text) ? cleaned(mixed, dangers.log | dangers.header) : mixed;
}
