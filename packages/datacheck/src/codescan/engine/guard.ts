/** @file Narrows variables by tests: after `if name not in ALLOWED: return`, `name` is an allowed value. */
import { fromOutside } from "./from-outside.ts";
import { anyOf } from "./language.ts";
import type { CallExpr, Expr, OperationExpr } from "./syntax.ts";
import { cleaned, cleanOfAll, dangers, unknown, type Value } from "./value.ts";
import { keyOf, lookUp, type Variables, type Walk } from "./walk.ts";

/** The variables after a test with the given outcome. Returns a new map if the test proves anything. */
export function guarded(walk: Walk, test: Expr, outcome: boolean): Variables {
  const found: Found = [];
  collect(walk, test, outcome, found, 0);
  return withBits(walk, found);
}

function withBits(walk: Walk, found: Found): Variables {
  if (found.length === 0) return walk.variables;
  const variables = new Map(walk.variables);
  for (const [key, bits] of found) {
    const held = variables.get(key);
    if (held !== undefined) variables.set(key, cleaned(held, bits));
    // `ALLOWED.has(req.query.page)`: the field has no entry yet, and is an allowed value from here on
    else if (bits === cleanOfAll && key.includes(".")) variables.set(key, unknown);
    else if (walk.language.hands !== undefined && key.includes(".")) {
      const field = fieldOf(walk, key);
      if (field.level === 2) variables.set(key, cleaned(field, bits));
    }
  }
  return variables;
}

/** Evaluates a key such as `req.query.page`. */
function fieldOf(walk: Walk, key: string): Value {
  const [first = "", ...rest] = key.split(".");
  const { level, clean, roots, path } = lookUp(walk, first);
  return fromOutside(walk, { level, clean, roots, path: [path, ...rest].join(".") });
}

type Found = [key: string, bits: number][];

/** Functions that throw if their argument is not allowed. */
const raises = anyOf(
  /^_?(validate|verify|ensure|enforce|assert|require|guard)([_A-Z]|$)/,
  /^_?check(_?(?!out|call)[a-zA-Z_]|$)/,
);

/** The variables after `validate_name(name)` as a statement: the call throws unless the name is allowed. */
export function checkedBy(walk: Walk, { callee, args }: CallExpr): Variables {
  const name = callee.kind === "member" || callee.kind === "name" ? callee.name : "";
  if (args.length === 0 || !raises.test(name)) return walk.variables;
  const found: Found = [];
  for (const { value } of args) note(walk, value, cleanOfAll, found);
  return withBits(walk, found);
}

function collect(walk: Walk, test: Expr, outcome: boolean, found: Found, depth: number): undefined {
  if (depth > 20) return;
  if (test.kind === "operation") return ofOperation(walk, test, outcome, found, depth);
  if (test.kind === "call") return ofCall(walk, test, outcome, found);
  if (test.kind === "choice") return collect(walk, test.test, outcome, found, depth + 1);
  if (test.kind === "other" && test.parts.length === 1) {
    const [only] = test.parts;
    if (only !== undefined) collect(walk, only, outcome, found, depth + 1);
  }
  if (test.kind === "name" || test.kind === "member") {
    // `valid = is_valid(x)` some lines earlier
    const made = walk.variables.get(keyOf(test) ?? "")?.made;
    if (
      made !== undefined &&
      made !== test &&
      (made.kind === "call" || made.kind === "operation" || made.kind === "other")
    ) {
      collect(walk, made, outcome, found, depth + 5);
    }
  }
}

