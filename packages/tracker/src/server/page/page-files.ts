/** @file Reads the page's files once, including the compressed copies that the build wrote. */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { readRegularFile } from "@tunewise/core/untrusted";

/** Maximum size of a file of the page. */
const maxFileBytes = 16 * 1024 ** 2;

/** Encodings, the most compact first. */
const encodings = [
  { name: "br", extension: ".br" },
  { name: "gzip", extension: ".gz" },
] as const;

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** One file of the page. */
export interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
  /** Compressed copies, the most compact encoding first. */
  readonly compressed: readonly { readonly encoding: string; readonly bytes: Buffer }[];
}

/** The page: the document, and the files that it loads from `/assets/`. */
export interface PageFiles {
  readonly document: PageFile;
  readonly assets: ReadonlyMap<string, PageFile>;
}

/** Reads the page that a build wrote; `null` if there is none. @param folder with `index.html` and `assets` */
export async function readPageFiles(folder: string): Promise<PageFiles | null> {
  const names = await readdir(join(folder, "assets")).catch(() => null);
  if (names === null) return null;
  const assets = new Map<string, PageFile>();
  for (const name of names) {
    if (types[extname(name)] !== undefined)
      assets.set(name, await readPageFile(join(folder, "assets", name)));
  }
  return { document: await readPageFile(join(folder, "index.html")), assets };
}

async function readPageFile(path: string): Promise<PageFile> {
  const bytes = await readRegularFile(path, maxFileBytes);
  const compressed: { encoding: string; bytes: Buffer }[] = [];
  for (const { name, extension } of encodings) {
    const found = await readRegularFile(path + extension, maxFileBytes).catch(() => null);
    if (found) compressed.push({ encoding: name, bytes: found });
  }
  const digest = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
  return { type: types[extname(path)] as string, etag: `"${digest}"`, bytes, compressed };
}
