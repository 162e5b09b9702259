/** @file The scanner: applies all rules of a language to a text and returns sorted findings. */
import { type Grammars, none, openGrammars } from "./engine/grammars.ts";
import { lineAt, lineStarts, matchLines } from "./engine/lines.ts";
import { type Hit, type Place, type RuleBook, ruleBook } from "./engine/rule-book.ts";
import type { Span } from "./engine/syntax.ts";
import { trace } from "./engine/trace.ts";
import type { Tree } from "./engine/tree.ts";
import type { CodeFinding } from "./finding.ts";
import { guessLanguage } from "./guess.ts";
import type { LanguageName } from "./language.ts";
import { toolsOf } from "./languages.ts";
import type { Rule } from "./rule.ts";
import { type ScanCode, scanText } from "./scan-text.ts";
import { snippetsOf } from "./snippets.ts";
import { areRelated } from "./weaknesses.ts";

/** Scans texts. Create one with `openScanner`. */
export interface Scanner {
  /** Languages that are parsed. Others are scanned line by line. */
  readonly parsed: ReadonlySet<LanguageName>;
  /** Optional packages that are not installed and would provide a grammar for the code in an answer. */
  readonly missingFor: (text: string) => string[];
  /** Findings in a text that consists only of code. */
  readonly scanCode: (text: string, language?: LanguageName) => CodeFinding[];
  /** Findings in the code of an answer. Lines and offsets refer to the answer. */
  readonly scanText: (text: string) => CodeFinding[];
}

/** Options of a scanner. */
export interface ScanOptions {
  /** Replaces the rules of every language. Default: all rules. */
  readonly rules?: readonly Rule[];
}

/** Opens a scanner with the installed grammars. Never rejects. */
export async function openScanner({ rules }: ScanOptions = {}): Promise<Scanner> {
  return scannerWith(await openGrammars(), rules && ruleBook(rules));
}

/** A scanner without a parser, which applies only line rules. */
export function lineScanner(): Scanner {
  return scannerWith(none);
}

function scannerWith(grammars: Grammars, book?: RuleBook): Scanner {
  const reader: Reader = { grammars, book };
  const scanCode: ScanCode = (text, language = guessLanguage(text)) => {
    if (language === undefined) return [];
    if (language === "php" && !text.includes("<?")) return scanBarePhp(reader, text);
    return scanWith(reader, text, language);
  };
  const missingFor = (text: string): string[] => {
    if (grammars.missing.size === 0) return [];
    const languages = snippetsOf(text).map(({ language }) => language);
    return languages.flatMap((language) => (language && grammars.missing.get(language)) || []);
  };
  return { parsed: grammars.languages, missingFor, scanCode, scanText: (text) => scanText(scanCode, text) };
}

/** Parsers and rules. */
interface Reader {
  readonly grammars: Grammars;
  /** Replaces the language's own rules. */
  readonly book: RuleBook | undefined;
}

const phpTag = "<?php ";

/** Scans PHP without its opening tag, as answers often contain it. Without the tag the grammar reads no code. */
function scanBarePhp(reader: Reader, text: string): CodeFinding[] {
  const shift = phpTag.length;
  return scanWith(reader, phpTag + text, "php").map((found) => ({
    ...found,
    start: Math.max(0, found.start - shift),
    end: Math.max(0, found.end - shift),
    column: found.line === 1 ? Math.max(1, found.column - shift) : found.column,
  }));
}

/** Longer texts are scanned in windows of whole lines. */
const windowLength = 400_000;
/** Max length that is parsed. The rest is scanned line by line. */
const maxParsed = 1_200_000;

function scanWith({ grammars, book }: Reader, text: string, language: LanguageName): CodeFinding[] {
  const tools = toolsOf(language);
  const { rules, judge } = book ?? tools.book;
  const found = new Map<string, Located>();
  const starts = lineStarts(text);
  for (const [from, to] of windowsOf(text)) {
    const part = from === 0 && to === text.length ? text : text.slice(from, to);
    const active = new Set(rules.filter(({ literals }) => literals.some((word) => part.includes(word))));
    if (active.size === 0) continue;
    const hit = (rule: Rule, place: Span & Partial<Place>, certainty: CodeFinding["certainty"]): void => {
      keep(found, text, starts, rule, { ...shifted(place, from), certainty });
    };
    const readable = tools.language?.prepare?.(part) ?? part;
    const parsed = from < maxParsed ? grammars.parse(readable, language) : undefined;
    if (parsed !== undefined && tools.language !== undefined) {
      const program = tools.language.lower(parsed);
      const tell: Hit = (rule, place) => hit(rule, place, place.level === 2 ? "certain" : "likely");
      trace(tools.language, program, part, tools.book.isKnownPath, (seen) => judge(seen, active, tell));
    }
    const isBroken = brokenLines(part, parsed);
    matchLines(part, active, isBroken, tools.comment, (rule, span) => hit(rule, span, "lines"));
  }
  return withoutRepeats([...found.values()], starts)
    .map(({ isBuilding: _, from: __, weight: ___, ...one }) => ({ ...one, language }))
    .sort((a, b) => a.start - b.start || a.cwe - b.cwe || (a.rule < b.rule ? -1 : 1));
}

