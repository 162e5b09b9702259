/** @file The plan view: settings in the URL, cost and its drivers, and a run approved for a repeated sum. */

import { findProject, readAudit } from "@tunewise/tracker";
import { afterAll, describe, expect, inject, test } from "vitest";
import { accessibilityOf, browserPath, closeBrowser, openPage } from "../support/browser.ts";
import "../support/built-page.ts";
import { project, recipe, useProjects } from "../support/run-projects.ts";
import { serveRecipeTeam } from "../support/served-recipes.ts";
import { grant, type Team } from "../support/team-server.ts";

useProjects();
afterAll(closeBrowser);

/** Pixels by which the page is wider than its window. */
const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

/** A recipe with a cap that even a busy machine does not reach. */
const capped = recipe().replace("budget: { minutes: 10 }", "budget: { usd: 0.5 }");

/** Opens a view as a given user. */
async function openAs(team: Team, who: string, view: string, options: Parameters<typeof openPage>[1] = {}) {
  const opened = await openPage(`${team.url}/#/${view}`, options);
  await opened.page.getByLabel("Password or token").fill(team.tokens.get(who) ?? "");
  await opened.page.getByRole("button", { name: "Sign in" }).click();
  await opened.page.getByRole("button", { name: "Sign out" }).waitFor();
  return opened;
}

describe.skipIf(browserPath === null)("a plan", () => {
  test("changes with its settings, and starts one run for the sum that is repeated", async () => {
    const team = await serveRecipeTeam(project("page-plan", capped), { page: inject("page") });
    const { page, complaints } = await openAs(team, "root", "plan");
    const approving = page.getByRole("button", { name: /^Approve and run/ });
    await approving.waitFor({ timeout: 60_000 });
    expect(await page.getByRole("img", { name: /simulated outcomes/ }).count()).toBe(1);
    expect(await page.getByRole("heading", { name: "What drives it" }).count()).toBe(1);
    expect(await page.getByRole("row", { name: /^this machine/ }).count()).toBe(1);
    expect(await accessibilityOf(page)).toEqual([]);

    const batch = page.getByLabel("Batch size");
    expect(await batch.inputValue()).toBe("8");
    await batch.fill("4");
    await batch.press("Enter");
    await expect.poll(() => page.url()).toContain("batch_size=4");
    await page.getByText("--set training.batch_size=4").waitFor({ timeout: 60_000 });
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await accessibilityOf(page)).toEqual([]);
    // the URL holds the state
    await page.reload();
    await page.getByText("--set training.batch_size=4").waitFor({ timeout: 60_000 });
    expect(await batch.inputValue()).toBe("4");

    await approving.click();
    const dialog = page.getByRole("dialog");
    const start = dialog.getByRole("button", { name: /^Run for at most/ });
    const field = dialog.getByLabel(/^The run may take at most/);
    // the proposed cap covers the plan; a lower one shows a warning before the start
    const clash = dialog.getByText(/is stopped before its end|A slow run is stopped|It covers one run/);
    expect([await start.isDisabled(), await clash.count()]).toEqual([false, 0]);
    await field.fill("0.000001");
    expect([await start.isDisabled(), await clash.count()]).toEqual([false, 1]);
    await field.fill("nothing");
    expect(await start.isDisabled()).toBe(true);
    await field.fill("1000");
    expect([await start.isDisabled(), await clash.count()]).toEqual([false, 0]);
    expect(await accessibilityOf(page)).toEqual([]);
    await start.dblclick();
    await expect.poll(() => page.url(), { timeout: 90_000 }).toMatch(/#\/runs\/\d{8}-\d{6}-/);
    const audit = await readAudit(team.context.database, { action: "run-started", limit: 9 });
    expect(audit.map(({ person, subject }) => [person, subject])).toEqual([["root", "page-plan"]]);
    await page.getByText(/^Approved by root, .*: recipe page-plan, at most \$1,?000/).waitFor();
    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByRole("cell", { name: "run-approved" }).waitFor();
    expect(await accessibilityOf(page)).toEqual([]);
    const runs = await team.context.database.all("SELECT id FROM runs");
    expect(runs.length).toBe(1);
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    await page.locator("[data-row]").first().waitFor();
    expect(await page.locator("[data-row]").count()).toBe(1);
    await expect
      .poll(async () => (await team.context.database.all("SELECT status FROM runs"))[0]?.["status"], {
        timeout: 90_000,
      })
      .toBe("completed");
    expect(complaints).toEqual([]);
    expect(team.failures).toEqual([]);
  });

  test("is nothing that a reader gets, and fits a phone", async () => {
    const team = await serveRecipeTeam(project("page-roles"), { page: inject("page") });
    const number = (await findProject(team.context.database, { name: "small" }))?.number ?? 0;
    await grant(team, "rita", number, "read");
    await grant(team, "wim", number, "write");
    const reader = await openAs(team, "rita", "plan");
    await reader.page.getByText("There is no recipe here that you may plan.").waitFor();
    expect(await reader.page.getByRole("button", { name: /Approve/ }).count()).toBe(0);
    expect(await reader.page.getByRole("link", { name: "Audit" }).count()).toBe(0);
    expect(await accessibilityOf(reader.page)).toEqual([]);

    const writer = await openAs(team, "wim", "plan", { viewport: { width: 390, height: 844 } });
    await writer.page.getByRole("button", { name: /^Approve and run/ }).waitFor({ timeout: 60_000 });
    for (const summary of await writer.page.locator("main details > summary").all()) await summary.click();
    expect(await writer.page.evaluate<number>(overflow)).toBe(0);
    expect(await accessibilityOf(writer.page)).toEqual([]);
    expect([...reader.complaints, ...writer.complaints]).toEqual([]);
  });
});
