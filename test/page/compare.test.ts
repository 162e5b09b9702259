/**
 * @file Comparing runs in the browser: whether differences are due to chance, paged answers, and one color and pattern
 * per run.
 */
import { Readable } from "node:stream";
import { findWandbRun, writeStream } from "@tunewise/tracker";
import type { Page } from "playwright-core";
import { afterAll, describe, expect, inject, test } from "vitest";
import { accessibilityOf, browserPath, closeBrowser, openPage } from "../support/browser.ts";
import "../support/built-page.ts";
import { addOwnRun, answeredRows } from "../support/own-runs.ts";
import { falling, logRun, makeProject } from "../support/page-store.ts";
import { serveTeam, type Team } from "../support/team-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

afterAll(closeBrowser);

const output = temporaryFolder();
const place = { entity: "tunewise", project: "tickets", name: "w" };
const markup = '<img src=x onerror="document.title=1">';

async function open(team: Team, hash: string, options: Parameters<typeof openPage>[1] = {}) {
  const opened = await openPage(team.url, options);
  await opened.page.getByLabel("Password or token").fill(team.tokens.get("root") ?? "");
  await opened.page.getByRole("button", { name: "Sign in" }).click();
  await opened.page.getByRole("button", { name: "Sign out" }).waitFor();
  await opened.page.goto(`${team.url}/${hash}`);
  return opened;
}

