import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { decodeResults, lossesOf } from "./result-file.ts";
import { type VendorClient, vendorClient } from "./vendor-client.ts";

const folder = temporaryFolder();
const key = "Bearer sk-test";

interface Sent {
  readonly url: string;
  readonly key: string | null;
}

/** A client whose requests get these replies in turn, the last one again and again. */
function clientWith(...replies: readonly (() => Response)[]): {
  readonly client: VendorClient;
  readonly sent: Sent[];
  readonly waits: number[];
} {
  const [sent, waits]: [Sent[], number[]] = [[], []];
  const client = vendorClient({
    url: "https://vendor.example/v1",
    headers: { authorization: key },
    fetch: async (url, init) => {
      sent.push({ url: String(url), key: new Headers(init?.headers).get("authorization") });
      return (replies[Math.min(sent.length, replies.length) - 1] as () => Response)();
    },
    signal: new AbortController().signal,
    sleep: async (ms) => void waits.push(ms),
  });
  return { client, sent, waits };
}

const ok = (value: unknown) => () => Response.json(value);
const busy = () => new Response("", { status: 429, headers: { "retry-after": "7" } });
const empty = { object: "list", data: [] };

test("a busy vendor is asked again when it says so, and not forever", async () => {
  const { client, waits } = clientWith(busy, busy, ok(empty));
  expect(await client.jobs()).toEqual([]);
  expect(waits).toEqual([7000, 7000]);
  await expect(clientWith(busy).client.jobs()).rejects.toMatchObject({
    code: "VENDOR_UNAVAILABLE",
    params: { reason: "it answered with status 429, 5 times" },
  });
});

test("pages are read to the end, and a vendor without an end is not believed", async () => {
  const job = { id: "ftjob-1", status: "succeeded", model: "m", training_file: "file-1" };
  const page = ok({ data: [job], has_more: true });
  const { client, sent } = clientWith(page);
  expect(await client.jobs()).toHaveLength(10);
  expect(sent[1]?.url).toBe("https://vendor.example/v1/fine_tuning/jobs?limit=100&after=ftjob-1");
});

test("the key does not follow a redirect to another host, and nothing follows one to http", async () => {
  const to = (location: string) => () => new Response(null, { status: 302, headers: { location } });
  const file = { id: "file-1", name: "rows", bytes: 2 };
  const { client, sent } = clientWith(to("https://files.example/x"), () => new Response("ab"));
  await client.download(file, join(folder, "rows"));
  expect(sent.map((one) => one.key)).toEqual([key, null]);
  expect(readFileSync(join(folder, "rows"), "utf8")).toBe("ab");
  await expect(
    clientWith(to("http://files.example/x")).client.download(file, join(folder, "weak")),
  ).rejects.toMatchObject({ code: "VENDOR_UNAVAILABLE" });
  expect(readdirSync(folder)).toEqual(["rows"]);
});

test.each([
  ["a page of HTML", () => new Response("<html>")],
  ["JSON of another shape", ok({ jobs: [] })],
  ["a refusal", () => new Response("", { status: 400 })],
  ["no such route", () => new Response("", { status: 404 })],
])("%s is no list of jobs", async (_, reply) => {
  await expect(clientWith(reply).client.jobs()).rejects.toMatchObject({ code: "VENDOR_UNAVAILABLE" });
});

test("IDs that would leave their place in an address are not accepted", async () => {
  const job = { id: "ftjob-1", status: "succeeded", model: "m", training_file: "../models" };
  await expect(clientWith(ok(job)).client.job("ftjob-1")).rejects.toMatchObject({
    code: "VENDOR_UNAVAILABLE",
  });
});

test("the last losses of a result file, plain or in Base64", () => {
  const csv = "step,train_loss,valid_loss,full_valid_loss\n1,2,3,\n2,1.5,,0.75\n3,1.25,,\n";
  expect(lossesOf(csv)).toEqual({ training: 1.25, validation: 0.75 });
  expect(decodeResults(Buffer.from(csv).toString("base64"))).toBe(csv);
  expect(decodeResults(csv)).toBe(csv);
  expect(lossesOf("<html>")).toEqual({ training: null, validation: null });
});
