/** @file Signing in to the page: by a token, with what is wrong said, out again, and no script that a policy forbids. */
import { afterAll, describe, expect, inject, test } from "vitest";
import { accessibilityOf, browserPath, closeBrowser, openPage } from "../support/browser.ts";
import "../support/built-page.ts";
import { serveTeam } from "../support/team-server.ts";

afterAll(closeBrowser);

describe.skipIf(browserPath === null)("signing in", () => {
  test("by a token, and out again", async () => {
    const { url, tokens } = await serveTeam({ page: inject("page") });
    const { page, complaints } = await openPage(url);
    await page.getByRole("heading", { name: "Sign in to tunewise" }).waitFor();
    expect(await accessibilityOf(page)).toEqual([]);

    await page.getByLabel("Password or token").fill("tw-wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    expect(await page.getByRole("alert").textContent()).toContain("That is no token");

    await page.getByLabel("Password or token").fill(tokens.get("rita") ?? "");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: "tunewise_session", httpOnly: true, sameSite: "Strict" });
    expect(cookie?.value).not.toBe(tokens.get("rita"));
    await page.reload();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to tunewise" }).waitFor();
    // the cookie was worth something to the page alone, and is worth nothing any more
    const again = await fetch(`${url}/api/tunewise/v1/me`, {
      headers: { cookie: `tunewise_session=${cookie?.value}`, "sec-fetch-site": "same-origin" },
    });
    expect(again.status).toBe(401);
    expect(again.headers.get("www-authenticate")).toBeNull(); // a browser would ask by itself
    expect(complaints).toEqual([]);
  });
});
