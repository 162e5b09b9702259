/**
 * @file A run that W&B's own client wrote offline is the same after a sync and after an import, and `wandb sync`
 * accepts our exports.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  exportHistories,
  importWandb,
  readAlerts,
  readLooseJson,
  type TrackingContext,
} from "@tunewise/tracker";
import { serveTracking, wandbProtocol } from "@tunewise/tracker/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { emptyDesk, importOptions, linesOf } from "../support/history-desks.ts";
import { temporaryFolder } from "../support/track-disk.ts";

const script = join(import.meta.dirname, "wandb_script.py");
const signal = new AbortController().signal;
const room = { freeBytes: async () => 100 * 1024 ** 3 };

/** Runs a program to its end and returns its output. */
async function play(
  program: string,
  args: readonly string[],
  folder: string,
  more: object = {},
): Promise<string> {
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    WANDB_API_KEY: "a".repeat(40),
    WANDB_ERROR_REPORTING: "false",
    WANDB_CACHE_DIR: join(folder, "cache"),
    WANDB_CONFIG_DIR: join(folder, "config"),
    WANDB_DATA_DIR: join(folder, "data"),
    ...more,
  };
  const child = spawn(program, args, { env, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  const [code] = await once(child, "close");
  expect(code, said.slice(-4000)).toBe(0);
  return said;
}

/** A context with a server that receives synced runs. */
async function serving(): Promise<{ context: TrackingContext; url: string }> {
  const context = await emptyDesk(":memory:", () => new Date());
  const failures: unknown[] = [];
  const server = await serveTracking({
    host: "127.0.0.1",
    port: 0,
    protocols: [wandbProtocol(context)],
    identify: null,
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(async () => {
    await server.close(1);
    expect(failures).toEqual([]);
  });
  return { context, url: server.url };
}

/** The records of runs other than points, without send times and the name of the sending program. */
async function aboutRuns({ database }: TrackingContext): Promise<unknown> {
  const console = await database.all("SELECT content FROM console_lines ORDER BY run, line");
  const rows = await database.all(
    "SELECT kind, line, step, content FROM wandb_rows WHERE kind <> 'alert' ORDER BY run, kind, line",
  );
  const counts = await database.all(
    "SELECT name, history_lines, event_lines, console_lines, config, summary FROM wandb_runs",
  );
  return {
    console: console.map(({ content }) =>
      String(content)
        .replace(/\d{4}-\S+ /, "")
        .trimEnd(),
    ),
    rows: rows.map(({ content, ...row }) => ({ ...row, content: readLooseJson(String(content)) })),
    runs: counts.map(({ config: configText, summary, ...run }) => {
      const { _wandb: _, ...own } = readLooseJson(String(configText)) as Record<string, unknown>;
      const {
        _wandb: __,
        _runtime: ___,
        ...last
      } = readLooseJson(String(summary)) as Record<string, unknown>;
      // Older clients store a null description with each config value.
      const config = Object.entries(own).map(([key, value]) => [key, (value as { value: unknown }).value]);
      return { ...run, config: Object.fromEntries(config), summary: last };
    }),
  };
}

/**
 * Points, parameters, tags and runs. Left out because they differ between the two paths: start and end times, times of
 * summary values (a client sends some in between), and the sending program.
 */
async function lines({ database }: TrackingContext): Promise<string[]> {
  const all = await linesOf(database);
  return all
    .filter((line) => !line.includes("wandb.program"))
    .map((line) => line.replace(/ (?:started|ended)_ms=\d+|(?<= step=-1) ms=\d+/g, ""));
}

describe.each([
  ["wandb 0.31.0", process.env["TUNEWISE_WANDB_PYTHON"]],
  ["wandb 0.21.2", process.env["TUNEWISE_WANDB_OLD_PYTHON"]],
])("%s", (_, python = "") => {
  const it = test.skipIf(python === "");
  const wandb = join(dirname(python), "wandb");

  it("an imported run equals a synced one, and comes only once", async () => {
    const folder = await temporaryFolder();
    await play(python, [script, "log_all"], folder, { WANDB_MODE: "offline", LINGER: "16" });
    const runs = join(folder, "wandb");
    const [name] = (await readdir(runs)).filter((entry) => entry.startsWith("offline-run-"));
    const [synced, imported] = [await serving(), await emptyDesk(":memory:", () => new Date())];
    await play(wandb, ["sync", join(runs, name ?? "")], folder, { WANDB_BASE_URL: synced.url });
    const bring = () => importWandb("wandb", folder, imported, importOptions({ files: room }));
    const report = await bring();
    // `wandb.save` makes a link to the original file; a link may point anywhere, so the import does not follow it
    const leftOut = [{ kind: "files", reason: "notes.txt is a link, which is not followed" }];
    expect(report).toMatchObject({ runs: { fresh: 1 }, leftOut });
    expect(await lines(imported)).toEqual(await lines(synced.context));
    expect(await aboutRuns(imported)).toEqual(await aboutRuns(synced.context));
    const started = async ({ database }: TrackingContext): Promise<number> =>
      Number((await database.all("SELECT started_ms FROM runs"))[0]?.["started_ms"]);
    expect(Math.abs((await started(imported)) - (await started(synced.context)))).toBeLessThan(10);
    const [before, about] = [await linesOf(imported.database), await aboutRuns(imported)];
    expect(await bring()).toMatchObject({
      runs: { fresh: 0, more: 0, there: 1 },
      points: { added: 0 },
      leftOut,
    });
    expect([await linesOf(imported.database), await aboutRuns(imported)]).toEqual([before, about]);
    expect(await readAlerts(imported.database, 1)).toMatchObject([{ title: "Look", severity: "INFO" }]);
    expect(await readAlerts(synced.context.database, 1)).toHaveLength(1);
    const media = await imported.artifacts.list("runs/1/media");
    expect(media.map((entry) => entry.name)).toEqual(["html", "table"]);
  });

  it("takes runs that were written here", async () => {
    const folder = await temporaryFolder();
    await play(python, [script, "offline"], folder, { FOLDER: folder });
    const [context, other] = [await emptyDesk(":memory:", () => new Date()), await serving()];
    await importWandb("wandb", folder, context, importOptions());
    const request = {
      to: "out",
      project: null,
      runs: [],
      isForced: false,
      producer: "tunewise-0",
      cwd: folder,
      env: {},
    };
    await exportHistories(context, { format: "wandb", ...request, signal, onRun: () => undefined });
    const written = (await readdir(join(folder, "out"))).map((name) => join(folder, "out", name));
    await play(wandb, ["sync", ...written], folder, { WANDB_BASE_URL: other.url });
    expect(await lines(other.context)).toEqual(await lines(context));
    expect(await aboutRuns(other.context)).toEqual(await aboutRuns(context));
  });
});
