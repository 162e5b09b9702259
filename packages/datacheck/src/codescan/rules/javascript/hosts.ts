/** @file Parses hosts in patterns and texts, and splits patterns; for JavaScript's rules on checks. */

const tops = new Set(
  (
    "com net org edu gov mil int info biz io co ai app dev cloud uk de fr eu jp cn in us ca au nl se ch br ru me tv " +
    "internal local"
  ).split(" "),
);

/** A host such as `a.org` or `.a.co.uk:8080`, with optional scheme and path. */
const host =
  /^(?<scheme>[a-z][a-z+]{1,9}:\/\/|\/\/)?(?<dot>\.)?(?:[a-z0-9-]{1,63}\.){1,6}(?<end>[a-z]{2,12})(?<port>:\d{2,5})?(?<path>[/?#].{0,300})?$/i;
/** A host as found in a text. */
export interface HostText {
  readonly hasScheme: boolean;
  /** It starts with a dot, so that only subdomains match. */
  readonly hasDot: boolean;
  /** A slash, a question mark or a port follows the host. */
  readonly isClosed: boolean;
}

/** Parses a host or an address of one; `undefined` for any other text. */
export function hostText(text: string): HostText | undefined {
  if (text.length > 400) return undefined;
  const groups = host.exec(text)?.groups;
  if (groups === undefined || !tops.has((groups.end ?? "").toLowerCase())) return undefined;
  return {
    hasScheme: groups.scheme !== undefined,
    hasDot: groups.dot !== undefined,
    isClosed: groups.path !== undefined || groups.port !== undefined,
  };
}

/** An unescaped dot in a host name, which matches any character: `^https://www.a.org`. */
const openDot =
  /(?:^\^?|\/\/|[(|@^])(?:[\w-]|\\[-./wd]|\([\w|?:\\.-]{1,60}\)\??|\[[^\]]{1,30}\][*+]?|\.[*+]){0,40}(?:[\w)\]]|[*+])\.(?![*+?{.])[\w-]{1,63}(?:\\?\.[\w-]{1,63}){0,3}\\?\.(?:com|net|org|edu|gov|io|co|dev|app|internal|local|uk|de|eu|fr)(?![\w-])/i;
const optionalDot = /\?\.|\)\.\)\?/;

/** Whether a host pattern contains a dot that matches any character. */
export function hasOpenDot(pattern: string): boolean {
  if (pattern.length > 400) return false;
  const isOfHosts = /^\(?\^|:\\?\/\\?\/|\$\)?$/.test(pattern);
  const plain = pattern
    .replaceAll("\\/", "/")
    .replaceAll("\\-", "-")
    .replace(/^\(?\^?\(?/, "^");
  return (
    isOfHosts &&
    (openDot.test(plain) || (optionalDot.test(plain) && /\)\?[\w-]{1,63}\\?\.(com|net|org)/.test(plain)))
  );
}

/** Whether a pattern for one host's addresses also matches if the address occurs elsewhere or continues. */
export function isUnanchored(pattern: string): boolean {
  if (pattern.length > 400 || /[\s<>"]|\(\?[<!=]/.test(pattern)) return false;
  const plain = pattern.replaceAll("\\/", "/").replaceAll("\\.", ".").replaceAll("\\-", "-");
  const found = /https?\??:\/\/(?:www\.|\([\w|.?:]{1,60}\)\??)?(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,12}/i.exec(
    plain,
  );
  if (found === null) return false;
  const top = /[a-z]{2,12}$/i.exec(found[0])?.[0].toLowerCase() ?? "";
  if (!tops.has(top)) return false;
  const before = plain.slice(0, found.index);
  const behind = plain.slice(found.index + found[0].length);
  if (!before.includes("^")) return true;
  return /^[)|]*$|^\)\|/.test(behind);
}

/** The alternatives of a pattern, split at its outermost bars. */
export function alternativesOf(pattern: string): string[] {
  const found: string[] = [];
  let from = 0;
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const mark = pattern[at];
    if (mark === "\\") at += 1;
    else if (mark === "[") {
      while (at < pattern.length && pattern[at] !== "]") at += pattern[at] === "\\" ? 2 : 1;
    } else if (mark === "(") depth += 1;
    else if (mark === ")") depth -= 1;
    else if (mark === "|" && depth === 0) {
      found.push(pattern.slice(from, at));
      from = at + 1;
    }
  }
  found.push(pattern.slice(from));
  return found;
}

const letters = /[a-z]{2}/i;
const wordy = /^(?:[\w:/@ .%-]|\\[.:/\\-]|[()?])+$/;

/** `^a|b`: the anchor applies only to the first alternative, although it was meant for all. */
export function isHalfAnchored(pattern: string): boolean {
  if (pattern.length > 300) return false;
  const pieces = alternativesOf(pattern);
  const [first = "", ...rest] = pieces;
  const last = pieces.at(-1) ?? "";
  if (rest.length === 0) return false;
  const isPlain = (piece: string): boolean => wordy.test(piece) && letters.test(piece.replace(/\\./g, ""));
  const bare = (piece: string): string => piece.replace(/^\^/, "").replace(/\$$/, "");
  const head = first.startsWith("^") && !/\\[bB]|\$$/.test(first) && letters.test(bare(first));
  if (head && !/^\^\(\?:/.test(first) && rest.every((one) => isPlain(one) && !/[$^]/.test(one))) return true;
  const tail = last.endsWith("$") && !last.endsWith("\\$") && !last.startsWith("^") && isPlain(bare(last));
  return tail && pieces.slice(0, -1).every((one) => isPlain(one.replace(/^\^/, "")) && !one.endsWith("$"));
}
