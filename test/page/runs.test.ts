/**
 * @file The runs table: sorting, filtering, grouping, comparison with a baseline, edits, live updates, and no requests
 * while nothing changes.
 */
import { afterAll, beforeEach, describe, expect, inject, test } from "vitest";
import { accessibilityOf, browserPath, closeBrowser, type OpenPage, openPage } from "../support/browser.ts";
import "../support/built-page.ts";
import { falling, logBatch, logRun, makeProject } from "../support/page-store.ts";
import { grant, serveTeam, type Team } from "../support/team-server.ts";

afterAll(closeBrowser);

/** Signs in with a token. */
async function signedIn(
  team: Team,
  who: string,
  hash: string,
  theme: "light" | "dark" = "light",
): Promise<OpenPage> {
  const opened = await openPage(team.url, { colorScheme: theme });
  await opened.page.getByLabel("Password or token").fill(team.tokens.get(who) ?? "");
  await opened.page.getByRole("button", { name: "Sign in" }).click();
  await opened.page.getByRole("button", { name: "Sign out" }).waitFor();
  await opened.page.goto(`${team.url}/${hash}`);
  return opened;
}

describe.skipIf(browserPath === null)("the runs table", () => {
  let team: Team;
  let project = "";
  const ids: string[] = [];
  beforeEach(async () => {
    team = await serveTeam({ page: inject("page") });
    project = await makeProject(team, "lessons");
    ids.length = 0;
    for (let at = 0; at < 60; at++) {
      ids.push(
        await logRun(team, project, {
          name: `run-${String(at).padStart(2, "0")}`,
          params: { rank: String(2 ** (at % 4)), ...(at % 3 === 0 ? {} : { seed: String(at) }) },
          metrics: { eval_loss: falling(2, 0.5 + at / 100, 20) },
          status: at % 10 === 9 ? "FAILED" : "FINISHED",
        }),
      );
    }
  });

  test("sorts, filters, groups and compares", async () => {
    const columns = "metrics.eval_loss,params.rank,curve.eval_loss,attributes.status";
    const { page, complaints } = await signedIn(team, "root", `#/?columns=${columns}`);
    const grid = page.getByRole("grid", { name: "Runs" });
    await grid.getByText("run-59").waitFor();
    expect(await grid.getAttribute("aria-rowcount")).toBe("61");
    const names = (): Promise<string[]> => grid.locator("[role=row][data-row] a").allTextContents();

    await page.getByRole("button", { name: "eval_loss" }).click(); // descending
    await page.getByRole("button", { name: "eval_loss" }).click(); // ascending
    await expect.poll(async () => (await names())[0]).toBe("run-00");
    expect(page.url()).toContain("order=metrics.eval_loss");

    const filter = page.getByRole("combobox", { name: "Filter" });
    await filter.pressSequentially("params.ra");
    await page.getByRole("option", { name: /^params\.rank/ }).click();
    await filter.pressSequentially(" = ");
    await page.getByRole("option", { name: /^'8'/ }).click();
    await filter.press("Enter");
    await page.getByText("15 runs").waitFor();
    expect((await names()).slice(0, 2)).toEqual(["run-03", "run-07"]);
    await filter.fill("params.rank = '8' OR (metrics.eval_loss < 0.6 AND NOT params.rank IN ('1', '2'))");
    await filter.press("Enter");
    await page.getByText("17 runs").waitFor();
    await filter.fill("params.rank ~ 8");
    await filter.press("Enter");
    expect(await page.getByRole("alert").textContent()).toContain("The filter cannot be read");
    await page.goBack();
    await page.getByText("17 runs").waitFor();

    await page.locator("[data-row='0']").getByRole("button", { name: "Baseline" }).click();
    await grid.locator(".pinned").waitFor();
    await expect
      .poll(() => grid.locator("[data-row='1'] small").first().textContent())
      .toMatch(/^ [+−]0\.\d+$/);

    await filter.fill("");
    await filter.press("Enter");
    await page.getByLabel("Group by").selectOption({ label: "by rank" });
    await page.getByRole("button", { name: "8", exact: true }).waitFor();
    await page.getByRole("button", { name: "8", exact: true }).click();
    await page.getByText("15 runs").waitFor();
    expect(complaints).toEqual([]);
  });

  test("chooses columns and remembers them, saves views, tags, deletes and restores", async () => {
    const { page, complaints } = await signedIn(team, "root", "#/");
    await page.getByRole("button", { name: "Columns" }).click();
    const dialog = page.getByRole("dialog", { name: "Columns" });
    await dialog.getByPlaceholder("Search columns").fill("eval");
    await dialog.getByLabel("metrics.eval_loss").check();
    await dialog.getByLabel("eval_loss as a curve").check();
    expect(await accessibilityOf(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("img", { name: "curve" }).first().waitFor();
    await page.goto(`${team.url}/#/?order=-metrics.eval_loss`);
    await page.getByRole("img", { name: "curve" }).first().waitFor();

    await page.getByLabel("Saved views").selectOption({ label: "Save this view…" });
    await page.getByLabel("Name").fill("worst first");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.goto(`${team.url}/#/`);
    await page.getByLabel("Saved views").selectOption({ label: "worst first" });
    await expect.poll(() => page.url()).toContain("order=-metrics.eval_loss");

    await page.getByLabel("Choose run-59").check();
    await page.getByLabel("Choose run-58").check();
    expect(
      await page.getByRole("link", { name: "Compare", exact: true }).last().getAttribute("href"),
    ).toContain(`${ids[59]}%2C${ids[58]}`);
    await page.getByRole("button", { name: "Tag" }).click();
    await page.getByLabel("Key").fill("verdict");
    await page.getByLabel("Value").fill("poor");
    await page.getByRole("button", { name: "Set tag" }).click();
    await page.getByText("2 runs: done").waitFor();
    const { body } = await team.ask("root", "GET", `/api/2.0/mlflow/runs/get?run_id=${ids[59]}`);
    expect(body.run.data.tags).toContainEqual({ key: "verdict", value: "poor" });

    await page.getByLabel("Choose run-59").check();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("59 runs").waitFor();
    await page.getByLabel("deleted").check();
    await page.getByLabel("Choose run-59").check();
    await page.getByRole("button", { name: "Restore" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
    await page.getByText("0 runs", { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  test("goes by the keyboard alone, through rows that are not there yet", async () => {
    const { page } = await signedIn(team, "root", "#/");
    await page.locator("[data-row='0']").focus();
    await page.keyboard.press("End");
    await expect.poll(() => page.locator(":focus").getAttribute("data-row")).toBe("59");
    await page.keyboard.press("ArrowUp");
    await page.locator("[data-row='58']:focus a").waitFor();
    await page.keyboard.press("Space");
    await page.getByText("1 run chosen").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "run-01" }).waitFor();
  });

  test("is live, and asks for nothing while nothing changes", async () => {
    const live = await logRun(team, project, { name: "live", status: null });
    const { page } = await signedIn(team, "root", "#/?columns=metrics.acc");
    await page.getByText("61 runs").waitFor();
    await logBatch(team, live, [{ key: "acc", value: 0.875, step: 1, timestamp: Date.now() }]);
    await page.locator("[data-row]").getByText("0.875").waitFor();
    await page.waitForTimeout(3_000);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.waitForTimeout(10_000);
    expect(requests).toEqual([]);
  });

  test("shows what was logged between its first rows and its stream", async () => {
    const live = await logRun(team, project, { name: "early", status: null });
    const { page } = await signedIn(team, "root", "#/money");
    await page.getByRole("heading", { name: "Money" }).waitFor();
    // the stream starts after the run has changed, as on a slow connection
    await page.route("**/api/tunewise/v1/changes*", async (route) => {
      await logBatch(team, live, [{ key: "acc", value: 0.625, step: 1, timestamp: Date.now() }]);
      await route.continue();
    });
    await page.goto(`${team.url}/#/?columns=metrics.acc`);
    await page.locator("[data-row]").getByText("0.625").waitFor();
  });

  test("shows what was logged while its rows were on their way", async () => {
    const live = await logRun(team, project, { name: "slow", status: null });
    const { page } = await signedIn(team, "root", "#/");
    await page.locator("[data-row='0']").waitFor();
    await page.goto(`${team.url}/#/money`);
    await page.getByRole("heading", { name: "Money" }).waitFor();
    const began = page.waitForResponse("**/api/tunewise/v1/changes*");
    // the earlier rows arrive after the stream has started, as on a slow connection
    await page.route(
      "**/api/tunewise/v1/runs/table",
      async (route) => {
        const response = await route.fetch();
        await logBatch(team, live, [{ key: "acc", value: 0.375, step: 1, timestamp: Date.now() }]);
        await began;
        await new Promise((later) => setTimeout(later, 2_000));
        await route.fulfill({ response });
      },
      { times: 1 },
    );
    await page.goto(`${team.url}/#/?columns=metrics.acc`);
    await page.locator("[data-row]").getByText("0.375").waitFor();
  });

  test("shows a reader what they may read", async () => {
    const other = await makeProject(team, "secret plans");
    await logRun(team, other, { name: "hidden", params: { treasure: "map" } });
    await grant(team, "rita", Number(project), "read");
    const { page } = await signedIn(team, "rita", "#/");
    await page.getByText("60 runs", { exact: true }).waitFor();
    expect(await page.getByLabel("Project", { exact: true }).locator("option").allTextContents()).toEqual([
      "All projects",
      "lessons",
    ]);
    await page.getByRole("combobox", { name: "Filter" }).pressSequentially("params.");
    await page.getByRole("option", { name: /rank/ }).waitFor();
    expect(await page.getByRole("option", { name: /treasure/ }).count()).toBe(0);
    await page.getByLabel("Choose run-59").check();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText(/rita may not/).waitFor();
  });

  test.each(["light", "dark"] as const)("breaks no rule of accessibility, %s", async (theme) => {
    const { page, complaints } = await signedIn(
      team,
      "root",
      "#/?columns=metrics.eval_loss,curve.eval_loss",
      theme,
    );
    await page.getByRole("img", { name: "curve" }).first().waitFor();
    expect(await accessibilityOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
