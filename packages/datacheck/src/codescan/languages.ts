/** @file The rules and tools of every language. */
import type { Language } from "./engine/language.ts";
import { type RuleBook, ruleBook } from "./engine/rule-book.ts";
import type { LanguageName } from "./language.ts";
import { bash } from "./languages/bash.ts";
import { csharp } from "./languages/csharp.ts";
import { go } from "./languages/go.ts";
import { java } from "./languages/java.ts";
import { javascript } from "./languages/javascript.ts";
import { php } from "./languages/php.ts";
import { python } from "./languages/python.ts";
import { rust } from "./languages/rust.ts";
import { sql } from "./languages/sql.ts";
import type { Rule } from "./rule.ts";
import { rules } from "./rules/rules.ts";

/** What the scanner needs for one language. */
export interface Tools {
  /** Absent: only line rules apply. */
  readonly language: Language | undefined;
  readonly book: RuleBook;
  /** Matches comment lines. */
  readonly comment: RegExp;
}

const hash = /^\s{0,200}#/;
const dashes = /^\s{0,200}--/;
const slashes = /^\s{0,200}(\/\/|\/?\*)/;
const slashesOrHash = /^\s{0,200}(\/\/|\/?\*|#(?!\[))/;
const javascriptBook = ruleBook(rules.javascript);
const tools = new Map<LanguageName, Tools>([
  ["shell", { language: bash, book: ruleBook(rules.shell), comment: hash }],
  ["sql", { language: sql, book: ruleBook(rules.sql), comment: dashes }],
  ["python", { language: python, book: ruleBook(rules.python), comment: hash }],
  ["javascript", { language: javascript("javascript"), book: javascriptBook, comment: slashes }],
  ["typescript", { language: javascript("typescript"), book: javascriptBook, comment: slashes }],
  ["tsx", { language: javascript("tsx"), book: javascriptBook, comment: slashes }],
  ["php", { language: php, book: ruleBook(rules.php), comment: slashesOrHash }],
  ["csharp", { language: csharp, book: ruleBook(rules.csharp), comment: slashes }],
  ["go", { language: go, book: ruleBook(rules.go), comment: slashes }],
  ["rust", { language: rust, book: ruleBook(rules.rust), comment: slashes }],
  ["java", { language: java, book: ruleBook(rules.java), comment: slashes }],
]);
const nothing: Tools = { language: undefined, book: ruleBook([]), comment: slashes };

/** The tools of a language. */
export function toolsOf(language: LanguageName): Tools {
  return tools.get(language) ?? nothing;
}

/** All rules, for tests and for the page that lists them. */
export function allRules(): Map<LanguageName, readonly Rule[]> {
  return new Map([...tools].map(([name, { book }]) => [name, book.rules]));
}

const byId = new Map(
  [...tools].flatMap(([, { book }]) => book.rules.map((rule) => [rule.id, rule] as const)),
);

/** The rule with this id. */
export function ruleOf(id: string): Rule | undefined {
  return byId.get(id);
}
