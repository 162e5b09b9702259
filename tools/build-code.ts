/** @file Bundles the package's code into few files, split so that a command loads only what it uses. */
import { rm } from "node:fs/promises";
import { build } from "rolldown";

/** Files of `packages/tunewise/src/api/` that the package exports: `index` under its name, the others as sub-paths. */
const publicFiles = ["index", "plan", "train", "track", "check", "search", "record", "ai"];

/** Rewrites `dist`, without types. */
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
      "cli/record-writer": "packages/tunewise/src/cli/record-writer.ts",
      "cli/runtime-probe": "packages/tunewise/src/cli/runtime-probe.ts",
      "cli/worker": "packages/tunewise/src/cli/worker.ts",
    },
    platform: "node",
    // Dependencies stay separate, with their own licences and versions. Workspaces are bundled: they are not published.
    external: (id) => !/^([./]|@tunewise\/)/.test(id),
    treeshake: { moduleSideEffects: false },
    output: { dir: "dist", format: "esm", chunkFileNames: "code/[name]-[hash].js" },
  });
  await buildBlockProgram("dist/cli/check-block.js");
}

/**
 * Writes the program that is sent to nodes of a cluster: one file that needs only Node.
 *
 * @throws {Error} where it imports a package when it starts
 */
export async function buildBlockProgram(file: string): Promise<void> {
  const { output } = await build({
    input: "packages/tunewise/src/cli/check-block.ts",
    platform: "node",
    external: (id) => !/^([./]|@tunewise\/)/.test(id),
    treeshake: { moduleSideEffects: false },
    output: { file, format: "esm", codeSplitting: false },
  });
  const imported = output.flatMap((part) => (part.type === "chunk" ? part.imports : []));
  const packages = imported.filter((name) => !name.startsWith("node:"));
  if (packages.length > 0) throw new Error(`${file} imports ${packages.join(", ")}, which nodes do not have`);
}
