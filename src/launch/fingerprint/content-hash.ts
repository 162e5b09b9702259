/**
 * @file The hash of a file's content; of rows in whatever order.
 */
import { createHash } from "node:crypto";
import { openRegularFile } from "../../untrusted/index.ts";

/** Bytes of a file that are read; of a larger one its beginning and its size count. */
const contentBytesMax = 2 ** 32;
/** Longest line that is kept while it grows; a file with longer ones is hashed as it is. */
const lineBytesMax = 1 << 24;
const modulus = 1n << 256n;

/**
 * Hash of a file, in hex digits.
 *
 * `.jsonl` and `.ndjson` are rows, and so are the lines of `.csv` and `.tsv` below the first: their order does not
 * count, repeated ones count each time. The hashes of rows are added up, so that memory stays small.
 *
 * @param bytes size of the file
 */
export async function hashContent(path: string, bytes: number): Promise<string> {
  const kind = /\.(jsonl|ndjson|csv|tsv)$/i.exec(path)?.[1]?.toLowerCase();
  if (kind === undefined || bytes > contentBytesMax) return hashBytes(path, bytes);
  return (await hashRows(path, kind === "csv" || kind === "tsv")) ?? hashBytes(path, bytes);
}

async function hashBytes(path: string, bytes: number): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of (await openRegularFile(path)).createReadStream({ end: contentBytesMax - 1 }))
    hash.update(chunk as Buffer);
  if (bytes > contentBytesMax) hash.update(`and ${bytes} bytes in all`);
  return hash.digest("hex");
}

/** `null` where a line is too long for a row. */
async function hashRows(path: string, hasHead: boolean): Promise<string | null> {
  let [rest, sum, count, head] = [Buffer.alloc(0), 0n, 0, ""];
  const add = (line: Buffer): void => {
    const row = line.at(-1) === 13 ? line.subarray(0, -1) : line;
    if (row.length === 0) return;
    const digest = createHash("sha256").update(row).digest("hex");
    if (hasHead && head === "") head = digest;
    else [sum, count] = [(sum + BigInt(`0x${digest}`)) % modulus, count + 1];
  };
  for await (const chunk of (await openRegularFile(path)).createReadStream()) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, from)) {
      add(rest.subarray(from, end));
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > lineBytesMax) return null;
  }
  add(rest);
  return createHash("sha256")
    .update(`rows ${head} ${count} ${sum.toString(16)}`)
    .digest("hex");
}
