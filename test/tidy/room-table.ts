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