function ofOperation(
  walk: Walk,
  test: OperationExpr,
  outcome: boolean,
  found: Found,
  depth: number,
): undefined {
  const { operator, operands } = test;
  const [left, right] = operands;
  if (left === undefined) return;
  if (operator === "not") return collect(walk, left, !outcome, found, depth + 1);
  if ((operator === "and" && outcome) || (operator === "or" && !outcome)) {
    for (const one of operands) collect(walk, one, outcome, found, depth + 1);
    return;
  }
  if (right === undefined) return;
  const isIn = operator === "in" || operator === "not in";
  if (isIn && (operator === "in") === outcome) return allowed(walk, left, right, found);
  if (isIn) return absent(walk, left, right, found);
  if (/^[<>]=?$/.test(operator) && ofPosition(walk, test, outcome, found)) return;
  if (/^[<>]=?$/.test(operator))
    return bounded(walk, operator.startsWith("<") === outcome ? left : right, found);
  if (operator === "instanceof")
    return outcome ? note(walk, left, dangers.nosql | dangers.size, found) : undefined;
  const isEqual = operator === "==" || operator === "!=" || operator === "is" || operator === "is not";
  if (isEqual && (ofPosition(walk, test, outcome, found) || ofType(walk, test, outcome, found))) return;
  const says = isEqual && (operator === "==" || operator === "is") !== outcome;
  if (says) return otherThan(walk, left, right, found);
  if (!isEqual || (operator === "==" || operator === "is") !== outcome) return;
  if (isFixed(walk, right)) note(walk, left, cleanOfAll, found);
  else if (isFixed(walk, left)) note(walk, right, cleanOfAll, found);
  for (const one of [left, right])
    if (mentions(one, /^(commonpath|commonprefix|dirname|parent)$/)) noteAll(walk, one, dangers.path, found);
}

const inherited = /^(__proto__|constructor|prototype)$/;

/** After `key !== "__proto__"` the key counts as safe: code that tests one such name usually tests the others too. */
function otherThan(walk: Walk, left: Expr, right: Expr, found: Found): undefined {
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (one.kind === "text" && inherited.test(textOf(walk, one) ?? ""))
      note(walk, other, dangers.property, found);
  }
}

/** `list.indexOf(x) !== -1`, `text.search(/[<>]/) < 0`. Returns whether the test has this form. */
function ofPosition(
  walk: Walk,
  { operator, operands }: OperationExpr,
  outcome: boolean,
  found: Found,
): boolean {
  const [call, number] = operands;
  if (call?.kind !== "call" || call.callee.kind !== "member" || number?.kind !== "constant") return false;
  const { name, object } = call.callee;
  if (!/^(indexOf|lastIndexOf|findIndex|search|exec|match)$/.test(name)) return false;
  if (name === "exec" || name === "match") {
    // a missing match is null
    const isThere = number.value === null && /^(!=|==|is|is not)$/.test(operator);
    if (isThere) ofCall(walk, call, (operator === "!=" || operator === "is not") === outcome, found);
    return isThere;
  }
  const says = positions[`${operator} ${String(number.value)}`];
  if (says === undefined) return false;
  const [given] = call.args;
  const isFound = (says === "there" || says === "first") === outcome;
  if (says === "first" || says === "not first") {
    if (isFound && name === "indexOf") starts(walk, { ...call, callee: call.callee }, "startsWith", found);
  } else if (name === "search") ofCall(walk, call, isFound, found);
  else holds(walk, object, given?.value, isFound, found);
  return true;
}

const positions: Readonly<Record<string, "there" | "absent" | "first" | "not first">> = {
  "!= -1": "there",
  "> -1": "there",
  ">= 0": "there",
  "== -1": "absent",
  "< 0": "absent",
  "<= -1": "absent",
  "== 0": "first",
  "!= 0": "not first",
};

/** `typeof x === "string"`: the value is neither an object nor a list. Returns whether the test has this form. */
function ofType(walk: Walk, { operator, operands }: OperationExpr, outcome: boolean, found: Found): boolean {
  const call = operands.find((one) => one.kind === "call" && calleeName(one) === "typeof");
  const name = operands.find((one) => one.kind === "text");
  if (call?.kind !== "call" || name === undefined) return false;
  const type = textOf(walk, name) ?? "";
  const [subject] = call.args;
  const isThat = (operator === "==" || operator === "is") === outcome;
  if (subject === undefined || isThat === (type === "object")) return true;
  if (isThat && /^(number|boolean|bigint)$/.test(type)) note(walk, subject.value, cleanOfAll, found);
  else if (isThat || type === "object") note(walk, subject.value, dangers.nosql | dangers.size, found);
  return true;
}

