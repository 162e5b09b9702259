/** @file Generates `docs/reference/api/` from the docstrings of `packages/tunewise/src/api/`, one page per sub-path. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Application } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";

/** The folder of the pages. */
export const target = "docs/reference/api";

/** Files of `packages/tunewise/src/api/`, in order of use. A name exported twice is described in the first file. */
const names = ["plan", "train", "track", "check", "search", "record", "ai", "index"];

/** The pages by file name. */
export async function generate(): Promise<ReadonlyMap<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "tunewise-api-"));
  try {
    const outputs = [{ name: "markdown", path: folder }];
    const app = await Application.bootstrapWithPlugins({ ...options, ...pages, outputs });
    const project = await app.convert();
    if (project === undefined || app.logger.hasErrors())
      throw new Error("typedoc cannot read packages/tunewise/src/api");
    await app.generateOutputs(project);
    const made = names.map((name) => [
      `${name}.md`,
      page(name, readFileSync(join(folder, `${name}.md`), "utf8")),
    ]);
    return new Map([["README.md", overview()], ...(made as [string, string][])]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const head =
  "<!-- Made by tools/generate-api.ts from the docstrings of packages/tunewise/src/api/; change it there. -->\n";

const options = {
  entryPoints: names.map((name) => `packages/tunewise/src/api/${name}.ts`),
  tsconfig: "tsconfig.json",
  plugin: ["typedoc-plugin-markdown"],
  skipErrorChecking: true, // the compiler checks them
  disableSources: true, // line numbers would change with every edit above
  readme: "none",
  logLevel: "Error" as const,
  groupOrder: ["Functions", "Classes", "Interfaces", "Type Aliases", "References"],
};

const pages: Partial<PluginOptions> = {
  outputFileStrategy: "modules",
  hidePageHeader: true,
  hideBreadcrumbs: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  typeDeclarationFormat: "table",
  tableColumnSettings: { hideModifiers: true },
};

/** A page with the import name as its title. */
function page(name: string, text: string): string {
  return text.replace(/^# .*\n/, `${head}# ${importName(name)}\n\n${sentenceOf(name)}\n`);
}

function overview(): string {
  const list = names.map((name) => `- [\`${importName(name)}\`](${name}.md): ${sentenceOf(name)}`);
  return `${head}# Library

What a program can do with the package, beside the [command line](../cli.md). Every function has the form
\`(subject, options)\`; the options may be omitted. Their \`runtime\`, made by \`createRuntime\`, sets the working
directory and a signal to interrupt; default: this process, never interrupted. Money is in dollars, in properties whose
names contain \`usd\`; times are in seconds, sizes in bytes. Errors are \`TunewiseError\`, with one of the
[problem codes](../errors.md). \`test/journey/api-examples.test.ts\` runs the examples.

Programs of at most 15 lines: [a CI gate](../../../examples/library/ci-gate.mjs) ·
[rows in memory, trained and asked](../../../examples/library/train-rows.mjs) ·
[cost of each project](../../../examples/library/costs.mjs).

${list.join("\n")}
`;
}

function importName(name: string): string {
  return name === "index" ? "tunewise" : `tunewise/${name}`;
}

/** The summary on the file's `@file` line, capitalized. */
function sentenceOf(name: string): string {
  const [, text = ""] =
    /@file (?:`[^`]+`: )?(.+?) \*\//.exec(readFileSync(`packages/tunewise/src/api/${name}.ts`, "utf8")) ?? [];
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
