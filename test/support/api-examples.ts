/** @file Examples of the library's public names from their docstrings. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import ts from "typescript";

/** A public name. */
export interface PublicName {
  readonly name: string;
  /** Subpaths that export it, such as `tunewise/plan`. */
  readonly paths: readonly string[];
  /** First paragraph of its docstring; empty if it has none. */
  readonly summary: string;
  /** Code of its `@example` tags. */
  readonly examples: readonly string[];
  /** Whether it exists only for the compiler. */
  readonly isType: boolean;
}

/** The package's subpaths and the source file of each, from `exports` in package.json. */
export function subPaths(): Map<string, string> {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as {
    exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  const found = new Map<string, string>();
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === "string") continue;
    const source = target.types.replace(/^\.\/dist\//, "packages/tunewise/src/").replace(/\.d\.ts$/, ".ts");
    found.set(path.replace(/^\./, "tunewise"), source);
  }
  return found;
}

/** Compiler options for the examples: strict, with imports of the package resolved to the sources. */
export function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile) as {
    config: { compilerOptions: Record<string, unknown> };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ".");
  const paths = Object.fromEntries([...subPaths()].map(([path, source]) => [path, [resolve(source)]]));
  return {
    ...options,
    paths,
    noEmit: true,
    declaration: false,
    isolatedDeclarations: false,
    rootDir: resolve("."),
  };
}

/** All public names, by subpath. */
export function publicNames(program: ts.Program): PublicName[] {
  const checker = program.getTypeChecker();
  const names = new Map<ts.Symbol, PublicName>();
  for (const [path, source] of subPaths()) {
    const file = program.getSourceFile(resolve(source));
    const module = file && checker.getSymbolAtLocation(file);
    if (!module) throw new Error(`${path} leads to ${source}, which is no module`);
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const known = names.get(symbol);
      names.set(symbol, {
        name: exported.name,
        paths: [...(known?.paths ?? []), path],
        summary: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
        examples: symbol
          .getJsDocTags(checker)
          .filter(({ name }) => name === "example")
          .map(({ text }) => ts.displayPartsToString(text)),
        isType: (symbol.flags & ts.SymbolFlags.Value) === 0,
      });
    }
  }
  return [...names.values()];
}

/** The output that an example announces in its comments: `console.log(x); // this`. */
export function promisedOutput(example: string): string[] {
  return [...example.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)].map(([, line]) => line ?? "");
}
