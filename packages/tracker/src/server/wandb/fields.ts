/** @file Checks values of a request before use, and encodes ids for W&B clients. */
import { wandbRefusal } from "./refuse.ts";

/** Values by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is an object with fields, not a list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns an object as it is, and an empty one for anything else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** Returns a text that is not empty, otherwise `null`. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Returns a list without items that are not texts. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Returns an integer that is a valid count, otherwise `null`. */
export function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Maximum length of the name of an entity, a project, a run or a collection. @source W&B's own limit */
const maxNameLength = 128;

/**
 * Returns a valid name of an entity, a project, a run or a collection.
 *
 * @throws {HttpError} if it is missing, too long, or has a character with a meaning in paths or addresses
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

/** Kinds of objects with ids. */
export type IdKind = "Run" | "Project" | "Artifact" | "ArtifactManifest";

/** Encodes the id of a row as base64, which clients convert to hexadecimal and back in references. */
export function idOf(kind: string, ...parts: readonly (string | number)[]): string {
  return Buffer.from([kind, ...parts].join(":")).toString("base64");
}

/** Decodes an id to its parts; empty if it is invalid. */
export function partsOf(id: unknown): readonly string[] {
  return typeof id === "string" && id.length <= maxIdLetters
    ? Buffer.from(id, "base64").toString("utf8").split(":")
    : [];
}

/** Maximum characters of an id, which may contain the name of a file. */
const maxIdLetters = 10_000;

/** Returns the row number of an id; `null` if the id is invalid or of another kind. */
export function numberOf(kind: IdKind, id: unknown): number | null {
  if (typeof id !== "string" || id.length > 100) return null;
  const [name, number, ...more] = Buffer.from(id, "base64").toString("latin1").split(":");
  return name === kind && more.length === 0 && /^\d{1,15}$/.test(number ?? "") ? Number(number) : null;
}

/** A list of files on a single page. */
export function completeList(nodes: readonly Fields[]): Fields {
  return {
    totalCount: nodes.length,
    uploadHeaders: [],
    pageInfo: { endCursor: null, hasNextPage: false },
    edges: nodes.map((node, at) => ({ node, cursor: String(at) })),
  };
}

/** Returns the length of the requested page, and the cursor that it begins after. */
export function pageOf(
  args: Fields,
  maxLimit: number,
): { readonly limit: number; readonly after: string | null } {
  const limit = Math.min(Math.max(countOf(args["first"]) ?? 50, 1), maxLimit);
  return { limit, after: textOf(args["after"]) };
}

/** A page of a list in the format of GraphQL connections. */
export function connection(
  edges: readonly { readonly node: Fields; readonly cursor: string }[],
  hasNextPage: boolean,
  more: Fields = {},
): Fields {
  return { ...more, edges, pageInfo: { endCursor: edges.at(-1)?.cursor ?? null, hasNextPage } };
}
