/**
 * @file Locations of the artifacts of experiments and runs, as addresses for clients. This module never opens them.
 *
 * @source the negative tests of MLflow's CVE-2023-1177, CVE-2024-1483, -2928, -3848, CVE-2023-6974
 */

import type { TrackingContext } from "../../index.ts";
import { artifactKey, type Project, plainKey, type TrackedRun } from "../../index.ts";
import { invalid } from "./fields.ts";
import { invalidParameter, mlflowRefusal } from "./refuse.ts";

/** Settings for addresses of artifacts. */
export interface ArtifactPlaces {
  /** Root of the server's own store for clients: `mlflow-artifacts:`, or a shared folder. */
  readonly own: string;
  /** Roots below which clients may choose a location. They read and write such artifacts themselves. */
  readonly allowed: readonly string[];
  /** Schemes and prefixes of external sources of versions; by default those of `models/source-policy`. */
  readonly links?: readonly string[];
}

/** Context of MLflow's routes. */
export interface MlflowContext extends TrackingContext {
  readonly places: ArtifactPlaces;
}

/** The default: clients reach artifacts through the server. */
export const proxiedPlaces: ArtifactPlaces = { own: "mlflow-artifacts:", allowed: [] };

/** Location of an experiment's artifacts. */
export function experimentPlace(
  places: ArtifactPlaces,
  { number, artifactRoot }: Pick<Project, "number" | "artifactRoot">,
): string {
  return artifactRoot ?? `${places.own}/${number}`;
}

/** Location of a run's artifacts, given its experiment's. */
export function runPlace(experiment: string, run: Pick<TrackedRun, "id">): string {
  return `${experiment}/${run.id}/artifacts`;
}

/** The key of a run's artifacts in the server's own store. */
export function runKey(run: Pick<TrackedRun, "id" | "project">): string {
  return `${run.project}/${run.id}/artifacts`;
}

/**
 * Returns the location that a client chose; `null` if it chose none. A bare name is placed below the first allowed
 * root.
 *
 * @throws {HttpError} for a location that is ambiguous or not below an allowed root
 */
export function chosenPlace(places: ArtifactPlaces, location: string | undefined): string | null {
  if (location === undefined || location === "") return null;
  const bare = location.replace(/\/$/, "");
  const [first] = places.allowed;
  const address = first !== undefined && /^[\w-][\w/-]*$/.test(bare) ? `${first}/${bare}` : bare;
  const rest = address.slice(address.indexOf(":/") + 3);
  if (placeBelowAllowed(places, address) && !rest.includes("//")) return address;
  throw invalid("artifact_location", location, "The server chooses where artifacts lie.");
}

/** Whether an address is unambiguous and is an allowed root or lies below one. */
export function placeBelowAllowed({ allowed }: ArtifactPlaces, address: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are searched for
  if (/[\u0000-\u0020\u007f\\#?%]/.test(address)) return false;
  if (address.split("/").some((part) => part === ".." || part === ".")) return false;
  return allowed.some((root) => address === root || address.startsWith(`${root}/`));
}

/** Address of a logged model's files. */
export function modelAddress(places: ArtifactPlaces, project: Project, id: string): string {
  return `${experimentPlace(places, project).replace(/\/$/, "")}/models/${id}/artifacts`;
}

/** Address of a trace's files. */
export function traceAddress(
  places: ArtifactPlaces,
  project: Pick<Project, "number" | "artifactRoot">,
  id: string,
): string {
  return `${experimentPlace(places, project).replace(/\/$/, "")}/traces/${id}/artifacts`;
}

/** The key of a trace's files in the server's own store. */
export function traceKey(project: number, id: string): string {
  return `${project}/traces/${id}`;
}

/** Whether `address` is `root` or lies below it. Compares only the text, without opening or decoding anything. */
export function liesIn(root: string, address: string): boolean {
  return (
    address === root || (address.startsWith(`${root}/`) && plainKey(address.slice(root.length + 1)) !== null)
  );
}

/** Key in the store of a path below an address of this server; `path` may be empty. */
export function keyBelow({ own }: ArtifactPlaces, address: string, path: string): string {
  const root = address.startsWith(`${own}/`) ? plainKey(address.slice(own.length + 1)) : null;
  if (root === null) {
    throw mlflowRefusal("NOT_IMPLEMENTED", "These artifacts are not held by this server itself.");
  }
  if (path === "") return root;
  const key = artifactKey(path);
  if (key === null) throw invalidParameter("Invalid path.");
  return `${root}/${key}`;
}
