/** @file JavaScript rules: ineffective checks of hosts, schemes, suffixes and patterns. */
import type { CallSeen, Here, OperationSeen } from "../../engine/seen.ts";
import { itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { nameOf, says } from "../conditions.ts";
import { aroundSays, sourceAround } from "../inside.ts";
import { calls, operates, patterns } from "../matches.ts";
import { hasOpenDot, hostText, isHalfAnchored, isUnanchored } from "./hosts.ts";

/** The source of a pattern: a literal, a text, or the argument of `new RegExp`. */
function patternOf(value: Value | undefined): string | undefined {
  if (typeof value?.constant === "string") return value.constant;
  const made = value?.made;
  if (made?.kind !== "call" || made.callee.kind !== "name" || made.callee.name !== "RegExp") return undefined;
  const text = made.args[0]?.value;
  return text?.kind === "text" && text.pieces.every((one) => typeof one === "string")
    ? text.pieces.join("")
    : undefined;
}

/** The pattern that a text is tested against. Replacing is not a check. */
function tried({ path, receiver, args: [given] }: CallSeen): string | undefined {
  return patternOf(/\.(test|exec)$/.test(path) ? receiver : given);
}

/** Whether a call searches a text for a host name without anchoring it. */
function isLooseHost({ path, args: [given], receiver }: CallSeen): boolean {
  if (typeof given?.constant !== "string" || receiver.entries !== undefined) return false;
  const host = hostText(given.constant);
  if (host === undefined) return false;
  if (path.endsWith(".startsWith")) return host.hasScheme && !host.isClosed;
  if (path.endsWith(".endsWith")) return !host.hasDot && !host.hasScheme && !host.isClosed;
  return true;
}

/** `url.indexOf("a.org") >= 0`. */
function isLoosePosition({ operands: [call, number], operator }: OperationSeen): boolean {
  if (call?.made?.kind !== "call" || typeof number?.constant !== "number") return false;
  const { callee, args } = call.made;
  const text = args[0]?.value;
  if (callee.kind !== "member" || callee.name !== "indexOf" || text?.kind !== "text") return false;
  const [word] = text.pieces;
  const host = text.pieces.length === 1 && typeof word === "string" ? hostText(word) : undefined;
  if (host === undefined) return false;
  // at the start of the text, it depends on what follows the host
  return /^[!=]=$/.test(operator) && number.constant === 0 ? !host.isClosed : true;
}

const script = /^(javascript|data|vbscript)(:|$)/i;
const schemeName = /scheme|proto|ur[li]|href|link|src|address/i;

/** Whether a check covers script schemes but omits `vbscript`. */
function forgetsScheme(asked: Value | undefined, subject: string, here: Here): boolean {
  const listed = itemsOf(asked).map(({ constant }) => String(constant));
  if (listed.length > 0)
    return listed.some((one) => script.test(one)) && !listed.some((one) => /^vbscript/i.test(one));
  if (!says(asked, /^javascript(:|$)/i) || (!says(asked, /:/) && !schemeName.test(subject))) return false;
  return !aroundSays(here, /vbscript/i);
}

const asksPosition =
  /(?:!==?|===?|>|<=)\s{0,3}-\s?1\b|>=?\s{0,3}0\b(?!\s{0,3}\.)|<\s{0,3}0\b|\.length\s{0,3}[<>]=?/;

/** `text.indexOf(end) === text.length - end.length` is also true if both sides are -1. */
function isLooseSuffix({ operands, here, start, end }: OperationSeen): boolean {
  const isPosition = operands.some(
    ({ made }) =>
      made?.kind === "call" &&
      made.callee.kind === "member" &&
      /^(lastI|i)ndexOf$/.test(made.callee.name) &&
      !(made.args[0]?.value.kind === "text" && made.args[0].value.pieces.join("").length < 2),
  );
  const isRest = operands.some(
    ({ made }) =>
      made?.kind === "operation" &&
      made.operator === "-" &&
      made.operands[0]?.kind === "member" &&
      made.operands[0].name === "length",
  );
  if (!isPosition || !isRest) return false;
  const around = sourceAround(here);
  const own = here.text.slice(start, end);
  return !asksPosition.test(around.replace(own, ""));
}

const lost = /^(?:[^\\]|\\\\)*\\[.dDwWsS*+?(){}|[\]^$/-]/;

/** `RegExp("\\.")` written with a single backslash, which the string drops. */
function losesBackslash({ args: [given], here }: CallSeen): boolean {
  if (given?.made?.kind !== "text" || given.shape === undefined) return false;
  const source = here.text.slice(given.made.start, given.made.end);
  return (
    /^["'`]/.test(source) && source.length < 400 && lost.test(source.slice(1, -1).replaceAll("\\\\", ""))
  );
}

const triers = ".test .exec .match .search .matchAll";

/** Rules on checks. */
export const javascriptCheckRules: readonly Rule[] = [
  {
    id: "javascript/host-looked-for",
    cwe: 20,
    title: "Host check matches anywhere in the URL",
    severity: "medium",
    why: "Another host can contain the text: https://evil.org/?a.org, https://a.org.evil.org.",
    fix: "Compare the parsed host: new URL(address).hostname === 'a.org', or check that it ends in '.a.org'",
    literals: ["indexOf", "includes", "startsWith", "endsWith"],
    match: [
      calls(".includes .startsWith .endsWith", isLooseHost),
      operates("== != >= > < <=", isLoosePosition),
    ],
  },
  {
    id: "javascript/pattern-of-hosts",
    cwe: 20,
    title: "Host name pattern matches other hosts",
    severity: "medium",
    why: "An unescaped dot matches any character. Without anchors, the rest of the URL can be anything.",
    fix: "Escape the dots and add anchors: /^https:\\/\\/www\\.a\\.org(\\/|$)/",
    literals: ["RegExp", "/"],
    match: [
      patterns(({ pattern }) => hasOpenDot(pattern)),
      calls("RegExp", ({ args: [given] }) => hasOpenDot(patternOf(given) ?? "")),
      calls(triers, (seen) => {
        const pattern = tried(seen);
        return (
          pattern !== undefined &&
          (isUnanchored(pattern) || (seen.path.endsWith(".match") && hasOpenDot(pattern)))
        );
      }),
    ],
  },
  {
    id: "javascript/pattern-half-anchored",
    cwe: 20,
    title: "Anchor applies to only one alternative",
    severity: "low",
    why: "^a|b matches any text that contains b.",
    fix: "Group the alternatives: /^(a|b)/",
    literals: ["|"],
    match: [
      patterns(
        ({ pattern, here, start }) =>
          isHalfAnchored(pattern) &&
          !/\.(replace|replaceAll|split)\(\s{0,9}$/.test(here.text.slice(Math.max(0, start - 30), start)),
      ),
      calls("RegExp", ({ args: [given] }) => isHalfAnchored(patternOf(given) ?? "")),
    ],
  },
  {
    id: "javascript/scheme-forgotten",
    cwe: 20,
    title: "Incomplete check for script URL schemes",
    severity: "medium",
    why: "data: and vbscript: URLs run scripts just as javascript: URLs do.",
    fix: "Allow only known schemes: ['http:', 'https:', 'mailto:'].includes(new URL(address).protocol)",
    literals: ["javascript"],
    match: [
      calls(".startsWith", ({ args: [asked], receiver, here }) =>
        forgetsScheme(asked, nameOf(receiver), here),
      ),
      calls(".includes .indexOf .has", ({ args: [asked], receiver, here }) =>
        receiver.entries === undefined
          ? says(asked, /^javascript:/i) && forgetsScheme(asked, nameOf(receiver), here)
          : forgetsScheme(receiver, nameOf(asked), here),
      ),
      operates(
        "== !=",
        ({ operands: [a, b], here }) =>
          forgetsScheme(b, nameOf(a), here) || forgetsScheme(a, nameOf(b), here),
      ),
      patterns(({ pattern }) => /^\^\(?(javascript|data)(\|(javascript|data))?\)?:?\$?$/.test(pattern)),
    ],
  },
  {
    id: "javascript/suffix-by-position",
    cwe: 20,
    title: "Suffix check with a position that can be -1",
    severity: "medium",
    why: "If the suffix is missing and one character longer than the text, both sides are -1 and compare equal.",
    fix: "Use text.endsWith(end)",
    literals: ["ndexOf"],
    match: [operates("==", isLooseSuffix)],
  },
  {
    id: "javascript/backslash-lost",
    cwe: 20,
    title: "Backslash lost in a pattern string",
    severity: "low",
    why: "In a string literal, \\. is a bare dot, which matches any character.",
    fix: "Double the backslash, or use a regular expression literal: /a\\.org/",
    literals: ["RegExp"],
    match: [calls("RegExp", losesBackslash)],
  },
];
