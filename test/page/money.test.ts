/**
 * @file The views Money and Home: forecasts, active runs, refused duplicates, waste by month, and what needs attention.
 */

import { addSpend, dayMs, findTrackedRun, setBudget } from "@tunewise/tracker";
import { afterAll, describe, expect, inject, test } from "vitest";
import { accessibilityOf, browserPath, closeBrowser, type OpenPage, openPage } from "../support/browser.ts";
import "../support/built-page.ts";
import { logRun, makeProject } from "../support/page-store.ts";
import { grant, serveTeam, type Team } from "../support/team-server.ts";

afterAll(closeBrowser);

/** The properties of the browser window that a test reads. */
interface Screen {
  readonly document: { readonly documentElement: { readonly scrollWidth: number } };
  readonly innerWidth: number;
}

const usd = 1e6;
const fingerprint = "a".repeat(40);

async function signedIn(
  team: Team,
  who: string,
  hash: string,
  options: Parameters<typeof openPage>[1] = {},
): Promise<OpenPage> {
  const opened = await openPage(team.url, options);
  await opened.page.getByLabel("Password or token").fill(team.tokens.get(who) ?? "");
  await opened.page.getByRole("button", { name: "Sign in" }).click();
  await opened.page.getByRole("button", { name: "Sign out" }).waitFor();
  await opened.page.goto(`${team.url}/${hash}`);
  return opened;
}

/** A project with thirty days of costs, an active run, a failed run, and a refused one. */
async function spendingTeam(): Promise<Team & { readonly failed: string }> {
  const team = await serveTeam({ page: inject("page") });
  const project = await makeProject(team, "tickets");
  const { context } = team;
  const spend = (id: string, ms: number, dollars: number): Promise<void> =>
    context.write(async (transaction) => {
      const { number: run } = await findTrackedRun(transaction, id);
      const line = { run, ms, kind: "other", microUsd: dollars * usd, seconds: 0, quantity: 0, unit: "" };
      await addSpend(transaction, { ...line, priceMicroUsdPerHour: 0, priceSource: "test" });
    });
  const tags = { "tunewise.fingerprint": fingerprint };
  const first = await logRun(team, project, { name: "first", tags, params: { method: "lora" } });
  for (let day = 1; day <= 30; day++) await spend(first, Date.now() - day * dayMs, 4 + (day % 3));
  await spend(first, Date.now(), 2);
  const failed = await logRun(team, project, { name: "broken <b>run</b>", status: "FAILED" });
  await spend(failed, Date.now(), 3);
  const production = { "tunewise.purpose": "production" };
  await spend(await logRun(team, project, { name: "shipped", tags: production }), Date.now(), 5);
  await logRun(team, project, { name: "busy", tags: { "tunewise.rate": "2.50/h" }, status: null });
  const again = { experiment_id: project, tags: [{ key: "tunewise.fingerprint", value: fingerprint }] };
  await team.ask("root", "POST", "/api/2.0/mlflow/runs/create", again);
  await context.write(async (transaction) => {
    await setBudget(transaction, { project: Number(project), period: "month", microUsd: 500 * usd });
    await setBudget(transaction, { project: Number(project), period: "total", microUsd: 400 * usd });
  });
  await grant(team, "rita", Number(project), "read");
  return { ...team, failed };
}

