/**
 * The command line without its optional packages: each error names the feature that needs the package and the command
 * that installs it.
 */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { loader, program } from "../support/program.ts";
import { project, tunewise, useProjects } from "../support/run-projects.ts";
import { withoutPackages } from "../support/without-packages.ts";

useProjects();

const keys = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "us-east-1" };

test.each([
  ["pg", "PACKAGE_MISSING", ["runs", "list", "--store", "postgres://localhost/runs"]],
  ["hyparquet-writer", "PACKAGE_MISSING", ["store", "export", "parquet", "--output", "tables"]],
  ["aws4", "BUCKET_SIGNER_MISSING", ["server", "start", "--port", "0", "--artifacts", "s3://bucket/runs"]],
])("%s", (name, code, words) => {
  const folder = project(name);
  expect(tunewise(folder, "cost", "budget", "set", "5usd").code).toBe(0); // creates a store to export
  const { status, stderr } = run(folder, [withoutPackages(name), program, ...words]);
  expect(stderr).toContain(code);
  expect(stderr.replace(/\s+/g, " ")).toContain(`needs the package ${name}, which cannot be loaded`);
  expect(stderr).toContain(`npm install ${name}`);
  expect(status).toBe(1);
});

const read = (file: string, text: string) => `
import { readDocument } from ${JSON.stringify(resolve("packages/tunewise/src/retrieve/index.ts"))};
const { findings } = await readDocument(${JSON.stringify(file)}, new TextEncoder().encode(${JSON.stringify(text)}));
console.log(findings.map(({ code, fix }) => [code, fix].join(" ")).join("\\n"));`;

test.each([
  ["htmlparser2", "DOCUMENT_READER_MISSING", read("a.html", "<p>text")],
  ["unpdf", "DOCUMENT_READER_MISSING", read("a.pdf", "%PDF-1.4\n")],
])("%s", (name, code, script) => {
  expect(runScript(name, script).stdout.trim()).toBe(`${code} npm install ${name}`);
});

const inspect = `
import { inspectRows } from ${JSON.stringify(resolve("packages/datacheck/src/index.ts"))};
const place = { file: "rows.jsonl", line: 1 };
const answer = "\`\`\`python\\nimport os\\nos.system(name)\\n\`\`\`\\n";
const row = { messages: [{ role: "user", content: "Run it" }, { role: "assistant", content: answer }], place };
const options = { labels: false, depth: "full", benchmarks: new Map() };
const found = await inspectRows({ train: [row], validation: [], test: [] }, options);
const missing = found.filter(({ finding }) => finding.code === "PACKAGE_MISSING");
console.log(missing.map(({ finding }) => finding.fix).join("\\n"));`;

test("@vscode/tree-sitter-wasm", () => {
  const name = "@vscode/tree-sitter-wasm";
  expect(runScript(name, inspect).stdout.trim()).toBe(`npm install ${name}`);
  expect(runScript("some-other-package", inspect).stdout.trim()).toBe("");
});

test("graphql", () => {
  const script = `
import { wandbProtocol } from ${JSON.stringify(resolve("packages/tracker/src/server/wandb/protocol.ts"))};
const route = wandbProtocol({}).routes.find(({ path }) => path === "/graphql");
await route.handle({ query: "" }, {}).catch(({ code, fix }) => console.log(code, fix));`;
  expect(runScript("graphql", script).stdout.trim()).toBe("PACKAGE_MISSING npm install graphql");
});

function runScript(without: string, script: string): { stdout: string; stderr: string } {
  const path = join(project("script"), "script.mts");
  writeFileSync(path, script);
  return run(resolve("."), [withoutPackages(without), `--import=${loader}`, path]);
}

function run(folder: string, words: readonly string[]): SpawnSyncReturns<string> {
  const env = { ...process.env, ...keys, NO_COLOR: "1", HF_HUB_OFFLINE: "1" };
  return spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8", env });
}
