/**
 * @file Where a version's files lie among those of the run or the logged model that it was made from. Addresses are
 * compared by their letters alone; none is opened.
 */
import { artifactKey } from "../../artifacts/artifact-store.ts";

/**
 * The path below the run's or the model's own folder; empty for all of it, `null` where it lies elsewhere.
 *
 * @param place the source's address of the version's files
 */
export function versionPath(
  place: string,
  about: { readonly run: string | null; readonly loggedModel: string | null; readonly runPlace: string },
): string | null {
  const { run, loggedModel } = about;
  const bare = place.replace(/\/$/, "");
  if (loggedModel !== null) {
    if (bare === `models:/${loggedModel}`) return "";
    return below(bare, bare.indexOf(`/models/${loggedModel}/artifacts`), `/models/${loggedModel}/artifacts`);
  }
  if (run === null) return null;
  if (bare.startsWith(`runs:/${run}`)) return below(bare, 0, `runs:/${run}`);
  const runPlace = about.runPlace.replace(/\/$/, "");
  if (runPlace !== "" && bare.startsWith(runPlace)) return below(bare, 0, runPlace);
  return below(bare, bare.indexOf(`/${run}/artifacts`), `/${run}/artifacts`);
}

function below(place: string, at: number, folder: string): string | null {
  if (at === -1) return null;
  const rest = place.slice(at + folder.length);
  if (rest === "") return "";
  return rest.startsWith("/") ? artifactKey(rest.slice(1)) : null;
}
