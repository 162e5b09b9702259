/** @file Runs SQL statements in a child process, which is killed on timeout: nothing else interrupts SQLite. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { ExecuteSql, QueryResult } from "../evaluate/index.ts";
import { problem } from "../problem/index.ts";
import { decodeAnswer } from "../track/index.ts";

/** Timeout of a statement, in milliseconds. */
const timeoutMs = 10_000;

/** Runs statements on one database. */
export interface SqlProcess {
  readonly execute: ExecuteSql;
  close(): Promise<void>;
}

/**
 * Starts a process for a database. It is restarted after a timeout.
 *
 * @param command command of the SQL process; the path of the database is appended
 * @throws {TunewiseError} `SQL_DATABASE_UNREADABLE`
 */
export async function openSqlProcess(path: string, command: readonly string[]): Promise<SqlProcess> {
  let reader: Reader | null = new Reader([...command, path]);
  const first = await reader.ask("SELECT 1");
  if ("error" in first) {
    await reader.end();
    throw problem("SQL_DATABASE_UNREADABLE", { path, reason: first.error });
  }
  return {
    execute: async (statement) => {
      reader ??= new Reader([...command, path]);
      const answer = await reader.ask(statement);
      if (reader.isDead) reader = null;
      return answer;
    },
    close: async () => reader?.end(),
  };
}

class Reader {
  isDead = false;
  private readonly child: ChildProcess;
  private readonly lines: Interface;
  private stderr = "";

  constructor([program = "", ...words]: readonly string[]) {
    this.child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"] });
    this.lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    this.child.stderr?.on("data", (part: Buffer) => {
      this.stderr = (this.stderr + part.toString("utf8")).slice(0, 2000);
    });
    // writes to an exited process are ignored
    this.child.stdin?.on("error", () => undefined);
  }

  ask(statement: string): Promise<QueryResult> {
    return new Promise((resolve) => {
      const settle = (result: QueryResult): void => {
        clearTimeout(clock);
        this.lines.off("line", onLine);
        this.child.off("close", onEnd);
        this.child.off("error", onEnd);
        resolve(result);
      };
      const onLine = (line: string): void => settle(decodeAnswer(line));
      const onEnd = (): void => {
        this.isDead = true;
        settle({ error: reasonIn(this.stderr) });
      };
      const clock = setTimeout(() => {
        this.isDead = true;
        this.child.kill("SIGKILL");
        settle({ error: `not done after ${timeoutMs / 1000} s` });
      }, timeoutMs);
      this.lines.once("line", onLine);
      this.child.once("close", onEnd);
      this.child.once("error", onEnd);
      this.child.stdin?.write(`${JSON.stringify(statement)}\n`);
    });
  }

  async end(): Promise<void> {
    if (this.isDead || this.child.exitCode !== null) return;
    const ended = new Promise((done) => this.child.once("close", done));
    this.child.stdin?.end();
    await ended;
  }
}

/** The error line of an exited process, without its stack trace. */
function reasonIn(text: string): string {
  const line = text.split("\n").find((one) => /error/i.test(one)) ?? text.trim().split("\n")[0] ?? "";
  return line.trim() === "" ? "the process that runs it ended" : line.trim();
}
