import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytes, seconds, usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { machineName } from "../names.ts";
import type { MachineRequest } from "../provider.ts";
import { parseDstackAddress } from "./address.ts";
import { tokenIn } from "./client.ts";
import { dstackProvider } from "./provider.ts";

const needs = {
  gpu: "L40S",
  gpuCount: 2,
  gpuMemoryBytes: bytes(40e9),
  machines: 1,
  image: "python:3.12",
  volume: null,
  memoryBytes: bytes(16e9),
  diskBytes: bytes(100e9),
  isSpotAllowed: true,
  maxUsdPerHour: usd(3),
};

/** A server that answers by path and records requests. */
function serverOf(answers: Readonly<Record<string, readonly [status: number, body: unknown]>>) {
  const asked: { readonly path: string; readonly body: Record<string, unknown>; readonly token: string }[] =
    [];
  const fetch = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const path = String(url).replace(/^https?:\/\/[^/]+\/api\//, "");
    const headers = new Headers(init.headers);
    asked.push({ path, body: JSON.parse(String(init.body)), token: headers.get("authorization") ?? "" });
    const [status, body] = answers[path] ?? [400, missing];
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  };
  const access = { environment: { DSTACK_TOKEN: "secret" }, fetch: fetch as typeof globalThis.fetch };
  return { asked, provider: dstackProvider("dstack://127.0.0.1:3000/main", access) };
}

/** Answers of version 0.22.5. */
const missing = { detail: [{ msg: "Run not found", code: "resource_not_exists" }] };
const place = {
  hostname: "203.0.113.7",
  ssh_port: 22,
  username: "ubuntu",
  dockerized: true,
  price: 1.86,
  ssh_proxy: null,
};
const run = {
  id: "1",
  run_spec: { run_name: "tunewise-a-1" },
  status: "running",
  submitted_at: "2026-11-28T11:17:13.000000Z",
  latest_job_submission: {
    status: "running",
    status_message: "",
    termination_reason: null,
    termination_reason_message: null,
    job_provisioning_data: place,
    job_runtime_data: { username: "root", ports: {} },
  },
};
const instance = {
  status: "busy",
  price: 1.86,
  created: "2026-11-28T11:17:10.000000Z",
  termination_reason: null,
};
const fleet = { name: "tunewise-a-1", status: "active", instances: [instance] };
const ask = "project/main/";

describe("the address", () => {
  it.each([
    ["dstack://127.0.0.1:3000/main", { url: "http://127.0.0.1:3000", project: "main", isHere: true }],
    ["dstack://sky.dstack.ai/team/", { url: "https://sky.dstack.ai", project: "team", isHere: false }],
    ["dstack+http://10.0.0.2:3000/main", { url: "http://10.0.0.2:3000", isHere: false }],
    ["dstack+https://[::1]:3000/main", { url: "https://[::1]:3000", isHere: true }],
  ])("%s", (text, expected) => {
    expect(parseDstackAddress(text)).toMatchObject(expected);
  });

  it.each([
    "dstack://host",
    "dstack://user@host/main",
    "dstack+ssh://host/main",
    "dstack://-x/main",
    "http://h/main",
  ])("%s is none", (text) => {
    expect(() => parseDstackAddress(text)).toThrow(
      expect.objectContaining({ code: "PROVIDER_ADDRESS_INVALID" }),
    );
  });
});

describe("the token", () => {
  const config = `projects:
- default: true
  name: main
  token: t1
  url: http://127.0.0.1:3000
- name: main
  url: https://sky.dstack.ai
  token: 't2'
repos: []
`;

  it.each([
    ["http://127.0.0.1:3000", "main", "t1"],
    ["https://sky.dstack.ai", "main", "t2"],
    ["https://sky.dstack.ai", "other", null],
    ["https://sky.dstack.ai.evil.com", "main", null],
  ])("of %s and %s is %s", (url, project, token) => {
    expect(tokenIn(config, url, project)).toBe(token);
  });

  it("is read from dstack's own file, and demanded", async () => {
    const home = mkdtempSync(join(tmpdir(), "tunewise-home-"));
    const access = { environment: { HOME: home }, fetch };
    await expect(dstackProvider("dstack://127.0.0.1:3000/main", access)).rejects.toMatchObject({
      code: "PROVIDER_DENIED",
    });
    mkdirSync(join(home, ".dstack"));
    writeFileSync(join(home, ".dstack/config.yml"), config);
    await dstackProvider("dstack://127.0.0.1:3000/main", access);
    rmSync(home, { recursive: true });
  });
});

