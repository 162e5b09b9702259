/** @file Artifacts in a bucket, against a real S3-compatible server. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { streamOf, testArtifactPort, text } from "../../../../../test/support/artifact-port.ts";
import { bucketServer, freePort, motoPython } from "../../../../../test/support/bucket-server.ts";
import type { ArtifactStore } from "../artifact-store.ts";
import { openBucketArtifacts } from "./bucket-artifacts.ts";
import type { BucketIo } from "./bucket-client.ts";
import { bucketPlaceFrom, type Environment } from "./bucket-place.ts";

const server = bucketServer();
const testHere = test.skipIf(!motoPython);
const world: BucketIo = { fetch, now: Date.now, random: () => 0 };

async function open(
  address: string,
  changes: Partial<BucketIo> = {},
  environment: Environment = {},
): Promise<ArtifactStore> {
  const place = bucketPlaceFrom(address, { ...server.environment(), ...environment });
  return openBucketArtifacts(place, { ...world, ...changes });
}

testArtifactPort("a bucket", motoPython !== undefined, async () => open(await server.makeBucket()));
testArtifactPort("a prefix of a bucket", motoPython !== undefined, async () =>
  open(`${await server.makeBucket()}/teams/a b/`),
);

/** Multipart uploads that were neither completed nor aborted. */
async function openUploads(address: string): Promise<number> {
  const answer = await fetch(`${server.endpoint()}/${address.slice(5)}?uploads`);
  return (await answer.text()).split("<UploadId>").length - 1;
}

/** Pseudo-random bytes in chunks of odd sizes. */
function largeStream(bytes: number): { content: Readable; sha256: () => string } {
  const hash = createHash("sha256");
  const pieces = function* (): Generator<Buffer> {
    for (let at = 0, size = 1; at < bytes; size = (size * 7 + 13) % 300_007) {
      const piece = Buffer.alloc(Math.min(size + 1, bytes - at), at % 251);
      hash.update(piece);
      at += piece.length;
      yield piece;
    }
  };
  return { content: Readable.from(pieces()), sha256: () => hash.digest("hex") };
}

async function sha256Of(content: Readable | undefined): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of content ?? []) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

testHere("a large file goes in parts and comes back the same, also from its middle", async () => {
  const address = await server.makeBucket();
  const artifacts = await open(address);
  const bytes = 8 * 1024 ** 2 * 3 + 12345;
  const { content, sha256 } = largeStream(bytes);
  expect(await artifacts.put("r/large", content)).toBe(bytes);
  const found = await artifacts.open("r/large");
  expect([found?.bytes, await sha256Of(found?.content)]).toEqual([bytes, sha256()]);
  const part = await artifacts.open("r/large", { from: 8 * 1024 ** 2 - 3, to: 8 * 1024 ** 2 + 3 });
  expect(Buffer.concat((await part?.content.toArray()) ?? [])).toHaveLength(6);
  expect(await openUploads(address)).toBe(0);
});

testHere.each([8 * 1024 ** 2 - 1, 8 * 1024 ** 2, 8 * 1024 ** 2 + 1])("a file of %d bytes", async (bytes) => {
  const artifacts = await open(await server.makeBucket());
  const { content, sha256 } = largeStream(bytes);
  expect(await artifacts.put("x", content)).toBe(bytes);
  expect(await sha256Of((await artifacts.open("x"))?.content)).toBe(sha256());
});

testHere("an upload that breaks off leaves no parts behind", async () => {
  const address = await server.makeBucket();
  const artifacts = await open(address);
  const large = Buffer.alloc(9 * 1024 ** 2);
  await expect(artifacts.put("x", streamOf(large, large, large, new Error("gone")))).rejects.toThrow();
  expect([await openUploads(address), await artifacts.list("")]).toEqual([0, []]);
});

testHere("more files than fit on a page are listed and removed", async () => {
  const artifacts = await open(await server.makeBucket());
  const names = Array.from({ length: 1050 }, (_, at) => `file ${String(at).padStart(5, "0")}`);
  for (let at = 0; at < names.length; at += 50) {
    await Promise.all(names.slice(at, at + 50).map((name) => artifacts.put(`r/${name}`, streamOf("x"))));
  }
  expect((await artifacts.list("r")).map((entry) => entry.name)).toEqual(names);
  expect([await artifacts.remove("r"), await artifacts.list("r")]).toEqual([true, []]);
});

