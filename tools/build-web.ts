/** @file Builds the page: scripts and styles with hashes in their names, each also in compressed form. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "rolldown";

const source = "web/src";
const styles = join(source, "style");

/** A file of the page and its sizes. */
export interface BuiltAsset {
  readonly name: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Whether it is loaded before the first view; other files are loaded with the view that needs them. */
  readonly isFirst: boolean;
}

/** Replaces a folder with the built page. */
export async function buildWeb(folder = "dist/web"): Promise<BuiltAsset[]> {
  await rm(folder, { recursive: true, force: true });
  const assets = join(folder, "assets");
  await mkdir(assets, { recursive: true });
  const { output } = await build({
    input: { main: join(source, "main.tsx") },
    platform: "browser",
    transform: { target: "es2022" },
    tsconfig: "web/tsconfig.json",
    output: {
      dir: assets,
      format: "esm",
      minify: true,
      cleanDir: false,
      comments: { legal: false },
      entryFileNames: "[name]-[hash].js",
      chunkFileNames: "[name]-[hash].js",
      // all imports of the first view go into one file, even shared ones, which saves a request
      codeSplitting: { groups: [{ name: "main", test: /[\\/]web[\\/]src[\\/]main\.tsx$/ }] },
    },
    write: true,
  });
  const css = await styleText();
  const style = `style-${createHash("sha256").update(css).digest("base64url").slice(0, 8)}.css`;
  await writeFile(join(assets, style), css);
  const entry = output.find((one) => one.type === "chunk" && one.isEntry);
  const first = entry?.type === "chunk" ? [entry.fileName, ...entry.imports] : [];
  await writeFile(join(folder, "index.html"), document(first, style));
  const isFirst = new Set([...first, style]);
  const names = [...output.map(({ fileName }) => fileName), style];
  await compress(join(folder, "index.html"));
  return Promise.all(
    names.map(async (name) => ({
      name,
      ...(await compress(join(assets, name))),
      isFirst: isFirst.has(name),
    })),
  );
}

/** Styles in the order of their names, without comments and redundant white space. */
async function styleText(): Promise<string> {
  const names = (await readdir(styles)).filter((name) => name.endsWith(".css")).sort();
  const paths = [
    createRequire(import.meta.url).resolve("uplot/dist/uPlot.min.css"),
    ...names.map((name) => join(styles, name)),
  ];
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return texts
    .join("\n")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,>]) ?/g, "$1");
}

function document([entry, ...imports]: readonly string[], style: string): string {
  const preload = imports.map((name) => `<link rel="modulepreload" href="/assets/${name}">`);
  const icon =
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 14C5 14 5 4 8 4s3 6 7 6' fill='none' stroke='%232563eb' stroke-width='2.5'/%3E%3C/svg%3E";
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>tunewise</title>',
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">',
    `<link rel="icon" href="${icon}"><link rel="stylesheet" href="/assets/${style}">`,
    ...preload,
    `<script type="module" src="/assets/${entry}"></script></head>`,
    '<body><div id="page"></div><noscript>tunewise runs list shows the same in a terminal.</noscript></body></html>',
  ].join("");
}

/** Writes compressed versions beside a file. */
async function compress(path: string): Promise<{ readonly bytes: number; readonly gzipBytes: number }> {
  const bytes = await readFile(path);
  const gzip = gzipSync(bytes, { level: 9 });
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  await writeFile(`${path}.gz`, gzip);
  await writeFile(`${path}.br`, brotliCompressSync(bytes, { params: quality }));
  return { bytes: bytes.length, gzipBytes: gzip.length };
}
