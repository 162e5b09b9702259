/**
 * @file The table of rooms in docs/ARCHITECTURE.md, read as data.
 */
import { readText } from "./sources.ts";

/** One row of the table. */
export interface Room {
  readonly room: string;
  /** Faces, use cases, doing ... */
  readonly layer: string;
  /** What the room promises, without a full stop. */
  readonly promise: string;
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
