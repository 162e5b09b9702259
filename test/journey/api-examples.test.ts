/** Compiles and runs the examples of the API reference as a program that depends on the package. */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { compilerOptions, promisedOutput, publicNames, subPaths } from "../support/api-examples.ts";
import { project, recipe, tunewise, useProjects } from "../support/run-projects.ts";

useProjects();

const options = compilerOptions();
const names = publicNames(ts.createProgram([...subPaths().values()], options));
const examples = names.flatMap(({ name, examples: all }) => all.map((code) => ({ name, code })));

// a retry would find the files of the first attempt
describe("the library's examples", { retry: 0 }, () => {
  let folder = "";
  beforeAll(() => {
    folder = project("library", recipe().replace("seed: 3", "seed: 4"));
    expect(tunewise(folder, "run", "--yes").code).toBe(0);
    writeFileSync(join(folder, "tunewise.yaml"), recipe());
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(resolve("."), join(folder, "node_modules/tunewise"));
  });

  test.each(names)(
    "$name has a docstring, and unless it is a type an example that says what it prints",
    (name) => {
      expect(name.summary).not.toBe("");
      if (!name.isType) expect(name.examples.length).toBeGreaterThan(0);
      for (const code of name.examples) expect(promisedOutput(code).length).toBeGreaterThan(0);
    },
  );

  test("compile against the package's types", () => {
    const files = new Map(examples.map(({ code }, at) => [resolve(`example-${at}.ts`), code]));
    expect(compile(files)).toEqual([]);
    const wrong = 'import { createRuntime } from "tunewise/plan";\ncreateRuntime({ cwd: 1 });\n';
    expect(compile(new Map([[resolve("wrong.ts"), wrong]]))).toHaveLength(1);
  });

  test.each(examples)("of $name prints what it promises", ({ name, code }) => {
    expect(run(folder, name, code)).toEqual({ out: promisedOutput(code), err: "" });
  });
});

/** Compiler errors in files that exist only in memory. */
function compile(files: ReadonlyMap<string, string>): string[] {
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (path, target, ...rest) => {
    const text = files.get(path);
    return text === undefined
      ? getSourceFile(path, target, ...rest)
      : ts.createSourceFile(path, text, target);
  };
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()]
    .flatMap((path) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

function run(folder: string, name: string, code: string): { out: string[]; err: string } {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
    },
  });
  const script = join(folder, `${name}.mjs`);
  writeFileSync(script, outputText);
  const { stdout, stderr } = spawnSync(process.execPath, [script], {
    cwd: folder,
    encoding: "utf8" as const,
    env: { ...process.env, NO_COLOR: "1", HF_TOKEN: "", HF_HUB_OFFLINE: "1" },
  });
  return { out: stdout === "" ? [] : stdout.trimEnd().split("\n"), err: stderr };
}
