import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { invokeHere } from "../../../../../test/support/invoke-here.ts";
import { packageFile } from "../../catalog/index.ts";

const folder = mkdtempSync(join(tmpdir(), "tunewise-sweep-"));
let server: Server;
let address = "";
/** Answers by path, received requests, and requests to end machines. */
let answers: Record<string, unknown> = {};
let asked: string[] = [];
let ended: string[] = [];

const before = process.env["DSTACK_TOKEN"];

beforeAll(async () => {
  process.env["DSTACK_TOKEN"] = "secret";
  server = createServer((request, response) => {
    const path = (request.url ?? "").replace("/api/", "").replace("project/main/", "");
    asked.push(path);
    if (path === "fleets/delete") {
      ended.push(path);
      answers = { "runs/list": [], "fleets/list": [] };
    }
    const answer = path === "fleets/delete" ? null : answers[path];
    response.statusCode = answer === undefined ? 400 : 200;
    response.end(
      JSON.stringify(
        answer ?? (answer === null ? null : { detail: [{ msg: "no", code: "resource_not_exists" }] }),
      ),
    );
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  address = `dstack://127.0.0.1:${(server.address() as AddressInfo).port}/main`;
});

afterAll(() => {
  if (before === undefined) delete process.env["DSTACK_TOKEN"];
  else process.env["DSTACK_TOKEN"] = before;
  server.close();
  rmSync(folder, { recursive: true });
});

const created = "2026-11-28T11:17:10.000000Z";
const left = {
  name: "tunewise-0123456789abcdef-1",
  status: "active",
  instances: [{ status: "idle", price: 1.86, created, termination_reason: null }],
};

it("does not save a plan with a provider's prices of the moment", async () => {
  const { code, err } = await invokeHere(folder, ["plan", "--on", address, "-o", "plan.json"]);
  expect([code, err]).toEqual([64, expect.stringContaining("--output must be left out beside --on")]);
  expect(err).toContain(`tunewise run --on ${address}`);
});

it("names what nobody looks after in dollars an hour, and ends it only when told to", async () => {
  answers = { "runs/list": [], "fleets/list": [left], "fleets/get": left };
  ended = [];
  const { code, out, err } = await invokeHere(folder, ["runs", "sweep", "--on", address]);
  expect(code).toBe(0);
  expect(out).toMatch(/tunewise-0123456789abcdef-1 +unknown +\$1\.86 /);
  expect(out).toContain("nobody looks after 1 of them: $1.86 an hour");
  expect(err).toContain(`next: tunewise runs sweep --on ${address} --delete`);
  // without a terminal for confirmation, nothing is ended
  await invokeHere(folder, ["runs", "sweep", "--on", address, "--delete"]);
  expect(ended).toEqual([]);
});

it("says it as JSON", async () => {
  answers = { "runs/list": [], "fleets/list": [left] };
  const { out } = await invokeHere(folder, ["runs", "sweep", "--on", address, "--json"]);
  expect(JSON.parse(out)).toMatchObject({
    provider: address,
    machines: [
      { name: left.name, standing: "unknown", usdPerHour: 1_860_000, createdMs: Date.parse(created) },
    ],
    ended: false,
  });
  answers = { "runs/list": [], "fleets/list": [] };
  expect((await invokeHere(folder, ["runs", "sweep", "--on", address])).out).toBe(
    "no machine carries our tag\n",
  );
});

it("refuses to rent where nothing is offered, before a model is read", async () => {
  writeRecipe();
  answers = { "runs/get_plan": { job_plans: [{ offers: [] }] } };
  const { code, err } = await invokeHere(folder, ["run", "--on", address, "--gpu", "H100:8"]);
  expect(code).toBe(1);
  expect(err).toContain("PROVIDER_NO_OFFER");
  expect(err.replace(/\s+/g, " ")).toContain("offers no machine with 8 H100, 16 GB: none is available now");
});

it("rents nothing for a run whose answers the worker cannot give", async () => {
  const resources = {
    cpus: 8,
    memory_mib: 32_768,
    spot: false,
    disk: { size_mib: 100_000 },
    gpus: [{ name: "L4", memory_mib: 23_034 }],
  };
  const offer = { backend: "runpod", region: "EU", price: 0.5, availability: "available" };
  const offers = [{ ...offer, instance: { name: "l4", resources } }];
  answers = { "runs/get_plan": { job_plans: [{ offers }] }, "runs/list": [], "fleets/list": [] };
  const rows = Array.from({ length: 40 }, (_, at) => ({ prompt: `row ${at}`, completion: `{"at":${at}}` }));
  writeFileSync(join(folder, "rows.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
  const more = "task: { kind: json }\nforgetting: { measure: false }\nbudget: { usd: 1 }\n";
  const model = packageFile("models/small");
  const recipe = `model: ${model}\ndata: { train: rows.jsonl }\n${more}evaluation: { decoding: constrained }\n`;
  writeFileSync(join(folder, "structured.yaml"), recipe);
  asked = [];
  const { err } = await invokeHere(folder, ["run", "structured.yaml", "--on", address, "--yes"]);
  expect(err).toContain("SCHEMA_ENGINE_ONLY");
  expect(new Set(asked)).toEqual(new Set(["runs/get_plan"]));
});

it.each([
  [["runs", "sweep", "--on", "ssh://box"], "PROVIDER_ADDRESS_INVALID"],
  [["runs", "sweep"], "PROVIDER_ADDRESS_INVALID"],
])("refuses %j with %s", async (words, code) => {
  expect((await invokeHere(folder, words)).err).toContain(code);
});

function writeRecipe(): void {
  writeFileSync(join(folder, "tunewise.yaml"), "model: smollm2-135m\ndata: { train: rows.jsonl }\n");
}

it.each(["H100:x", "H100:0", ":8", "H100:8:8"])("refuses %s as a number of cards", async (gpu) => {
  const { code, err } = await invokeHere(folder, ["run", "--on", address, "--gpu", gpu]);
  expect(code).toBe(64);
  expect(err).toContain("--gpu H100:8");
});
