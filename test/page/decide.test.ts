/** @file Decisions and costs in the browser: a verdict with its evidence, exported as a file, and the money spent. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recordStore, runFolderAt, runsPath } from "@tunewise/tracker";
import { afterAll, describe, expect, inject, test } from "vitest";
import { accessibilityOf, browserPath, closeBrowser, openPage } from "../support/browser.ts";
import "../support/built-page.ts";
import { run as ownRun } from "../support/sample-records.ts";
import { sampleTry } from "../support/sample-try.ts";
import { serveTeam } from "../support/team-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

afterAll(closeBrowser);

const output = temporaryFolder();
const id = "20261124-204512-try-7f3a";

describe.skipIf(browserPath === null)("decisions and money", () => {
  test("a verdict, what it rests on, and the volume that turns it", async () => {
    const team = await serveTeam({ page: inject("page"), output });
    const summary = { kind: "arms", fingerprint: "f", decided: "d", verdict: "tune", arm: "tuned", arms: 3 };
    const store = recordStore(team.context.database);
    await store.createRun(ownRun(id, { summary: JSON.stringify({ ...summary, is_invalid: false }) }));
    await store.record({ run: { id, change: { status: "completed", endedAt: "2026-11-24T20:50:00.000Z" } } });
    const folder = runFolderAt(join(runsPath(output), id)).path;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "arms.json"), JSON.stringify(sampleTry));

    const { page, complaints } = await openPage(team.url, { colorScheme: "dark" });
    await page.getByLabel("Password or token").fill(team.tokens.get("root") ?? "");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "Decide" }).click();
    await page
      .getByRole("row", { name: /Fine-tune/ })
      .getByRole("link")
      .click();
    await page.getByRole("heading", { name: "Fine-tune", exact: true }).waitFor();
    await page.getByRole("img", { name: /^accuracy against dollars/ }).waitFor();
    expect(await page.getByText("From not tuning to tuning at 46 answers a month.").count()).toBe(1);
    expect(await page.locator("main script").count()).toBe(0);
    expect(await accessibilityOf(page)).toEqual([]);

    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "HTML" }).click();
    const file = await downloading;
    expect(file.suggestedFilename()).toBe(`decision-${id}.html`);
    expect(readFileSync(await file.path(), "utf8")).toContain("&lt;script&gt;");

    await page.getByRole("link", { name: "Money" }).click();
    await page.getByRole("heading", { name: "Money" }).waitFor();
    await page.getByLabel("Grouped by").selectOption("person");
    await expect.poll(() => page.url()).toContain("by=person");
    await page.getByRole("heading", { name: "By person" }).waitFor();
    expect(await accessibilityOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
