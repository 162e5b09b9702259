import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { brotliCompressSync, gunzipSync, gzipSync } from "node:zlib";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { serveHttp } from "../../http/index.ts";
import { pageProtocol } from "./page-protocol.ts";

const folder = temporaryFolder();
const built = join(folder, "built");
const script = `${"let answer = 42; ".repeat(200)}`;

beforeAll(() => {
  mkdirSync(join(built, "assets"), { recursive: true });
  writeFileSync(join(built, "index.html"), "<!doctype html><title>tunewise</title>");
  writeFileSync(join(built, "assets/main-abc.js"), script);
  writeFileSync(join(built, "assets/main-abc.js.gz"), gzipSync(script));
  writeFileSync(join(built, "assets/main-abc.js.br"), brotliCompressSync(script));
  writeFileSync(join(built, "assets/notes.txt"), "secret");
});

async function serve(place: string): Promise<string> {
  const server = await serveHttp({
    host: "127.0.0.1",
    port: 0,
    protocols: [pageProtocol(place)],
    identify: null,
    sameOrigin: true,
    limits: {},
  });
  onTestFinished(() => server.close(0));
  return server.url;
}

/** Gets the raw response, which `fetch` would decompress. */
function get(url: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((done, failed) => {
    request(url, { headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        done({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    })
      .on("error", failed)
      .end();
  });
}

test("the document, under a policy without foreign scripts, also where clients' links lead", async () => {
  const url = await serve(built);
  for (const path of ["/", "/tunewise/lessons/runs/abc123", "/team/a%20b/workspace"]) {
    const { status, headers, body } = await get(url + path);
    expect([status, String(body)]).toEqual([200, "<!doctype html><title>tunewise</title>"]);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self';");
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    const again = await get(url + path, { "if-none-match": String(headers["etag"]) });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  }
});

test("files, as small as the browser takes them, for ever", async () => {
  const url = `${await serve(built)}/assets/main-abc.js`;
  const plain = await get(url);
  expect(String(plain.body)).toBe(script);
  expect(plain.headers).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    vary: "accept-encoding",
    "cache-control": "public, max-age=31536000, immutable",
  });
  const zipped = await get(url, { "accept-encoding": "gzip, deflate" });
  expect(zipped.headers["content-encoding"]).toBe("gzip");
  expect(String(gunzipSync(zipped.body))).toBe(script);
  const smallest = await get(url, { "accept-encoding": "gzip, deflate, BR" });
  expect(smallest.headers["content-encoding"]).toBe("br");
  expect(smallest.body.length).toBeLessThan(zipped.body.length);
});

test("nothing else of the disk, and nothing that is no file of a page", async () => {
  const url = await serve(built);
  for (const path of ["/assets/notes.txt", "/assets/..%2findex.html", "/assets/main-abc.js.gz", "/assets/"])
    expect((await get(url + path)).status, path).toBe(404);
});

test("says what to do where it was not built, and finds it once it was", async () => {
  const place = join(folder, "later");
  const url = await serve(place);
  const missing = await get(url);
  expect([missing.status, String(missing.body)]).toEqual([404, "The page is not built here: npm run build"]);
  mkdirSync(join(place, "assets"), { recursive: true });
  writeFileSync(join(place, "index.html"), "<p>");
  expect((await get(url)).status).toBe(200);
});
