import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { dollars } from "@tunewise/core/quantity";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import {
  awsSample,
  azureSample,
  gcpSample,
  gpuhuntSample,
  lambdaSample,
  llmPricesSample,
  nebiusSample,
  runpodSample,
  vastSample,
} from "../../../../../test/support/price-samples.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { zipBytes } from "../../../../../test/support/zip-bytes.ts";
import { shippedPrices } from "../../catalog/index.ts";
import { createRuntime, type Runtime } from "../../runtime/index.ts";
import { loadPriceBook, storedPricesPath } from "./load.ts";
import { updatePrices } from "./update.ts";

/** The mirror's answer for a path: a body, a status, a redirect, or no answer at all. */
type Answer = string | Uint8Array | number | "never" | { readonly redirect: string };
const answers = new Map<string, Answer>();
const seen: string[] = [];
const server = createServer((request, response) => {
  const path = request.url ?? "";
  seen.push(path);
  const answer = answers.get(path) ?? 404;
  if (answer === "never") return;
  if (typeof answer === "number") response.writeHead(answer).end();
  else if (typeof answer === "object" && "redirect" in answer) {
    response.writeHead(302, { location: answer.redirect }).end();
  } else response.end(answer);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mirror/`;

const root = temporaryFolder();
let runtime: Runtime;
let folder = "";
let count = 0;

beforeEach(() => {
  folder = join(root, `project-${++count}`);
  mkdirSync(folder);
  runtime = hostWith({});
  seen.length = 0;
  answers.clear();
  const skypilot = { aws: awsSample, gcp: gcpSample, lambda: lambdaSample, nebius: nebiusSample };
  for (const [cloud, text] of Object.entries({ ...skypilot, runpod: runpodSample, vast: vastSample })) {
    answers.set(`/mirror/skypilot/v8/${cloud}/vms.csv`, text);
  }
  answers.set("/mirror/skypilot/v6/azure/vms.csv", azureSample);
  answers.set("/mirror/gpuhunt/version", "20261120\n");
  const files = Object.entries(gpuhuntSample).map(([name, text]) => [name, Buffer.from(text)] as const);
  const archive = zipBytes({ ...Object.fromEntries(files), version: Buffer.from("20261120") }, true);
  answers.set("/mirror/gpuhunt/20261120/catalog.zip", archive);
  answers.set("/mirror/llm-prices/current-v1.json", llmPricesSample);
});

function hostWith(changes: { signal?: AbortSignal; offline?: boolean; today?: string }): Runtime {
  const real = createRuntime(folder, changes.signal ?? new AbortController().signal, "0.0.0");
  return {
    ...real,
    now: () => new Date(`${changes.today ?? "2026-11-25"}T12:00:00Z`),
    sources: {
      ...real.sources,
      cacheFolder: join(folder, "cache"),
      fetch: changes.offline === true ? null : fetch,
    },
  };
}

const load = (named?: string) => loadPriceBook(runtime, folder, named ?? null);
const priceOf = async (instance: string, pricing = "on-demand"): Promise<number | undefined> => {
  const { prices } = await load();
  const found = prices.machines.find((row) => row.instance === instance && row.pricing === pricing);
  return found && dollars(found.usdPerHour);
};

describe("the price book in force", () => {
  it("is the snapshot where there is nothing else, without a request", async () => {
    expect(await load()).toEqual({ prices: shippedPrices(), findings: [], storedFile: null, userFile: null });
    expect(seen).toEqual([]);
  });

  it("takes the user's file beside the recipe over everything", async () => {
    writeFileSync(
      join(folder, "prices.yaml"),
      "as_of: 2026-11-20\nmachines:\n  - { provider: aws, instance: g6.xlarge, region: us-east-1, gpu: L4, usd_per_hour: 0.5 }\n",
    );
    const { prices, userFile, findings } = await load();
    expect(findings).toEqual([]);
    expect(userFile).toBe(join(folder, "prices.yaml"));
    expect(prices.machines).toHaveLength(shippedPrices().machines.length);
    const own = prices.machines.filter(({ source }) => source.isUserOwn);
    expect(own.map(({ usdPerHour, source }) => [dollars(usdPerHour), source.name])).toEqual([
      [0.5, "prices.yaml"],
    ]);
  });

  it.each([
    [
      "mine.json",
      '{\n  "machines": [\n    { "gpu": "A100-80G", "usd_per_hour": 2 }\n  ]\n}',
      "PRICE_DEVICE_UNKNOWN",
      3,
    ],
    ["mine.yml", "machines:\n  - gpu: L4\n    usd_per_hour: -1\n", "PRICE_VALUE_INVALID", 3],
    ["mine.csv", "gpu,usd_per_hour\nL4,0\n", "PRICE_VALUE_INVALID", 2],
    ["broken.yaml", "machines: [\n", "PRICES_FILE_INVALID", 1],
  ])("tells the line of what is wrong in %s", async (name, text, code, line) => {
    writeFileSync(join(folder, name), text);
    const { findings, prices } = await load(name);
    expect(findings.map((one) => [one.severity, one.code, one.where[0]?.line])).toEqual([
      ["error", code, line],
    ]);
    expect(prices).toEqual(shippedPrices());
  });

  it("takes the example of docs/prices.md", async () => {
    const example = /```yaml\n([\s\S]+?)```/.exec(readFileSync("docs/prices.md", "utf8"))?.[1] ?? "";
    writeFileSync(join(folder, "prices.yaml"), example);
    const { findings, prices } = await load();
    expect(findings).toEqual([]);
    const own = prices.machines.filter(({ source }) => source.isUserOwn);
    expect(own.map(({ device, usdPerHour }) => [device, dollars(usdPerHour)])).toEqual([
      ["L4", 0.61],
      ["A100-80GB", 10.26],
    ]);
    expect(prices.training.find(({ source }) => source.isUserOwn)?.parametersUpTo).toBe(16e9);
  });

  it("wants a named file to be there", async () => {
    await expect(load("gone.yaml")).rejects.toMatchObject({ code: "PRICES_FILE_NOT_FOUND" });
  });

  it("warns of a stored update that cannot be used, and works without it", async () => {
    mkdirSync(dirname(storedPricesPath(runtime)), { recursive: true });
    writeFileSync(storedPricesPath(runtime), '{"machines": [');
    const { prices, findings } = await load();
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
      ["PRICES_FILE_INVALID", "warning"],
    ]);
    expect(prices).toEqual(shippedPrices());
  });
});

describe("an update", () => {
  it("stores what the lists say, with their dates, and is then in force", async () => {
    const progress: string[] = [];
    const update = await updatePrices(runtime, { mirror, onProgress: ({ list }) => progress.push(list) });
    expect(update.lists).toEqual([
      { list: "skypilot-catalog v8/aws", rows: 7, failure: null },
      { list: "skypilot-catalog v6/azure", rows: 4, failure: null },
      { list: "skypilot-catalog v8/gcp", rows: 4, failure: null },
      { list: "skypilot-catalog v8/lambda", rows: 2, failure: null },
      { list: "skypilot-catalog v8/nebius", rows: 2, failure: null },
      { list: "skypilot-catalog v8/runpod", rows: 2, failure: null },
      { list: "skypilot-catalog v8/vast", rows: 3, failure: null },
      { list: "gpuhunt", rows: 4, failure: null },
      { list: "simonw/llm-prices", rows: 2, failure: null },
    ]);
    expect(new Set(progress).size).toBe(9);
    expect(readdirSync(dirname(update.path))).toEqual(["prices.json"]);
    const { prices, storedFile, findings } = await load();
    expect(storedFile).toBe(update.path);
    expect(findings).toEqual([]);
    const sourceOf = (instance: string) => prices.machines.find((row) => row.instance === instance)?.source;
    expect(sourceOf("x5.big")).toEqual({ name: "gpuhunt 20261120", asOf: "2026-11-20" });
    expect(sourceOf("x7.big")).toEqual({ name: "skypilot-catalog v8/aws", asOf: "2026-11-25" });
    expect(await priceOf("x5.big")).toBe(1.05);
    expect(await priceOf("x5.big", "spot")).toBe(0.4);
    expect(prices.inference.find(({ model }) => model === "alpha-1")?.source.asOf).toBe("2026-11-20");
    // The update replaces the snapshot's rows for AWS's A10G, but has no rows for its L4.
    expect(await priceOf("g5.xlarge")).toBeUndefined();
    expect(await priceOf("g6.xlarge")).toBe(0.8048);
    expect(prices.training).toEqual(shippedPrices().training);
  });

  it("keeps the earlier rows of lists that fail, and drops what a list no longer has", async () => {
    await updatePrices(runtime, { mirror });
    answers.set("/mirror/skypilot/v8/vast/vms.csv", 500);
    answers.set("/mirror/skypilot/v8/lambda/vms.csv", "<html>moved</html>");
    answers.set("/mirror/gpuhunt/20261120/catalog.zip", "no archive");
    answers.set("/mirror/skypilot/v8/nebius/vms.csv", nebiusSample.replaceAll("_1gpu", "_9gpu"));
    runtime = hostWith({ today: "2026-12-24" });
    const { lists, findings } = await updatePrices(runtime, { mirror });
    expect(lists.filter(({ failure }) => failure !== null)).toEqual([
      {
        list: "skypilot-catalog v8/lambda",
        rows: 0,
        failure: expect.stringContaining("it has no column InstanceType"),
      },
      { list: "skypilot-catalog v8/vast", rows: 0, failure: "the server answered 500" },
      { list: "gpuhunt", rows: 0, failure: "it is not a zip archive, or is truncated" },
    ]);
    expect(findings.filter(({ code }) => code === "PRICES_SOURCE_FAILED")).toHaveLength(3);
    const { prices } = await load();
    const asOf = (instance: string) => prices.machines.find((row) => row.instance === instance)?.source.asOf;
    expect(asOf("gpu_8x_v100")).toBe("2026-11-25");
    expect(asOf("x7.big")).toBe("2026-12-24");
    expect(prices.machines.map(({ instance }) => instance)).not.toContain("gpu-h100-sxm_1gpu-16vcpu-200gb");
    expect(prices.machines.map(({ instance }) => instance)).toContain("gpu-h100-sxm_9gpu-16vcpu-200gb");
  });

  it("that brings nothing fails and leaves the stored file alone", async () => {
    await updatePrices(runtime, { mirror });
    const before = readFileSync(storedPricesPath(runtime), "utf8");
    answers.clear();
    await expect(updatePrices(runtime, { mirror })).rejects.toMatchObject({ code: "PRICES_UPDATE_FAILED" });
    expect(readFileSync(storedPricesPath(runtime), "utf8")).toBe(before);
  });

  it("asks nobody when the network is off", async () => {
    runtime = hostWith({ offline: true });
    await expect(updatePrices(runtime, { mirror })).rejects.toThrow(/switched off/);
    expect(seen).toEqual([]);
  });

  it("gives up on a server that says nothing, and on endless files and redirects", async () => {
    answers.set("/mirror/skypilot/v8/aws/vms.csv", "never");
    answers.set("/mirror/gpuhunt/version", "x".repeat(200));
    answers.set("/mirror/skypilot/v8/vast/vms.csv", { redirect: "/mirror/skypilot/v8/vast/vms.csv" });
    answers.set("/mirror/skypilot/v8/gcp/vms.csv", { redirect: "ftp://example.invalid/vms.csv" });
    const patience = { stallMilliseconds: 200, totalMilliseconds: 5_000 };
    const { lists } = await updatePrices(runtime, { mirror, patience });
    const why = new Map(lists.map(({ list, failure }) => [list, failure]));
    expect(why.get("skypilot-catalog v8/aws")).toBe("nothing came for 0.2 s");
    expect(why.get("gpuhunt")).toBe("it has more than 100 bytes");
    expect(why.get("skypilot-catalog v8/vast")).toBe("it redirects more than 5 times");
    expect(why.get("skypilot-catalog v8/gcp")).toBe("it redirects to ftp://");
    expect(why.get("skypilot-catalog v6/azure")).toBeNull();
  });

  it("follows a redirect, and refuses a version that is a path", async () => {
    answers.set("/mirror/moved.csv", awsSample);
    answers.set("/mirror/skypilot/v8/aws/vms.csv", { redirect: "/mirror/moved.csv" });
    answers.set("/mirror/gpuhunt/version", "../../etc");
    const { lists } = await updatePrices(runtime, { mirror });
    expect(lists[0]).toEqual({ list: "skypilot-catalog v8/aws", rows: 7, failure: null });
    expect(lists.find(({ list }) => list === "gpuhunt")?.failure).toBe("its version is no version");
  });

  it("stops when the user wants it to, and stores nothing", async () => {
    answers.set("/mirror/skypilot/v8/gcp/vms.csv", "never");
    const abort = new AbortController();
    runtime = hostWith({ signal: abort.signal });
    const running = updatePrices(runtime, {
      mirror,
      onProgress: ({ list }) =>
        list.endsWith("azure") && setTimeout(() => abort.abort(new Error("enough")), 50),
    });
    await expect(running).rejects.toThrow("enough");
    expect((await load()).storedFile).toBeNull();
  });

  it("says what a server that is not there answers", async () => {
    const nowhere = "http://127.0.0.1:1/";
    await expect(updatePrices(runtime, { mirror: nowhere })).rejects.toThrow(/ECONNREFUSED|bad port/);
  });
});
