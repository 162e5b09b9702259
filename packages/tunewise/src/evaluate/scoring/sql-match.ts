/** @file Whether two SQL statements are the same except for notation. */
import { insideFence } from "../json-match.ts";
import { readSql, type SqlToken } from "./sql-tokens.ts";

/**
 * Whether an answer equals the reference, ignoring white space, comments, case of words, quotes around names, names
 * of table aliases, redundant `as`, and the order of conditions joined by AND at the top of a WHERE.
 *
 * The order of selected columns counts, because it determines the order in the result; so do column names. Statements
 * that differ beyond notation may still return the same rows; finding out needs a database, see `sameRows`.
 *
 * @source the exact set match of Yu et al. 2018 (1809.08887), with columns in order and values compared
 */
export function matchesSql(answer: string, reference: string): boolean {
  const [given, expected] = [canonical(insideFence(answer) ?? answer), canonical(reference)];
  return given !== null && given === expected;
}

function canonical(text: string): string | null {
  const tokens = readSql(text);
  if (tokens === null || tokens.length === 0) return null;
  return sortConditions(renameAliases(withoutNoise(tokens)))
    .map(shown)
    .join(" ");
}

const shown = ({ kind, text }: SqlToken): string =>
  kind === "text" ? `'${text.replaceAll("'", "''")}'` : text;

/**
 * Treats `from t as a` as `from t a`, and `inner join` as `join`; directly inside a cast, `as` has a meaning and
 * stays.
 */
function withoutNoise(tokens: readonly SqlToken[]): SqlToken[] {
  const casts: boolean[] = []; // open brackets, and whether each belongs to a cast
  return tokens.filter((token, at) => {
    if (isMark(token, "(")) casts.push(isWord(tokens[at - 1], "cast"));
    if (isMark(token, ")")) casts.pop();
    const next = tokens[at + 1];
    if (isWord(token, "inner")) return !isWord(next, "join");
    const isWith = isMark(next, "("); // with x as (select ...)
    return !isWord(token, "as") || casts.at(-1) === true || isWith;
  });
}

/** Renames table aliases by order of appearance, so that `t1` and `a` become the same name. */
function renameAliases(tokens: readonly SqlToken[]): SqlToken[] {
  const names = new Map<string, string>();
  let inFrom = false;
  const outside: boolean[] = []; // open brackets, and whether a FROM continues after each
  tokens.forEach((token, at) => {
    if (isMark(token, "(")) {
      outside.push(inFrom);
      inFrom = false;
    } else if (isMark(token, ")")) inFrom = outside.pop() ?? false;
    else if (isWord(token, "from") || isWord(token, "join")) inFrom = true;
    else if (token.kind === "word" && clauses.has(token.text)) inFrom = false;
    const isAlias = inFrom && isName(token) && followsTable(tokens, at);
    if (isAlias && !names.has(token.text)) names.set(token.text, `alias${names.size}`);
  });
  return tokens.map((token, at) => {
    const alias = token.kind === "word" ? names.get(token.text) : undefined;
    const isUse = isMark(tokens[at + 1], ".") || followsTable(tokens, at);
    return alias !== undefined && isUse ? { kind: "word", text: alias } : token;
  });
}

function followsTable(tokens: readonly SqlToken[], at: number): boolean {
  return isName(tokens[at - 1]) || isMark(tokens[at - 1], ")");
}

function isName(token: SqlToken | undefined): boolean {
  return token?.kind === "word" && !reserved.has(token.text);
}

/** Sorts the top-level conditions of each WHERE or ON, unless an OR or a BETWEEN's own AND appears beside them. */
function sortConditions(tokens: readonly SqlToken[]): SqlToken[] {
  const found: SqlToken[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as SqlToken;
    found.push(token);
    if (!isWord(token, "where") && !isWord(token, "on")) continue;
    const end = endOfClause(tokens, at + 1);
    const inside = tokens.slice(at + 1, end);
    found.push(...sorted(inside));
    at = end - 1;
  }
  return found;
}

function sorted(inside: readonly SqlToken[]): SqlToken[] {
  let part: SqlToken[] = [];
  const parts = [part];
  let depth = 0;
  for (const token of inside) {
    if (isMark(token, "(")) depth++;
    if (isMark(token, ")")) depth--;
    const isTop = depth === 0 && token.kind === "word";
    if (isTop && (token.text === "or" || token.text === "between" || token.text === "case"))
      return sortConditions(inside);
    if (isTop && token.text === "and") {
      part = [];
      parts.push(part);
    } else part.push(token);
  }
  const key = (one: readonly SqlToken[]): string => one.map(shown).join(" ");
  const ordered = parts.map(sortConditions).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return ordered.flatMap((one) => [{ kind: "word" as const, text: "and" }, ...one]);
}

function endOfClause(tokens: readonly SqlToken[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at] as SqlToken;
    if (isMark(token, "(")) depth++;
    if (isMark(token, ")") && --depth < 0) return at;
    if (depth === 0 && token.kind === "word" && (clauses.has(token.text) || joins.has(token.text))) return at;
  }
  return tokens.length;
}

const clauses = new Set("where group order having limit union intersect except window offset".split(" "));
const joins = new Set(["join", "left", "right", "full", "cross", "natural"]);
const reserved = new Set([
  ...clauses,
  ...joins,
  ...`select from on using outer inner and or not in is null like between as by asc desc distinct all case
  when then else end exists set values`.split(/\s+/),
]);

function isWord(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === "word" && token.text === text;
}

function isMark(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === "mark" && token.text === text;
}
