/**
 * @file A `.wandb` file is one session of a run. Combines its records into what a live client would have sent, with
 * console output as a terminal shows it.
 *
 * @source wandb/wandb core/internal/runconsolelogs
 */
import { maxAlerts, type RunAlert, severityFrom } from "../../wandb/alerts.ts";
import { readLooseObject } from "../../wandb/loose-json.ts";
import type { RunWords } from "../../wandb/wandb-run.ts";
import { dropAt, putAt } from "../../wandb-file/put-at.ts";
import type { WandbFilePart } from "../../wandb-file/read-wandb-file.ts";
import type { Changes, EnvironmentRecord, RunRecord } from "../../wandb-file/record.ts";

/** Lines of each kind that have not been taken yet. */
export interface SessionLines {
  readonly history: string[];
  readonly events: string[];
  readonly console: string[];
}

type Tree = Record<string, unknown>;

/** End of the year 9999; later times are invalid. */
const lastMs = 253_402_300_800_000;

/** What is known of a session so far. */
export class Session {
  run: RunRecord | null = null;
  exit: { readonly exitCode: number; readonly runtimeSeconds: number } | null = null;
  /** Number of unreadable places. */
  damaged = 0;
  /** Number of logged artifacts, whose files are stored elsewhere. */
  artifacts = 0;
  /** Alerts that the program raised. */
  readonly alerts: RunAlert[] = [];
  /** The latest time in any record. */
  ms = 0;
  /** Lines since the last `takeLines`. */
  lines: SessionLines = { history: [], events: [], console: [] };
  private producer = "";
  private readonly environment: Tree = Object.create(null);
  private readonly config: Tree = Object.create(null);
  private readonly summaryTree: Tree = Object.create(null);
  private readonly console = new ConsoleLines();

  take(part: WandbFilePart): void {
    if (part.kind === "damage") this.damaged += part.places;
    else if (part.kind === "header") this.producer = part.producer;
    else if (part.kind === "run") this.takeRun(part);
    else if (part.kind === "environment") this.takeEnvironment(part);
    else if (part.kind === "config") apply(this.config, part);
    else if (part.kind === "summary") apply(this.summaryTree, part);
    else if (part.kind === "history" || part.kind === "stats") this.takeRow(part.kind, part.row);
    else if (part.kind === "output") {
      this.see(part.ms ?? 0);
      this.lines.console.push(...this.console.take(part.text, part.isError, part.ms ?? this.ms));
    } else if (part.kind === "alert") {
      const { title, text, severity } = part;
      if (this.alerts.length < maxAlerts)
        this.alerts.push({ title, text, severity: severityFrom(severity), ms: this.ms });
    } else if (part.kind === "exit") this.takeExit(part);
    else if (part.kind === "other" && part.field === artifactField) this.artifacts++;
  }

  /** Returns the lines so far and clears them. */
  takeLines(): SessionLines {
    const { lines } = this;
    this.lines = { history: [], events: [], console: [] };
    return lines;
  }

  /** The configuration as JSON, as a live client sends it. */
  configText(): string {
    const { producer, environment, config } = this;
    const about = {
      ...treeOf(config["_wandb"]),
      cli_version: producer.split("+")[0],
      e: { session: environment },
    };
    const entries = Object.entries(config).filter(([key]) => key !== "_wandb");
    const whole: Tree = Object.fromEntries(entries.map(([key, value]) => [key, { value }]));
    return JSON.stringify({ ...whole, _wandb: { value: about } });
  }

  /** The summary as JSON, as a live client sends it. */
  summaryText(): string {
    return JSON.stringify(this.summaryTree);
  }

  /** The machine and the program as JSON; `null` if the file has no such record. */
  metadataText(): string | null {
    return Object.keys(this.environment).length > 0 ? JSON.stringify(this.environment) : null;
  }

