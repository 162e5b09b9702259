/** @file Sets and removes values at paths of nested objects. */

/**
 * Sets a value at a path, replacing anything in its way. Only an object's own properties are used, so that a path in a
 * hostile file cannot reach a shared prototype.
 */
export function putAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let place = target;
  for (const name of path.slice(0, -1)) {
    const inner = ownOf(place, name);
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) {
      place = inner as Record<string, unknown>;
      continue;
    }
    const fresh: Record<string, unknown> = Object.create(null);
    setOwn(place, name, fresh);
    place = fresh;
  }
  const name = path.at(-1);
  if (name !== undefined) setOwn(place, name, value);
}

/** Removes the value at a path, if there is one. */
export function dropAt(target: Record<string, unknown>, path: readonly string[]): void {
  let place: unknown = target;
  for (const name of path.slice(0, -1)) {
    if (typeof place !== "object" || place === null || Array.isArray(place)) return;
    place = ownOf(place as Record<string, unknown>, name);
  }
  const name = path.at(-1);
  if (typeof place !== "object" || place === null || Array.isArray(place) || name === undefined) return;
  if (Object.hasOwn(place, name)) delete (place as Record<string, unknown>)[name];
}

function ownOf(place: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(place, name) ? place[name] : undefined;
}

function setOwn(place: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(place, name, { value, enumerable: true, writable: true, configurable: true });
}