describe("a machine", () => {
  it("is created with every limit, in a fleet of its own", async () => {
    const { asked, provider } = serverOf({
      [`${ask}fleets/apply`]: [200, { ...fleet, instances: [] }],
      [`${ask}runs/apply`]: [200, run],
    });
    const name = machineName("a run", 1);
    const request: MachineRequest = {
      offer: {
        id: "aws us-east-1 g6e.xlarge",
        backend: "aws",
        region: "us-east-1",
        instance: "g6e.xlarge",
        gpu: null,
        cores: 4,
        memoryBytes: bytes(1),
        diskBytes: bytes(1),
        isSpot: true,
        isAvailable: true,
        usdPerHour: usd(1.86),
        isDiskIncluded: false,
      },
      name,
      needs,
      maxUsdPerHour: usd(1.86),
      maxSeconds: seconds(7200),
      stopSeconds: seconds(75),
      sshPublicKey: "ssh-ed25519 AAAA",
      startingSeconds: seconds(1200),
      command: "sleep 9",
    };
    await (await provider).create(request);
    expect(asked.map(({ path }) => path)).toEqual([
      ...[`${ask}runs/get`, `${ask}fleets/get`, `${ask}fleets/apply`, `${ask}runs/apply`],
    ]);
    const limits = { max_price: 1.86, spot_policy: "spot", idle_duration: 0, retry: false };
    const [, , madeFleet, madeRun] = asked.map(({ body }) => body["plan"]) as Record<string, unknown>[];
    expect(madeFleet).toMatchObject({
      spec: { configuration: { name, nodes: { min: 0, max: 1 }, ...limits } },
    });
    expect(madeRun).toMatchObject({
      current_resource: null,
      run_spec: {
        run_name: name,
        ssh_key_pub: "ssh-ed25519 AAAA",
        configuration: { type: "task", image: "python:3.12", commands: ["sleep 9"] },
        profile: {
          ...limits,
          max_duration: 7200,
          stop_duration: 75,
          creation_policy: "reuse-or-create",
          fleets: [name],
          backends: ["aws"],
          regions: ["us-east-1"],
          instance_types: ["g6e.xlarge"],
        },
      },
    });
    expect(name).toMatch(/^tunewise-[0-9a-f]{16}-1$/);
  });

  it.each([
    ["running", run, fleet, { state: "running", usdPerHour: usd(1.86), detail: "running" }],
    [
      "submitted",
      { ...run, status: "submitted", latest_job_submission: null },
      { ...fleet, instances: [] },
      { state: "starting", usdPerHour: null },
    ],
    ["terminating", { ...run, status: "terminating" }, fleet, { state: "ending" }],
    [
      "over, and its instance is not",
      { ...run, status: "done" },
      { ...fleet, instances: [{ ...instance, status: "terminating" }] },
      { state: "ending" },
    ],
    [
      "deleted, and its instance is idle",
      null,
      { ...fleet, instances: [{ ...instance, status: "idle" }] },
      { state: "ending", usdPerHour: usd(1.86) },
    ],
    [
      "over",
      { ...run, status: "failed" },
      { ...fleet, instances: [{ ...instance, status: "terminated" }] },
      null,
    ],
    ["unknown", null, null, null],
  ])("that is %s", async (_, gotRun, gotFleet, expected) => {
    const { provider } = serverOf({
      [`${ask}runs/get`]: gotRun === null ? [400, missing] : [200, gotRun],
      [`${ask}fleets/get`]: gotFleet === null ? [400, missing] : [200, gotFleet],
    });
    const found = await (await provider).find("tunewise-a-1");
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatchObject(expected);
  });

  it("is reached through its host, or directly where it is a container", async () => {
    const sshOf = async (changed: object): Promise<unknown> => {
      const job = { ...run.latest_job_submission, job_provisioning_data: { ...place, ...changed } };
      const { provider } = serverOf({ [`${ask}runs/get`]: [200, { ...run, latest_job_submission: job }] });
      return (await (await provider).find("tunewise-a-1"))?.way;
    };
    expect(await sshOf({})).toEqual({
      kind: "ssh",
      host: "localhost",
      port: 10022,
      user: "root",
      proxy: "ubuntu@203.0.113.7:22",
    });
    expect(await sshOf({ dockerized: false })).toEqual({
      kind: "ssh",
      host: "203.0.113.7",
      port: 22,
      user: "root",
      proxy: null,
    });
    const jump = { hostname: "203.0.113.8", username: "jump", port: 2222 };
    expect(await sshOf({ dockerized: false, ssh_proxy: jump })).toMatchObject({
      proxy: "jump@203.0.113.8:2222",
    });
    await expect(sshOf({ hostname: "h\n  ProxyCommand touch x" })).rejects.toMatchObject({
      code: "PROVIDER_UNREACHABLE",
    });
  });

  it("is listed by its tag alone", async () => {
    const other = { ...run, run_spec: { run_name: "somebody-else" } };
    const { asked, provider } = serverOf({
      "runs/list": [200, [run, other]],
      [`${ask}fleets/list`]: [200, [fleet, { ...fleet, name: "tunewise-b-1" }, { ...fleet, name: "theirs" }]],
    });
    const found = await (await provider).list();
    expect(found.map(({ name, state }) => [name, state])).toEqual([
      ["tunewise-a-1", "running"],
      ["tunewise-b-1", "ending"],
    ]);
    expect(asked[0]?.body).toMatchObject({ project_name: "main", only_active: true });
  });

  it("is stopped, and its fleet deleted when nothing uses it", async () => {
    const used = serverOf({
      [`${ask}runs/get`]: [200, run],
      [`${ask}fleets/get`]: [200, fleet],
      [`${ask}runs/stop`]: [200, null],
    });
    await (await used.provider).delete("tunewise-a-1");
    expect(used.asked.at(-2)).toMatchObject({
      path: `${ask}runs/stop`,
      body: { runs_names: ["tunewise-a-1"], abort: false },
    });
    const over = serverOf({
      [`${ask}runs/get`]: [200, { ...run, status: "done" }],
      [`${ask}fleets/get`]: [200, fleet],
      [`${ask}fleets/delete`]: [200, ""],
    });
    await (await over.provider).delete("tunewise-a-1");
    expect(over.asked.at(-1)).toMatchObject({
      path: `${ask}fleets/delete`,
      body: { names: ["tunewise-a-1"] },
    });
  });
});

