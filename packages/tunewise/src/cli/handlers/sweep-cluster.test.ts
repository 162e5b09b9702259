import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { invokeHere } from "../../../../../test/support/invoke-here.ts";

const folder = mkdtempSync(join(tmpdir(), "tunewise-sweep-ray-"));
const node = { state: "ALIVE", resources_total: { CPU: 8, GPU: 2, "accelerator_type:L4": 1 } };
const job = (id: string, status: string, run?: string) => ({
  submission_id: id,
  status,
  start_time: Date.UTC(2026, 10, 28, 11),
  metadata: run === undefined ? {} : { tunewise_run: run },
});
let jobs: readonly object[] = [];
let activity: object = {};
let server: Server;
let address = "";

beforeAll(async () => {
  server = createServer(({ url }, response) => {
    const answers: Record<string, unknown> = {
      "/api/authentication_mode": { authentication_mode: "disabled" },
      "/api/version": { version: "4", ray_version: "2.60.0" },
      "/api/v0/nodes": { data: { result: { result: [node, { ...node, state: "DEAD" }] } } },
      "/api/component_activities": { driver: activity },
      "/api/jobs/": jobs,
    };
    response.statusCode = answers[url ?? ""] === undefined ? 404 : 200;
    response.end(JSON.stringify(answers[url ?? ""] ?? {}));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  address = `ray+http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

it("names an idle cluster in dollars an hour", async () => {
  jobs = [job("tunewise-old-1", "SUCCEEDED", "old"), job("raysubmit_1", "RUNNING")];
  activity = { is_active: "INACTIVE", last_activity_at: Date.UTC(2026, 10, 28, 9) / 1000 };
  const { code, out } = await invokeHere(folder, ["runs", "sweep", "--on", address, "--rate", "12.5"]);
  expect(code).toBe(0);
  expect(out).toContain("1 node, 8 processors, 2 cards: $12.50 an hour");
  expect(out).toContain("up and idle since 2026-11-28T09:00:00.000Z");
  expect(out).toContain("no job carries our tag");
});

it("says which price nobody said, and leaves a job alone that may be looked after elsewhere", async () => {
  jobs = [job("tunewise-20261128-110000-lessons-abc-1", "RUNNING")];
  activity = { is_active: "ACTIVE" };
  const words = ["runs", "sweep", "--on", address, "--delete", "--yes"];
  const { code, out, err } = await invokeHere(folder, words);
  expect(code).toBe(0);
  expect(out).toContain("unknown dollars an hour: say it with --rate");
  expect(out).not.toContain("idle");
  expect(out).toMatch(/tunewise-20261128-110000-lessons-abc-1 +unknown /);
  expect(out).toContain("nobody here looks after 1 of them");
  expect(`${out}${err}`).not.toContain("ended");
  const { out: json } = await invokeHere(folder, [...words, "--json"]);
  expect(JSON.parse(json)).toMatchObject({ usdPerHour: null, ended: false, jobs: [{ standing: "unknown" }] });
});
