import { describe, expect, it } from "vitest";
import { type CommandWorld, commandEnvironment } from "./environment.ts";

const world: CommandWorld = {
  runId: "20261125-120000-train-0001",
  folder: "/runs/exec/20261125-120000-train-0001",
  inherited: { PATH: "/bin", HF_TOKEN: "secret", GONE: undefined },
  server: "http://127.0.0.1:5000/",
  apiKey: "k".repeat(40),
  project: "tickets",
  fingerprint: { exact: "a".repeat(64), family: "b".repeat(64) },
};

describe("the environment of a command", () => {
  it("sends what it logs to the server, with the fingerprint in the first call", () => {
    expect(commandEnvironment(world)).toEqual({
      PATH: "/bin",
      HF_TOKEN: "secret",
      TUNEWISE_CHARGE_URL: `http://127.0.0.1:5000/api/tunewise/v1/runs/${world.runId}/charges`,
      TUNEWISE_RUN_ID: world.runId,
      TUNEWISE_STOP_FILE: `${world.folder}/stop.json`,
      MLFLOW_TRACKING_URI: "http://127.0.0.1:5000",
      MLFLOW_TRACKING_TOKEN: "k".repeat(40),
      MLFLOW_EXPERIMENT_NAME: "tickets",
      MLFLOW_RUN_CONTEXT: JSON.stringify({
        "tunewise.run": world.runId,
        "tunewise.fingerprint": "a".repeat(64),
        "tunewise.family": "b".repeat(64),
      }),
      WANDB_BASE_URL: "http://127.0.0.1:5000",
      WANDB_API_KEY: "k".repeat(40),
      WANDB_PROJECT: "tickets",
      WANDB_TAGS: `tunewise.run=${world.runId},tunewise.fingerprint=${"a".repeat(40)},tunewise.family=${"b".repeat(40)}`,
    });
  });

  it("leaves clients alone where there is no server", () => {
    const inherited = { WANDB_API_KEY: "mine", MLFLOW_TRACKING_URI: "http://theirs" };
    const found = commandEnvironment({ ...world, inherited, server: null, project: null });
    expect(found).toMatchObject(inherited);
    expect(found).not.toHaveProperty("WANDB_BASE_URL");
    expect(found).not.toHaveProperty("MLFLOW_EXPERIMENT_NAME");
  });

  it("sends no key of another server to ours", () => {
    const inherited = {
      WANDB_API_KEY: "mine",
      MLFLOW_TRACKING_PASSWORD: "mine",
      MLFLOW_TRACKING_TOKEN: "mine",
    };
    const found = commandEnvironment({ ...world, inherited, apiKey: null });
    expect(found["TUNEWISE_STOP_URL"]).toBe(`http://127.0.0.1:5000/api/tunewise/v1/runs/${world.runId}/stop`);
    expect(JSON.stringify(found)).not.toContain("mine");
    expect(found["WANDB_API_KEY"]).toHaveLength(40);
  });

  it("keeps the tags that the user has set", () => {
    const inherited = {
      WANDB_TAGS: "nightly, tunewise.run=old",
      MLFLOW_RUN_CONTEXT: '{"team":"a","tunewise.run":"old"}',
    };
    const found = commandEnvironment({ ...world, inherited, fingerprint: null });
    expect(found["WANDB_TAGS"]).toBe(`nightly,tunewise.run=${world.runId}`);
    expect(JSON.parse(found["MLFLOW_RUN_CONTEXT"] ?? "")).toEqual({ team: "a", "tunewise.run": world.runId });
  });

  it.each(["no json", "[1]", "null", ""])("passes over a context of %j", (text) => {
    const found = commandEnvironment({
      ...world,
      inherited: { MLFLOW_RUN_CONTEXT: text },
      fingerprint: null,
    });
    expect(JSON.parse(found["MLFLOW_RUN_CONTEXT"] ?? "")).toEqual({ "tunewise.run": world.runId });
  });

  it("makes no tag that W&B would refuse", () => {
    const tags = commandEnvironment({ ...world, runId: "r".repeat(200) })["WANDB_TAGS"]?.split(",") ?? [];
    for (const tag of tags) expect(tag.length).toBeLessThanOrEqual(64);
  });
});
