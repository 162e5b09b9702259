import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { readLayers, readModules, readSlices } from "./module-table.ts";
import {
  folderOf,
  modules,
  product,
  readSources,
  readText,
  root,
  type Source,
  sourceFrom,
} from "./sources.ts";

const table = readLayers();
const slices = readSlices();
/** Everything with an index.ts as entry point; for `app/`, its slices. */
const entries = [
  ...[...table.values(), ...slices.values()]
    .filter(({ module }) => module !== "app")
    .map(({ module, promise }) => ({ folder: `${product}/${module}`, promise })),
  ...[...readModules().values()].map(({ module, promise }) => ({ folder: folderOf(module), promise })),
];
const folders = readdirSync(join(root, product)).filter((name) =>
  statSync(join(root, product, name)).isDirectory(),
);

/** Dependencies that only one file per package may import, so that replacing one changes one file. */
const heavy = [
  "onnxruntime-node",
  "@photostructure/sqlite",
  "node:sqlite",
  "pg",
  "aws4",
  "yaml",
  "@clack/prompts",
  "@huggingface/jinja",
  "@huggingface/tokenizers",
  "@uwdata/flechette",
  "fzstd",
  "hyparquet",
  "hyparquet-compressors",
  "@vscode/tree-sitter-wasm",
  "graphql",
  "hyparquet-writer",
  "htmlparser2",
  "unpdf",
];

/** Calls C libraries. One file per module may import it, because each module calls another library. */
const bridge = "koffi";

describe("modules", () => {
  it("are in the architecture page's table, all of them and no others", () => {
    const filled = folders.filter((name) =>
      readSources().some(({ path }) => path.startsWith(`${product}/${name}/`)),
    );
    expect(filled.sort()).toEqual([...table.keys()].sort());
  });

  it("of app/ are slices, in the page's second table, all of them and no others", () => {
    const inside = readdirSync(join(root, product, "app"), { withFileTypes: true });
    const found = inside.filter((entry) => entry.isDirectory()).map(({ name }) => `app/${name}`);
    expect(found.sort()).toEqual([...slices.keys()].sort());
  });

  it("of app/ do not depend on each other in a circle", () => {
    const reach = (slice: string, seen: readonly string[]): readonly string[] =>
      seen.includes(slice)
        ? [...seen, slice]
        : (slices.get(slice)?.uses ?? []).flatMap((used) =>
            reach(used, [...seen, slice]).slice(seen.length + 1),
          );
    for (const slice of slices.keys()) expect(reach(slice, []), slice).not.toContain(slice);
  });

  it("of other packages are what the manifests export, in the page's table", () => {
    expect([...readModules().keys()].sort()).toEqual([...modules].sort());
  });

  it.each(entries)("$folder says its purpose in the table's words", ({ folder, promise }) => {
    const index = `${folder}/index.ts`;
    const first = existsSync(join(root, index)) ? readText(index).split("\n")[0] : `${index} is missing`;
    expect(first).toBe(`/** @file ${sentence(promise)} */`);
  });

  it("have one entry point each: no other file only passes names on", () => {
    expect(sources().filter(isBarrel).map(pathOf)).toEqual([]);
    expect(
      isBarrel(sourceFrom("packages/tunewise/src/plan/inner/index.ts", 'export * from "./a.ts";\n')),
    ).toBe(true);
    expect(isBarrel(sourceFrom("packages/engine/src/inner/index.ts", 'export * from "./a.ts";\n'))).toBe(
      true,
    );
    expect(isBarrel(sourceFrom("packages/core/src/math/index.ts", 'export * from "./a.ts";\n'))).toBe(false);
    expect(isBarrel(sourceFrom("packages/tunewise/src/plan/a.ts", 'export * from "./b.ts";\n'))).toBe(true);
    expect(isBarrel(sourceFrom("packages/tunewise/src/plan/index.ts", 'export * from "./a.ts";\n'))).toBe(
      false,
    );
    expect(
      isBarrel(sourceFrom("packages/tunewise/src/api/plan.ts", 'export * from "../plan/index.ts";\n')),
    ).toBe(false);
    expect(isBarrel(sourceFrom("packages/engine/src/index.ts", 'export * from "./a.ts";\n'))).toBe(false);
  });

  it.each(heavy)("and packages import %s in one file of each at most", (name) => {
    const users = sources().filter((source) => importsOf(source).includes(name));
    const packages = new Set(users.map(({ path }) => /^(packages\/)?[^/]+/.exec(path)?.[0]));
    expect(users.length, users.map(pathOf).join(", ")).toBe(packages.size);
  });

  it("import the bridge to C in one file each at most", () => {
    const users = sources().filter((source) => importsOf(source).includes(bridge));
    expect(users.length).toBeGreaterThan(0);
    expect(new Set(users.map(({ module }) => module)).size, users.map(pathOf).join(", ")).toBe(users.length);
  });

  it("import heavy packages in ways this test sees", () => {
    const text =
      'import a from "yaml";\nimport type { B } from "pg";\nconst c = await import("node:sqlite");\n';
    expect(importsOf(sourceFrom("packages/tracker/src/a.ts", text))).toEqual(["yaml", "pg", "node:sqlite"]);
  });
});

describe("the engine's mathematics", () => {
  const pure = ["graph", "gradient", "adapters", "penalties", "optimizers"];

  it("never touches the native runtime, so that it can be tested without one", () => {
    const parts = sources().filter(({ path }) =>
      pure.some((part) => path.startsWith(`packages/engine/src/${part}/`)),
    );
    const touching = parts.filter((source) =>
      importsOf(source).some((name) => /onnxruntime|koffi|\/runtime\//.test(name)),
    );
    expect(touching.map(pathOf)).toEqual([]);
  });
});

function sources(): Source[] {
  return readSources().filter(({ isProduct }) => isProduct);
}

function pathOf(source: Source): string {
  return source.path;
}

function sentence(promise: string): string {
  return `${promise.charAt(0).toUpperCase()}${promise.slice(1)}.`;
}

/** A file that contains only `export ... from` and is not an entry point of a module or of the library. */
function isBarrel(source: Source): boolean {
  if (modules.some((module) => source.path === `${folderOf(module)}/index.ts`)) return false;
  if (new RegExp(`^${product}/((app/)?[^/]+/index|api/[^/]+)\\.ts$`).test(source.path)) return false;
  const { statements } = source.tree;
  const passing = statements.filter(
    (node) => ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined,
  );
  return statements.length > 0 && passing.length === statements.length;
}

const imports = new WeakMap<Source, readonly string[]>();

function importsOf(source: Source): readonly string[] {
  const known = imports.get(source);
  if (known) return known;
  const { importedFiles } = ts.preProcessFile(source.text, true, true);
  const names = importedFiles.map(({ fileName }) => fileName);
  imports.set(source, names);
  return names;
}
