import { expect, onTestFinished, test } from "vitest";
import { inflatingPdf } from "../../../test/support/hostile-files.ts";
import { loader } from "../../../test/support/program.ts";
import { openDocumentReader } from "./read-document.ts";

const open = () => {
  const reader = openDocumentReader([process.execPath, "--import", loader]);
  onTestFinished(() => reader.close());
  return reader;
};

test("a PDF that inflates without end is a finding, and the next document is read", {
  timeout: 90_000,
}, async () => {
  const reader = open();
  const bomb = await reader.read("bomb.pdf", inflatingPdf());
  expect(bomb).toMatchObject({
    document: null,
    findings: [{ code: "DOCUMENT_TOO_COSTLY", severity: "warning" }],
  });
  expect(bomb.findings[0]?.detail).toMatch(/after (5 s without an end|512 MiB of memory)/);
  const page = await reader.read("a.html", new TextEncoder().encode("<h1>Start</h1><p>Plug it in."));
  expect(page.document?.sections.length).toBeGreaterThan(0);
});

test("kinds of our own are read right here, without a process", async () => {
  const reader = openDocumentReader(["/nowhere/node"]);
  const { document } = await reader.read("a.md", new TextEncoder().encode("# Start\n\nPlug it in."));
  expect(document?.kind).toBe("markdown");
  const { findings } = await reader.read("a.html", new TextEncoder().encode("<p>x"));
  expect(findings).toMatchObject([{ code: "DOCUMENT_UNREADABLE" }]);
});
