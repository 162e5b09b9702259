/** @file Keyboard shortcuts of the whole page. */
import { afterAll, describe, expect, inject, test } from "vitest";
import { accessibilityOf, browserPath, closeBrowser, openPage } from "../support/browser.ts";
import "../support/built-page.ts";
import { serveTeam } from "../support/team-server.ts";

afterAll(closeBrowser);

describe.skipIf(browserPath === null)("keys", () => {
  test("lead to the filter and list themselves, and can be turned off", async () => {
    const team = await serveTeam({ page: inject("page") });
    const { page, complaints } = await openPage(team.url);
    await page.getByLabel("Password or token").fill(team.tokens.get("root") ?? "");
    await page.getByRole("button", { name: "Sign in" }).click();
    const filter = page.getByLabel("Filter");
    const focused = () => page.evaluate("document.activeElement.getAttribute('aria-label')");
    await filter.waitFor();
    await page.keyboard.press("/");
    await expect.poll(focused).toBe("Filter");
    await page.keyboard.type("a/b?"); // in a text field they type letters
    expect(await filter.inputValue()).toBe("a/b?");
    await page.goto(`${team.url}/#/money`);
    await page.getByRole("heading", { name: "Money" }).waitFor();
    await page.keyboard.press("/");
    await expect.poll(focused).toBe("Filter");
    await page.goto(`${team.url}/#/money`);
    await page.getByRole("heading", { name: "Money" }).waitFor();
    await page.keyboard.press("?");
    const list = page.getByRole("dialog", { name: "Keys" });
    await list.getByText("to the filter of runs").waitFor();
    expect(await accessibilityOf(page)).toEqual([]);
    await list.getByRole("checkbox").uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    expect(await list.count()).toBe(0);
    await page.reload();
    await page.getByRole("button", { name: "Keys" }).click();
    expect(await list.getByRole("checkbox").isChecked()).toBe(false);
    expect(complaints).toEqual([]);
  });
});