/** `length < limit`, `strlen(x) < limit`: the smaller side is bounded, and so are the values it was computed from. */
function bounded(walk: Walk, expr: Expr, found: Found): undefined {
  const from = found.length;
  noteAll(walk, expr, dangers.size, found);
  for (const [key] of found.slice(from)) {
    for (const root of walk.variables.get(key)?.roots ?? []) found.push([root, dangers.size]);
  }
}

/** `x in ALLOWED`, `base in path.parents`. */
function allowed(walk: Walk, left: Expr, right: Expr, found: Found): undefined {
  if (right.kind === "member" && right.name === "parents")
    return note(walk, right.object, dangers.path, found);
  if (left.kind !== "text" && left.kind !== "constant") note(walk, left, cleanOfAll, found);
}

/** Characters whose absence makes text safe from certain dangers. */
const marks: readonly (readonly [RegExp, number])[] = [
  [/^(\.\.[/\\]?|[/\\]|\0)$/, dangers.path],
  [/^[\r\n]+$/, dangers.header | dangers.log],
  [/^[;&|]+$/, dangers.shell],
  [/^[<>]$/, dangers.html],
  [/^['"]$/, dangers.sql | dangers.xpath],
];

/** Whether the tested text is a slice without quotes. Between quotes at both ends it is a string literal. */
function isInner({ kind }: Expr, mark: string, right: Expr): boolean {
  return kind === "text" && /^['"]$/.test(mark) && right.kind === "index" && right.slice !== undefined;
}

/** Handles `".." in x` with the outcome false. */
function absent(walk: Walk, left: Expr, right: Expr, found: Found): undefined {
  if (left.kind === "name") return noteAll(walk, right, dangers.shell | dangers.path | dangers.code, found);
  if (left.kind !== "text" || left.pieces.length !== 1) return;
  const [mark] = left.pieces;
  for (const [pattern, bits] of marks) {
    if (typeof mark !== "string" || !pattern.test(mark)) continue;
    note(walk, right, isInner(left, mark, right) ? bits | dangers.code : bits, found);
  }
}

/** Checks that return true for values that are not allowed. */
const saysBad = anyOf(
  /^(is_?|has_?|contains_?)?(in(valid|secure)|un(safe|trusted)|mal|bad|priv|internal|block|forbid)/i,
  /^(is_?|has_?|contains_?)?(loopback|reserved|danger|suspic|illegal|traversal|local|black|deny)/i,
);
const plain =
  /^(isdigit|isdecimal|isnumeric|isalnum|isalpha|isidentifier|isInteger|is_digit|ctype_\w+|is_numeric)$/;

function ofCall(walk: Walk, test: CallExpr, outcome: boolean, found: Found): undefined {
  const { callee, args } = test;
  const name = callee.kind === "member" ? callee.name : callee.kind === "name" ? callee.name : "";
  const object = callee.kind === "member" ? callee.object : undefined;
  const [first] = args;
  if ((name === "any" || name === "some") && !outcome) {
    for (const { value } of args)
      noteAll(walk, value, dangers.shell | dangers.path | dangers.code | dangers.url, found);
  }
  if (name === "all" && outcome) for (const { value } of args) noteAll(walk, value, cleanOfAll, found);
  if (name === "call" && object?.kind === "member" && /^has/.test(object.name))
    return holds(walk, object.object, args[1]?.value, outcome, found);
  if (saysBad.test(name)) {
    if (!outcome)
      for (const one of [object, first?.value]) if (one !== undefined) note(walk, one, cleanOfAll, found);
    return;
  }
  if (/^(includes|has|contains|indexOf|in_array|containsKey|hasOwnProperty|hasOwn|Contains)$/.test(name)) {
    // `Object.hasOwn(known, name)`
    return holds(walk, object, args[name === "hasOwn" ? args.length - 1 : 0]?.value, outcome, found);
  }
  if (!outcome && /^(match|test|exec|search)$/.test(name)) return refuses(walk, test, found);
  // an empty `os.path.dirname(name)` means that the name contains no directory
  if (!outcome && name === "dirname" && first !== undefined)
    return note(walk, first.value, dangers.path, found);
  if (!outcome) return;
  if (/^(isArray|isString|isTypedArray)$/.test(name) && first !== undefined)
    return note(walk, first.value, name === "isString" ? dangers.nosql | dangers.size : dangers.size, found);
  if (/^(startswith|startsWith|is_relative_to|hasPrefix|HasPrefix)$/.test(name))
    return starts(walk, test, name, found);
  if (/^(endswith|endsWith)$/.test(name) && object !== undefined)
    return note(walk, object, dangers.upload, found, true);
  if (plain.test(name)) {
    for (const one of [object, first?.value]) if (one !== undefined) note(walk, one, cleanOfAll, found);
    return;
  }
  if (/^(match|fullmatch|search|test|matches)$/.test(name) || (name === "exec" && object?.kind !== "name"))
    return matches(walk, test, name, found);
  if (!walk.language.checks.test(name)) return;
  for (const { value } of args) noteAll(walk, value, cleanOfAll, found);
  if (object !== undefined) note(walk, object, cleanOfAll, found);
}

/** Handles `ALLOWED.includes(x)` and `x.includes("..")`. */
function holds(
  walk: Walk,
  object: Expr | undefined,
  given: Expr | undefined,
  outcome: boolean,
  found: Found,
): undefined {
  if (object === undefined || given === undefined) return;
  if (given.kind !== "text" && outcome) note(walk, given, cleanOfAll, found);
  else if (given.kind === "text" && !outcome) absent(walk, given, object, found);
  else if (!outcome && listsInherited(walk, object)) note(walk, given, dangers.property, found);
}

/** Whether a list such as `["__proto__", "constructor"]` names an inherited property. */
function listsInherited(walk: Walk, list: Expr): boolean {
  const entries = list.kind === "group" ? list.entries.map(({ value }) => textOf(walk, value)) : [];
  const key = keyOf(list);
  const held = key === undefined ? undefined : walk.variables.get(key)?.entries;
  for (const { constant } of held?.values() ?? []) entries.push(String(constant));
  return entries.some((one) => one !== undefined && inherited.test(one));
}

function starts(walk: Walk, test: CallExpr, name: string, found: Found): undefined {
  const { callee, args } = test;
  const object = callee.kind === "member" ? callee.object : undefined;
  const [given] = args;
  if (object === undefined || given === undefined) return;
  if (name === "is_relative_to") return note(walk, object, dangers.path, found, true);
  const start = textOf(walk, given.value);
  if (start !== undefined && /^(\/|https?:\/\/[^/]{1,200}\/)/.test(start)) {
    note(walk, object, dangers.url | dangers.redirect, found);
  }
  const bare =
    object.kind === "call" && sameText.test(calleeName(object)) ? (inner(object) ?? object) : object;
  const key = keyOf(bare);
  const isResolved =
    (key !== undefined && walk.variables.get(key)?.resolved) ||
    mentions(object, /^(realpath|abspath|normpath|resolve|normalize)$/);
  if (isResolved) noteAll(walk, object, dangers.path, found);
}

/** A pattern that matches the whole text proves that the text is allowed, unless it contains `.*`. */
function matches(walk: Walk, test: CallExpr, name: string, found: Found): undefined {
  const { callee, args } = test;
  const object = callee.kind === "member" ? callee.object : undefined;
  const [only] = args;
  if (args.length === 1 && only?.value.kind === "text" && object?.kind !== "text" && object !== undefined) {
    // `x.match(/^a+$/)`
    const own = textOf(walk, only.value);
    if (
      name === "match" &&
      walk.language.hands !== undefined &&
      own !== undefined &&
      !isStrict(own, "search")
    )
      return;
  }
  const held = object === undefined ? undefined : walk.variables.get(keyOf(object) ?? "");
  const compiled = held?.made?.kind === "call" ? held.made.args[0]?.value : undefined;
  const pattern = args.length > 1 ? args[0]?.value : (compiled ?? object);
  const text = pattern === undefined ? undefined : textOf(walk, pattern);
  const subject = args.length > 1 ? args[1]?.value : args[0]?.value;
  if (text !== undefined && !isStrict(text, name)) return;
  for (const one of [subject, object]) if (one !== undefined) note(walk, one, cleanOfAll, found);
}

/** `/[<>]/.test(x)` with the outcome false: x contains none of the listed characters. */
function refuses(walk: Walk, { callee, args }: CallExpr, found: Found): undefined {
  const object = callee.kind === "member" ? callee.object : undefined;
  const [only] = args;
  if (object === undefined || only === undefined) return;
  const [pattern, subject] =
    callee.kind === "member" && /^(match|search)$/.test(callee.name)
      ? [only.value, object]
      : [object, only.value];
  const text = textOf(walk, pattern);
  const [, negated, marks = ""] = /^\/?\[(\^?)([^\]]{1,80})\]\+?(?:\/[a-z]{0,6})?$/.exec(text ?? "") ?? [];
  if (marks === "") return;
  if (negated === "^") return note(walk, subject, cleanOfAll, found);
  const bits = [
    ["<", dangers.html],
    [";", dangers.shell],
    ["'", dangers.sql],
    ["/", dangers.path],
  ] as const;
  for (const [mark, bit] of bits) if (marks.includes(mark)) note(walk, subject, bit, found);
}

function isStrict(pattern: string, name: string): boolean {
  const bare = pattern.replace(/^\/|\/[a-z]{0,6}$/g, "");
  if (/(?<!\\)\.[*+]/.test(bare)) return false;
  const ends = /(\$|\\Z|\\z)\)?$/.test(bare) || name === "fullmatch" || name === "matches";
  const begins = /^\(?(\^|\\A)/.test(bare) || name === "match" || name === "fullmatch" || name === "matches";
  return ends && begins;
}

function isFixed(walk: Walk, expr: Expr): boolean {
  if (expr.kind === "text") return expr.pieces.every((one) => typeof one === "string");
  if (expr.kind === "constant") return expr.value !== null;
  return expr.kind === "name" && typeof walk.variables.get(expr.name)?.constant === "string";
}

function textOf(walk: Walk, expr: Expr, depth = 0): string | undefined {
  if (depth > 3) return undefined;
  if (expr.kind === "text")
    return expr.pieces.every((one) => typeof one === "string") ? expr.pieces.join("") : undefined;
  // `new RegExp("^a$")`
  if (expr.kind === "call" && calleeName(expr) === "RegExp" && expr.args[0] !== undefined)
    return textOf(walk, expr.args[0].value, depth + 1);
  const held = expr.kind === "name" ? lookUp(walk, expr.name) : undefined;
  if (typeof held?.constant === "string") return held.constant;
  return held?.made?.kind === "call" && calleeName(held.made) === "RegExp"
    ? textOf(walk, held.made, depth + 1)
    : undefined;
}

const sameText =
  /^(lower|upper|strip|lstrip|rstrip|casefold|toLowerCase|toUpperCase|trim|encode|decode|str|toString|get)$/;
const hostOf = /^(netloc|hostname|host|domain|origin|getHost|Host|Hostname)$/;
const fileEnd = /^(splitext|rsplit|suffix|extname|content_type|mimetype|lower)$/;

/** Marks the variable in an expression as clean. Functions applied to the variable limit what the test proves. */
function note(walk: Walk, expr: Expr, bits: number, found: Found, asIs = false, origins = 5): undefined {
  let at: Expr | undefined = expr;
  let left = bits;
  let isField = false;
  for (let depth = 0; at !== undefined && depth < 8; depth++) {
    const key = keyOf(at);
    const held = key === undefined ? undefined : walk.variables.get(key);
    // `body.kind === "a"` proves nothing about the other fields
    if (held !== undefined && depth > 0 && isField && /^request\.\w{1,20}$/.test(held.path)) return;
    if (key !== undefined && held !== undefined) {
      found.push([key, left]);
      const bitsOfOrigin = left & derivedBits(held);
      for (const root of held.roots) if (root !== key) found.push([root, bitsOfOrigin]);
      // `url = urlparse(target)`: a test of the parts also applies to the whole
      const origin = bitsOfOrigin === 0 || origins === 0 ? undefined : originOf(held.made);
      if (origin !== undefined) note(walk, origin, bitsOfOrigin, found, asIs, origins - 1);
      return;
    }
    if (key !== undefined && !isField) found.push([key, left]);
    isField = at.kind === "member";
    const name: string = at.kind === "member" ? at.name : at.kind === "call" ? calleeName(at) : "";
    if (hostOf.test(name)) left &= dangers.url | dangers.redirect;
    else if (fileEnd.test(name) && name !== "lower") left &= dangers.upload;
    else if (/^(realpath|abspath|normpath|resolve|basename)$/.test(name)) left &= dangers.path;
    else if (
      at.kind === "call" &&
      !sameText.test(name) &&
      !asIs &&
      !/^(urlparse|urlsplit|URL|Path|int|len)$/.test(name)
    )
      return;
    at = inner(at);
  }
}

/** The dangers of the original value that a test of a derived value excludes. */
function derivedBits({ path }: Value): number {
  if (/(urlparse|urlsplit|URL)\(\)/.test(path) || /\.(netloc|hostname|host|getHost\(\))$/.test(path))
    return dangers.url | dangers.redirect;
  if (/(splitext|rsplit|split|lower)\(\)/.test(path) || /\.suffix$/.test(path)) return dangers.upload;
  return /(realpath|abspath|resolve|normpath|join)\(\)$/.test(path) ? dangers.path : 0;
}

/** The value that a call or attribute was derived from. */
function originOf(made: Expr | undefined): Expr | undefined {
  const origin = made === undefined ? undefined : inner(made);
  return origin === made ? undefined : origin;
}

function calleeName({ callee }: CallExpr): string {
  return callee.kind === "member" || callee.kind === "name" ? callee.name : "";
}

function inner(expr: Expr): Expr | undefined {
  if (expr.kind === "operation" && (expr.operator === "??" || expr.operator === "or"))
    return expr.operands[0];
  if (expr.kind === "member" || expr.kind === "index") return expr.object;
  // `x ?? ""` is x or a constant
  if (expr.kind === "operation" && expr.operator === "??") return expr.operands[0];
  if (expr.kind !== "call") return undefined;
  return expr.callee.kind === "member" && expr.args[0]?.value.kind !== "name"
    ? expr.callee.object
    : expr.args[0]?.value;
}

/** Marks every variable within an expression. */
function noteAll(walk: Walk, expr: Expr, bits: number, found: Found): undefined {
  const waiting: Expr[] = [expr];
  for (let count = 0; waiting.length > 0 && count < 100; count++) {
    const at = waiting.pop();
    if (at === undefined) return;
    const key = keyOf(at);
    if (key !== undefined && walk.variables.has(key)) found.push([key, bits]);
    waiting.push(...partsOf(at));
  }
}

/** Whether an expression contains a function or attribute with a matching name. */
function mentions(expr: Expr, name: RegExp): boolean {
  const waiting: Expr[] = [expr];
  for (let count = 0; waiting.length > 0 && count < 50; count++) {
    const at = waiting.pop();
    if (at === undefined) return false;
    if ((at.kind === "member" || at.kind === "name") && name.test(at.name)) return true;
    waiting.push(...partsOf(at));
  }
  return false;
}

function partsOf(expr: Expr): Expr[] {
  switch (expr.kind) {
    case "member":
      return [expr.object];
    case "index":
      return [expr.object, expr.index];
    case "call":
      return [expr.callee, ...expr.args.map(({ value }) => value)];
    case "operation":
      return [...expr.operands];
    case "group":
      return expr.entries.map(({ value }) => value);
    case "other":
      return [...expr.parts, ...(expr.bindings ?? []).map(({ from }) => from), ...(expr.tests ?? [])];
    default:
      return [];
  }
}
