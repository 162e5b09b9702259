/** @file Reads the module tables in docs/ARCHITECTURE.md as data. */
import { readText } from "./sources.ts";

/** One row of the table of modules of `packages/tunewise`. */
export interface Layered {
  readonly module: string;
  /** interfaces, use cases, judging ... */
  readonly layer: string;
  /** The purpose of the module, without a full stop. */
  readonly promise: string;
}

/** One row of the table of slices. */
export interface Slice {
  /** `app/plan` */
  readonly module: string;
  readonly promise: string;
  /** Other slices that it may use. */
  readonly uses: readonly string[];
}

/** The slices of `app/` by name. */
export function readSlices(): Map<string, Slice> {
  const rows = readText("docs/ARCHITECTURE.md").matchAll(
    /^\| `(app\/[a-z-]+)\/` \| (.+) \| ([a-z, –-]+) \|$/gm,
  );
  return new Map(
    [...rows].map(([, module = "", promise = "", uses = ""]) => {
      const named = uses === "–" ? [] : uses.split(", ").map((slice) => `app/${slice}`);
      return [module, { module, promise, uses: named }];
    }),
  );
}

/** One row of the table of packages' modules. */
export interface Module {
  /** `core/math`, `engine` */
  readonly module: string;
  readonly promise: string;
  /** Modules that it may import. */
  readonly uses: readonly string[];
}

/** The modules of the packages by name. */
export function readModules(): Map<string, Module> {
  const rows = [...packagesSection().matchAll(/^\| `([a-z/]+)` \| (.+) \| ([a-z/, –]+) \|$/gm)].map(
    ([, module = "", promise = "", uses = ""]) => ({ module, promise, uses }),
  );
  const named = (uses: string): string[] =>
    namedModules(
      uses,
      rows.map(({ module }) => module),
    );
  return new Map(rows.map((row) => [row.module, { ...row, uses: named(row.uses) }]));
}

/** The modules of other packages that modules of `packages/tunewise` may import, if restricted. */
export function readImportedModules(): Map<string, readonly string[]> {
  const names = [...readModules().keys()];
  const rows = packagesSection().matchAll(/^\| (`[a-z]+`(?:, `[a-z]+`)*) \| ([a-z/, ]+) \|$/gm);
  return new Map(
    [...rows].flatMap(([, above = "", uses = ""]) =>
      above.split(", ").map((module) => [module.replaceAll("`", ""), namedModules(uses, names)] as const),
    ),
  );
}

/** Splits a list of module names; `core` means all its modules. */
function namedModules(uses: string, names: readonly string[]): string[] {
  if (uses === "–") return [];
  return uses
    .split(", ")
    .flatMap((one) => (one === "core" ? names.filter((name) => name.startsWith("core/")) : [one]));
}

function packagesSection(): string {
  return /^## Packages\b.*$([\s\S]*?)^## /m.exec(readText("docs/ARCHITECTURE.md"))?.[1] ?? "";
}

/** The modules of `packages/tunewise` by name, top layer first. */
export function readLayers(): Map<string, Layered> {
  const section = /^## Modules of\b.*$([\s\S]*?)^## /m.exec(readText("docs/ARCHITECTURE.md"))?.[1] ?? "";
  const found = new Map<string, Layered>();
  let layer = "";
  for (const [, first, module, promise] of section.matchAll(/^\| ([^|]*)\| `([^`]+)\/` \| (.+) \|$/gm)) {
    layer = first?.trim() || layer;
    if (module !== undefined && promise !== undefined) found.set(module, { module, layer, promise });
  }
  return found;
}
