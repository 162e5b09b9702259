/** @file PHP rules: text escaped for another context than the one it is used in. */

import type { CallSeen } from "../../engine/seen.ts";
import { carries, type Value } from "../../engine/value.ts";
import { markupEscaped, markupHalfEscaped, quotesEscaped } from "../../languages/php-calls.ts";
import type { Rule } from "../../rule.ts";
import { shaped, sqlVerb } from "../conditions.ts";
import { fileSays } from "../inside.ts";
import { assigns, calls, reaches } from "../matches.ts";

const hole = "\u0000";

/** Whether a quote is open at the end of a text. */
function isQuoted(before: string): boolean {
  let open = "";
  for (const mark of before.slice(-4000)) {
    if (mark === open) open = "";
    else if (open === "" && /['"`]/.test(mark)) open = mark;
  }
  return open !== "";
}

/** The text before each occurrence of a mark. */
function textsBefore({ shape }: Value, mark: string): string[] {
  const pieces = shape?.split(`${hole}${mark}`) ?? [];
  return pieces.slice(0, -1).map((_, index) => pieces.slice(0, index + 1).join(hole));
}

/** A value in a query that is escaped for quotes but not enclosed in them. */
function isOpenValue(value: Value | undefined): boolean {
  if (value === undefined || value.level === 0 || !shaped(value, sqlVerb)) return false;
  return textsBefore(value, quotesEscaped).some(
    (before) => !isQuoted(before) && /[=(,<>]\s{0,9}$|\b(in|like|limit|by|offset)[\s(]{1,9}$/i.test(before),
  );
}

/** The known part of the page before an offset: text between tags, then printed text. */
function pageBefore({ here, start }: CallSeen, before: string): string {
  return here.text.slice(Math.max(0, start - 6000), start) + before;
}

/** Places where escaped markup is still unsafe: script, style, tag and attribute names, unquoted values. */
function isWrongPlace(seen: CallSeen, before: string, isHalf: boolean): boolean {
  const page = pageBefore(seen, before);
  const within = (name: string): boolean => page.lastIndexOf(`<${name}`) > page.lastIndexOf(`</${name}`);
  if (within("script"))
    return (
      !isQuoted(before.slice(before.lastIndexOf("<script") + 1)) ||
      /set(Interval|Timeout)\(\s?['"]$|eval\(['"]$/.test(before)
    );
  if (within("style")) return true;
  const tag = /<[a-z][\w-]{0,20}([^<>]{0,300})$/i.exec(before);
  if (tag === null) return /<\/?\s?$/.test(before) || page.lastIndexOf("<!--") > page.lastIndexOf("-->");
  const inside = ` ${(tag[1] ?? "").trimStart()}`;
  if (/=\s{0,9}$/.test(inside) || /\s$/.test(inside)) return !isQuoted(inside);
  // the browser decodes escaped quotes around the script
  if (/\s(on\w{3,20}|style)\s?=\s?("[^"]{0,200}|'[^']{0,200})$/i.test(inside)) return true;
  return isHalf && /=\s?'[^']{0,200}$/.test(inside);
}

/** Rules on escapes. */
export const phpEscapeRules: readonly Rule[] = [
  {
    id: "php/escaped-without-quotes",
    cwe: 89,
    title: "SQL injection: escaped value without quotes",
    severity: "high",
    why: "Escaping protects only quoted values: `1 OR 1=1` contains no quotes.",
    fix: "Use a prepared statement with a bound value, or intval($id)",
    literals: ["escape", "addslashes", "esc_sql", "MAGIC_QUOTES", "ADD_SLASHES"],
    match: [
      calls(
        "mysql_query mysqli_query pg_query sqlite_query mysqli_multi_query .query .exec .prepare " +
          ".get_results .get_row .get_var",
        ({ args }) => args.slice(0, 2).some(isOpenValue),
      ),
      assigns(/./, ({ form, value }) => form === "variable" && isOpenValue(value)),
    ],
  },
  {
    id: "php/page-wrong-escape",
    cwe: 79,
    title: "Cross-site scripting (XSS): escaping for the wrong context",
    severity: "medium",
    why: "In scripts, styles, tag names and unquoted attributes, attacks do not need markup.",
    fix: "Use json_encode($x, JSON_HEX_TAG) in scripts, and quote attribute values",
    literals: ["htmlspecialchars", "htmlentities", "SPECIAL_CHARS", "esc_html", "esc_attr"],
    match: [
      calls("echo print", (seen) =>
        seen.args.some(
          (one) =>
            one.level === 2 &&
            (textsBefore(one, markupEscaped).some((before) => isWrongPlace(seen, before, false)) ||
              textsBefore(one, markupHalfEscaped).some((before) => isWrongPlace(seen, before, true))),
        ),
      ),
    ],
  },
  {
    id: "php/page-from-stored",
    cwe: 79,
    title: "Cross-site scripting (XSS): stored data output without escaping",
    severity: "medium",
    why: "The stored data can contain markup.",
    fix: "Use htmlspecialchars($text, ENT_QUOTES, 'UTF-8')",
    literals: ["_SESSION", "exec", "system", "passthru", "fgets", "fread", "stream_get", "`"],
    match: [
      reaches("html", 2, "echo print", ["*"], ({ args, here }) => {
        const isPage = fileSays(here, /<(html|body|div|p|h\d|span|table|a|br|li|td|script|input|form)\b/i);
        return isPage && args.some((one) => one.roots.includes("!stored") && carries(one, "html") === 2);
      }),
    ],
  },
];
