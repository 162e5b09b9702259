/** @file The code of the package as few files, cut so that a command loads what it uses and no more. */
import { rm } from "node:fs/promises";
import { build } from "rolldown";

/** Writes `dist` anew, without types. */
export async function buildCode(): Promise<void> {
  await rm("dist", { recursive: true, force: true });
  await build({
    input: {
      index: "src/index.ts",
      "cli/main": "src/cli/main.ts",
      "cli/supervisor": "src/cli/supervisor.ts",
      "cli/sql-reader": "src/cli/sql-reader.ts",
      "cli/document-reader": "src/cli/document-reader.ts",
      "cli/worker": "src/cli/worker.ts",
    },
    platform: "node",
    // Packages stay packages, with their own licences and versions; but for workspaces, which are not published.
    external: (id) => !/^([./]|@tunewise\/)/.test(id),
    treeshake: { moduleSideEffects: false },
    output: { dir: "dist", format: "esm", chunkFileNames: "code/[name]-[hash].js" },
  });
}
