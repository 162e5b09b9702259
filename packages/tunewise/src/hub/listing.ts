/**
 * @file Lists the files of a hub repository at one revision, with sizes and hashes.
 *
 * @source huggingface/huggingface_hub src/huggingface_hub/hf_api.py `model_info` and `RepoSibling`
 */

import {
  isJsonObject,
  maximumHubAnswerBytes,
  maximumHubFiles,
  parseJsonObject,
} from "@tunewise/engine/weights";
import { problem } from "../problem/index.ts";
import {
  checkAccess,
  defaultRetryPolicy,
  type HubAccess,
  type HubResponse,
  hubHost,
  type RetryPolicy,
  requestHub,
} from "./connection.ts";
import { commitPattern, isSafeFileName } from "./names.ts";

/** Expected hash of a file: SHA-256 of its content, or SHA-1 of its git blob. */
export interface ExpectedHash {
  readonly kind: "sha256" | "git-sha1";
  /** Hex. */
  readonly value: string;
}

/** A file of a repository. */
export interface HubFile {
  readonly name: string;
  readonly bytes: number;
  readonly hash: ExpectedHash;
}

/** A repository at one commit. */
export interface HubListing {
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/**
 * Requests the files of a repository from the hub. Files without a safe name, a size or a hash are omitted
 * because they could not be stored or verified.
 *
 * @returns `null` if there is no such repository or revision
 * @throws {TunewiseError} `MODEL_ACCESS_DENIED`, `MODEL_DOWNLOAD_FAILED`, `MODEL_DOWNLOAD_DAMAGED`; or the network's
 *   own error if the hub cannot be reached
 */
export async function listHubFiles(
  access: HubAccess,
  kind: "models" | "datasets",
  id: string,
  revision: string,
  patience: RetryPolicy = defaultRetryPolicy,
): Promise<HubListing | null> {
  const path = `api/${kind}/${id}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const answer = await requestHub(
    access,
    `${access.endpoint}/${path}`,
    { accept: "application/json" },
    patience,
  );
  try {
    const { status } = answer.response;
    checkAccess(access, id, status);
    if (status === 404) return null;
    const about = { file: `the file list of ${id}`, host: hubHost(access) };
    if (status !== 200) {
      throw problem("MODEL_DOWNLOAD_FAILED", { ...about, detail: `the hub returned ${status}` });
    }
    const bytes = await readBounded(answer, maximumHubAnswerBytes);
    return parseListing(parseJsonObject(bytes, about.file), about);
  } finally {
    answer.close();
  }
}

async function readBounded(answer: HubResponse, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.response.body ?? []) {
    answer.progress();
    length += chunk.byteLength;
    if (length > limit) throw new Error(`the hub's answer is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseListing(
  json: Readonly<Record<string, unknown>>,
  about: { readonly file: string; readonly host: string },
): HubListing {
  const { sha, siblings } = json;
  if (typeof sha !== "string" || !commitPattern.test(sha) || !Array.isArray(siblings)) {
    throw problem("MODEL_DOWNLOAD_DAMAGED", {
      ...about,
      detail: "the response does not name a commit and files",
    });
  }
  if (siblings.length > maximumHubFiles) {
    const detail = `the response lists ${siblings.length} files, above the limit of ${maximumHubFiles}`;
    throw problem("MODEL_DOWNLOAD_DAMAGED", { ...about, detail });
  }
  return { commit: sha, files: siblings.map(parseFile).filter((file) => file !== null) };
}

function parseFile(value: unknown): HubFile | null {
  if (!isJsonObject(value)) return null;
  const { rfilename: name, size, blobId, lfs } = value;
  if (typeof name !== "string" || !isSafeFileName(name)) return null;
  const large = isJsonObject(lfs) ? lfs : null;
  const bytes = large?.["size"] ?? size;
  if (typeof bytes !== "number" || !Number.isSafeInteger(bytes) || bytes < 0) return null;
  const sha256 = large?.["sha256"];
  if (typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256)) {
    return { name, bytes, hash: { kind: "sha256", value: sha256 } };
  }
  // The blob id of an LFS file is that of its pointer, so it proves nothing about the content.
  if (large !== null || typeof blobId !== "string" || !commitPattern.test(blobId)) return null;
  return { name, bytes, hash: { kind: "git-sha1", value: blobId } };
}
