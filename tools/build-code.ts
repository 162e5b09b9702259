/** @file The code of the package as few files, cut so that a command loads what it uses and no more. */
import { rm } from "node:fs/promises";
import { build } from "rolldown";

/** Files of `packages/tunewise/src/api/`: what the package exports, `index` by its own name and the others as sub-paths. */
const publicFiles = ["index", "plan", "train", "track", "check", "search"];

/** Writes `dist` anew, without types. */
export async function buildCode(): Promise<void> {
  await rm("dist", { recursive: true, force: true });
  await build({
    input: {
      ...Object.fromEntries(
        publicFiles.map((name) => [`api/${name}`, `packages/tunewise/src/api/${name}.ts`]),
      ),
      "cli/main": "packages/tunewise/src/cli/main.ts",
      "cli/supervisor": "packages/tunewise/src/cli/supervisor.ts",
      "cli/sql-reader": "packages/tunewise/src/cli/sql-reader.ts",
      "cli/document-reader": "packages/tunewise/src/cli/document-reader.ts",
      "cli/worker": "packages/tunewise/src/cli/worker.ts",
    },
    platform: "node",
    // Packages stay packages, with their own licences and versions; but for workspaces, which are not published.
    external: (id) => !/^([./]|@tunewise\/)/.test(id),
    treeshake: { moduleSideEffects: false },
    output: { dir: "dist", format: "esm", chunkFileNames: "code/[name]-[hash].js" },
  });
  await buildBlockProgram("dist/cli/check-block.js");
}

/** Writes the program that is sent to nodes of a cluster: one file that needs Node alone. */
export async function buildBlockProgram(file: string): Promise<void> {
  await build({
    input: "packages/tunewise/src/cli/check-block.ts",
    platform: "node",
    external: (id) => !/^([./]|@tunewise\/)/.test(id),
    treeshake: { moduleSideEffects: false },
    output: { file, format: "esm", codeSplitting: false },
  });
}
