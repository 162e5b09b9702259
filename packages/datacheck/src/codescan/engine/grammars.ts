/**
 * @file The parser: loads the grammars once and converts a text to a plain tree.
 *
 * `@vscode/tree-sitter-wasm` is an optional package. Without it no language is parsed, and `missing` names the package.
 */
import { createRequire } from "node:module";
import type { Language as Grammar } from "@vscode/tree-sitter-wasm";
import type { LanguageName } from "../language.ts";
import { flatTree, type Tree } from "./tree.ts";

/** Parses a text; `undefined` if the language has no grammar here. */
export type Parse = (text: string, language: LanguageName) => Tree | undefined;

/** The grammars that were loaded. */
export interface Grammars {
  readonly languages: ReadonlySet<LanguageName>;
  /** The package required per language, for languages whose grammar could not be loaded. */
  readonly missing: ReadonlyMap<LanguageName, string>;
  readonly parse: Parse;
}

const packageName = "@vscode/tree-sitter-wasm";

/** The grammar file of each language in the package: `wasm/tree-sitter-NAME.wasm`. */
const files: ReadonlyMap<LanguageName, string> = new Map([
  ["python", "python"],
  ["javascript", "javascript"],
  ["typescript", "typescript"],
  ["tsx", "tsx"],
  ["java", "java"],
  ["csharp", "c-sharp"],
  ["go", "go"],
  ["php", "php"],
  ["rust", "rust"],
  ["shell", "bash"],
]);

let opened: Promise<Grammars> | undefined;

/** Loads the installed grammars; later calls return the same result. Never rejects. */
export function openGrammars(): Promise<Grammars> {
  opened ??= load().catch(() => ({
    ...none,
    missing: new Map([...files.keys()].map((language) => [language, packageName])),
  }));
  return opened;
}

/** No grammars: only line rules apply. */
export const none: Grammars = {
  languages: new Set(),
  missing: new Map(),
  parse: (text, language) => (language === "sql" ? plainText(text) : undefined),
};

/** SQL needs no grammar: its lowering reads the text itself. */
function plainText(text: string): Tree {
  const root = { kind: "text", start: 0, end: text.length, named: true, children: [] };
  return { root, text, broken: [] };
}

async function load(): Promise<Grammars> {
  const { Parser, Language } = (await import("@vscode/tree-sitter-wasm")).default;
  const { resolve } = createRequire(import.meta.url);
  await Parser.init();
  const grammars = new Map<LanguageName, Grammar>();
  const missing = new Map<LanguageName, string>();
  for (const [language, name] of files) {
    try {
      const file = resolve(`${packageName}/wasm/tree-sitter-${name}.wasm`);
      grammars.set(language, await Language.load(file));
    } catch {
      missing.set(language, packageName);
    }
  }
  const parser = new Parser();
  const parse: Parse = (text, language) => {
    if (language === "sql") return plainText(text);
    const grammar = grammars.get(language);
    if (grammar === undefined) return undefined;
    parser.setLanguage(grammar);
    const tree = parser.parse(text);
    if (tree === null) return undefined;
    try {
      return flatTree(tree.rootNode, text);
    } finally {
      tree.delete(); // WebAssembly memory is not garbage-collected
    }
  };
  return { languages: new Set(grammars.keys()), missing, parse };
}
