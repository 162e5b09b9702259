/** @file Buckets without a server: addresses, variables, signatures, and failures by their codes. */
import { expect, test } from "vitest";
import { openBucketArtifacts } from "./bucket-artifacts.ts";
import { loadSign, type UnsignedRequest } from "./bucket-client.ts";
import { bucketPlaceFrom } from "./bucket-place.ts";
import { elementsOf, escaped, textOf } from "./xml.ts";

const keys = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

test.each([
  ["s3://team-runs", {}, "https://team-runs.s3.us-east-1.amazonaws.com/", ""],
  ["S3://team-runs/", { AWS_REGION: "eu-west-1" }, "https://team-runs.s3.eu-west-1.amazonaws.com/", ""],
  ["s3://a.b.c/x", { AWS_DEFAULT_REGION: "eu-west-1" }, "https://s3.eu-west-1.amazonaws.com/a.b.c/", "x/"],
  ["s3://abc/x/y/", { AWS_REGION: "cn-north-1" }, "https://abc.s3.cn-north-1.amazonaws.com.cn/", "x/y/"],
  ["s3://abc", { AWS_ENDPOINT_URL: "http://127.0.0.1:9000" }, "http://127.0.0.1:9000/abc/", ""],
  [
    "s3://abc",
    { AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_S3: "https://b/s3/" },
    "https://b/s3/abc/",
    "",
  ],
  [
    "s3://abc",
    { AWS_ENDPOINT_URL_S3: "https://b", MLFLOW_S3_ENDPOINT_URL: "https://c" },
    "https://c/abc/",
    "",
  ],
])("%s with %j", (address, environment, root, prefix) => {
  expect(bucketPlaceFrom(address, { ...keys, ...environment })).toMatchObject({ root, prefix });
});

test.each([
  ["s3://", {}],
  ["s3:///x", {}],
  ["s3://a", {}],
  ["s3://a..b", {}],
  ["s3://user@host", {}],
  ["s3://abc/../x", {}],
  ["s3://abc//x", {}],
  ["s3://abc/x?y", {}],
  ["s3://abc", { AWS_REGION: "evil.example/" }],
  ["s3://abc", { AWS_ENDPOINT_URL: "ftp://host" }],
  ["s3://abc", { AWS_ENDPOINT_URL: "https://user:password@host" }],
  ["s3://abc", { AWS_ENDPOINT_URL: "https://host/?x" }],
])("%s with %j is refused", (address, environment) => {
  expect(() => bucketPlaceFrom(address, { ...keys, ...environment })).toThrow(
    expect.objectContaining({ code: "BUCKET_ADDRESS_INVALID" }),
  );
});

test("missing keys are named", () => {
  expect(() => bucketPlaceFrom("s3://abc", {})).toThrow(
    expect.objectContaining({
      code: "BUCKET_KEYS_MISSING",
      message:
        "Artifacts are stored in a bucket, but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is not set.",
    }),
  );
  expect(() => bucketPlaceFrom("s3://abc", { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: " " })).toThrow(
    "but AWS_SECRET_ACCESS_KEY is not set",
  );
});

const emptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// The examples published in Amazon's documentation.
// @source docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
test.each([
  [
    {
      method: "PUT",
      path: "test%24file.text",
      headers: { Date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
      sha256: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
    },
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  ],
  [
    { method: "GET", path: "?lifecycle", headers: {}, sha256: emptySha256 },
    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  ],
  [
    { method: "GET", path: "?max-keys=2&prefix=J", headers: {}, sha256: emptySha256 },
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  ],
])("%j is signed as the manual says", async ({ path, ...request }, signature) => {
  const sign = await loadSign(bucketPlaceFrom("s3://examplebucket", keys));
  const url = new URL(`https://examplebucket.s3.amazonaws.com/${path}`);
  const signed = sign({ ...request, url, nowMs: Date.UTC(2013, 4, 24) } as UnsignedRequest);
  expect(signed["Authorization"]).toContain(`Signature=${signature}`);
  expect(signed).not.toHaveProperty("Host");
});

test("a signer that is not installed is named", async () => {
  const missing = async (): Promise<never> => {
    throw new Error("Cannot find module");
  };
  await expect(loadSign(bucketPlaceFrom("s3://abc", keys), missing)).rejects.toMatchObject({
    code: "BUCKET_SIGNER_MISSING",
  });
});

test("a session's token is sent and signed", async () => {
  const place = bucketPlaceFrom("s3://examplebucket", { ...keys, AWS_SESSION_TOKEN: "token" });
  const signed = (await loadSign(place))({
    method: "GET",
    headers: {},
    url: new URL(place.root),
    sha256: "0",
    nowMs: 0,
  });
  expect(signed["X-Amz-Security-Token"]).toBe("token");
  expect(signed["Authorization"]).toContain("x-amz-security-token");
});

const refusal = (code: string, more = ""): string => `<Error><Code>${code}</Code>${more}</Error>`;

test.each([
  [404, refusal("NoSuchBucket"), {}, "BUCKET_MISSING"],
  [404, "", {}, "BUCKET_MISSING"],
  [403, refusal("AccessDenied"), {}, "BUCKET_REFUSED"],
  [400, refusal("ExpiredToken"), {}, "BUCKET_REFUSED"],
  [400, refusal("AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"), {}, "BUCKET_REGION_WRONG"],
  [301, refusal("PermanentRedirect"), { "x-amz-bucket-region": "eu-west-3" }, "BUCKET_REGION_WRONG"],
  [307, "", { location: "https://elsewhere.example/" }, "BUCKET_REGION_WRONG"],
  [503, refusal("SlowDown"), {}, "BUCKET_UNREACHABLE"],
  [200, refusal("x".repeat(17 * 1024 ** 2)), {}, "BUCKET_UNREACHABLE"],
])("a bucket that answers %d %.60s is %j: %s", async (status, body, headers, code) => {
  const urls: string[] = [];
  const answer: typeof fetch = async (url) => {
    urls.push(String(url));
    return new Response(body, { status, headers: headers as Record<string, string> });
  };
  const place = bucketPlaceFrom("s3://abc", keys);
  const opening = openBucketArtifacts(place, { fetch: answer, now: () => 0, random: () => 0 });
  const failure = await opening.catch((error: unknown) => error as Error);
  expect(failure).toMatchObject({ code });
  expect(JSON.stringify(failure) + String(failure)).not.toContain(keys.AWS_SECRET_ACCESS_KEY);
  // Redirects are never followed, so that credentials go only to the configured host.
  expect(urls.every((url) => url.startsWith(place.root))).toBe(true);
});

test("elements and their texts", () => {
  const xml = "<A><K>a &amp; b &#x1F642; &#65; &none; &lt;</K></A><A><K/></A><A><K></K>";
  expect(elementsOf(xml, "A")).toHaveLength(2);
  expect(textOf(xml, "K")).toBe("a & b 🙂 A &none; <");
  expect([textOf(xml, "Z"), textOf("<K>&#xFFFFFFF;</K>", "K")]).toEqual([null, "&#xFFFFFFF;"]);
  expect(textOf(`<K>${escaped("<&>\"'\n")}</K>`, "K")).toBe("<&>\"'\n");
});
