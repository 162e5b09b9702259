/** @file The page in a real browser: the system's Chromium, driven over its DevTools protocol. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";

/** Usual paths of Chromium; `TUNEWISE_CHROMIUM` overrides them. */
const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of the browser; `null` if there is none, which skips its tests. */
export const browserPath: string | null =
  process.env["TUNEWISE_CHROMIUM"] ?? known.find((path) => existsSync(path)) ?? null;

let browser: Promise<Browser> | null = null;

/** Returns the browser of this test file. */
function openBrowser(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: browserPath ?? "",
    args: ["--no-sandbox", "--disable-gpu", "--force-prefers-reduced-motion"],
  });
  return browser;
}

/** Closes the browser if one was started. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = null;
}

/** A page and its errors. */
export interface OpenPage {
  readonly page: Page;
  /** Errors of scripts, of the console, and of the content security policy. */
  readonly complaints: string[];
}

/** Opens a URL in a separate session that is closed with the test. */
export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await (await openBrowser()).newContext({
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // the view itself reports an expected HTTP status
    if (message.type() === "error" && !message.text().includes("the server responded with a status of"))
      complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/**
 * Accessibility rules that a page violates in either theme, each with its element.
 *
 * @source axe-core, WCAG 2.2 A and AA and best practices
 */
export async function accessibilityOf(page: Page): Promise<string[]> {
  // injected over the protocol, because the content security policy forbids inline scripts
  await page.evaluate(readFileSync(axePath, "utf8"));
  const broken: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResult> } };
      const { violations } = await axe.run();
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
    });
    broken.push(...found.map((rule) => `${colorScheme}: ${rule}`));
  }
  await page.emulateMedia({ colorScheme: null });
  return broken;
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}
