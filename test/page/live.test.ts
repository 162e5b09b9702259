/**
 * @file The comparison of running runs in the browser: the view updates, and sends no requests while nothing changes.
 */
import { afterAll, describe, expect, inject, test } from "vitest";
import { browserPath, closeBrowser, openPage } from "../support/browser.ts";
import "../support/built-page.ts";
import { falling, logBatch, logRun, makeProject } from "../support/page-store.ts";
import { serveTeam } from "../support/team-server.ts";

afterAll(closeBrowser);

describe.skipIf(browserPath === null)("a comparison of runs at work", () => {
  test("shows what they log, and then asks for nothing", { timeout: 90_000 }, async () => {
    const team = await serveTeam({ page: inject("page") });
    const project = await makeProject(team, "lessons");
    const metrics = { eval_loss: falling(2, 0.5, 30) };
    const ids = [
      await logRun(team, project, { name: "first", status: null, metrics }),
      await logRun(team, project, { name: "second", status: null, metrics }),
    ];
    const { page, complaints } = await openPage(team.url);
    await page.getByLabel("Password or token").fill(team.tokens.get("root") ?? "");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    await page.goto(`${team.url}/#/compare?runs=${ids.join(",")}`);
    await page.locator(".chart canvas").first().waitFor();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    const main = page.locator("main");
    await logBatch(team, ids[1] ?? "", [{ key: "eval_loss", value: 0.125, step: 31, timestamp: Date.now() }]);
    const results = main.getByRole("region", { name: "Results and settings" });
    await expect.poll(() => results.textContent(), { timeout: 20_000 }).toContain("0.125");
    const legend = page.getByRole("figure").filter({ hasText: "eval_loss" }).locator("figcaption");
    await expect.poll(() => legend.textContent(), { timeout: 20_000 }).toContain("to 0.125");
    // does not reload the unchanged run
    expect(asked.filter((url) => url.includes(`/runs/${ids[0]}/details`))).toEqual([]);
    await page.waitForTimeout(5_000);
    asked.length = 0;
    await page.waitForTimeout(10_000);
    expect(asked).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
