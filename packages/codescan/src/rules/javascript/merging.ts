/** @file Functions in JavaScript that copy fields from one object to another, whatever the fields are called. */

/** Ways through all names of an object. */
const enumerates =
  /\bfor\s?\(\s?(?:const|let|var)?\s?\[?[\w$]{1,40}[\w$,\s\]]{0,40}\s(?:in|of)\s|Object\.(?:keys|entries|getOwnPropertyNames)\(|Reflect\.ownKeys\(|\bforOwn\(|\bforIn\(|\.each\(|forEachProp|\bkeysIn\(/;
/** `into[key] = from[key]`. */
const stores =
  /(?:^|[^\w$.])([\w$]{1,40}(?:\.[\w$]{1,40})?)\[([\w$]{1,40}(?:\[[\w$]{1,40}\])?)\]\s?=(?![=>])/g;
/** `into = into[key]`. */
const descends = /\b([\w$]{1,40})\s?=\s?\1\[[^\]]{1,60}\]?\]/;
const splits = /\.split\(|\.shift\(\)|\.pop\(\)|splitHelper|toPath\(|parsePath\(|\.reduce\(/;

/** Whether names are refused that change all objects, or only own ones are followed. */
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

/** Names that stand for a field of the object: `into[key]`, and variables that were given it. */
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

/** What stands between the brackets of each call of a function. */
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

/** Whether a function goes down into both objects by the same names and stores there what it finds. */
export function mergesBlindly(name: string, source: string): boolean {
  const from = Math.max(0, source.indexOf("{"));
  const body = source.slice(from);
  if (isPathSetter(body)) return true;
  if (name === "" || !enumerates.test(body)) return false;
  const calls = argumentsOf(body, name);
  if (calls.length === 0) return false;
  for (const [, into = "", key = ""] of body.matchAll(stores)) {
    const fields = fieldsOf(body, into, key);
    const isRecursive = calls.some((given) =>
      fields.some((one) => given.split(/,|\)/)[0]?.trim() === one || given.includes(`, ${one},`)),
    );
    if (isRecursive && !isGuarded(body, into, key)) return true;
  }
  return false;
}

/** `set(object, "a.b.c", value)`: down to the last field. */
function isPathSetter(body: string): boolean {
  const target = descends.exec(body)?.[1];
  if (target === undefined || !splits.test(body)) return false;
  for (const [, into = "", key = ""] of body.matchAll(stores)) {
    if (into === target && !/^\d+$/.test(key) && !isGuarded(body, into, key)) {
      const behind = body.slice(body.indexOf(`${into}[${key}]`));
      if (new Set(behind.match(/\]\s?=\s?(?![=>])[\w$.]{1,40}\s?[;,)\n}]/g) ?? []).size > 0) return true;
    }
  }
  return false;
}