describe.skipIf(browserPath === null)("compare", () => {
  test("says what is more than chance and what cannot be told, and pages through the answers", async () => {
    const team = await serveTeam({ page: inject("page"), output });
    const { database } = team.context;
    const [a, b, c] = ["20261124-204512-a-7f3a", "20261124-204513-b-7f3b", "20261124-204514-c-7f3c"];
    await addOwnRun(database, output, { id: a, name: "first", rows: answeredRows(120, 40, markup) });
    const recipe = "method: { rank: 4 }";
    await addOwnRun(database, output, {
      id: b,
      name: "second",
      recipe,
      rows: answeredRows(120, 100, markup),
    });
    await addOwnRun(database, output, { id: c, name: "third", recipe: "method: { rank: 2 }", rows: null });
    const client = await logRun(team, await makeProject(team, "lessons"), { name: "of a client" });

    const address = `#/compare?runs=${[a, b, c, client].join(",")}`;
    const { page, complaints } = await open(team, address);
    const chance = page.getByRole("region", { name: "Differences and chance" });
    await chance.getByText(/^better by 50\.0 points \(95 %: .*\), over 120 rows$/).waitFor();
    expect(await chance.getByText("third: its answers by row are not on this server").count()).toBe(1);
    expect(
      await chance.getByText(/of a client: logged by MLflow's client: one value of each score/).count(),
    ).toBe(1);
    await page.getByText(`tunewise compare ${[a, b, c, client].join(" ")}`).waitFor();
    await page.getByRole("columnheader", { name: "second" }).first().getByRole("button").click();
    await chance.getByText(/^worse by 50\.0 points/).waitFor();

    const answers = page.getByRole("region", { name: "Answers" });
    await answers.getByRole("status").filter({ hasText: "1 to 50 of 60 rows" }).waitFor();
    expect(await answers.getByText("✗ wrong").count()).toBe(50);
    await answers.getByRole("button", { name: "Next" }).click();
    await answers.getByRole("status").filter({ hasText: "51 to 60 of 60 rows" }).waitFor();
    await answers.getByLabel("Which rows").selectOption("all");
    await answers.getByRole("status").filter({ hasText: "1 to 50 of 120 rows" }).waitFor();
    await answers.getByLabel("words that differ from first").check();
    await answers.locator("ins").first().waitFor();
    expect(await page.locator("main img").count()).toBe(0);
    expect(await page.title()).toBe("Compare - tunewise");
    expect(await accessibilityOf(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await accessibilityOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("twelve runs have twelve looks, the same in table, legend, lines and dots", async () => {
    const team = await serveTeam({ page: inject("page") });
    const project = await makeProject(team, "lessons");
    const ids: string[] = [];
    for (let at = 0; at < 12; at++) {
      const metrics = { loss: falling(2, 0.5 + at / 20, 5) };
      ids.push(await logRun(team, project, { name: `run ${at}`, params: { rank: String(at) }, metrics }));
    }
    const { page, complaints } = await open(team, `#/compare?runs=${ids.join(",")}`);
    await page.getByRole("figure").locator("canvas").first().waitFor();
    const looks = await looksIn(page);
    expect(new Set(looks.table).size).toBe(12);
    expect(looks.legend).toEqual(looks.table);
    expect(looks.lines).toEqual(looks.table);
    expect([...looks.dots].sort()).toEqual([...looks.table].sort());
    expect(complaints).toEqual([]);
  });
});

/** Color and pattern of each run, in each part of the view. */
function looksIn(page: Page): Promise<Record<"table" | "legend" | "lines" | "dots", string[]>> {
  return page.evaluate(`(() => {
    const all = (selector) => [...document.querySelectorAll(selector)];
    const said = (element, color) => color + " " + (element.matches(".dashed, rect"));
    const swatch = (element) => said(element, element.style.getPropertyValue("--swatch"));
    return {
      table: all("thead .run-name").slice(0, 12).map(swatch),
      legend: [...document.querySelector("figure.curve").querySelectorAll(".legend li")].map(swatch),
      lines: all("polyline").map((line) => said(line, line.style.stroke)),
      dots: all("figure a circle, figure a rect").map((dot) => said(dot, dot.style.fill)),
    };
  })()`);
}

describe.skipIf(browserPath === null)("what a W&B client logged", () => {
  test("tables are tables, by step, and media in their cells are named", async () => {
    const team = await serveTeam({ page: inject("page") });
    const { context } = team;
    const upsert = `mutation { upsertBucket(input: {modelName: "tickets", name: "w"}) { bucket { id } } }`;
    await team.graphql("root", upsert);
    const { id, number } = (await findWandbRun(context.database, place))?.run ?? { id: "", number: 0 };
    await context.write(async (transaction) => {
      const content = [1, 2].map((step) =>
        JSON.stringify({
          _step: step,
          answers: { _type: "table-file", path: `media/table/${step}.table.json` },
        }),
      );
      const stream = { events: null, console: null, summary: null, exitCode: null };
      await writeStream(transaction, number, { ...stream, history: { offset: 0, content } }, 1);
    });
    for (const step of [1, 2]) {
      const image = { _type: "image-file", path: "media/images/a.png" };
      const data = Array.from({ length: 60 }, (_, at) => [`${markup} ${at}`, at / 4 + step, image]);
      const text = JSON.stringify({ columns: ["question", "score", "picture"], data });
      const key = `runs/${number}/media/table/${step}.table.json`;
      await context.artifacts.put(key, Readable.from([Buffer.from(text)]));
    }
    const { page, complaints } = await open(team, `#/runs/${id}?part=files`, { colorScheme: "dark" });
    const table = page.getByRole("region", { name: "Table media/table/2.table.json" });
    await table.getByText("60 rows, 3 columns").waitFor();
    expect(await table.getByRole("row").count()).toBe(51);
    expect(await table.getByRole("cell", { name: "2.25", exact: true }).getAttribute("class")).toBe("number");
    expect(await table.getByText("[image-file media/images/a.png]").count()).toBe(50);
    await table.getByRole("button", { name: "Next" }).click();
    await table.getByRole("cell", { name: "16.75", exact: true }).waitFor();
    await page.getByLabel("Step of answers").fill("0");
    await page.getByRole("region", { name: "Table media/table/1.table.json" }).getByText("60 rows").waitFor();
    await page.getByRole("button", { name: "Show media/table/2.table.json" }).click();
    await table.getByText("60 rows, 3 columns").waitFor();
    expect(await page.locator("main img").count()).toBe(0);
    expect(await accessibilityOf(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "light" });
    expect(await accessibilityOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
