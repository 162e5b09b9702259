/** Bandit next to the built-in scanner: a recipe's check of rows, in every output format. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { checkData } from "../../packages/tunewise/src/app/check/index.ts";
import { evidenceText } from "../../packages/tunewise/src/cli/render/check.ts";
import { loadRecipe } from "../../packages/tunewise/src/prepare/index.ts";
import {
  checkReport,
  type DataCheck,
  documentHtml,
  sarifOf,
} from "../../packages/tunewise/src/report/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const bandit = join(dirname(process.env["TUNEWISE_PYTHON"] ?? ""), "bandit");
const isHere = spawnSync(bandit, ["--version"]).status === 0;
const root = temporaryFolder();
const runtime = createRuntime(root, new AbortController().signal, "0.0.0");

const answers = [
  "import subprocess\ndef f(a):\n    subprocess.run(\n        'ls ' + a,\n        shell=True,\n    )",
  "import ftplib\ndef g(host):\n    return ftplib.FTP(host)",
  "def h(a, b):\n    return a + b",
  "import tempfile\nname = tempfile.mktemp()",
];
writeFileSync(
  join(root, "train.jsonl"),
  answers
    .map((code, at) =>
      JSON.stringify({ prompt: `Task ${at}: write it.`, completion: `Here:\n\`\`\`python\n${code}\n\`\`\`` }),
    )
    .map((line) => `${line}\n`)
    .join(""),
);

async function check(command: string): Promise<DataCheck> {
  writeFileSync(
    join(root, "tunewise.yaml"),
    `name: scanned
model: ${resolve("models/small")}
data: { train: train.jsonl, split: { validation: 0, test: 0 } }
safety: { scanners: [builtin, { sarif: ${JSON.stringify(command)} }] }
`,
  );
  return checkData(await loadRecipe("tunewise.yaml", runtime), runtime);
}

const reasons = ({ observations }: DataCheck): string[] =>
  observations
    .filter(({ finding }) => finding.code === "CODE_INSECURE")
    .flatMap(({ evidence }) => evidence.map(({ place, reason }) => `${place.line}: ${reason}`));

describe.skipIf(!isHere)("Bandit", () => {
  test.each([
    ["to standard output", `'${bandit}' -q -r -f sarif`],
    ["to a file", `'${bandit}' -q -r -f sarif -o {output} {folder}`],
  ])(
    "%s: findings of one statement are one, its own stand beside, and each names its scanners",
    async (_, command) => {
      const checked = await check(command);
      expect(checked.findings.filter(({ code }) => code === "CODE_SCANNER_FAILED")).toEqual([]);
      const found = reasons(checked);
      expect(found).toContainEqual(expect.stringMatching(/^1: CWE-78 in line 5 .*\(builtin, bandit\)$/));
      expect(found.filter((line) => line.startsWith("2:"))).toContainEqual(
        expect.stringContaining("bandit)"),
      );
      expect(found.filter((line) => line.startsWith("3:"))).toEqual([]);
    },
  );

  test("text, page, JSON and SARIF name the scanners", async () => {
    const checked = await check(`'${bandit}' -q -r -f sarif`);
    const sarif = sarifOf(checked, "0.0.0", { folder: root, root });
    expect(evidenceText(checked, "CODE_INSECURE")).toContain("(builtin, bandit)");
    expect(documentHtml(checkReport(checked))).toContain("(builtin, bandit)");
    expect(JSON.stringify(checked.observations)).toContain('"sources":["builtin","bandit"]');
    expect(JSON.stringify(sarif)).toContain('"scanners":["builtin","bandit"]');
  });

  test("a wrong option is an error of its own and hides nothing", async () => {
    const checked = await check(`'${bandit}' --no-such-option`);
    const failed = checked.findings.find(({ code }) => code === "CODE_SCANNER_FAILED");
    expect(failed?.severity).toBe("error");
    expect(failed?.detail).toMatch(/bandit ended with code 2: .*--no-such-option/);
    expect(reasons(checked)).toContainEqual(expect.stringContaining("CWE-78"));
  });
});
