import { describe, expect, it } from "vitest";
import { readRecipe } from "../../recipe/index.ts";
import { paint } from "./paint.ts";
import { findingsText } from "./problem.ts";

const MINIMAL = "model: owner/name\ndata:\n  train: rows.jsonl\n";

/** Terminal output for a recipe, without colors. */
function shown(text: string): string {
  return findingsText(readRecipe(text, "tunewise.yaml").problems, paint(false));
}

describe("a recipe that is not valid YAML:", () => {
  it("a tab as indentation", () => {
    expect(shown(`model: owner/name\ndata:\n\ttrain: rows.jsonl\n`)).toMatchInlineSnapshot(`
      "error RECIPE_SYNTAX: A tab stands where spaces must indent.
        tunewise.yaml:3:1
          3 |  train: rows.jsonl
            | ^
        fix: replace the tab by two spaces

      1 error"
    `);
  });

  it("a quote that is never closed", () => {
    expect(shown(`model: 'owner/name\ndata:\n  train: rows.jsonl\n`)).toMatchInlineSnapshot(`
      "error RECIPE_SYNTAX: A quote or bracket is opened and never closed.
        tunewise.yaml:1:8
          1 | model: 'owner/name
            |        ^
        fix: add the missing quote or bracket

      1 error"
    `);
  });

  it("a bracket that is never closed", () => {
    expect(shown(`${MINIMAL}method:\n  targets: [q_proj\n`)).toMatchInlineSnapshot(`
      "error RECIPE_SYNTAX: A quote or bracket is opened and never closed.
        tunewise.yaml:5:12
          5 |   targets: [q_proj
            |            ^
        fix: add the missing quote or bracket

      1 error"
    `);
  });

  it("a colon inside plain text", () => {
    expect(shown(`model: owner: name\n`)).toMatchInlineSnapshot(`
      "error RECIPE_SYNTAX: A second colon or a deeper line follows a value.
        tunewise.yaml:1:8
          1 | model: owner: name
            |        ^
        fix: put the text in quotes, or move the deeper lines below a key that has no value

      1 error"
    `);
  });

  it("lines that do not line up", () => {
    expect(shown(`model: owner/name\ndata:\n  train: a.csv\n test: b.csv\n`)).toMatchInlineSnapshot(`
      "error RECIPE_SYNTAX: The lines do not line up.
        tunewise.yaml:4:1
          4 |  test: b.csv
            | ^
        fix: indent keys of one section by the same number of spaces

      1 error"
    `);
  });

  it("two documents", () => {
    expect(shown(`${MINIMAL}---\nmodel: other/name\n`)).toMatchInlineSnapshot(`
      "error RECIPE_SYNTAX: The file holds several YAML documents.
        tunewise.yaml:4:1
          4 | ---
            | ^
        fix: keep one and remove the lines with ---

      1 error"
    `);
  });

  it("a tag", () => {
    expect(shown(`model: !!binary aGk=\n`)).toMatchInlineSnapshot(`
      "error RECIPE_SYNTAX: The tag !!binary has no meaning in a recipe.
        tunewise.yaml:1:17
          1 | model: !!binary aGk=
            |                 ^
        fix: remove the tag

      1 error"
    `);
  });

  it("an alias without its anchor", () => {
    expect(shown(`model: *name\n`)).toMatchInlineSnapshot(`
      "error RECIPE_SYNTAX: The alias *name stands for nothing.
        tunewise.yaml:1:8
          1 | model: *name
            |        ^
        fix: put the text in quotes, or set the anchor \`&name\` further up

      1 error"
    `);
  });
});
