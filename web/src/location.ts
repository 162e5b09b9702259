/** @file The address is the state: what a view shows stands behind `#`, so that a link shows the same. */
import { signal } from "@preact/signals";

/** Where the page is: the parts of the path and the fields behind `?`. */
export interface Location {
  readonly path: readonly string[];
  readonly fields: URLSearchParams;
}

/** Where the page is now. */
export const location = signal<Location>(readAddress());

window.addEventListener("hashchange", () => {
  location.value = readAddress();
});

/** A link to a view. Fields that are empty are left out. */
export function linkTo(path: readonly string[], fields: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== ""));
  const parts = path.map(encodeURIComponent).join("/");
  return `#/${parts}${query.size > 0 ? `?${query}` : ""}`;
}

/**
 * Changes fields of the view that is shown; an empty value takes a field away.
 *
 * @param isStep whether the browser's back button leads to what was before
 */
export function changeFields(changes: Readonly<Record<string, string>>, isStep = true): void {
  const { path, fields } = location.value;
  const next = linkTo(path, { ...Object.fromEntries(fields), ...changes });
  if (isStep) window.history.pushState(null, "", next);
  else window.history.replaceState(null, "", next);
  location.value = readAddress();
}

/** Goes to another view. */
export function go(link: string): void {
  window.location.hash = link.slice(1);
}

/** Reads the address; links that MLflow's and W&B's clients print lead to the same views. */
function readAddress(): Location {
  const [, entity, project, , run] =
    /^\/([^/]+)\/([^/]+)\/(runs|workspace)\/?([^/]*)$/.exec(window.location.pathname) ?? [];
  if (entity !== undefined && project !== undefined) {
    const path = run ? ["runs", decodeURIComponent(run)] : ["runs"];
    const link = linkTo(path, { wandb: `${decodeURIComponent(entity)}/${decodeURIComponent(project)}` });
    window.history.replaceState(null, "", `/${link}`);
  }
  const [words = "", query = ""] = window.location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const path = words
    .split("/")
    .filter((word) => word !== "")
    .map(decoded);
  const fields = new URLSearchParams(query);
  if (path[0] !== "experiments") return { path, fields };
  const [, experiment = "", noun, id = ""] = path;
  if (noun === "runs" && id !== "") return { path: ["runs", id], fields };
  fields.set("projects", experiment);
  return { path: ["runs"], fields };
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