describe.skipIf(browserPath === null)("Money", () => {
  test("looks ahead, around and back", async () => {
    const team = await spendingTeam();
    const { page, complaints } = await signedIn(team, "rita", "#/money");
    const card = (name: RegExp) =>
      page.locator("section.card").filter({ has: page.getByRole("heading", { name }) });
    await page
      .getByText(/^This month \$[\d.,]+ so far, forecast \$[\d.,]+ \[\$[\d.,]+ to \$[\d.,]+\]/)
      .waitFor();
    await page.getByText(/from 2\d days and what is at work/).waitFor();

    const budgets = await card(/^Budgets$/).textContent();
    expect(budgets).toMatch(/tickets, month: forecast .* reached with a probability of < 1 %/);
    expect(budgets).toMatch(
      /tickets, total: spent by \d{4}-\d\d-\d\d \[\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d\]/,
    );

    await card(/^At work now: \$2\.50 an hour for 1 run$/)
      .getByRole("link", { name: "busy" })
      .waitFor();
    const refused = card(/^Refused 1 duplicate, saved at least \$\d+\.00$/);
    await refused.getByRole("link", { name: "first" }).waitFor();
    expect(await refused.textContent()).toContain("root");

    const months = page.getByRole("table", { name: /^Spent by month/ });
    expect((await months.locator("thead th").allTextContents()).map((text) => text.trim())).toEqual([
      ...["month", "share", "experiments", "production", "wasted"],
    ]);
    const last = await months.locator("tbody tr").last().locator("td.number").allTextContents();
    expect(last.slice(1)).toEqual(["$5.00", "$3.00"]);
    await card(/^Accuracy of plans$/)
      .getByText("No run of this engine was completed")
      .waitFor();

    await page.getByLabel("Grouped by").selectOption("method");
    await expect.poll(() => card(/^By method$/).textContent()).toMatch(/lora[\s\S]*\(none\)/);
    expect(page.url()).toContain("by=method");
    await page.getByText("$ tunewise cost report --by method").waitFor();
    expect(complaints).toEqual([]);
  });

  test("says that it cannot tell, where it cannot", async () => {
    const team = await serveTeam({ page: inject("page") });
    const { page, complaints } = await signedIn(team, "root", "#/money");
    await page
      .getByText(/no forecast: it takes 7 whole days with costs on three of them, and there are 0/)
      .waitFor();
    await page.getByText("No run is at work, and no rented machine is on record.").waitFor();
    await page.getByText("No run was refused because the same experiment ran before.").waitFor();
    expect(complaints).toEqual([]);
  });

  test("shows nothing of projects that may not be read", async () => {
    const team = await spendingTeam();
    const { page } = await signedIn(team, "eve", "#/money");
    await page.getByText("No run is at work, and no rented machine is on record.").waitFor();
    for (const word of ["tickets", "busy", "first"]) expect(await page.getByText(word).count()).toBe(0);
    await page.goto(`${team.url}/#/`);
    await page.getByText("$0 spent this month").waitFor();
    expect(await page.getByText("Needs you").count()).toBe(0);
  });

  test("fits a phone", async () => {
    const team = await spendingTeam();
    const { page } = await signedIn(team, "rita", "#/money", { viewport: { width: 360, height: 740 } });
    const widths = () =>
      page.evaluate(() => {
        const { document, innerWidth } = globalThis as unknown as Screen;
        return [document.documentElement.scrollWidth, innerWidth];
      });
    await page.getByRole("heading", { name: "Accuracy of plans" }).waitFor();
    const [money = 0, screen] = await widths();
    expect(money).toBeLessThanOrEqual(screen ?? 0);
    await page.goto(`${team.url}/#/`);
    await page.getByText("Needs you: 1 run").waitFor();
    const [home = 0] = await widths();
    expect(home).toBeLessThanOrEqual(screen ?? 0);
  });

  test.each(["light", "dark"] as const)("breaks no rule of accessibility, %s", async (colorScheme) => {
    const team = await spendingTeam();
    const { page, complaints } = await signedIn(team, "rita", "#/money", { colorScheme });
    await page.getByText("No run of this engine was completed").waitFor();
    expect(await accessibilityOf(page)).toEqual([]);
    await page.goto(`${team.url}/#/`);
    await page.getByText("Needs you: 1 run").waitFor();
    expect(await accessibilityOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe.skipIf(browserPath === null)("Home", () => {
  test("says what there is to know in one request, behind the first rows", async () => {
    const team = await spendingTeam();
    const opened = await signedIn(team, "root", "#/money");
    const page = await opened.page.context().newPage();
    const asked: string[] = [];
    page.on("request", (request) => {
      if (request.url().includes("/api/")) asked.push(new URL(request.url()).pathname.slice("/api/".length));
    });
    await page.goto(`${team.url}/#/`);
    const line = page.locator("p.summary");
    await expect.poll(() => line.textContent()).toContain("spent this month");
    const text = await line.textContent();
    expect(text).toMatch(/spent this month of \$\d+\.00 \(tickets, (month|total)\)/);
    expect(text).toMatch(/forecast \$[\d.,]+ \[\$[\d.,]+ to \$[\d.,]+\]/);
    expect(text).toContain("waste $3.00 in 1 run");
    expect(text).toMatch(/refused 1 duplicate, saved at least \$\d+\.00/);
    expect(text).toContain("1 at work, $2.50 an hour");
    const own = asked.map((path) => path.replace("tunewise/v1/", ""));
    expect(own.indexOf("home")).toBeGreaterThan(own.indexOf("runs/table"));
    expect(own.filter((path) => ["spend", "budgets", "home"].includes(path))).toEqual(["home"]);
  });

  test("needs somebody until the run was seen", async () => {
    const team = await spendingTeam();
    const { page, complaints } = await signedIn(team, "rita", "#/");
    const matters = page.locator("details.matters");
    await matters.getByRole("link", { name: "broken <b>run</b>" }).waitFor();
    expect(await matters.getByRole("listitem").textContent()).toMatch(/failed[\s\S]*it ended as failed/);
    await matters.getByRole("button", { name: /^Seen/ }).click();
    await matters.getByText(/rita may not/).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Password or token").fill(team.tokens.get("root") ?? "");
    await page.getByRole("button", { name: "Sign in" }).click();
    await matters.getByRole("button", { name: /^Seen/ }).click();
    await expect.poll(() => matters.count()).toBe(0);
    const { body } = await team.ask("root", "GET", `/api/2.0/mlflow/runs/get?run_id=${team.failed}`);
    expect(body.run.data.tags).toContainEqual({
      key: "tunewise.seen",
      value: String(body.run.info.end_time),
    });
    await page.getByRole("grid", { name: "Runs" }).getByRole("columnheader", { name: "plan" }).waitFor();
    expect(complaints).toEqual([]);
  });
});
