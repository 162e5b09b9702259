/**
 * @file Where files of runs and models lie. The server chooses these places, and clients are told their addresses.
 *
 * @source mlflow/mlflow mlflow/store/tracking/sqlalchemy_store.py, create_logged_model
 */
import { artifactKey, type Project } from "../../../../track/index.ts";
import { type ArtifactPlaces, experimentPlace, runPlace } from "../places.ts";
import { MlflowError } from "../refuse.ts";

/** Address of a run's files. */
export function runAddress(places: ArtifactPlaces, project: Project, id: string): string {
  return runPlace(rootOf(places, project), { id });
}

/** Address of a logged model's files. */
export function modelAddress(places: ArtifactPlaces, project: Project, id: string): string {
  return `${rootOf(places, project)}/models/${id}/artifacts`;
}

function rootOf(places: ArtifactPlaces, project: Project): string {
  return experimentPlace(places, project).replace(/\/$/, "");
}

/** Whether `address` is `root` or lies below it, by its letters alone: nothing is opened, nothing is decoded. */
export function liesIn(root: string, address: string): boolean {
  return (
    address === root ||
    (address.startsWith(`${root}/`) && artifactKey(address.slice(root.length + 1)) !== null)
  );
}

/** The store's key of a path below an address of this server's; `path` may be empty. */
export function keyBelow({ own }: ArtifactPlaces, address: string, path: string): string {
  const root = address.startsWith(`${own}/`) ? artifactKey(address.slice(own.length + 1)) : null;
  if (root === null) {
    throw new MlflowError("NOT_IMPLEMENTED", "These artifacts are not held by this server itself.");
  }
  if (path === "") return root;
  const key = artifactKey(path);
  if (key === null) throw new MlflowError("INVALID_PARAMETER_VALUE", "Invalid path.");
  return `${root}/${key}`;
}
