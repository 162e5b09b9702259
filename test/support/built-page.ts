/** @file Builds the page once for the tests of a project. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildWeb } from "../../tools/build-web.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Folder of the built page. */
    page: string;
  }
}

/** Builds the page and returns the function that removes it. */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "tunewise-page-"));
  await buildWeb(folder);
  project.provide("page", folder);
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
