/**
 * @file What kind of file a document is: by its first bytes where they say so, else by its name.
 */
import { isBinary } from "./decode-text.ts";
import type { DocumentKind } from "./source-document.ts";

const kinds: ReadonlyMap<string, DocumentKind> = new Map([
  ...["md", "markdown", "mdx", "mkd"].map((end) => [end, "markdown"] as const),
  ...["txt", "text", "log", "rst", "adoc"].map((end) => [end, "text"] as const),
  ...["html", "htm", "xhtml"].map((end) => [end, "html"] as const),
  ...["csv", "tsv", "tab"].map((end) => [end, "table"] as const),
  ...["json", "jsonl", "ndjson"].map((end) => [end, "json"] as const),
  ["pdf", "pdf"],
]);

/** PDF's mark may stand behind other bytes. */
const markWithin = 1024;

/** The kind, or `null` for a file that is no text and no PDF. */
export function tellKind(name: string, bytes: Uint8Array): DocumentKind | null {
  const head = Buffer.from(bytes.subarray(0, markWithin)).toString("latin1");
  if (head.includes("%PDF-")) return "pdf";
  const named = kinds.get(/\.([a-z]{2,8})$/i.exec(name)?.[1]?.toLowerCase() ?? "");
  if (named === "pdf") return "pdf";
  if (isBinary(bytes)) return null;
  if (named !== undefined) return named;
  const start = head.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (/^<(?:!doctype\s+html|html|head|body)\b/i.test(start)) return "html";
  return /^(?:\{\s*"|\[\s*\{\s*")/.test(start) ? "json" : "text";
}
