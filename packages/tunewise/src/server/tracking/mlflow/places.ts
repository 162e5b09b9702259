/**
 * @file Where the artifacts of experiments and runs lie, as addresses for clients. None is ever opened here.
 *
 * @source the negative tests of MLflow's CVE-2023-1177, CVE-2024-1483, -2928, -3848, CVE-2023-6974
 */

import { artifactKey, type Project, plainKey, type TrackedRun } from "@tunewise/tracker";
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { invalid } from "./fields.ts";
import { invalidParameter, mlflowRefusal } from "./refuse.ts";

/** Addresses of artifacts. */
export interface ArtifactPlaces {
  /** The server's own place as clients see it: `mlflow-artifacts:`, or a folder that they share with it. */
  readonly own: string;
  /** Below these a client may choose a place; such artifacts clients read and write by themselves. */
  readonly allowed: readonly string[];
  /** Schemes and prefixes of sources of versions that lie elsewhere, see `models/source-policy`; its default without. */
  readonly links?: readonly string[];
}

/** What MLflow's routes work with. */
export interface MlflowContext extends TrackingContext {
  readonly places: ArtifactPlaces;
}

/** The default: clients reach artifacts through the server. */
export const proxiedPlaces: ArtifactPlaces = { own: "mlflow-artifacts:", allowed: [] };

/** Where an experiment's artifacts lie. */
export function experimentPlace(
  places: ArtifactPlaces,
  { number, artifactRoot }: Pick<Project, "number" | "artifactRoot">,
): string {
  return artifactRoot ?? `${places.own}/${number}`;
}

/** Where a run's artifacts lie, given its experiment's place. */
export function runPlace(experiment: string, run: Pick<TrackedRun, "id">): string {
  return `${experiment}/${run.id}/artifacts`;
}

/** The key of a run's artifacts in the server's own store. */
export function runKey(run: Pick<TrackedRun, "id" | "project">): string {
  return `${run.project}/${run.id}/artifacts`;
}

/**
 * A place that a client chose; `null` where it chose none. A name alone lies below the first allowed place.
 *
 * @throws {Refusal} for a place that is not below an allowed one, or could be read in two ways
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

/** Whether an address is an allowed one or lies below it, and can be read in one way alone. */
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

/** Whether `address` is `root` or lies below it, by its characters alone: nothing is opened, nothing is decoded. */
export function liesIn(root: string, address: string): boolean {
  return (
    address === root || (address.startsWith(`${root}/`) && plainKey(address.slice(root.length + 1)) !== null)
  );
}

/** The store's key of a path below an address of this server's; `path` may be empty, the address holds plain keys. */
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
