/**
 * @file The files that a recipe's `retrieval.documents` names: files, folders with all below, patterns with `*`.
 */
import { readdir, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { problem } from "../../problem/index.ts";

/** A file to read, and the name it is cited by. */
export interface DocumentFile {
  readonly path: string;
  /** Relative to the recipe, with forward slashes. */
  readonly name: string;
}

/** Endings that documents have; other files of a folder are no documents. */
const endings = /\.(md|markdown|txt|text|html?|xhtml|pdf|csv|tsv|json|jsonl)$/i;
/** Most files of a corpus. */
const filesMost = 200_000;

/**
 * Finds them, in order of name. Links are not followed, so that no pattern leads out of its folder.
 *
 * @throws {TunewiseError} `DOCUMENTS_NOT_FOUND` where one of the words names nothing
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
      if (found.size < filesMost) found.set(path, { path, name });
    };
    if (kind?.isFile() && star === -1) add(root);
    else if (kind?.isDirectory()) {
      const pattern = star === -1 ? null : word.slice(word.lastIndexOf("/", star) + 1);
      for (const path of await filesBelow(root)) {
        const name = relative(root, path).split(sep).join("/");
        if (pattern === null ? endings.test(name) : matches(name, pattern)) add(path);
      }
    }
    if (hits === 0) throw problem("DOCUMENTS_NOT_FOUND", { word, folder });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function filesBelow(root: string): Promise<string[]> {
  const found: string[] = [];
  const open = [root];
  for (let folder = open.pop(); folder !== undefined && found.length < filesMost; folder = open.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) open.push(join(folder, entry.name));
      else if (entry.isFile()) found.push(join(folder, entry.name));
    }
  }
  return found;
}

/**
 * Whether a path fits a pattern: `*` is anything within one folder, `**` anything. Time grows with the product of both
 * lengths, whatever the pattern.
 */
export function matches(path: string, pattern: string): boolean {
  // reachable places of the pattern after each character of the path
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

/** Adds the places behind stars, which may stand for nothing; `**` may swallow the slash behind it too. */
function follow(pattern: string, places: Set<number>): Set<number> {
  for (const at of places) {
    if (pattern.startsWith("**/", at)) places.add(at + 3);
    if (pattern.startsWith("**", at)) places.add(at + 2);
    else if (pattern[at] === "*") places.add(at + 1);
  }
  return places;
}
