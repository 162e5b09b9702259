/** @file Ids as these clients want them: base64, which they turn into hexadecimal and back inside of references. */

/** What an id can be of. */
export type IdKind = "Run" | "Project" | "Artifact" | "ArtifactManifest";

/** The id of a row. */
export function idOf(kind: IdKind, number: number): string {
  return Buffer.from(`${kind}:${number}`).toString("base64");
}

/** The row of an id, or `null` where it is no id of the kind. */
export function numberOf(kind: IdKind, id: unknown): number | null {
  if (typeof id !== "string" || id.length > 100) return null;
  const [name, number, ...more] = Buffer.from(id, "base64").toString("latin1").split(":");
  return name === kind && more.length === 0 && /^\d{1,15}$/.test(number ?? "") ? Number(number) : null;
}
