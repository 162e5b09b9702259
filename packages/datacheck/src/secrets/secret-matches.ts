/** @file Applies the rules for secrets at a keyword. */
import type { Severity } from "../problem/index.ts";
import { isAlphanumeric } from "./alphabet.ts";
import { type Assigned, assignedValue } from "./assignment.ts";
import { isPublished } from "./examples.ts";
import { isInsideBlob, matchFormat, startOfRun, startsWord } from "./format.ts";
import { type KeywordTable, keywordTable } from "./keywords.ts";
import { isSecretName } from "./names.ts";
import { personalWords } from "./personal-matches.ts";
import { isExpression, isPlaceholder } from "./placeholder.ts";
import type { Found } from "./rule.ts";
import {
  type Anchor,
  type AssignedRule,
  anchorOf,
  keywordsOf,
  type SecretRule,
  type Span,
  shownPrefix,
  type TokenRule,
} from "./rule.ts";
import { secretRules } from "./rules/all.ts";

interface Ranked {
  readonly rule: SecretRule;
  readonly rank: number;
  readonly shown: string;
  readonly anchor: Anchor;
}

/** Keywords of rules, and the rules of each. */
export interface Prefilter {
  readonly table: KeywordTable;
  /** Rules by keyword. */
  readonly rules: readonly (readonly Ranked[])[];
}

/** The anchor of rules that are not tokens. */
const nowhere: Anchor = { literal: "", before: 0 };

let built: Prefilter | undefined;

/** The table of all rules' keywords, followed by the words of personal data. Built on first use. */
export function prefilter(): Prefilter {
  built ??= prefilterOf(secretRules);
  return built;
}

/** The table of keywords of some rules, followed by the words of personal data. */
export function prefilterOf(secrets: readonly SecretRule[]): Prefilter {
  const byKeyword = new Map<string, Ranked[]>();
  for (const [rank, rule] of secrets.entries()) {
    for (const keyword of keywordsOf(rule)) {
      const ranked = byKeyword.get(keyword) ?? [];
      const late = rule.broad ? secrets.length : 0;
      const anchor = rule.form === "token" ? anchorOf(rule.format) : nowhere;
      ranked.push({ rule, rank: rank + late, shown: shownPrefix(rule), anchor });
      byKeyword.set(keyword, ranked);
    }
  }
  return { table: keywordTable([...byKeyword.keys(), ...personalWords]), rules: [...byKeyword.values()] };
}

/** Finds all secrets around one occurrence of a keyword. Includes weak values on request. */
export function findSecrets(
  text: string,
  rules: readonly Ranked[],
  keyword: Span,
  found: Found[],
  alsoWeak: boolean,
): void {
  let value: Assigned | null | undefined; // read once, and only if a rule needs it
  for (const { rule, rank, shown, anchor } of rules) {
    if (rule.weak && !alsoWeak) continue;
    let span: Span | null;
    if (rule.form === "token") span = readToken(text, rule, anchor, keyword);
    else if (rule.form === "reader") span = rule.read(text, keyword);
    else {
      if (value === undefined) value = assignedValue(text, keyword);
      span = value === null ? null : readAssigned(text, rule, value);
      if (value === null) continue;
    }
    if (span === null) continue;
    const severity = judge(text, rule, span) ?? (alsoWeak && rule.form !== "reader" ? "note" : null);
    if (severity === null) continue;
    const { start, end } = span;
    const masked = `${shown}…(${end - start})`; // for example `ghp_…(40)`
    const { id, title, kind } = rule;
    found.push({ rule: id, title, kind, personal: false, severity, masked, start, end, rank });
  }
}

function readToken(text: string, { format }: TokenRule, anchor: Anchor, keyword: Span): Span | null {
  const { before } = anchor;
  const start = typeof before === "number" ? keyword.start - before : startOfRun(text, keyword.start, before);
  if (start < 0) return null;
  if (isAlphanumeric(text.charCodeAt(start)) && !startsWord(text, start)) return null;
  const end = matchFormat(text, start, format);
  return end === -1 ? null : { start, end };
}

const secrecy = /key|token|secret|auth|pass|pwd|cred|api|webhook|private|sid/;

function readAssigned(text: string, { format }: AssignedRule, { start, end, name }: Assigned): Span | null {
  if (!secrecy.test(name) || !isSecretName(name)) return null;
  const stop = matchFormat(text, start, format);
  return stop === end ? { start, end } : null;
}

/** The severity of a match; `null` for placeholders and pieces of longer values. */
function judge(text: string, rule: SecretRule, { start, end }: Span): Severity | null {
  const value = text.slice(start, end);
  if (isExpression(value)) return null;
  if (rule.form !== "reader") {
    if (isPlaceholder(bodyOf(rule, value), rule.entropy)) return null;
    if (rule.form === "token" && isInsideBlob(text, start, end)) return null;
    if (rule.accepts !== undefined && !rule.accepts(value)) return null;
    if (rule.checksum !== undefined && !rule.checksum(value)) return isPublished(value) ? null : "warning";
  }
  return value.length < 200 && isPublished(value) ? null : rule.severity;
}

/** A value without the literal at its start, which is not random. */
function bodyOf({ format }: TokenRule | AssignedRule, value: string): string {
  const [head] = format;
  return typeof head === "string" ? value.slice(head.length) : value;
}
