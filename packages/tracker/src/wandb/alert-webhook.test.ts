/** @file Alerts are sent only to the configured address, with a deadline and few retries. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { createAlertSender, type SentAlert } from "./alert-webhook.ts";

const alert: SentAlert = {
  title: "Look",
  text: "the loss is NaN",
  severity: "WARN",
  ms: 0,
  run: "r1",
  runName: "a run",
  project: "tickets",
};

/** A server that answers with the given statuses in turn, and repeats the last one. */
async function hook(...statuses: number[]): Promise<{ url: string; bodies: unknown[] }> {
  const bodies: unknown[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(JSON.parse(await text(request)));
    const status = statuses[Math.min(bodies.length, statuses.length) - 1] ?? 200;
    response.writeHead(status, { location: "http://127.0.0.1:9/elsewhere" }).end("ok");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/T0/secret`, bodies };
}

async function send(url: string | undefined, count = 1): Promise<string[]> {
  const reports: string[] = [];
  const sender = createAlertSender(url, {
    fetch,
    report: (error) => {
      expect(error).toMatchObject({ code: "ALERT_NOT_SENT" });
      reports.push(String(error));
    },
    pausesMs: [1, 1],
  });
  for (let at = 0; at < count; at++) sender.send(alert);
  await sender.close();
  return reports;
}

test("an alert arrives as JSON", async () => {
  const { url, bodies } = await hook(200);
  expect(await send(url)).toEqual([]);
  expect(bodies).toEqual([
    {
      text: "[WARN] Look: the loss is NaN (run a run, project tickets)",
      alert: {
        title: "Look",
        text: "the loss is NaN",
        severity: "WARN",
        created_at: "1970-01-01T00:00:00.000Z",
      },
      run: { id: "r1", name: "a run", project: "tickets" },
    },
  ]);
});

test("what passes is repeated, three times in all", async () => {
  const once = await hook(503, 200);
  expect([await send(once.url), once.bodies.length]).toEqual([[], 2]);
  const never = await hook(500);
  const reports = await send(never.url);
  expect([never.bodies.length, reports]).toEqual([3, [expect.stringContaining("status 500")]]);
  expect(reports[0]).not.toContain("secret");
});

test.each([404, 302])("status %i is not repeated, and leads nowhere else", async (status) => {
  const { url, bodies } = await hook(status);
  expect([await send(url), bodies.length]).toEqual([[expect.stringContaining(`status ${status}`)], 1]);
});

test("nobody waits for an address that is not there, and few alerts wait", async () => {
  const reports = await send("http://127.0.0.1:9/", 102);
  expect(reports.filter((report) => report.includes("100 others are waiting"))).toHaveLength(2);
});

test("without an address nothing is sent; another word than an address is refused", async () => {
  expect(await send(undefined)).toEqual([]);
  const options = { fetch, report: () => undefined };
  for (const address of ["file:///etc/passwd", "slack"]) {
    expect(() => createAlertSender(address, options)).toThrow(
      expect.objectContaining({
        code: "ALERT_WEBHOOK_INVALID",
        params: { variable: "TUNEWISE_ALERT_WEBHOOK" },
      }),
    );
  }
});
