/** @file Examples of the library's public names, as their docstrings give them. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import ts from "typescript";

/** A public name. */
export interface PublicName {
  readonly name: string;
  /** Sub-paths that export it, such as `tunewise/plan`. */
  readonly paths: readonly string[];
  /** First paragraph of its docstring; empty if it has none. */
  readonly summary: string;
  /** Code of its `@example` tags. */
  readonly examples: readonly string[];
}

/** The package's sub-paths and the source of each, as `exports` in package.json names them. */
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

/** Options under which examples are compiled: strict, with the package's names led to the sources. */
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

/** All public names, by sub-path. */
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
      });
    }
  }
  return [...names.values()];
}

/** Lines that an example prints, as its comments promise: `console.log(x); // this`. */
export function promisedOutput(example: string): string[] {
  return [...example.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)].map(([, line]) => line ?? "");
}
