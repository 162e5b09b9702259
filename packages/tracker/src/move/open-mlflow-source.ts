/** @file Opens the source of an MLflow import: a server, a folder, or a SQLite file. */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openRegularFile } from "@tunewise/core/untrusted";
import { problem } from "../problem/index.ts";
import { type HistorySource, isDamage } from "./history.ts";
import { mlflowFolder } from "./mlflow/folder-source.ts";
import { basic, mlflowRest, type Rest } from "./mlflow/rest.ts";
import { mlflowServer } from "./mlflow/server-source.ts";
import { mlflowSqlite } from "./mlflow/sqlite-source.ts";

/** Environment variables of MLflow clients. */
export type MlflowEnvironment = Readonly<Record<string, string | undefined>>;

/** Access to a source. */
export interface SourceAccess {
  readonly cwd: string;
  readonly env: MlflowEnvironment;
  readonly signal: AbortSignal;
}

/**
 * Opens a source: `http(s)://...`, a folder `mlruns`, or a SQLite file.
 *
 * @throws {TunewiseError} `MOVE_SOURCE_UNKNOWN`, `MOVE_READ_FAILED`, `STORE_DRIVER_MISSING`
 */
export async function openMlflowSource(word: string, access: SourceAccess): Promise<HistorySource> {
  if (/^https?:\/\//i.test(word)) return mlflowServer(openRest(word, access));
  const path = resolve(access.cwd, word.replace(/^(sqlite|file):\/\/\/?(?=\/|[A-Za-z]:)/i, ""));
  const about = await stat(path).catch(() => null);
  if (about === null) throw unknown(word, "the file or folder does not exist");
  if (about.isFile()) {
    if (!(await isSqlite(path))) throw unknown(word, "it is a file, and no SQLite database");
    return mlflowSqlite(path, dirname(path));
  }
  let reason = "no folder in it has a meta.yaml";
  for (const folder of [path, join(path, "mlruns")]) {
    const source = mlflowFolder(folder);
    for await (const project of source.projects()) {
      if (!isDamage(project)) return source;
      // A folder without a document is not an experiment. A folder with a damaged document is one.
      if (existsSync(join(folder, project.what, "meta.yaml"))) reason = project.reason;
    }
  }
  throw unknown(word, reason);
}

/**
 * Opens a server at an address, with credentials from the environment.
 *
 * @throws {TunewiseError} `MOVE_SOURCE_UNKNOWN` if it is not an address
 */
export function openRest(word: string, { env, signal }: SourceAccess): Rest {
  if (!URL.canParse(word)) throw unknown("the address", "it cannot be read as one");
  return mlflowRest(word, {
    fetch,
    authorization: authorizationOf(env),
    signal,
    wait: async (milliseconds) => {
      await setTimeout(milliseconds, undefined, { signal });
    },
  });
}

/**
 * Authorization header. A token takes precedence over name and password. @source mlflow/mlflow
 * mlflow/utils/rest_utils.py
 */
function authorizationOf(env: MlflowEnvironment): string | null {
  const token = env["MLFLOW_TRACKING_TOKEN"];
  if (token) return `Bearer ${token}`;
  const [name, password] = [env["MLFLOW_TRACKING_USERNAME"], env["MLFLOW_TRACKING_PASSWORD"]];
  return name ? basic(name, password ?? "") : null;
}

function unknown(source: string, reason: string): Error {
  const about = {
    expected: "the address of a server, a folder mlruns or a file mlflow.db",
    example: "tunewise store import mlflow mlruns",
  };
  return problem("MOVE_SOURCE_UNKNOWN", { source, reason, ...about });
}

/** First bytes of a SQLite file. @source sqlite.org/fileformat.html, section 1.3 */
const sqliteHead = "SQLite format 3\0";

async function isSqlite(path: string): Promise<boolean> {
  const handle = await openRegularFile(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(sqliteHead.length), 0, sqliteHead.length, 0);
    return bytesRead === sqliteHead.length && buffer.toString("latin1") === sqliteHead;
  } finally {
    await handle.close();
  }
}
