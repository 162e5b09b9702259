/**
 * @file Tracks lists and dictionaries element by element through the calls that change them.
 *
 * `Language.holders` maps methods to their effect. The entries of a value are its content by key or position, and
 * `whole` states that there are no others.
 */
import type { Holding } from "./language.ts";
import { blend, hole, joined, unknown, type Value } from "./value.ts";

const maxEntries = 200;

/** The content of a container after a call, and the result of the call. */
export interface Changed {
  readonly container?: Value;
  readonly gives?: Value;
}

/** Applies one call to a container. */
export function hold(holding: Holding, container: Value, args: readonly Value[]): Changed {
  switch (holding) {
    case "append":
      return {
        container: args.reduce(
          (held, one) => holdingList(held, listOf(held)?.concat([one]), [one]),
          container,
        ),
      };
    case "prepend":
      return { container: holdingList(container, args.concat(listOf(container) ?? []), args) };
    case "insert":
      return inserted(container, args);
    case "take":
      return taken(container, args);
    case "take-first":
      return taken(container, [{ ...unknown, constant: 0 }]);
    case "extend":
      return { container: args.reduce(extended, container) };
    case "put":
      return put(container, args);
    case "get":
      return got(container, args);
    case "clear":
      return { container: { ...unknown, path: container.path, entries: new Map(), whole: true } };
    case "write":
      return { container: written(container, args) };
    case "text":
      return container.shape === undefined ? {} : { gives: { ...container, path: "" } };
  }
}

/** The elements in order if the container is a fully known list. */
function listOf({ entries, whole }: Value): Value[] | undefined {
  if (!whole || entries === undefined) return undefined;
  const values: Value[] = [];
  for (const [key, value] of entries) if (key === String(values.length)) values.push(value);
  return values.length === entries.size ? values : undefined;
}

/** Replaces the container's elements. If the list is unknown, the container takes on the taint of the added values. */
function holdingList(container: Value, list: readonly Value[] | undefined, added: readonly Value[]): Value {
  if (list === undefined || list.length > maxEntries) {
    const { level, clean, roots } = blend([container, ...added]);
    const { whole: _, constant: __, ...rest } = container;
    return { ...rest, level, clean, roots };
  }
  return filledWith(container, new Map(list.map((one, at) => [String(at), one])));
}

function filledWith(container: Value, entries: ReadonlyMap<string, Value>): Value {
  const { level, clean, roots } = blend([...entries.values()]);
  const { constant: _, ...rest } = container;
  return { ...rest, level, clean, roots, entries };
}

function inserted(container: Value, [at, value]: readonly Value[]): Changed {
  const list = listOf(container);
  if (value === undefined) return at === undefined ? {} : hold("append", container, [at]);
  if (list === undefined || typeof at?.constant !== "number")
    return { container: holdingList(container, undefined, [value]) };
  const changed = [...list];
  changed.splice(at.constant, 0, value);
  return { container: holdingList(container, changed, [value]) };
}

/** Removes an element by position or key, by default the last one. */
function taken(container: Value, [at]: readonly Value[]): Changed {
  const { entries, whole } = container;
  const list = listOf(container);
  const sought = at === undefined ? -1 : at.constant;
  if (list !== undefined && typeof sought === "number" && (list.length > 0 || entries?.size === 0)) {
    const position = sought < 0 ? list.length + sought : sought;
    const gives = list[position] ?? unknown;
    return {
      container: holdingList(
        container,
        list.filter((_, index) => index !== position),
        [],
      ),
      gives,
    };
  }
  const gives = entries?.get(String(sought));
  if (gives === undefined || entries === undefined || typeof sought !== "string") return {};
  const rest = new Map(entries);
  rest.delete(sought);
  return { container: whole ? filledWith(container, rest) : { ...container, entries: rest }, gives };
}

/** Joins several keys before the value, such as section and option, into one. */
function put(container: Value, args: readonly Value[]): Changed {
  const value = args.at(-1);
  if (value === undefined || args.length < 2) return {};
  return { container: putAt(container, keyOf(args.slice(0, -1)), value) };
}

function keyOf(keys: readonly Value[]): string | undefined {
  const names = keys.map(nameOf);
  return names.includes(undefined) ? undefined : names.join(hole);
}

/** The name of a key: its constant, or the path of a constant from another module. */
function nameOf({ constant, level, path }: Value): string | undefined {
  if (constant !== undefined) return String(constant);
  return level === 0 && path.split(".").every((name) => /^\w+$/.test(name)) ? path : undefined;
}

/** Stores a value under a key. An unknown key taints the whole container. */
export function putAt(container: Value, key: string | undefined, value: Value): Value {
  if (key === undefined || (container.entries?.size ?? 0) >= maxEntries)
    return holdingList(container, undefined, [value]);
  const entries = new Map(container.entries).set(key, value);
  if (container.whole) return filledWith(container, entries);
  const { level, clean, roots } = blend([container, value]);
  return { ...container, level, clean, roots, entries };
}

/** Adds all elements of another container. An unknown one passes on its taint. */
function extended(container: Value, more: Value): Value {
  const [list, added] = [listOf(container), listOf(more)];
  if (list !== undefined && added !== undefined) return holdingList(container, list.concat(added), added);
  if (!container.whole || !more.whole || more.entries === undefined)
    return holdingList(container, undefined, [more]);
  return filledWith(container, new Map([...(container.entries ?? []), ...more.entries]));
}

/** The value under a key, or the default that the call passes. */
function got(container: Value, args: readonly Value[]): Changed {
  const { entries } = container;
  if (entries === undefined) return {};
  const found = entries.get(keyOf(args) ?? hole) ?? entries.get(keyOf(args.slice(0, 1)) ?? hole);
  if (found !== undefined) return { gives: found };
  return container.whole && keyOf(args.slice(0, 1)) !== undefined ? { gives: args[1] ?? unknown } : {};
}

/** The entry at an index; `undefined` if the entry is unknown. */
export function entryAt({ entries, whole }: Value, index: Value): Value | undefined {
  if (entries === undefined) return undefined;
  const { constant } = index;
  if (constant === undefined) return entries.get(hole);
  const at = typeof constant === "number" && constant < 0 ? entries.size + constant : constant;
  return entries.get(String(at)) ?? (whole ? unknown : undefined);
}

/** Appends to a text that is written in pieces. If the object is not such a text, only its taint changes. */
function written(container: Value, args: readonly Value[]): Value {
  if (container.shape === undefined) return holdingList(container, undefined, args);
  return { ...joined([container, ...args]), path: container.path };
}

/** A slice of a fully known list. */
export function slicedList(
  value: Value,
  from: number | undefined,
  to: number | undefined,
): Value | undefined {
  const list = listOf(value);
  return list === undefined ? undefined : holdingList(value, list.slice(from, to), []);
}

/** Joins the texts of a list with a separator; `undefined` if the list is not fully known. */
export function joinedList(list: Value, between: Value): Value | undefined {
  const values = listOf(list);
  if (values === undefined || between.shape === undefined) return undefined;
  return joined(values.flatMap((one, at) => (at === 0 ? [one] : [between, one])));
}
