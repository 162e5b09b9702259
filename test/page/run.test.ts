/**
 * @file A run's page and the comparison of runs: curves with tables, values logged by hostile clients, and links from
 * clients.
 */
import { afterAll, beforeEach, describe, expect, inject, test } from "vitest";
import { accessibilityOf, browserPath, closeBrowser, openPage } from "../support/browser.ts";
import "../support/built-page.ts";
import { falling, logBatch, logRun, makeProject } from "../support/page-store.ts";
import { serveTeam, type Team } from "../support/team-server.ts";

afterAll(closeBrowser);

describe.skipIf(browserPath === null)("a run", () => {
  let team: Team;
  let project = "";
  beforeEach(async () => {
    team = await serveTeam({ page: inject("page") });
    project = await makeProject(team, "lessons");
  });

  /** Opens a view as the user who runs the server. */
  async function open(hash: string, options: Parameters<typeof openPage>[1] = {}) {
    const opened = await openPage(team.url, options);
    await opened.page.getByLabel("Password or token").fill(team.tokens.get("root") ?? "");
    await opened.page.getByRole("button", { name: "Sign in" }).click();
    await opened.page.getByRole("button", { name: "Sign out" }).waitFor();
    await opened.page.goto(`${team.url}/${hash}`);
    return opened;
  }

  test("shows its curves, as a picture, a sentence and a table, and grows while it works", async () => {
    const id = await logRun(team, project, {
      name: "first",
      status: null,
      params: { rank: "8" },
      metrics: { "eval/loss": falling(2, 0.5, 30), accuracy: [0.25] },
    });
    const { page, complaints } = await open(`#/runs/${id}`);
    await page.getByRole("heading", { name: "first" }).waitFor();
    const figure = page.getByRole("figure").filter({ hasText: "eval/loss" });
    await figure.locator("canvas").waitFor();
    expect(await figure.locator("figcaption").textContent()).toMatch(/from 2 to 0\.\d+, lowest 0\.\d+ at 30/);
    await figure.getByRole("button", { name: "Table" }).click();
    expect(await figure.getByRole("row").count()).toBe(31);
    await page.getByLabel("over").selectOption("time");
    await expect.poll(() => figure.locator("figcaption").textContent()).toContain("lowest 0.5");
    expect(page.url()).toContain("axis=time");
    await page.getByLabel("over").selectOption("step");
    await logBatch(team, id, [{ key: "eval/loss", value: 0.125, step: 31, timestamp: Date.now() }]);
    await expect
      .poll(() => figure.locator("figcaption").textContent(), { timeout: 20_000 })
      .toContain("to 0.125");

    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("asked to stop").waitFor();
    const { body } = await team.ask("root", "GET", `/api/tunewise/v1/runs/${id}/stop`);
    expect(body.stop).toBe(true);
    for (const part of ["Answers", "Files", "Console", "System", "Ledger", "Overview"]) {
      await page.getByRole("button", { name: part }).click();
      expect(await accessibilityOf(page), part).toEqual([]);
    }
    expect(complaints).toEqual([]);
  });

  test("beside others: what differs, curves over each other", async () => {
    const ids: string[] = [];
    for (const [rank, low] of [
      ["8", 0.5],
      ["16", 0.75],
    ] as const) {
      const metrics = { loss: falling(2, low, 20) };
      ids.push(await logRun(team, project, { name: `rank ${rank}`, params: { rank, seed: "3" }, metrics }));
    }
    const { page, complaints } = await open(`#/compare?runs=${ids.join(",")}`, { colorScheme: "dark" });
    const table = page.getByRole("region", { name: "Results and settings" });
    await table.getByRole("rowheader", { name: "rank" }).waitFor();
    expect(await table.getByRole("rowheader", { name: "seed" }).count()).toBe(0);
    await page.getByLabel("also settings that are the same").check();
    await table.getByRole("rowheader", { name: "seed" }).waitFor();
    expect(await table.getByRole("row", { name: /^loss/ }).textContent()).toMatch(/\+0\.\d+/);
    await page.getByRole("img", { name: /Parallel coordinates of 2 runs/ }).waitFor();
    await page.getByRole("figure").locator("canvas").first().waitFor();
    expect(await accessibilityOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("of somebody hostile breaks no view and runs no script", async () => {
    const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    const id = await logRun(team, project, {
      name: `${markup} \u202Eevil \u{1F600}`,
      params: { [`a ${"x".repeat(200)}`]: markup, b: "y".repeat(6000), "c: d/e": "'" },
      tags: { note: markup, "mlflow.note.content": `# ${markup}` },
      metrics: { "loss/b: c": [1, 2, 3], huge: [1e300, -1e300] },
    });
    for (let part = 0; part < 3; part++) {
      const points = Array.from({ length: 1000 }, (_, at) => ({
        key: `m${part}_${at}`,
        value: at,
        step: 1,
        timestamp: 1,
      }));
      await logBatch(team, id, points);
    }
    const names = encodeURIComponent("metrics.loss/b: c");
    for (const hash of [
      `#/?columns=${names},params.b`,
      `#/runs/${id}`,
      `#/compare?runs=${id},${id}`,
      "#/money",
    ]) {
      const { page, complaints } = await open(hash);
      await page.locator("main").waitFor();
      await page.waitForTimeout(1_500);
      expect(await page.title(), hash).toMatch(/tunewise$/);
      expect(await page.locator("main img[src='x']").count()).toBe(0);
      expect(complaints, hash).toEqual([]);
    }
  });

  test("is found by the links that MLflow's and W&B's clients print", async () => {
    const id = await logRun(team, project, { name: "linked" });
    const { page } = await open(`#/experiments/${project}/runs/${id}`);
    await page.getByRole("heading", { name: "linked" }).waitFor();
    await page.goto(`${team.url}/#/experiments/${project}`);
    await page.getByText("1 run", { exact: true }).waitFor();
    await page.goto(`${team.url}/tunewise/lessons/runs/${id}`);
    await page.getByRole("heading", { name: "linked" }).waitFor();
  });

  test("that is not there is said to be so", async () => {
    const { page } = await open("#/runs/none");
    expect(await page.getByRole("alert").textContent()).toContain("none");
    await page.goto(`${team.url}/#/nowhere`);
    await page.getByRole("heading", { name: "There is no view nowhere" }).waitFor();
  });
});
