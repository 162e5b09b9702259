/** @file Signatures and permissions, against a server that checks both. */
import { expect, test } from "vitest";
import { streamOf, text } from "../../../../../test/support/artifact-port.ts";
import { bucketServer, motoPython } from "../../../../../test/support/bucket-server.ts";
import { openBucketArtifacts } from "./bucket-artifacts.ts";
import { bucketPlaceFrom } from "./bucket-place.ts";
import { textOf } from "./xml.ts";

/** Sets up, with admin rights: the server, a bucket, and two users with a key and a policy each. */
const asked = 8;
const server = bucketServer({ INITIAL_NO_AUTH_ACTION_COUNT: String(asked) });
const world = { fetch, now: Date.now, random: () => 0 };

async function iam(fields: Record<string, string>): Promise<string> {
  const body = new URLSearchParams({ Version: "2010-05-08", ...fields });
  const scope = "Credential=none/20260101/us-east-1/iam/aws4_request";
  const headers = { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=none` };
  return (await fetch(server.endpoint(), { method: "POST", body, headers })).text();
}

/** A user with some permissions in all buckets. */
async function user(name: string, actions: readonly string[]): Promise<Record<string, string>> {
  await iam({ Action: "CreateUser", UserName: name });
  const made = await iam({ Action: "CreateAccessKey", UserName: name });
  const statement = { Effect: "Allow", Action: actions, Resource: "*" };
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await iam({ Action: "PutUserPolicy", UserName: name, PolicyName: "p", PolicyDocument: policy });
  return {
    AWS_ENDPOINT_URL: server.endpoint(),
    AWS_ACCESS_KEY_ID: textOf(made, "AccessKeyId") ?? "",
    AWS_SECRET_ACCESS_KEY: textOf(made, "SecretAccessKey") ?? "",
  };
}

test.skipIf(!motoPython)("keys open what they may, and wrong ones nothing", async () => {
  const address = `${await server.makeBucket()}/a b+c`;
  const rights = ["List*", "Get*", "Put*", "Delete*", "Abort*", "Create*", "Head*"].map(
    (word) => `s3:${word}`,
  );
  const right = await user("writer", rights);
  const reader = await user("reader", ["s3:List*", "s3:Get*"]);
  const open = (environment: Record<string, string>): ReturnType<typeof openBucketArtifacts> =>
    openBucketArtifacts(bucketPlaceFrom(address, environment), world);

  const artifacts = await open(right);
  const key = "r/it's (1)! ~ü.txt";
  await artifacts.put(key, streamOf("hello"));
  expect(await text((await artifacts.open(key, { from: 1, to: 3 }))?.content)).toBe("el");
  expect(await artifacts.list("r")).toHaveLength(1);
  const large = Buffer.alloc(9 * 1024 ** 2);
  expect(await artifacts.put("r/large", streamOf(large, large))).toBe(18 * 1024 ** 2);
  expect(await artifacts.remove("r")).toBe(true);

  const refused = async (environment: Record<string, string>, params: object): Promise<void> => {
    const failure = await open(environment).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: "BUCKET_REFUSED", params });
    const said = JSON.stringify(failure) + String(failure);
    expect(said).not.toContain(environment["AWS_SECRET_ACCESS_KEY"]);
  };
  await refused({ ...right, AWS_SECRET_ACCESS_KEY: "quite-wrong-secret" }, { code: "SignatureDoesNotMatch" });
  await refused({ ...right, AWS_ACCESS_KEY_ID: "nobody" }, { code: "InvalidAccessKeyId" });
  await refused(reader, { code: "AccessDenied", right: "s3:PutObject and s3:AbortMultipartUpload" });
});
