import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeIo } from "../../../../../test/journey/fake-io.ts";
import { awsSample, llmPricesSample } from "../../../../../test/support/price-samples.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { readUserPrices } from "../../catalog/index.ts";
import { invoke } from "../invoke.ts";

const seen: string[] = [];
const server = createServer((request, response) => {
  seen.push(request.url ?? "");
  if (request.url === "/skypilot/v8/aws/vms.csv") response.end(awsSample);
  else if (request.url === "/llm-prices/current-v1.json") response.end(llmPricesSample);
  else if (request.url?.startsWith("/slow/") !== true) response.writeHead(404).end();
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
afterAll(() => {
  server.closeAllConnections();
  server.close();
  vi.unstubAllEnvs();
});
const from = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const folder = temporaryFolder();
vi.stubEnv("TUNEWISE_CACHE", join(folder, "cache"));

beforeEach(() => {
  seen.length = 0;
});

async function tunewise(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const { io, stdout, stderr } = fakeIo({ cwd: folder });
  const code = await invoke(words, io);
  return { code, out: stdout(), err: stderr() };
}

describe("tunewise prices list", () => {
  it("lists the shipped book with sources and ages, and asks nobody", async () => {
    const { code, out, err } = await tunewise("prices");
    expect(code).toBe(0);
    expect(out).toMatch(/^machines, dollars per hour\n/);
    expect(out).toMatch(
      /^1 {2}H100-SXM +on-demand +1\.93 +1\.93 +vast .* read 2026-11-25 +skypilot-catalog v8\/vast@680a69b1/m,
    );
    expect(out).toMatch(/and \d+ more expensive ones: --gpu NAME, or --limit \d+/);
    expect(out).toContain("hosted training, per million tokens");
    expect(out).toMatch(
      /^openai +gpt-4o-mini +\$0\.150 +\$0\.600 +2026-08-05 \(\d+ d\) +simonw\/llm-prices@723ef0b$/m,
    );
    expect(out).toContain("warning PRICES_STALE");
    expect(err).toContain("next: tunewise prices update");
    expect(seen).toEqual([]);
  });

  it.each([
    [["--gpu", "a100-80gb", "--spot"], /A100-80GB +spot/, /on-demand|A100-40GB|per million/],
    [["--gpu", "A100"], /A100-40GB[\s\S]*A100-80GB-PCIe/, /H100|per million/],
    [["list", "--provider", "OpenAI"], /gpt-4o/, /dollars per hour|fireworks/],
    [["--provider", "lambda"], /gpu_1x_gh200/, /aws|per million/],
    [["--limit", "1", "--gpu", "L4"], /and \d+ more: --limit \d+/, /us-west-2/],
  ])("chooses with %j", async (words, has, hasNot) => {
    const { code, out } = await tunewise("prices", ...words);
    expect(code).toBe(0);
    expect(out).toMatch(has);
    expect(out).not.toMatch(hasNot);
  });

  it.each([
    [["--gpu", "H1000"], "did you mean `H100"],
    [["--provider", "awz"], "write one of them: aws"],
    [["lits"], "did you mean `tunewise prices list`?"],
    [["--file", "gone.yaml"], "gone.yaml does not exist"],
  ])("says what is wrong with %j", async (words, text) => {
    const { code, err } = await tunewise("prices", ...words);
    expect(code).toBe(64);
    expect(err).toContain(text);
  });

  it("gives data that is a price file again", async () => {
    const { code, out } = await tunewise("prices", "--gpu", "L4", "--json");
    const { machines, findings, format_version } = JSON.parse(out);
    expect([code, format_version]).toEqual([0, 1]);
    expect(findings[0].code).toBe("PRICES_STALE");
    expect(machines[0]).toMatchObject({
      provider: "aws",
      gpu: "L4",
      pricing: "spot",
      as_of: null,
      age_days: null,
    });
    const rows = machines.map(({ age_days: _, ...row }: Record<string, unknown>) => row);
    const placeOf = () => ({ file: "x" });
    expect(readUserPrices({ value: { machines: rows }, path: "x", placeOf }).findings).toEqual([]);
  });

  it("shows a price file of one's own first, and ends with 2 where it is wrong", async () => {
    writeFileSync(join(folder, "own.yaml"), "machines:\n  - { gpu: L4, usd_per_hour: 0.11 }\n");
    const { out } = await tunewise("prices", "--gpu", "L4", "--file", "own.yaml");
    expect(out).toMatch(/^1 {2}L4 +on-demand +0\.11 +0\.11 +own +1 x L4 +any +undated +own\.yaml$/m);
    writeFileSync(join(folder, "own.yaml"), "machines:\n  - { gpu: L4, usd_per_hour: -1 }\n");
    const bad = await tunewise("prices", "--file", "own.yaml");
    expect(bad.code).toBe(2);
    expect(bad.out).toContain("error PRICE_VALUE_INVALID");
    expect(bad.out).toContain("own.yaml:2:30");
  });
});

describe("tunewise prices update", () => {
  it("stores what it gets, says what it did not get, and ends with 2", async () => {
    const { code, out, err } = await tunewise("prices", "update", "--from", from);
    expect(code).toBe(2);
    expect(out).toMatch(/^skypilot-catalog v8\/aws +7$/m);
    expect(out).toMatch(/^gpuhunt +not updated: the server answered 404$/m);
    expect(out).toMatch(/stored 7 machines and 2 models in .*prices\.json/);
    expect(out).toContain("warning PRICES_SOURCE_FAILED: gpuhunt: the server answered 404");
    expect(err).toContain("fetching skypilot-catalog v8/aws: ");
    expect(existsSync(join(folder, "cache/prices/prices.json"))).toBe(true);
    const { out: listed } = await tunewise("prices", "--provider", "aws", "--gpu", "A10G");
    expect(listed).toMatch(/x5\.big +us-east-1 +\d{4}-\d{2}-\d{2} \([01] d\) +skypilot-catalog v8\/aws$/m);
    expect(listed).not.toContain("PRICES_STALE");
  });

  it("is data with --json", async () => {
    const { code, out, err } = await tunewise("prices", "update", "--from", from, "--json");
    expect([code, err]).toEqual([2, ""]);
    expect(JSON.parse(out)).toMatchObject({ command: "prices", machines: 7, inference: 2 });
  });

  it("ends with 130 when the user stops it", async () => {
    const abort = new AbortController();
    const { io, stderr } = fakeIo({ cwd: folder });
    const running = invoke(["prices", "update", "--from", `${from}/slow`], {
      ...io,
      signal: abort.signal,
    });
    setTimeout(() => abort.abort(), 100);
    expect(await running).toBe(130);
    expect(stderr()).toContain("interrupted; the previous prices stay in use");
  });

  it("fails where nothing can be had", async () => {
    const { code, err } = await tunewise("prices", "update", "--from", `${from}/elsewhere`);
    expect(code).toBe(1);
    expect(err.replace(/\s+/g, " ")).toContain(
      "error PRICES_UPDATE_FAILED: none of 9 price lists could be updated: the server answered 404",
    );
  });

  it.each([["not an address"], ["ftp://example.invalid"]])("wants an address: %s", async (address) => {
    const { code, err } = await tunewise("prices", "update", "--from", address);
    expect(code).toBe(64);
    expect(err).toContain("error USAGE_VALUE_INVALID");
  });
});
