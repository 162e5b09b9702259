/** @file Lists, removes and measures what is below a key of a bucket, page by page. */
import { createHash } from "node:crypto";
import { type ArtifactEntry, artifactKey } from "../artifact-store.ts";
import { clientName, isContinued } from "../stored-name.ts";
import { type BucketClient, BucketFailure } from "./bucket-client.ts";
import { elementsOf, escaped, textOf } from "./xml.ts";

/** Keys per page and per delete batch. @source docs.aws.amazon.com/AmazonS3/latest/API DeleteObjects */
const pageKeys = 1_000;

interface Page {
  /** Full keys in the bucket, including the prefix. */
  readonly files: readonly { readonly key: string; readonly bytes: number }[];
  readonly folders: readonly string[];
}

/**
 * Files and folders directly below a key of the bucket, under the names clients gave them. Long names that were split
 * into folders are joined again.
 */
export async function listBelow(client: BucketClient, key: string): Promise<ArtifactEntry[]> {
  const entries: ArtifactEntry[] = [];
  await gather(client, client.place.prefix + (key === "" ? "" : `${key}/`), [], entries);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function gather(
  client: BucketClient,
  prefix: string,
  pieces: readonly string[],
  entries: ArtifactEntry[],
): Promise<void> {
  const add = (stored: string, isFolder: boolean, bytes: number): void => {
    const name = clientName([...pieces, stored]);
    // Skips files of other programs whose names no client could request.
    if (artifactKey(name) !== null && !name.includes("/")) entries.push({ name, isFolder, bytes });
  };
  for await (const { files, folders } of pagesOf(client, { prefix, delimiter: "/" })) {
    for (const file of files) add(file.key.slice(prefix.length), false, file.bytes);
    for (const folder of folders) {
      const name = folder.slice(prefix.length, -1);
      if (isContinued(name)) await gather(client, folder, [...pieces, name], entries);
      else add(name, true, 0);
    }
  }
}

/** Removes a file, or everything below a key. Returns whether anything existed. */
export async function removeBelow(client: BucketClient, key: string): Promise<boolean> {
  const whole = client.place.prefix + key;
  let wasThere = (await sizeOf(client, key)) !== null;
  if (wasThere) await removeAll(client, [whole]);
  for await (const { files } of pagesOf(client, { prefix: `${whole}/` })) {
    wasThere ||= files.length > 0;
    if (files.length > 0)
      await removeAll(
        client,
        files.map((file) => file.key),
      );
  }
  return wasThere;
}

/** Size of a file in bytes, or `null`. */
export async function sizeOf(client: BucketClient, key: string): Promise<number | null> {
  const response = await client.request({ method: "HEAD", key }).catch((error: unknown) => {
    if (error instanceof BucketFailure && error.status === 404) return null;
    throw error;
  });
  return response && Number(response.headers.get("content-length") ?? 0);
}

async function removeAll(client: BucketClient, keys: readonly string[]): Promise<void> {
  const objects = keys.map((key) => `<Object><Key>${escaped(key)}</Key></Object>`).join("");
  const body = Buffer.from(`<Delete><Quiet>true</Quiet>${objects}</Delete>`);
  const headers = {
    "content-md5": createHash("md5").update(body).digest("base64"),
    "content-type": "application/xml",
  };
  const answer = await client.requestText({ method: "POST", query: { delete: "" }, headers, body });
  const [failed] = elementsOf(answer, "Error");
  if (failed !== undefined) throw new BucketFailure(200, textOf(failed, "Code") ?? "Unknown", null);
}

async function* pagesOf(client: BucketClient, about: Readonly<Record<string, string>>): AsyncGenerator<Page> {
  const query = { "list-type": "2", "encoding-type": "url", "max-keys": String(pageKeys), ...about };
  for (let token: string | null = ""; ; ) {
    const more: Record<string, string> = token ? { "continuation-token": token } : {};
    const xml: string = await client.requestText({ method: "GET", query: { ...query, ...more } });
    yield pageFrom(xml);
    const next: string | null =
      textOf(xml, "IsTruncated") === "true" ? textOf(xml, "NextContinuationToken") : null;
    if (next === null) return;
    if (next === token) throw new BucketFailure(200, "EndlessList", null);
    token = next;
  }
}

function pageFrom(xml: string): Page {
  const isEncoded = textOf(xml, "EncodingType") === "url";
  const named = (element: string, name: string): string => {
    const text = textOf(element, name) ?? "";
    return isEncoded ? decoded(text) : text;
  };
  return {
    files: elementsOf(xml, "Contents").map((element) => ({
      key: named(element, "Key"),
      bytes: Number(textOf(element, "Size") ?? 0),
    })),
    folders: elementsOf(xml, "CommonPrefixes").map((element) => named(element, "Prefix")),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
