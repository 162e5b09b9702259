/** @file Which recipes are served, their names, and the message for one that cannot be read. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProject, openTrackingContext } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../../test/support/temporary-folder.ts";
import { createRuntime } from "../../../runtime/index.ts";
import { listRecipes } from "./list-recipes.ts";
import { claimProjects, projectOfRecipe, serveRecipes } from "./served-recipes.ts";

const folder = temporaryFolder();
const runtime = createRuntime(folder, new AbortController().signal, "0.0.0");
const start = (): never => {
  throw new Error("a list starts nothing");
};
const text = "name: first\nmodel: a/b\ndata: { train: rows.jsonl, max_length: 64 }\n";

test("names, settings and obstacles; a recipe that is wrong is listed with what is wrong", async () => {
  const paths = ["tunewise.yaml", "small.yaml", "small.yml", "wrong.yaml"].map((name) => join(folder, name));
  for (const path of paths) writeFileSync(path, path.endsWith("wrong.yaml") ? "model: 1\n" : text);
  const served = serveRecipes({
    output: join(folder, ".tunewise"),
    runtime,
    start,
    paths: [...paths, ...paths],
  });
  const context = await openTrackingContext(
    { store: ":memory:", artifacts: join(folder, "artifacts") },
    { now: () => new Date(0), random: Math.random },
  );
  await claimProjects(context, served);
  await claimProjects(context, served);
  const first = await findProject(context.database, { name: "first" });
  expect(await projectOfRecipe(context.database, served, "small")).toBe(first?.number);
  const listed = await listRecipes(context.database, served, async (project) => project === first?.number);
  const [own] = [...served.paths.keys()];
  expect(listed.map(({ name }) => name)).toEqual([own, "small", "small-2"]);
  expect(listed[1]).toEqual({
    name: "small",
    path: "small.yaml",
    projectName: "first",
    problem: null,
    obstacle: null,
    settings: { method: "lora", model: "a/b", maxLength: 64, batchSize: 8, epochs: null, steps: null },
  });
  const all = await listRecipes(context.database, { ...served, output: null }, async () => true);
  expect(all.at(-1)).toMatchObject({
    name: "wrong",
    problem: expect.stringContaining("wrong.yaml"),
    settings: null,
  });
  expect(all[1]?.obstacle).toContain("this server shows a database");
  await context.close();
});
