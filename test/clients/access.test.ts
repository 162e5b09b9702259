/**
 * @file The real MLflow and W&B clients against a server with users: with a token, with a password, without
 * credentials, and on a project without a grant. The server must refuse at once with a clear message, and no client may
 * retry a refused request.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { changeUserPassword, findTrackedRun, hashPassword, saltBytes } from "@tunewise/tracker";
import { describe, expect, test } from "vitest";
import { fillVault, grant, serveTeam, type Team } from "../support/team-server.ts";
import { temporaryFolder } from "../support/track-disk.ts";

/** The JSON object that a script prints. */
type Seen = Readonly<Record<string, unknown>>;

/** Maximum time in seconds until a client reports a refusal. Clients that retry take minutes. */
const maxSeconds = 45;

async function play(python: string, script: string, project: string, env: NodeJS.ProcessEnv): Promise<Seen> {
  const home = await temporaryFolder();
  const quiet = { GIT_PYTHON_REFRESH: "quiet", WANDB_ERROR_REPORTING: "false", WANDB_SILENT: "true" };
  const folders = {
    HOME: home,
    WANDB_DIR: home,
    WANDB_CACHE_DIR: home,
    WANDB_CONFIG_DIR: home,
    WANDB_DATA_DIR: home,
  };
  const child = spawn(python, [resolve("test/clients", script), project], {
    env: { PATH: process.env["PATH"], ...quiet, ...folders, ...env },
    cwd: home,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, error] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    error += chunk.toString();
  });
  await new Promise((end) => child.once("close", end));
  const line = /^SEEN (.*)$/m.exec(out)?.[1];
  if (line === undefined) throw new Error(`${out}\n${error}`.slice(-4000));
  return JSON.parse(line) as Seen;
}

async function personOf({ context }: Team, run: unknown): Promise<string> {
  return (await findTrackedRun(context.database, String(run))).person;
}

describe.each([
  ["MLflow 3", process.env["TUNEWISE_MLFLOW3_PYTHON"]],
  ["MLflow 2", process.env["TUNEWISE_MLFLOW2_PYTHON"]],
])("%s", (_, python = "") => {
  const it = test.skipIf(python === "");

  it("logs with a token and with a password, and is refused in words without", async () => {
    const team = await serveTeam();
    const vault = await fillVault(team);
    const as = (env: NodeJS.ProcessEnv, project = "eves"): Promise<Seen> =>
      play(python, "mlflow_team.py", project, { MLFLOW_TRACKING_URI: team.url, ...env });
    const token = { MLFLOW_TRACKING_TOKEN: team.tokens.get("eve") };
    const first = await as(token);
    expect(first).toMatchObject({ user: "eve", text: "hello", found: 1, experiments: ["eves"] });
    expect(await personOf(team, first["run"])).toBe("eve");
    const hash = await hashPassword("correct horse", randomBytes(saltBytes));
    await team.context.write((transaction) => changeUserPassword(transaction, "eve", hash));
    const named = { MLFLOW_TRACKING_USERNAME: "eve", MLFLOW_TRACKING_PASSWORD: "correct horse" };
    expect(await as(named)).toMatchObject({ user: "eve", found: 2 });
    for (const wrong of [
      {},
      { ...named, MLFLOW_TRACKING_PASSWORD: "wrong" },
      { MLFLOW_TRACKING_TOKEN: "x" },
    ]) {
      const refused = await as(wrong);
      expect(refused["code"]).toBe("UNAUTHENTICATED");
      expect(refused["seconds"]).toBeLessThan(maxSeconds);
    }
    const closed = await as(token, vault.name);
    expect(closed).toMatchObject({
      // the answer does not reveal whether the project exists
      code: "RESOURCE_DOES_NOT_EXIST",
      message: expect.stringContaining("tunewise server role grant PROJECT eve read"),
    });
    expect(closed["seconds"]).toBeLessThan(maxSeconds);
    await grant(team, "eve", vault.project, "read");
    expect((await as(token, vault.name))["message"]).toContain("eve may not write to project");
    await grant(team, "eve", vault.project, "write");
    expect(await as(token, vault.name)).toMatchObject({ text: "hello", experiments: ["eves", "vault"] });
    expect(team.failures).toEqual([]);
  });
});

describe.each([
  ["wandb 0.31.0", process.env["TUNEWISE_WANDB_PYTHON"]],
  ["wandb 0.21.2", process.env["TUNEWISE_WANDB_OLD_PYTHON"]],
])("%s", (_, python = "") => {
  const it = test.skipIf(python === "");

  it("logs with a token, and is refused in words without", async () => {
    const team = await serveTeam();
    const vault = await fillVault(team);
    const as = (key: string | undefined, project = "eves"): Promise<Seen> =>
      play(python, "wandb_team.py", project, { WANDB_BASE_URL: team.url, WANDB_API_KEY: key });
    const token = team.tokens.get("eve");
    const first = await as(token);
    expect(first).toMatchObject({ text: "hello" });
    expect(await personOf(team, first["run"])).toBe("eve");
    const unknown = await as("a".repeat(40));
    expect(unknown).toMatchObject({ error: expect.any(String) });
    expect(unknown["seconds"]).toBeLessThan(maxSeconds);
    const closed = await as(token, vault.name);
    expect(closed).toMatchObject({ message: expect.stringContaining("eve may not write to project") });
    expect(closed["seconds"]).toBeLessThan(maxSeconds);
    await grant(team, "eve", vault.project, "write");
    expect(await as(token, vault.name)).toMatchObject({ text: "hello" });
    expect(team.failures).toEqual([]);
  });
});