describe("an error is never an answer", () => {
  it.each([
    [[500, "oops"], "PROVIDER_UNREACHABLE"],
    [[404, { detail: "Not Found" }], "PROVIDER_REFUSED"],
    [[200, "{}"], "PROVIDER_UNREACHABLE"],
    [[200, "<html>"], "PROVIDER_UNREACHABLE"],
    [[200, ""], "PROVIDER_UNREACHABLE"],
    [[403, { detail: [{ msg: "Access denied", code: "forbidden" }] }], "PROVIDER_DENIED"],
    [[400, { detail: [{ msg: "no such project", code: "error" }] }], "PROVIDER_REFUSED"],
  ] as const)("%j is %s", async (answer, code) => {
    const { provider, asked } = serverOf({ [`${ask}runs/get`]: answer });
    const failure = await (await provider).find("tunewise-a-1").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    expect(String(failure)).not.toContain("secret");
    expect(asked[0]?.token).toBe("Bearer secret");
  });

  it("nor is a server that is not there", async () => {
    const access = { environment: { DSTACK_TOKEN: "x" }, fetch };
    const provider = await dstackProvider("dstack://127.0.0.1:9/main", access);
    await expect(provider.offers(needs)).rejects.toMatchObject({ code: "PROVIDER_UNREACHABLE" });
  });
});
