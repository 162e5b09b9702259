/**
 * @file The only door to the parser: grammars are loaded once, and a text becomes a plain tree.
 *
 * `@ast-grep/napi` and its grammars are optional packages. What is not there is left out, and the caller is told.
 */
import type { NapiConfig, SgNode } from "@ast-grep/napi";
import type { LanguageName } from "../language.ts";
import { flatTree, type Tree } from "./tree.ts";

/** ast-grep's rule object: `{ pattern: "gets($A)" }`. */
export type TreeRule = NapiConfig["rule"];

/** A tree, and a search in it by one of ast-grep's rule objects. */
export interface Parsed {
  readonly tree: Tree;
  find(rule: TreeRule): { start: number; end: number }[];
}

/** Parses, or says `undefined` where the language has no grammar here. */
export type Parse = (text: string, language: LanguageName) => Parsed | undefined;

/** What could be loaded. */
export interface Grammars {
  readonly languages: ReadonlySet<LanguageName>;
  /** The package that a language lacks, for those that could be read if it were installed. */
  readonly missing: ReadonlyMap<LanguageName, string>;
  readonly parse: Parse;
}

/** Grammars that come as packages of their own; C is read as C++. */
const packaged: readonly (readonly [LanguageName, string, () => Promise<unknown>])[] = [
  ["python", "python", () => import("@ast-grep/lang-python")],
  ["java", "java", () => import("@ast-grep/lang-java")],
  ["cpp", "cpp", () => import("@ast-grep/lang-cpp")],
  ["csharp", "csharp", () => import("@ast-grep/lang-csharp")],
  ["go", "go", () => import("@ast-grep/lang-go")],
  ["php", "php", () => import("@ast-grep/lang-php")],
  ["rust", "rust", () => import("@ast-grep/lang-rust")],
  ["shell", "bash", () => import("@ast-grep/lang-bash")],
];

const builtIn: readonly (readonly [LanguageName, string])[] = [
  ["javascript", "JavaScript"],
  ["typescript", "TypeScript"],
  ["tsx", "Tsx"],
];

const known = [...packaged, ...builtIn].map(([language]) => language);

let opened: Promise<Grammars> | undefined;

/** Loads what is installed; the second call gives the same. Never rejects. */
export function openGrammars(): Promise<Grammars> {
  opened ??= load().catch(() => ({
    ...none,
    missing: new Map(known.map((name) => [name, "@ast-grep/napi"])),
  }));
  return opened;
}

/** No grammars at all: lines alone are looked at. */
export const none: Grammars = {
  languages: new Set(),
  missing: new Map(),
  parse: (text, language) => (language === "sql" ? plainText(text) : undefined),
};

/** SQL is read without a grammar: its lowering takes the text itself. */
function plainText(text: string): Parsed {
  const root = { kind: "text", start: 0, end: text.length, named: true, children: [] };
  return { tree: { root, text, broken: [] }, find: () => [] };
}

async function load(): Promise<Grammars> {
  const { parse, registerDynamicLanguage } = await import("@ast-grep/napi");
  const names = new Map<LanguageName, string>(builtIn);
  const missing = new Map<LanguageName, string>();
  const grammars: Record<string, never> = {};
  for (const [language, name, get] of packaged) {
    try {
      grammars[name] = ((await get()) as { default: never }).default;
    } catch {
      missing.set(language, `@ast-grep/lang-${name}`);
    }
  }
  // the parser takes grammars once: what a second call hands over is not kept
  registerDynamicLanguage(grammars);
  for (const [language, name] of packaged) {
    try {
      parse(name, "");
      names.set(language, name);
    } catch {} // nor is one that the parser cannot load
  }
  const parseHere: Parse = (text, language) => {
    if (language === "sql") return plainText(text);
    const name = names.get(language);
    if (name === undefined) return undefined;
    const root: SgNode = parse(name, text).root();
    return {
      tree: flatTree(root, text),
      find: (rule) => root.findAll({ rule }).map(spanOf),
    };
  };
  return { languages: new Set(names.keys()), missing, parse: parseHere };
}

function spanOf(node: SgNode): { start: number; end: number } {
  const { start, end } = node.range();
  return { start: start.index, end: end.index };
}
