/** @file Scanners of a recipe, with a test program that writes SARIF in various valid and invalid ways. */
import { readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtin, type CodeScan } from "@tunewise/datacheck";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import type { CodeScannerEntry } from "../../recipe/index.ts";
import { createRuntime } from "../../runtime/index.ts";
import { openScanners } from "./open-scanners.ts";
import { filledWords, nameOf } from "./scanner-command.ts";

const root = temporaryFolder();

// Reports each line of code that contains a word: `node scan.mjs HOW FOLDER [OUTPUT]`.
writeFileSync(
  join(root, "scan.mjs"),
  `import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
const [how, folder, output] = process.argv.slice(2);
const results = readdirSync(folder).flatMap((name) =>
  readFileSync(join(folder, name), "utf8").split("\\n").flatMap((line, at) => {
    const uri = how === "file" ? pathToFileURL(join(folder, name)).href : how === "outside" ? "../" + name : name;
    const place = { artifactLocation: { uri }, region: { startLine: at + 1 } };
    const found = { ruleId: "R1", level: "error", message: { text: "Marked." } };
    return /query|os.system/.test(line) ? [{ ...found, locations: [{ physicalLocation: place }] }] : [];
  }));
const tags = how === "unnumbered" ? [] : ["CWE-78"];
const tool = { driver: { rules: [{ id: "R1", properties: { tags } }] } };
const log = { version: "2.1.0", runs: [{ tool, results }] };
const text = JSON.stringify(log);
if (how === "garbage") console.log("Traceback");
else if (how === "hang") setTimeout(() => {}, 60000);
else if (how === "giant") for (;;) writeFileSync(1, "x".repeat(1 << 20));
else if (how === "broken") { console.error("first\\nno such rules"); process.exit(2); }
else if (how === "signal") process.kill(process.pid, "SIGKILL");
else if (how === "secrets") { console.error(JSON.stringify(process.env)); process.exit(9); }
else if (output) writeFileSync(output, text);
else console.log(text);
if (how === "findings") process.exitCode = 1;
`,
);
const notes: string[] = [];
const runtime = {
  ...createRuntime(root, new AbortController().signal, "0.0.0"),
  note: (text: string) => notes.push(text),
};
const command = (how: string, rest = "{folder}"): CodeScannerEntry => ({
  sarif: `'${process.execPath}' {recipe}/scan.mjs ${how} ${rest}`,
  name: "marks",
  maxSeconds: 60,
  maxMegabytes: 4_096,
});
const texts = [
  "```python\nimport os\ndef f(a):\n    os.system('ls ' + a)\n```\n",
  "No code.",
  "Then:\n\n```python\nimport hashlib\nquery = 1\nhashlib.md5(b'a')\n```\n",
];
const scan = (...scanners: CodeScannerEntry[]): Promise<CodeScan> =>
  openScanners({ scanners }, root, runtime)(texts);
const shown = ({ found }: CodeScan): string[] =>
  found.flatMap((list, at) =>
    list.map(({ line, cwe, sources }) => `${at}:${line} ${cwe} ${sources.join("+")}`),
  );

const alone = ["0:4 78 builtin", "2:6 327 builtin"];
const both = ["0:4 78 builtin+marks", "2:5 78 marks", "2:6 327 builtin"];

