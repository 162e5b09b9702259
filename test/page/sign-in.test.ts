/** @file Signing in with a token, error messages, signing out, and no script that the security policy forbids. */
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
    // the cookie was valid only for the page, and is invalid after signing out
    const again = await fetch(`${url}/api/tunewise/v1/me`, {
      headers: { cookie: `tunewise_session=${cookie?.value}`, "sec-fetch-site": "same-origin" },
    });
    expect(again.status).toBe(401);
    expect(again.headers.get("www-authenticate")).toBeNull(); // this header would make a browser ask for a password
    expect(complaints).toEqual([]);
  });
});
