/**
 * @file The page's state is in the address: the part after `#` determines what a view shows, so that a link shows the
 * same.
 */
import { signal } from "@preact/signals";

/** The parts of the path, and the fields after `?`. */
export interface Location {
  readonly path: readonly string[];
  readonly fields: URLSearchParams;
}

/** The current location. */
export const location = signal<Location>(readAddress());

window.addEventListener("hashchange", () => {
  location.value = readAddress();
});

/** A link to a view. Empty fields are omitted. */
export function linkTo(path: readonly string[], fields: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== ""));
  const parts = path.map(encodeURIComponent).join("/");
  return `#/${parts}${query.size > 0 ? `?${query}` : ""}`;
}

/**
 * Changes fields of the current view; an empty value removes a field.
 *
 * @param isStep whether the back button returns to the previous state
 */
export function changeFields(changes: Readonly<Record<string, string>>, isStep = true): void {
  const { path, fields } = location.value;
  const next = linkTo(path, { ...Object.fromEntries(fields), ...changes });
  if (isStep) window.history.pushState(null, "", next);
  else window.history.replaceState(null, "", next);
  location.value = readAddress();
}

/** Navigates to another view. */
export function go(link: string): void {
  window.location.hash = link.slice(1);
}

/** Parses the address. Links printed by MLflow and W&B clients lead to the corresponding views. */
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
