/** @file The data view: hostile rows are shown as text, pairs are compared word by word, secrets are masked. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { accessibilityOf, browserPath, closeBrowser, openPage } from "../support/browser.ts";
import "../support/built-page.ts";
import { serveRecipeTeam } from "../support/served-recipes.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

afterAll(closeBrowser);

/** Pixels by which the page is wider than its window. */
const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

const root = temporaryFolder();
const script = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>";
const secret = `sk-${createHash("md5").update("planted").digest("hex")}`;

const row = (prompt: string, completion: string): string => `${JSON.stringify({ prompt, completion })}\n`;

/** Rows that repeat each other, and rows with HTML that must not be executed. */
function makeData(): string {
  const folder = join(root, "hostile");
  mkdirSync(folder);
  const plain = Array.from({ length: 24 }, (_, at) =>
    row(`Where is parcel ${at} that I sent from town ${at * 7} on day ${at * 3}?`, `It is at stop ${at}.`),
  );
  const pair = (word: string): string =>
    `Please cancel ${word} order for the blue lamp that I bought last week in your shop near the station ${script}`;
  const odd = [
    row(pair("my"), "Cancelled."),
    row(`مرحبا، أين طلبي؟ \u202e ${script}`, "👩‍👩‍👧‍👦 🏳️‍🌈"),
    row(`A long one: ${"x".repeat(1_000_000)}`, script),
    row(`My key is DEEPSEEK_API_KEY="${secret}", does it work?`, `${script} yes`),
  ];
  writeFileSync(join(folder, "train.jsonl"), [...plain, ...odd].join(""));
  writeFileSync(join(folder, "test.jsonl"), [row(pair("the"), "Cancelled."), ...plain.slice(0, 3)].join(""));
  writeFileSync(
    join(folder, "tunewise.yaml"),
    `name: hostile
model: ${resolve("models/small")}
data: { train: train.jsonl, test: test.jsonl, max_length: 128, bad_rows: skip }
training: { steps: 4, batch_size: 4 }
budget: { minutes: 10 }
`,
  );
  return folder;
}

describe.skipIf(browserPath === null)("the data of a recipe", () => {
  test("are shown as text, the worst first, whatever they hold", async () => {
    const team = await serveRecipeTeam(makeData(), { page: inject("page") });
    const { page, complaints } = await openPage(`${team.url}/#/data`, {
      viewport: { width: 390, height: 844 },
    });
    await page.getByLabel("Password or token").fill(team.tokens.get("root") ?? "");
    const answered = page.waitForResponse((reply) => reply.url().endsWith("/check"));
    await page.getByRole("button", { name: "Sign in" }).click();
    const sent = await (await answered).text();
    expect(sent).not.toContain(secret);
    expect(sent.length).toBeLessThan(1_000_000);
    await page.getByRole("heading", { name: "Rows and tokens" }).waitFor({ timeout: 60_000 });
    // the most severe finding first: a key, masked in its row
    expect(await page.locator(".finding h2").first().textContent()).toContain("secret");
    expect(await page.getByText(/My key is DEEPSEEK_API_KEY="</).count()).toBeGreaterThan(0);
    const marks = page.locator(".pair mark");
    expect(await marks.allTextContents()).toEqual(expect.arrayContaining(["my", "the"]));
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.title()).toBe("Data - tunewise");
    expect(await page.getByText(secret).count()).toBe(0);
    const over = (): Promise<number> => page.evaluate<number>(overflow);
    expect(await over()).toBe(0);
    for (const summary of await page.locator("main details > summary").all()) await summary.click();
    expect(await over()).toBe(0);
    expect(await accessibilityOf(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await accessibilityOf(page)).toEqual([]);
    await page.getByRole("link", { name: "What it costs" }).click();
    await expect.poll(() => page.url()).toContain("#/plan/hostile");
    expect(complaints).toEqual([]);
  });
});