function windowsOf(text: string): [number, number][] {
  const windows: [number, number][] = [];
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + windowLength);
    const border = text.lastIndexOf("\n", to - 1);
    if (to < text.length && border > from) to = border + 1;
    windows.push([from, to]);
    from = to;
  }
  return windows;
}

/** Whether the parser could not read a line; true for all lines without a tree. */
function brokenLines(text: string, parsed: Tree | undefined): (line: number) => boolean {
  if (parsed === undefined) return () => true;
  const { broken } = parsed;
  if (broken.length === 0) return () => false;
  const starts = lineStarts(text);
  const lines = new Set<number>();
  for (const { start, end } of broken.slice(0, 1000)) {
    const last = Math.min(lineAt(starts, end), lineAt(starts, start) + 1000);
    for (let line = lineAt(starts, start); line <= last; line++) lines.add(line);
  }
  return (line) => lines.has(line);
}

/** Max findings about composed text, and max calls that run such text, to compare pairwise. */
const maxPaired = 1000;

/** Removes findings about concatenated text if the call that executes the text is reported. */
function withoutRepeats(found: readonly Located[], starts: readonly number[]): readonly Located[] {
  const built = found.filter((one) => one.isBuilding === true).slice(0, maxPaired);
  const run = found
    .filter((one) => one.isBuilding !== true && one.from !== undefined && one.from.length > 0)
    .slice(0, maxPaired);
  const isReported = (one: Located): boolean =>
    one.isBuilding === true &&
    run.some((call) => areRelated(call.cwe, one.cwe) && madeIn(call, one) !== undefined);
  const builtIn = new Map<Located, number>();
  for (const call of run) {
    const origin = built.find((one) => one.cwe === call.cwe && madeIn(call, one));
    if (origin !== undefined) builtIn.set(call, lineAt(starts, origin.start) + 1);
  }
  return found
    .filter((one) => !isReported(one))
    .map((one) => {
      const line = builtIn.get(one) ?? one.line;
      return line === one.line ? one : { ...one, builtIn: line };
    });
}

/** Where the text of one finding was composed, if that lies within another finding. */
function madeIn({ from }: Located, { start, end }: Span): Span | undefined {
  return from?.find((one) => one.start >= start && one.end <= end);
}

function shifted(
  { start, end, isBuilding, from = [] }: Span & Partial<Place>,
  by: number,
): Span & Partial<Place> {
  return {
    start: start + by,
    end: end + by,
    from: from.map((one) => ({ start: one.start + by, end: one.end + by })),
    ...(isBuilding ? { isBuilding } : {}),
  };
}

/** A finding before its language is added. */
type Located = Omit<CodeFinding, "language"> &
  Pick<Partial<Place>, "isBuilding" | "from"> & { weight: number };

const sure = { certain: 2, likely: 1, lines: 0 } as const;
const heavy = { high: 2, medium: 1, low: 0 } as const;

/** The reported severity counts most, then the rule's severity, then certainty. */
function weightOf(
  severity: CodeFinding["severity"],
  rule: Rule,
  certainty: CodeFinding["certainty"],
): number {
  return 9 * heavy[severity] + 3 * heavy[rule.severity] + sure[certainty];
}

/** Severity of a finding that depends only on a parameter: at most a warning, since callers may pass a safe value. */
function likelySeverity({ severity, likely }: Rule): CodeFinding["severity"] {
  return likely ?? (severity === "high" ? "medium" : severity);
}

const maxExcerpt = 120;

/** Keeps one finding per weakness and line: the most severe, then the most certain, then the first. */
function keep(
  found: Map<string, Located>,
  text: string,
  starts: readonly number[],
  rule: Rule,
  { start, end, certainty, isBuilding, from }: Span & Partial<Place> & Pick<CodeFinding, "certainty">,
): void {
  const index = lineAt(starts, start);
  const key = `${index} ${rule.cwe}`;
  const before = found.get(key);
  const severity = certainty === "likely" ? likelySeverity(rule) : rule.severity;
  const weight = weightOf(severity, rule, certainty);
  if (before !== undefined && before.weight >= weight) return;
  const lineStart = starts[index] ?? 0;
  const line = text
    .slice(lineStart, Math.min((starts[index + 1] ?? text.length + 1) - 1, lineStart + 1000))
    .trim();
  const shown = rule.secret ? line.replace(/(["'`])[^"'`]{1,400}(["'`]?)/g, "$1***$2") : line;
  const { id, cwe, title } = rule;
  found.set(key, {
    rule: id,
    cwe,
    title,
    severity,
    line: index + 1,
    column: start - lineStart + 1,
    start,
    end,
    excerpt: shown.slice(0, maxExcerpt),
    certainty,
    weight,
    ...(isBuilding ? { isBuilding } : {}),
    ...(from === undefined ? {} : { from }),
  });
}
