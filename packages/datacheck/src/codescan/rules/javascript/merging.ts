/** @file Detects JavaScript functions that copy fields from one object to another without checking the field names. */

/** Loops over all property names of an object. */
const enumerates =
  /\bfor\s?\(\s?(?:const|let|var)?\s?\[?[\w$]{1,40}[\w$,\s\]]{0,40}\s(?:in|of)\s|Object\.(?:keys|entries|getOwnPropertyNames)\(|Reflect\.ownKeys\(|\bforOwn\(|\bforIn\(|\.each\(|forEachProp|\bkeysIn\(/;
/** `into[key] = from[key]`. */
const stores =
  /(?:^|[^\w$.])([\w$]{1,40}(?:\.[\w$]{1,40})?)\[([\w$]{1,40}(?:\[[^\]\n]{1,40}\])?)\]\s?=(?![=>])/g;
/** `into = into[key]`. */
const descends = /\b([\w$]{1,40})\s?=\s?\1\[[^\]]{1,60}\]?\]/;
const splits = /\.split\(|\.shift\(\)|\.pop\(\)|splitHelper|toPath\(|parsePath\(|\.reduce\(/;

/** Whether names such as `__proto__` are rejected, or only own properties are followed. */
function isGuarded(body: string, into: string, key: string): boolean {
  if (/__proto__/.test(body) && /constructor|prototype/.test(body.replaceAll("__proto__", ""))) return true;
  if (/Object\.create\(null\)|new Map\b|instanceof Object/.test(body)) return true;
  const own = [
    `${into}.hasOwnProperty(${key})`,
    `call(${into}, ${key})`,
    `hasOwn(${into}, ${key})`,
    `has(${into}, ${key})`,
  ];
  if (own.some((one) => body.includes(one))) return true;
  // `if (isSafe(key))`, `FORBIDDEN.includes(key)`, `key !== "x"`
  const checks =
    /\b(?:is|check|valid|safe|allow|forbid|block|black|deny|unsafe|danger|proto|poll|skip)[\w$.]{0,40}\(([\w$]{1,40})\)|\b[\w$]{1,40}\.(?:includes|has|indexOf)\(([\w$]{1,40})\)/gi;
  for (const [, one, other] of body.matchAll(checks)) if (one === key || other === key) return true;
  return body.includes(`${key} in ${into} && `);
}

/** Expressions that denote `into[key]`: the field itself, and variables assigned from it. */
function fieldsOf(body: string, into: string, key: string): string[] {
  const field = `${into}[${key}]`;
  const names = [field];
  for (const [, name, value] of body.matchAll(/\b(?:const|let|var)\s([\w$]{1,40})\s?=\s?([^;\n]{1,120})/g)) {
    if (
      name !== undefined &&
      value !== undefined &&
      (value.includes(field) || value.includes(`(${into}, ${key})`))
    )
      names.push(name);
  }
  return names;
}

/** The arguments of each call of a function, as source. */
function argumentsOf(body: string, name: string): string[] {
  const found: string[] = [];
  for (
    let at = body.indexOf(`${name}(`);
    at >= 0 && found.length < 20;
    at = body.indexOf(`${name}(`, at + 1)
  ) {
    const from = at + name.length + 1;
    if (!/[\w$]/.test(body[at - 1] ?? " "))
      found.push(body.slice(from, body.indexOf("\n", from) + 1 || undefined).slice(0, 200));
  }
  return found;
}

/** Names of objects whose fields are enumerated. */
function enumerated(body: string): Set<string> {
  const ways =
    /\bfor\s?\([^()]{1,60}\sin\s([\w$]{1,40})\)|(?:keys|entries|ownKeys|getOwnPropertyNames)\(([\w$]{1,40})\)/g;
  return new Set([...body.matchAll(ways)].map(([, one, other]) => one ?? other ?? ""));
}

/**
 * Whether a function descends into both objects by the same names and stores values there without a check. Returns the
 * offset of the assignment in its source, or `undefined`.
 */
export function mergesBlindly(name: string, source: string): number | undefined {
  const from = Math.max(0, source.indexOf("{"));
  const body = source.slice(from);
  const set = pathSetter(body);
  if (set !== undefined) return from + set;
  if (name === "" || !enumerates.test(body)) return undefined;
  const calls = argumentsOf(body, name);
  if (calls.length === 0) return undefined;
  const gone = enumerated(body);
  let last: number | undefined;
  for (const { 0: whole, 1: into = "", 2: key = "", index } of body.matchAll(stores)) {
    if (gone.has(into)) continue;
    const fields = fieldsOf(body, into, key);
    const isRecursive = calls.some((given) =>
      fields.some((one) => given.split(/,|\)/)[0]?.trim() === one || given.includes(`, ${one},`)),
    );
    if (isRecursive && !isGuarded(body, into, key)) last = from + index + whole.indexOf(into);
  }
  return last;
}

/** `set(object, "a.b.c", value)`: descends to the last field of a path. */
function pathSetter(body: string): number | undefined {
  const target = descends.exec(body)?.[1];
  if (target === undefined || !splits.test(body)) return undefined;
  for (const { 1: into = "", 2: key = "", index } of body.matchAll(stores)) {
    if (into === target && !/^\d+$/.test(key) && !isGuarded(body, into, key)) {
      const behind = body.slice(index, index + 200);
      if (/^[^=]{0,120}\]\s?=\s?[\w$.]{1,40}\s?[;,)\n}]/.test(behind)) return index + 1;
    }
  }
  return undefined;
}
