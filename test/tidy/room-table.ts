/** @file The table of rooms in docs/ARCHITECTURE.md, read as data. */
import { readText } from "./sources.ts";

/** One row of the table. */
export interface Room {
  readonly room: string;
  /** Faces, use cases, doing ... */
  readonly layer: string;
  /** What the room promises, without a full stop. */
  readonly promise: string;
}

/** One row of the table of slices. */
export interface Slice {
  /** `app/plan` */
  readonly room: string;
  readonly promise: string;
  /** Other slices that it may use, by room. */
  readonly uses: readonly string[];
}

/** The slices of `app/` by room. */
export function readSlices(): Map<string, Slice> {
  const rows = readText("docs/ARCHITECTURE.md").matchAll(
    /^\| `(app\/[a-z-]+)\/` \| (.+) \| ([a-z, –-]+) \|$/gm,
  );
  return new Map(
    [...rows].map(([, room = "", promise = "", uses = ""]) => {
      const named = uses === "–" ? [] : uses.split(", ").map((slice) => `app/${slice}`);
      return [room, { room, promise, uses: named }];
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

/** What rooms may import of the packages, where it is less than all. */
export function readImportedModules(): Map<string, readonly string[]> {
  const names = [...readModules().keys()];
  const rows = packagesSection().matchAll(/^\| (`[a-z]+`(?:, `[a-z]+`)*) \| ([a-z/, ]+) \|$/gm);
  return new Map(
    [...rows].flatMap(([, rooms = "", uses = ""]) =>
      rooms.split(", ").map((room) => [room.replaceAll("`", ""), namedModules(uses, names)] as const),
    ),
  );
}

/** `core` stands for all its modules. */
function namedModules(uses: string, names: readonly string[]): string[] {
  if (uses === "–") return [];
  return uses
    .split(", ")
    .flatMap((one) => (one === "core" ? names.filter((name) => name.startsWith("core/")) : [one]));
}

function packagesSection(): string {
  return /^## Packages\b.*$([\s\S]*?)^## /m.exec(readText("docs/ARCHITECTURE.md"))?.[1] ?? "";
}

/** The rooms by name, top layer first. */
export function readRooms(): Map<string, Room> {
  const section = /^## Rooms\b.*$([\s\S]*?)^## /m.exec(readText("docs/ARCHITECTURE.md"))?.[1] ?? "";
  const rooms = new Map<string, Room>();
  let layer = "";
  for (const [, first, name, promise] of section.matchAll(/^\| ([^|]*)\| `([^`]+)\/` \| (.+) \|$/gm)) {
    layer = first?.trim() || layer;
    if (name !== undefined && promise !== undefined) rooms.set(name, { room: name, layer, promise });
  }
  return rooms;
}