describe("a command that writes SARIF", () => {
  test.each([
    ["relative names", command("plain")],
    ["file addresses", command("file")],
    ["code 1 for findings", command("findings")],
    ["a file of its own", command("plain", "{folder} {output}")],
    ["the folder behind its words", command("plain", "")],
  ])("%s", async (_, entry) => {
    const found = await scan(builtin, entry);
    expect([shown(found), found.failures, found.scanners]).toEqual([both, [], ["builtin", "marks"]]);
  });

  test("by itself, where the recipe does not list the one that comes along", async () => {
    expect(shown(await scan(command("plain")))).toEqual(["0:4 78 marks", "2:5 78 marks"]);
    expect(shown(await scan(builtin))).toEqual(alone);
  });

  test("two commands of one program are two scanners", async () => {
    const found = await scan(builtin, command("plain"), command("findings"));
    expect(found.scanners).toEqual(["builtin", "marks", "marks 2"]);
    expect(shown(found)[0]).toBe("0:4 78 builtin+marks+marks 2");
  });

  test("what lies outside and what has no number is left out, and told", async () => {
    notes.length = 0;
    expect(shown(await scan(builtin, command("outside")))).toEqual(alone);
    expect(shown(await scan(builtin, command("unnumbered")))).toEqual(alone);
    expect(notes.filter((text) => text.startsWith("results"))).toEqual([
      "results of marks that do not count: 2 outside of the code that it was given",
      "results of marks that do not count: 2 without a number of the Common Weakness Enumeration",
    ]);
  });

  test("nothing is started where no text holds code", async () => {
    const found = await openScanners({ scanners: [builtin, command("broken")] }, root, runtime)(["words"]);
    expect([found.failures, found.found]).toEqual([[], [[]]]);
  });
});

describe("a command that fails hides nothing", () => {
  const failing: [how: string, entry: CodeScannerEntry, what: RegExp, fix: RegExp][] = [
    ["garbage", command("garbage"), /wrote no SARIF 2\.1\.0 \(.*Traceback/, /to standard output/],
    ["no file", command("plain", "{folder} # {output}x"), /no file that can be read/, /\{output\}/],
    ["exit 2", command("broken"), /^ended with code 2: no such rules$/, /run the command/],
    [
      "timeout",
      { ...(command("hang") as object), maxSeconds: 1 } as CodeScannerEntry,
      /longer than 1 s/,
      /max_seconds/,
    ],
    ["a giant", command("giant"), /more than 128 MiB/, /rules/],
    ["a signal", command("signal"), /ended by SIGKILL/, /run the command/],
    [
      "missing",
      { ...(command("x") as object), sarif: "no-such-scanner" } as CodeScannerEntry,
      /no program no-such/,
      /install/,
    ],
  ];
  test.each(failing)("%s", async (_, entry, what, fix) => {
    const found = await scan(builtin, entry);
    expect(shown(found)).toEqual(alone);
    expect(found.failures).toMatchObject([{ scanner: "marks", what: expect.stringMatching(what) }]);
    expect(found.failures[0]?.fix).toMatch(fix);
    // the built-in scanner takes over
    const only = await scan(entry);
    expect([shown(only), only.scanners]).toEqual([alone, ["builtin", "marks"]]);
  });

  test("another one that works still counts", async () => {
    expect(
      shown(
        await scan(builtin, command("broken"), {
          ...(command("plain") as object),
          name: "other",
        } as CodeScannerEntry),
      ),
    ).toEqual(both.map((line) => line.replace("marks", "other")));
  });

  test("no folder is left, and no secret is handed on", async () => {
    const mine = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("tunewise-code-"));
    const before = mine();
    const environment = { ...runtime.environment, HF_TOKEN: "hf_secretsecret" };
    const found = await openScanners({ scanners: [command("secrets")] }, root, { ...runtime, environment })(
      texts,
    );
    expect(found.failures[0]?.what).toContain("ended with code 9");
    expect(JSON.stringify(found)).not.toContain("secretsecret");
    expect(mine().filter((name) => !before.includes(name))).toEqual([]);
  });
});

test("names and places of commands", () => {
  const entry = (sarif: string, name: string | null = null): CodeScannerEntry => ({
    sarif,
    name,
    maxSeconds: 1,
    maxMegabytes: 64,
  });
  expect(
    [entry("/a/b/semgrep.exe scan"), entry("x y", "mine"), builtin as CodeScannerEntry].map(nameOf),
  ).toEqual(["semgrep", "mine", "builtin"]);
  const places = { folder: "/f", output: "/o", recipe: "/r" };
  expect(filledWords("a --config={recipe}/x -o {output}", places)).toEqual([
    "a",
    "--config=/r/x",
    "-o",
    "/o",
    "/f",
  ]);
  expect(filledWords("a {folder}/... -x '{other} y'", places)).toEqual(["a", "/f/...", "-x", "{other} y"]);
});
