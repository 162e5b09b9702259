/** @file JavaScript rules: incomplete hand-written sanitizers. */
import type { CallSeen } from "../../engine/seen.ts";
import type { Expr } from "../../engine/syntax.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { calls } from "../matches.ts";

/** The source of a literal, and whether it is a pattern and a global one. */
function written(
  value: Value | undefined,
  text: string,
): { source: string; isPattern: boolean; isGlobal: boolean } {
  const made = value?.made;
  const source = made?.kind === "text" ? text.slice(made.start, made.end) : "";
  const isPattern = source.startsWith("/");
  return { source, isPattern, isGlobal: isPattern && /\/[a-z]{0,6}g[a-z]{0,6}$/.test(source) };
}

/** Characters with a special meaning in a shell, page, query or path. */
const special =
  /^(?:\\?[<>"'`&$\\|;*\n\r]|\.\.[/\\]?|\\\.\\\.\\?[/\\]?|\[[^\]^]{0,20}[<>"'&\\][^\]]{0,20}\])$/;
const escaped = /^(?:&[#\w]{1,8};|\\\\?.{0,3}|''|""|%[0-9a-f]{2}|)$/i;

/** `text.replace("<", "&lt;")` replaces only the first occurrence. */
function replacesFirst({ args: [from, to], here, path }: CallSeen): boolean {
  if (path.endsWith(".replaceAll") || typeof from?.constant !== "string" || typeof to?.constant !== "string")
    return false;
  const { isGlobal, source } = written(from, here.text);
  if (source === "" || isGlobal || !special.test(from.constant) || !escaped.test(to.constant)) return false;
  // removing a single character, as at the end of a text, is intended
  return !(to.constant === "" && /^\\?[&$|;*\n\r]$/.test(from.constant));
}

const wholeTags =
  /<(?:\\?\/)?\\?s?(?:script|iframe|style|!--|\[\^>\]|\.[*+]\?>)|^<\.\*\??>$|--!?>|javascript:|\bon\\w\+|on\[a-z\]|\\\.\\\.\\?[/\\]/i;

/** `text.replace(/<script>/g, "")`: the remaining text can form a tag again. */
function removesOnce({ args: [from, to], here }: CallSeen): boolean {
  if (typeof from?.constant !== "string" || to?.constant !== "") return false;
  const { isPattern, isGlobal } = written(from, here.text);
  return isPattern && isGlobal && wholeTags.test(from.constant) && !/^\^|\$$|\)\*$|\)\+$/.test(from.constant);
}

/** The arguments of the `replace` calls before this one, the last call first. */
function replacesBefore(made: Expr | undefined): Expr[][] {
  const found: Expr[][] = [];
  let at = made;
  for (let depth = 0; depth < 20 && at?.kind === "call" && at.callee.kind === "member"; depth++) {
    if (/^replace(All)?$/.test(at.callee.name)) found.push(at.args.map(({ value }) => value));
    at = at.callee.object;
  }
  return found;
}

function textOf(expr: Expr | undefined): string {
  return expr?.kind === "text" && expr.pieces.every((one) => typeof one === "string")
    ? expr.pieces.join("")
    : "\0";
}

/**
 * `&` is escaped after other characters, or `&amp;` is unescaped before other entities: both process some text twice.
 */
function escapesTwice({ args: [from, to], receiver }: CallSeen): boolean {
  const before = replacesBefore(receiver.made);
  if (from?.constant === "&" && String(to?.constant).startsWith("&"))
    return before.some(([, other]) => /^&[#\w]{2,8};$/.test(textOf(other)));
  if (from?.constant === "\\\\" && /^\\\\/.test(String(to?.constant)))
    return before.some(([, other]) => /^\\/.test(textOf(other)));
  return (
    before.some(([first, other]) => /^&(amp|#38);$/.test(textOf(first)) && textOf(other) === "&") &&
    /^&(lt|gt|quot|#\d+);$/.test(String(from?.constant))
  );
}

/** Quotes are escaped with a backslash, but backslashes are not escaped. */
function forgetsBackslash({ args: [from, to], receiver, here }: CallSeen): boolean {
  if (typeof from?.constant !== "string" || !/^["']$|^\[["'`]{1,3}\]$/.test(from.constant)) return false;
  if (!/^\\(["'`]|\$&)$/.test(String(to?.constant))) return false;
  const all = replacesBefore(receiver.made);
  return (
    !all.some(([first]) => textOf(first).includes("\\\\")) &&
    !/\\\\\\\\|JSON\.stringify/.test(
      here.text.slice(Math.max(0, here.inside?.start ?? 0), (here.inside?.start ?? 0) + 600),
    )
  );
}

/** Rules on hand-written sanitizers. */
export const javascriptCleaningRules: readonly Rule[] = [
  {
    id: "javascript/cleaned-once",
    cwe: 116,
    title: "Incomplete escaping: only the first occurrence is replaced",
    severity: "medium",
    why: "replace() with a string, or with a pattern without the g flag, changes only the first occurrence.",
    fix: "Use text.replaceAll('<', '&lt;') or a library that escapes",
    literals: ["replace"],
    match: [calls(".replace", replacesFirst), calls(".replace .replaceAll", forgetsBackslash)],
  },
  {
    id: "javascript/removed-once",
    cwe: 116,
    title: "Incomplete sanitization: tags or `../` removed in a single pass",
    severity: "medium",
    why: "<scr<script>ipt> and ....// become complete again when their middle is removed.",
    fix: "Repeat until nothing changes, or escape each character; for HTML, use DOMPurify.sanitize(html)",
    literals: ["replace"],
    match: [calls(".replace .replaceAll", removesOnce)],
  },
  {
    id: "javascript/escaped-twice",
    cwe: 116,
    title: "Double escaping or unescaping",
    severity: "medium",
    why: "&lt; becomes &amp;lt;, or &amp;lt; becomes <.",
    fix: "Escape & first, and unescape &amp; last",
    literals: ["replace"],
    match: [calls(".replace .replaceAll", escapesTwice)],
  },
];
