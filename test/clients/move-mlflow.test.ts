/**
 * @file Imports histories written by MLflow itself point by point, from folders, databases and a server. Also checks
 * that MLflow reads our exports.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { exportHistories, importHistory, openMlflowSource } from "@tunewise/tracker";
import { mlflowProtocol, serveTracking } from "@tunewise/tracker/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { emptyDesk, importOptions } from "../support/history-desks.ts";
import { mlflowServer } from "../support/mlflow-server.ts";
import { temporaryFolder } from "../support/track-disk.ts";

interface Seen {
  readonly runs: Readonly<Record<string, Record<string, unknown>>>;
  /** Registered models and prompts. */
  readonly names: Readonly<Record<string, unknown>>;
}

const signal = new AbortController().signal;
const room = { freeBytes: async () => 100 * 1024 ** 3 };

/** Runs the script and returns what it read. */
async function play(python: string, folder: string, uri: string, ...steps: string[]): Promise<Seen> {
  const env = { ...process.env, MLFLOW_ALLOW_FILE_STORE: "true", GIT_PYTHON_REFRESH: "quiet" };
  const script = resolve("test/clients/move_mlflow.py");
  const child = spawn(python, [script, uri, ...steps], { env, cwd: folder });
  let [out, error] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    error += chunk.toString();
  });
  const [code] = await once(child, "close");
  expect(code, error.slice(-4000)).toBe(0);
  return JSON.parse(/^SEEN (.*)$/m.exec(out)?.[1] ?? '{"runs":{},"names":{}}') as Seen;
}

describe.each([
  ["3", process.env["TUNEWISE_MLFLOW3_PYTHON"]],
  ["2", process.env["TUNEWISE_MLFLOW2_PYTHON"]],
])("MLflow %s", (line, python = "") => {
  const it = test.skipIf(python === "");

  /** Imports from a source and compares what MLflow's client reads there and here. */
  async function compare(folder: string, source: string, written: Seen): Promise<void> {
    const context = await emptyDesk(join(folder, "store.db"));
    const bring = async () => {
      const opened = await openMlflowSource(source, { cwd: folder, env: {}, signal });
      const report = await importHistory(opened, context, importOptions({ files: room }));
      await opened.close();
      return report;
    };
    const report = await bring();
    expect(report.leftOut).toEqual([]);
    expect(report.runs.fresh).toBe(Object.keys(written.runs).length);
    const versions = line === "3" ? 2 : 1;
    expect(report.versions).toEqual({ fresh: versions, there: 0 });
    const traces = [expect.objectContaining({ kind: "traces", count: 1 })];
    expect(report.notCarried).toEqual(line === "3" ? traces : []);
    expect(report.models.fresh).toBe(line === "3" ? 1 : 0);
    expect(report.files).toMatchObject({ fresh: 1, bytes: 5 });
    const again = await bring();
    expect(again).toMatchObject({
      runs: { fresh: 0, more: 0, there: report.runs.fresh },
      points: { added: 0 },
      versions: { fresh: 0, there: versions },
      files: { fresh: 0, there: 1 },
      leftOut: [],
    });
    const server = await serveTracking({
      host: "127.0.0.1",
      port: 0,
      protocols: [mlflowProtocol(context, "3.18.0")],
      identify: null,
    });
    onTestFinished(() => server.close(0));
    expect(await play(python, folder, server.url, "read")).toEqual(written);
  }

  it("history comes from a folder", async () => {
    const folder = await temporaryFolder();
    const uri = `file://${folder}/mlruns`;
    await compare(folder, "mlruns", await play(python, folder, uri, "write", "read"));
  });

  it("history comes from a database", async () => {
    const folder = await temporaryFolder();
    const uri = `sqlite:///${folder}/mlflow.db`;
    await compare(folder, "mlflow.db", await play(python, folder, uri, "write", "read"));
  });

  it("history comes from a server, and goes to one", async () => {
    const folder = await temporaryFolder();
    const url = await mlflowServer(python, folder);
    const written = await play(python, folder, url, "write", "read");
    await compare(folder, url, written);

    const context = await emptyDesk();
    const source = await openMlflowSource(url, { cwd: folder, env: {}, signal });
    await importHistory(source, context, importOptions({ files: room }));
    const other = join(folder, "other");
    await mkdir(other);
    const target = await mlflowServer(python, other);
    const request = { to: target, project: "tickets", runs: [], isForced: false, producer: "tunewise-0" };
    const more = { cwd: folder, env: {}, signal, onRun: () => undefined };
    const sent = await exportHistories(context, { format: "mlflow", ...request, ...more });
    expect(sent).toMatchObject({ runs: 3, there: 0, renamed: [] });
    const served = await readdir(join(other, "served"), { recursive: true });
    expect(served.filter((path) => path.endsWith("artifacts/deep/hello.txt"))).toHaveLength(1);
    expect(await exportHistories(context, { format: "mlflow", ...request, ...more })).toMatchObject({
      runs: 0,
      there: 3,
    });
    const arrived = Object.values((await play(python, folder, target, "read")).runs);
    const active = Object.entries(written.runs).filter(([, run]) => run["stage"] === "active");
    for (const [id, run] of active) {
      const found = arrived.find(({ tags }) => (tags as Record<string, string>)["tunewise.run"] === id);
      const { tags, ...rest } = run;
      expect(found).toMatchObject({ ...rest, tags: tags as object });
    }
  });

  it("reads a folder that was written here", async () => {
    const folder = await temporaryFolder();
    const written = await play(python, folder, `sqlite:///${folder}/mlflow.db`, "write", "read");
    const context = await emptyDesk();
    const source = await openMlflowSource("mlflow.db", { cwd: folder, env: {}, signal });
    await importHistory(source, context, importOptions());
    const request = {
      to: "out",
      project: null,
      runs: [],
      isForced: false,
      producer: "tunewise-0",
      cwd: folder,
      env: {},
    };
    await exportHistories(context, { format: "mlflow", ...request, signal, onRun: () => undefined });
    const active = Object.entries(written.runs).filter(([, run]) => run["stage"] === "active");
    const seen = await play(python, dirname(folder), `file://${folder}/out`, "read");
    expect(seen.runs).toEqual(Object.fromEntries(active));
  });
});
