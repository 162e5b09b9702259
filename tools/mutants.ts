/**
 * @file Mutation testing of code that makes decisions or counts money: changes one small place at a time, and lists
 *   the changes that no test detects. Run `npm run mutants -- packages/tunewise/src/guard`, or without a module for
 *   all. If a file has a test beside it, that test alone must detect the file's changes, which is faster and stricter.
 *
 * `mutants/explained.json` lists changes without an effect, and changes that no test should detect, each with a reason.
 * They count as detected.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";

/** The modules, and the tests that must detect a change in each. A package is only mutated if it is named. */
const modules: Readonly<Record<string, readonly string[]>> = {
  "packages/tunewise/src/guard": ["packages/tunewise/src/guard/**/*.test.ts"],
  "packages/tunewise/src/plan/money": ["packages/tunewise/src/plan/money/**/*.test.ts"],
  "packages/tracker/src/points": ["packages/tracker/src/{points,tracking,record}/**/*.test.ts"],
  "packages/tracker/src/ledger": ["packages/tracker/src/ledger/**/*.test.ts"],
  "packages/tunewise/src/evaluate": ["packages/tunewise/src/evaluate/**/*.test.ts"],
  "packages/datacheck/src/codescan": ["packages/datacheck/src/codescan/**/*.test.ts"],
};

/** Files that are not mutated. */
const leftOut = ["!**/*.test.ts", "!**/index.ts"];

/** A mutant that may survive. */
interface Explained {
  readonly file: string;
  /** The first line of the changed code, as in the file, without indentation. */
  readonly line: string;
  /** The replacement of the changed part. */
  readonly becomes: string;
  readonly why: string;
}

/** A mutant, as reported. */
interface Mutant {
  readonly file: string;
  readonly at: number;
  readonly line: string;
  readonly becomes: string;
  readonly status: string;
}

async function mutantsOf(module: string): Promise<Mutant[]> {
  const files = module.endsWith(".ts") ? module : `${module}/**/*.ts`;
  const owner = Object.keys(modules).find((name) => module.startsWith(name));
  if (owner === undefined)
    throw new Error(`${module} is none of ${Object.keys(modules).join(", ")} or a file in them`);
  const beside = [".test.ts", ".stores.test.ts"].map((end) => module.replace(/\.ts$/, end));
  const own = module.endsWith(".ts") ? beside.filter((path) => existsSync(path)) : [];
  const tests = own.length > 0 ? own : (modules[owner] ?? []);
  process.env["TUNEWISE_MUTANTS_TESTS"] = tests.join(" ");
  const results = await new Stryker({
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    vitest: { configFile: "tools/mutants/vitest.config.ts", related: false },
    mutate: [files, ...leftOut],
    // texts are checked by the tests of the command line and the server, which are not run here
    mutator: { excludedMutations: ["StringLiteral"] },
    ignorePatterns: ["dist", "models", "bench", ".ci", ".mutants"],
    tempDirName: ".mutants",
    cleanTempDir: "always",
    coverageAnalysis: "perTest",
    concurrency: 1,
    reporters: ["progress-append-only"],
    logLevel: "error",
    timeoutMS: 10_000,
    disableTypeChecks: false,
  } as never).runMutationTest();
  return results.map(({ fileName, location, replacement, status }) => {
    const at = location.start.line;
    const line = readFileSync(fileName, "utf8").split("\n")[at - 1]?.trim() ?? "";
    return { file: relative(fileName), at, line, becomes: replacement ?? "", status };
  });
}

function relative(path: string): string {
  return path.replace(`${process.cwd()}/`, "");
}

const met = new Set(["Killed", "Timeout"]);
const counted = new Set([...met, "Survived", "NoCoverage"]);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { "at-least": { type: "string", default: "90" } },
});
const explained = JSON.parse(
  readFileSync(join(import.meta.dirname, "mutants/explained.json"), "utf8"),
) as readonly Explained[];
const isExplained = (mutant: Mutant): boolean =>
  explained.some(
    ({ file, line, becomes }) => file === mutant.file && line === mutant.line && becomes === mutant.becomes,
  );

let isEnough = true;
const all = Object.keys(modules).filter((module) => module.startsWith("packages/tunewise/"));
for (const module of positionals.length > 0 ? positionals : all) {
  const mutants = (await mutantsOf(module)).filter(({ status }) => counted.has(status));
  const alive = mutants.filter(({ status }) => !met.has(status));
  const open = alive.filter((mutant) => !isExplained(mutant));
  for (const { file, at, line, becomes } of open) {
    console.log(`${file}:${at}  ${line}\n    lives as: ${becomes.replace(/\s+/g, " ").slice(0, 200)}`);
  }
  const share = (100 * (mutants.length - open.length)) / Math.max(1, mutants.length);
  const [killed, said] = [mutants.length - alive.length, alive.length - open.length];
  console.log(
    `${module}: ${mutants.length} mutants, ${killed} killed, ${said} explained, ${share.toFixed(1)} %`,
  );
  if (share < Number(values["at-least"])) isEnough = false;
}
process.exitCode = isEnough ? 0 : 1;
