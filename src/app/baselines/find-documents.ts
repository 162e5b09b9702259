/** @file Resolves `retrieval.documents` of a recipe: files, folders with all their descendants, and glob patterns. */
import { readdir, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { problem } from "../../problem/index.ts";

/** A file and its name in citations. */
export interface DocumentFile {
  readonly path: string;
  /** Relative to the recipe, with forward slashes. */
  readonly name: string;
}

/** File extensions of documents; other files in a folder are ignored. */
const documentExtensions = /\.(md|markdown|txt|text|html?|xhtml|pdf|csv|tsv|json|jsonl)$/i;
/** Maximum files of a corpus. */
const maxFiles = 200_000;

/**
 * Returns the files in order of name. Links are not followed, so that no pattern leaves its folder.
 *
 * @throws {TunewiseError} `DOCUMENTS_NOT_FOUND` if one of the patterns matches nothing
 */
export async function findDocuments(words: readonly string[], folder: string): Promise<DocumentFile[]> {
  const found = new Map<string, DocumentFile>();
  for (const word of words) {
    let hits = 0;
    const star = word.indexOf("*");
    const start = star === -1 ? word : word.slice(0, word.lastIndexOf("/", star) + 1) || ".";
    const root = isAbsolute(start) ? start : resolve(folder, start);
    const kind = await stat(root).catch(() => null);
    const add = (path: string): void => {
      const inside = relative(folder, path);
      const name = (inside.startsWith("..") ? path : inside).split(sep).join("/");
      hits++;
      if (found.size < maxFiles) found.set(path, { path, name });
    };
    if (kind?.isFile() && star === -1) add(root);
    else if (kind?.isDirectory()) {
      const pattern = star === -1 ? null : word.slice(word.lastIndexOf("/", star) + 1);
      for (const path of await filesBelow(root)) {
        const name = relative(root, path).split(sep).join("/");
        if (pattern === null ? documentExtensions.test(name) : matches(name, pattern)) add(path);
      }
    }
    if (hits === 0) throw problem("DOCUMENTS_NOT_FOUND", { word, folder });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function filesBelow(root: string): Promise<string[]> {
  const found: string[] = [];
  const open = [root];
  for (let folder = open.pop(); folder !== undefined && found.length < maxFiles; folder = open.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) open.push(join(folder, entry.name));
      else if (entry.isFile()) found.push(join(folder, entry.name));
    }
  }
  return found;
}

/**
 * Whether a path matches a glob: `*` matches within one folder, `**` across folders. Runs in O(path × pattern) for any
 * pattern.
 */
export function matches(path: string, pattern: string): boolean {
  // positions of the pattern that are reachable after each character of the path
  let places = follow(pattern, new Set([0]));
  for (const character of path) {
    const next = new Set<number>();
    for (const at of places) {
      if (pattern.startsWith("**", at)) next.add(at);
      else if (pattern[at] === "*") {
        if (character !== "/") next.add(at);
      } else if (pattern[at] === character) next.add(at + 1);
    }
    places = follow(pattern, next);
  }
  return places.has(pattern.length);
}

/** Adds the positions after stars, which may match nothing; `**` may match the following slash too. */
function follow(pattern: string, places: Set<number>): Set<number> {
  for (const at of places) {
    if (pattern.startsWith("**/", at)) places.add(at + 3);
    if (pattern.startsWith("**", at)) places.add(at + 2);
    else if (pattern[at] === "*") places.add(at + 1);
  }
  return places;
}
