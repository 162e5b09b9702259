/**
 * @file Names that MLflow accepts: plain characters, and normalized paths, because it stores each value in a file with
 * that name.
 *
 * @source mlflow/mlflow mlflow/utils/validation.py
 */
import { plainKey as plainPath } from "../../artifacts/artifact-store.ts";

const maxKeyChars = 250;
const otherLetters = /[^\p{L}\p{N}_.\- :/]/gu;

/**
 * Maps keys to names: the key itself if it is valid, otherwise the nearest free name. No name is a folder of another
 * name, none leads out of the folder, and all are distinct.
 *
 * @param heedsCase whether names that differ only in case are distinct; on some file systems they are not
 */
export function mlflowKeys(keys: Iterable<string>, heedsCase: boolean): ReadonlyMap<string, string> {
  const folded = (name: string): string => (heedsCase ? name : name.toLowerCase());
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const folders = new Set<string>();
  // Valid keys come first, so that other keys do not take their names.
  const ordered = [...new Set(keys)].sort();
  for (const isPlain of [true, false]) {
    for (const key of ordered) {
      if ((plainKey(key) === key) !== isPlain) continue;
      const name = freeName(plainKey(key), folded, taken, folders);
      names.set(key, name);
      taken.add(folded(name));
      for (const folder of foldersOf(name)) folders.add(folded(folder));
    }
  }
  return names;
}

function plainKey(key: string): string {
  const letters = key
    .replace(otherLetters, "_")
    .slice(0, maxKeyChars - 8)
    .trim();
  const whole = letters.replaceAll(":", "_");
  const isPath = plainPath(whole) !== null && !whole.startsWith("..");
  return isPath ? letters : whole.replaceAll("/", "_").replace(/^\.+/, "_") || "_";
}

function freeName(
  wanted: string,
  folded: (name: string) => string,
  taken: ReadonlySet<string>,
  folders: ReadonlySet<string>,
): string {
  const isFree = (name: string): boolean => {
    const low = folded(name);
    return !taken.has(low) && !folders.has(low) && !foldersOf(low).some((folder) => taken.has(folder));
  };
  if (isFree(wanted)) return wanted;
  const flat = wanted.replaceAll("/", "_");
  for (let count = 2; ; count++) {
    const name = `${flat}_${count}`;
    if (isFree(name)) return name;
  }
}

function foldersOf(name: string): string[] {
  const parts = name.split("/");
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("/"));
}
