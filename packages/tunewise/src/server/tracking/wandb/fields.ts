/** @file Values of a request, checked before use, and ids as these clients want them. */
import { wandbRefusal } from "./refuse.ts";

/** Values by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value has fields, and is no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value with fields; empty where it is none. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** A text that is not empty, or `null`. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A list of texts; what is none is left out. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** An integer that counts something, or `null`. */
export function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Longest name of an entity, a project, a run, a collection. @source W&B's own limit */
const maxNameLength = 128;

/**
 * A name of an entity, a project, a run or a collection.
 *
 * @throws {Refusal} where it is missing, too long, or has a character that separates paths and addresses
 */
export function nameOf(value: unknown, what: string): string {
  const name = textOf(value);
  if (name === null) throw wandbRefusal(`The ${what} has no name.`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are searched for
  if (name.length > maxNameLength || /[\u0000-\u001f\u007f/\\#?%:]/.test(name)) {
    throw wandbRefusal(
      `A name of a ${what} has at most ${maxNameLength} letters, and none of / \\ # ? % : among them.`,
    );
  }
  return name;
}

/** What an id can be of. */
export type IdKind = "Run" | "Project" | "Artifact" | "ArtifactManifest";

/** The id of a row: base64, which clients turn into hexadecimal and back inside of references. */
export function idOf(kind: string, ...parts: readonly (string | number)[]): string {
  return Buffer.from([kind, ...parts].join(":")).toString("base64");
}

/** The parts of an id; empty where it is none. */
export function partsOf(id: unknown): readonly string[] {
  return typeof id === "string" && id.length <= maxIdLetters
    ? Buffer.from(id, "base64").toString("utf8").split(":")
    : [];
}

/** An id may hold the name of a file. */
const maxIdLetters = 10_000;

/** The row of an id, or `null` where it is no id of the kind. */
export function numberOf(kind: IdKind, id: unknown): number | null {
  if (typeof id !== "string" || id.length > 100) return null;
  const [name, number, ...more] = Buffer.from(id, "base64").toString("latin1").split(":");
  return name === kind && more.length === 0 && /^\d{1,15}$/.test(number ?? "") ? Number(number) : null;
}

/** A list of files that all come at once. */
export function completeList(nodes: readonly Fields[]): Fields {
  return {
    totalCount: nodes.length,
    uploadHeaders: [],
    pageInfo: { endCursor: null, hasNextPage: false },
    edges: nodes.map((node, at) => ({ node, cursor: String(at) })),
  };
}

/** A page of a list: its length, and where it begins. */
export function pageOf(
  args: Fields,
  maxLimit: number,
): { readonly limit: number; readonly after: string | null } {
  const limit = Math.min(Math.max(countOf(args["first"]) ?? 50, 1), maxLimit);
  return { limit, after: textOf(args["after"]) };
}

/** A page of a list, as these clients walk through it. */
export function connection(
  edges: readonly { readonly node: Fields; readonly cursor: string }[],
  hasNextPage: boolean,
  more: Fields = {},
): Fields {
  return { ...more, edges, pageInfo: { endCursor: edges.at(-1)?.cursor ?? null, hasNextPage } };
}
