/** Tests workers that end without a result or with a failure. For real workers see `test/conformance/contract`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunSpec } from "@tunewise/core/run";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { createRuntime } from "../../runtime/index.ts";
import { processExecutor } from "./process.ts";

const root = temporaryFolder();
const real = createRuntime(root, new AbortController().signal, "0");

/** Returns how an execution ends whose worker is the given program; its last argument is the run's folder. */
async function endOf(name: string, program: string): Promise<unknown> {
  const folder = join(root, name);
  mkdirSync(folder);
  const path = join(root, `${name}.mjs`);
  writeFileSync(
    path,
    `import { writeFileSync } from "node:fs";\nconst run = process.argv.at(-1);\n${program}`,
  );
  const spec = { run: name, folder } as RunSpec;
  const execution = await processExecutor({ ...real, node: [process.execPath, path] }).start(spec);
  for await (const event of execution.events()) throw new Error(`there was an event ${event.kind}`);
  return execution.result();
}

const ended = (end: object): string =>
  `writeFileSync(run + "/execution/end.json", ${JSON.stringify(JSON.stringify(end))});`;

test.each([
  [
    "killed",
    'process.kill(process.pid, "SIGKILL");',
    "was terminated by SIGKILL, as happens when memory runs out",
  ],
  ["terminated", 'process.kill(process.pid, "SIGTERM");', "was terminated by SIGTERM"],
  [
    "crashed",
    'console.error("starting\\nError: bad allocation"); process.exitCode = 134;',
    "ended with exit code 134: Error: bad allocation",
  ],
  ["quiet", "", "ended with exit code 0"],
  ["garbled", 'writeFileSync(run + "/execution/end.json", "{");', "ended with exit code 0"],
])("a worker that is %s is lost, with the reason", async (name, program, how) => {
  const params = { run: name, how };
  await expect(endOf(name, program)).rejects.toMatchObject({ code: "EXECUTION_LOST", params });
});

test("a problem comes over as it is, another error in its words", async () => {
  const params = { run: "r", before: "a", now: "b" };
  const failure = { code: "RUN_DATA_CHANGED", params, message: "" };
  await expect(endOf("problem", ended({ kind: "failure", failure }))).rejects.toMatchObject({
    code: "RUN_DATA_CHANGED",
    params,
  });
  const other = { code: null, params: {}, message: "no such kernel" };
  await expect(endOf("error", ended({ kind: "failure", failure: other }))).rejects.toThrow("no such kernel");
});
