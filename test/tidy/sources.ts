/** @file The repository's files for the tidy rules: paths, texts and syntax trees. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

/** Root of the repository. */
export const root: string = resolve(import.meta.dirname, "../..");

/** A TypeScript file. */
export interface Source {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly tree: ts.SourceFile;
  /**
   * The last part of its module's name: `plan` of `packages/tunewise`, `math` of `core`, `engine`; otherwise `null`.
   */
  readonly module: string | null;
  /** A test file, or a file used only by tests. */
  readonly isTest: boolean;
  /** A file of a package that is not a test. */
  readonly isProduct: boolean;
}

/** The top package, whose modules are its folders; other packages list their modules in their manifests. */
export const product = "packages/tunewise/src";

/** Modules of the other packages, as listed in their manifests: `core/math`, `engine`. */
export const modules: readonly string[] = readdirSync(join(root, "packages")).flatMap((name) => {
  if (product.startsWith(`packages/${name}/`)) return [];
  const { exports } = JSON.parse(readText(`packages/${name}/package.json`)) as { readonly exports: object };
  return Object.keys(exports).map((path) => `${name}${path.slice(1)}`);
});

/** Source folder of a module. */
export function folderOf(module: string): string {
  const [name, part] = module.split("/");
  return part === undefined ? `packages/${name}/src` : `packages/${name}/src/${part}`;
}

/** The module that contains a file: the one with the longest matching folder. */
function moduleOf(path: string): string | undefined {
  return modules
    .filter((module) => path.startsWith(`${folderOf(module)}/`))
    .sort((a, b) => b.length - a.length)[0];
}

const skipped = new Set(["node_modules", "dist", ".git", "coverage", ".tunewise", ".venv"]);

/** Paths of all files below a folder, without build products and installed packages. */
export function listFiles(folder = ""): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (skipped.has(entry.name) || (folder === "" && entry.name === "runs")) continue;
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...listFiles(path));
    else if (entry.isFile()) found.push(path);
  }
  return found.sort();
}

/** A source from its path and text, parsed without type checking. */
export function sourceFrom(path: string, text: string): Source {
  const isTest = /^(packages\/[^/]+\/)?test\//.test(path) || /\.(test|runtime)\.tsx?$/.test(path);
  return {
    path,
    text,
    lines: text.split("\n"),
    // the parser uses the path to decide whether JSX is allowed
    tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true),
    module: new RegExp(`^${product}/([^/]+)/`).exec(path)?.[1] ?? moduleOf(path)?.split("/").at(-1) ?? null,
    isTest,
    isProduct: !isTest && /^packages\/[^/]+\/src\//.test(path),
  };
}

let sources: readonly Source[] | undefined;

/** Every TypeScript file of the repository. */
export function readSources(): readonly Source[] {
  sources ??= listFiles()
    .filter((path) => /\.tsx?$/.test(path) && path !== "web/src/data/schema.ts") // generated
    .map((path) => sourceFrom(path, readText(path)));
  return sources;
}

/** Reads the text of a file. */
export function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Line number of a node, starting at 1. */
export function lineOf(source: Source, node: ts.Node): number {
  return source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1;
}

const nodes = new WeakMap<ts.Node, readonly ts.Node[]>();

/** Every node of a tree, parents before children, without bare tokens. */
export function walk(node: ts.Node): readonly ts.Node[] {
  const known = nodes.get(node);
  if (known) return known;
  const found: ts.Node[] = [];
  const visit = (one: ts.Node): void => {
    found.push(one);
    ts.forEachChild(one, visit);
  };
  visit(node);
  nodes.set(node, found);
  return found;
}

/** Documentation comments directly above a node, except the file's own `@file` comment. */
export function docsOf(source: Source, node: ts.Node): string[] {
  const host = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  const ranges = ts.getLeadingCommentRanges(source.text, host.getFullStart()) ?? [];
  return ranges
    .map(({ pos, end }) => source.text.slice(pos, end))
    .filter((text) => text.startsWith("/**") && !/@file\b/.test(text));
}

/** The comment at the top of a file, or an empty text. */
export function fileComment(source: Source): string {
  const ranges = ts.getLeadingCommentRanges(source.text, 0) ?? [];
  return ranges
    .map(({ pos, end }) => source.text.slice(pos, end))
    .filter((text) => /@file\b/.test(text))
    .join("\n");
}