describe("a bucket that fails now and then", () => {
  /** Fails the first `count` matching requests in the given way. */
  function failing(
    count: number,
    matches: (url: URL, method: string) => boolean,
    fail: () => Response,
  ): typeof fetch {
    let left = count;
    return async (input, init) => {
      const isHit = matches(new URL(String(input)), init?.method ?? "GET") && left-- > 0;
      return isHit ? fail() : fetch(input, init);
    };
  }
  const busy = (): Response => new Response("<Error><Code>SlowDown</Code></Error>", { status: 503 });
  const gone = (): Response => {
    throw Object.assign(new TypeError("fetch failed"), {
      cause: Object.assign(new Error(), { code: "ECONNRESET" }),
    });
  };

  testHere.each([
    ["is busy", busy],
    ["cuts the line", gone],
  ])("is asked again where it %s", async (_, fail) => {
    const address = await server.makeBucket();
    const artifacts = await open(address, { fetch: failing(4, (url) => url.pathname.endsWith("/x"), fail) });
    const { content, sha256 } = largeStream(20 * 1024 ** 2);
    await artifacts.put("x", content);
    expect(await sha256Of((await artifacts.open("x"))?.content)).toBe(sha256());
  });

  testHere("is given up after five times, with nothing of keys or signatures in the words", async () => {
    const address = await server.makeBucket();
    const artifacts = await open(address, { fetch: failing(99, (url) => url.pathname.endsWith("/x"), busy) });
    const failure = await artifacts.put("x", streamOf("x")).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({
      code: "ARTIFACT_STORE_FAILED",
      message: `${address} failed: the bucket gave 503 SlowDown.`,
    });
    expect(JSON.stringify(failure)).not.toContain("secret-of-tests");
  });

  testHere("a part that cannot be sent gives the whole upload up", async () => {
    const address = await server.makeBucket();
    const isPart = (url: URL): boolean => url.searchParams.get("partNumber") === "2";
    const artifacts = await open(address, { fetch: failing(99, isPart, busy) });
    await expect(artifacts.put("x", largeStream(40 * 1024 ** 2).content)).rejects.toMatchObject({
      code: "ARTIFACT_STORE_FAILED",
    });
    expect([await openUploads(address), await artifacts.size("x")]).toEqual([0, null]);
  });

  testHere("parts put together although the answer was lost count as put together", async () => {
    const address = await server.makeBucket();
    let isLost = false;
    const artifacts = await open(address, {
      fetch: async (input, init) => {
        const isEnd = init?.method === "POST" && new URL(String(input)).searchParams.has("uploadId");
        const answer = await fetch(input, init);
        if (!isEnd || isLost) return answer;
        isLost = true;
        return gone();
      },
    });
    const { content, sha256 } = largeStream(17 * 1024 ** 2);
    await artifacts.put("x", content);
    expect(isLost).toBe(true);
    expect(await sha256Of((await artifacts.open("x"))?.content)).toBe(sha256());
  });

  testHere("a failure in the body of a success is a failure", async () => {
    const address = await server.makeBucket();
    const inside = (): Response => new Response("<Error><Code>InternalError</Code></Error>", { status: 200 });
    const isEnd = (url: URL, method: string): boolean =>
      method === "POST" && url.searchParams.has("uploadId");
    const artifacts = await open(address, { fetch: failing(1, isEnd, inside) });
    await expect(artifacts.put("x", largeStream(17 * 1024 ** 2).content)).rejects.toThrow("InternalError");
    expect([await openUploads(address), await artifacts.size("x")]).toEqual([0, null]);
  });

  testHere("a download goes on where the line was cut, and never mixes two files", async () => {
    const address = await server.makeBucket();
    const plain = await open(address);
    const { content, sha256 } = largeStream(6 * 1024 ** 2);
    await plain.put("x", content);
    let cuts = 0;
    const cutting: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      if (init?.method !== "GET" || !new URL(String(input)).pathname.endsWith("/x")) return answer;
      cuts++;
      return new Response(cut(answer.body, 1024 ** 2), { status: answer.status, headers: answer.headers });
    };
    const artifacts = await open(address, { fetch: cutting });
    const found = await artifacts.open("x");
    expect(await sha256Of(found?.content)).toBe(sha256());
    expect(cuts).toBeGreaterThan(3);
    const changing = await artifacts.open("x");
    await plain.put("x", largeStream(5 * 1024 ** 2).content);
    await expect(sha256Of(changing?.content)).rejects.toThrow("PreconditionFailed");
  });
});

/** Breaks off a body after about this many bytes. */
function cut(body: ReadableStream<Uint8Array> | null, most: number): ReadableStream<Uint8Array> {
  const reader = body?.getReader();
  let bytes = 0;
  return new ReadableStream({
    async pull(controller) {
      const chunk = await reader?.read();
      if (!chunk?.value) return controller.close();
      if (bytes > most) return controller.error(new Error("cut"));
      bytes += chunk.value.length;
      controller.enqueue(chunk.value);
    },
    cancel: () => reader?.cancel(),
  });
}

testHere("a stream that is given up lets go of the connection", async () => {
  const artifacts = await open(await server.makeBucket());
  await artifacts.put("x", largeStream(20 * 1024 ** 2).content);
  for (let at = 0; at < 20; at++) {
    const found = await artifacts.open("x");
    found?.content.destroy();
  }
  expect(await text((await artifacts.open("x", { from: 0, to: 1 }))?.content)).toHaveLength(1);
});

testHere("a bucket that is not there, or nowhere, is named", async () => {
  await expect(open("s3://no-such-bucket-here")).rejects.toMatchObject({
    code: "BUCKET_MISSING",
    params: { bucket: "no-such-bucket-here" },
  });
  const nowhere = { AWS_ENDPOINT_URL: `http://127.0.0.1:${await freePort()}` };
  await expect(open("s3://some-bucket", {}, nowhere)).rejects.toMatchObject({
    code: "BUCKET_UNREACHABLE",
    params: { reason: "no answer (ECONNREFUSED)" },
  });
});