  /** Group, notes, tags and other descriptive texts of the run. */
  words(): RunWords {
    const { run, environment } = this;
    const some = (text: unknown): string | null => (typeof text === "string" && text !== "" ? text : null);
    return {
      group: some(run?.group),
      jobType: some(run?.jobType),
      notes: some(run?.notes),
      host: some(run?.host),
      program: some(environment["program"]),
      commit: some(run?.gitCommit) ?? some(environment["gitCommit"]),
      sweep: some(run?.sweepId),
      repo: some(run?.gitRemote) ?? some(environment["gitRemote"]),
      tags: run && run.tags.length > 0 ? run.tags : null,
    };
  }

  private see(ms: number): void {
    if (ms > this.ms && ms < lastMs) this.ms = ms;
  }

  private takeRun(run: RunRecord): void {
    this.run ??= run;
    if (run.startedMs !== null) this.see(run.startedMs);
    apply(this.config, run.config);
  }

  private takeEnvironment({ kind: _, ...environment }: EnvironmentRecord): void {
    for (const [key, value] of Object.entries(environment)) {
      const isSaid = Array.isArray(value) ? value.length > 0 : value !== "" && value !== 0;
      if (isSaid) this.environment[key] = value;
    }
  }

  private takeRow(kind: "history" | "stats", row: string): void {
    this.lines[kind === "history" ? "history" : "events"].push(row);
    const seconds = readLooseObject(row)?.["_timestamp"];
    if (typeof seconds === "number") this.see(Math.round(seconds * 1000));
  }

  private takeExit(exit: { readonly exitCode: number; readonly runtimeSeconds: number }): void {
    this.exit = exit;
    this.see((this.run?.startedMs ?? 0) + exit.runtimeSeconds * 1000);
    this.lines.console.push(...this.console.rest());
  }
}

/** @source wandb/wandb wandb/proto/wandb_internal.proto, Record.artifact */
const artifactField = 8;

function treeOf(value: unknown): Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}

function apply(target: Tree, { update, remove }: Changes): void {
  for (const { path, value } of update) putAt(target, path, value);
  for (const path of remove) dropAt(target, path);
}

/** Maximum length of a line; longer lines are split. */
const maxLineChars = 100_000;
/** Escape sequences for colors and cursor movement. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern looks for escape sequences
const escapes = /\u001b\[[0-9;?]{0,20}[A-Za-z]/g;

/** One output stream of a process. */
interface OpenLine {
  text: string;
  /** Position of the next character; a carriage return resets it to the start of the line. */
  at: number;
  ms: number;
}

/** Assembles console lines; `take` returns the complete ones. */
class ConsoleLines {
  private readonly open: Record<"out" | "error", OpenLine> = {
    out: { text: "", at: 0, ms: 0 },
    error: { text: "", at: 0, ms: 0 },
  };

  /** @param ms time of the output */
  take(text: string, isError: boolean, ms: number): string[] {
    const line = this.open[isError ? "error" : "out"];
    const whole: string[] = [];
    for (const [at, part] of text.replace(escapes, "").split("\n").entries()) {
      if (at > 0) whole.push(this.end(line, isError));
      for (const [turn, piece] of part.split("\r").entries()) {
        if (turn > 0) line.at = 0;
        if (piece === "") continue;
        if (line.text === "") line.ms = ms;
        line.text = line.text.slice(0, line.at) + piece + line.text.slice(line.at + piece.length);
        line.at += piece.length;
      }
      if (line.text.length > maxLineChars) whole.push(this.end(line, isError));
    }
    return whole;
  }

  /** The unfinished lines, at the end of the output. */
  rest(): string[] {
    return (["out", "error"] as const).flatMap((name) =>
      this.open[name].text === "" ? [] : [this.end(this.open[name], name === "error")],
    );
  }

  private end(line: OpenLine, isError: boolean): string {
    const time = new Date(line.ms).toISOString().replace("Z", "000");
    const text = `${isError ? "ERROR " : ""}${time} ${line.text}`;
    line.text = "";
    line.at = 0;
    return text;
  }
}
