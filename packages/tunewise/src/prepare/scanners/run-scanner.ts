/** @file Runs a scanner of the recipe over code in a private folder, and reads its results. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { readTextFile } from "@tunewise/core/untrusted";
import {
  batchesOf,
  type CodeFile,
  type OtherScan,
  placeResults,
  readSarif,
  type SarifLog,
  type SarifResult,
  type ScannerFailure,
} from "@tunewise/datacheck";
import { shownCommand } from "../../launch/index.ts";
import { networkCutter, type ProgramEnd, type Runtime, runLimited } from "../../runtime/index.ts";
import { filledWords, type SarifEntry, writesFile } from "./scanner-command.ts";

/** Max. files and characters per run of a command. */
const maxFiles = 2_000;
const maxCharacters = 32_000_000;
/** Max. bytes of a log. */
const maxLogBytes = 128 * 2 ** 20;
const folderMode = 0o700;

/** Inputs of a scanner run. */
export interface ScannerTask {
  readonly entry: SarifEntry;
  readonly name: string;
  /** Folder of the recipe. */
  readonly folder: string;
  readonly texts: readonly string[];
  readonly files: readonly CodeFile[];
}

/**
 * Findings of a scanner by text index, or the reason for its failure. On failure none of its findings count, so that
 * all compared texts are judged alike.
 */
export async function runScanner(task: ScannerTask, runtime: Runtime): Promise<OtherScan> {
  const { name, files, texts } = task;
  const results: SarifResult[] = [];
  const leftOut = { unnumbered: 0, elsewhere: 0 };
  if (files.length > 0 && (await networkCutter(runtime)) === null)
    runtime.note?.(
      `${name} is run with the network in reach: this machine gives no program a network of its own`,
    );
  for (const batch of batchesOf(files, maxFiles, maxCharacters)) {
    const log = await runOnce(task, batch, runtime);
    if ("what" in log) return log;
    results.push(...log.results);
    leftOut.unnumbered += log.leftOut.unnumbered;
    leftOut.elsewhere += log.leftOut.elsewhere;
  }
  tellLeftOut(name, leftOut, runtime);
  return placeResults(name, results, files, texts);
}

function tellLeftOut(name: string, { unnumbered, elsewhere }: SarifLog["leftOut"], runtime: Runtime): void {
  const parts = [
    ...(unnumbered > 0 ? [`${unnumbered} without a number of the Common Weakness Enumeration`] : []),
    ...(elsewhere > 0 ? [`${elsewhere} outside of the code that it was given`] : []),
  ];
  if (parts.length > 0) runtime.note?.(`results of ${name} that do not count: ${parts.join(", ")}`);
}

/** Runs the command once, on one batch of code. */
async function runOnce(
  { entry, name, folder: recipe }: ScannerTask,
  batch: readonly CodeFile[],
  runtime: Runtime,
): Promise<SarifLog | ScannerFailure> {
  const failed = ([what, fix]: readonly [string, string]): ScannerFailure => {
    return { scanner: name, command: shownCommand(filledWords(entry.sarif, shownPlaces)), what, fix };
  };
  const root = await mkdtemp(join(tmpdir(), "tunewise-code-"));
  try {
    const [code, output] = [join(root, "code"), join(root, "log.sarif")];
    await writeCode(code, batch);
    const [program = "", ...rest] = filledWords(entry.sarif, { folder: code, output, recipe });
    const outputFile = writesFile(entry.sarif) ? output : null;
    const end = await runLimited(
      {
        words: [/[/\\]/.test(program) ? resolve(recipe, program) : program, ...rest],
        cwd: code,
        temporaryFolder: root,
        outputFile,
        limits: { seconds: entry.maxSeconds, megabytes: entry.maxMegabytes, bytes: maxLogBytes },
      },
      runtime,
    );
    // for most scanners, exit code 1 means that there are findings
    if (end.kind !== "end" || end.code > 1) return failed(whyEnded(end, entry, program));
    try {
      const log = outputFile === null ? end.output : await readTextFile(outputFile, maxLogBytes);
      return readSarif(log, { paths: [code, await realpath(code)], texts: textsOf(batch) });
    } catch (error) {
      const reason = error instanceof SyntaxError ? error.message.slice(0, 120) : "no file that can be read";
      return failed([`wrote no SARIF 2.1.0 (${reason})${said(end)}`, sarifFix(outputFile !== null)]);
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Writes one file per piece of code. */
async function writeCode(folder: string, batch: readonly CodeFile[]): Promise<void> {
  await mkdir(folder, { mode: folderMode });
  for (const { name, text } of batch) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: folderMode });
    await writeFile(path, text);
  }
}

/** Placeholders stay as in the recipe when the command is displayed. */
const shownPlaces = { folder: "{folder}", output: "{output}", recipe: "{recipe}" };

function textsOf(batch: readonly CodeFile[]): Map<string, string> {
  return new Map(batch.map(({ name, text }) => [name, text]));
}

const seeFix = "run the command on a folder with code and see what it says";

function sarifFix(writesOutput: boolean): string {
  return writesOutput
    ? "have the command write SARIF to {output}, or leave {output} out and have it write to standard output"
    : "have the command write SARIF to standard output, or name {output} where it writes a file";
}

/** The last line of a program's error output, appended to a sentence. */
function said(end: ProgramEnd): string {
  return end.kind === "missing" || end.lastError === "" ? "" : `: ${end.lastError}`;
}

/** Describes how a failed program ended, and what to do. */
function whyEnded(end: ProgramEnd, entry: SarifEntry, program: string): readonly [string, string] {
  const raise = (key: string): string => `raise ${key} of this scanner below safety.scanners in the recipe`;
  switch (end.kind) {
    case "missing":
      return [
        `cannot be started: there is no program ${program}`,
        `install ${program}, or take it out of safety.scanners in the recipe`,
      ];
    case "time":
      return [`took longer than ${entry.maxSeconds} s${said(end)}`, raise("max_seconds")];
    case "memory":
      return [`took more than ${entry.maxMegabytes} MiB of memory${said(end)}`, raise("max_megabytes")];
    case "output":
      return [`wrote more than ${maxLogBytes / 2 ** 20} MiB`, "give it fewer rules"];
    case "signal":
      return [`was ended by ${end.signal}${said(end)}`, seeFix];
    case "end":
      return [`ended with code ${end.code}${said(end)}`, seeFix];
  }
}
