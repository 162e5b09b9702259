import { describe, expect, test } from "vitest";
import { recipeFromText } from "../../prepare/index.ts";
import { searchSpaceOf } from "./space.ts";
import { requireValidSpace, variantOf } from "./variant.ts";

const open = { steps: 120, trainRows: 500 };
const search = `search:
  space:
    training.learning_rate: { from: 1e-4, to: 1e-2 }
    method.rank: [4, 8, 16]
    regularization.lambda: { from: 1, to: 1000 }
    method.targets: [all-linear, [q_proj, v_proj]]
`;

function opened(text: string) {
  const loaded = recipeFromText(
    `model: ./m\ndata: { train: t.jsonl }\n${text}`,
    "/a/tunewise.yaml",
    "tunewise.yaml",
    { output: "elsewhere" },
  );
  return { loaded, space: searchSpaceOf(loaded.recipe, open) };
}

describe("a variant", () => {
  test("is the recipe itself at the recipe's own point", () => {
    const { loaded, space } = opened(search);
    const variant = variantOf(loaded, space, space.defaults);
    expect(variant.loaded).toEqual(loaded);
  });

  test("has the point's values and what follows from them, and what the command line said", () => {
    const { loaded, space } = opened(`regularization: ewc\n${search}`);
    const point = {
      ...space.defaults,
      "method.rank": 4,
      "regularization.lambda": 7,
      "method.targets": '["q_proj","v_proj"]',
    };
    const recipe = variantOf(loaded, space, point).loaded?.recipe;
    expect(recipe?.method).toMatchObject({ rank: 4, alpha: 32, targets: ["q_proj", "v_proj"] });
    expect(recipe?.regularization).toMatchObject({ method: "ewc", lambda: 7 });
    expect(recipe).toMatchObject({ output: "elsewhere", name: "a", search: loaded.recipe.search });
  });

  test("keeps an alpha that the recipe states", () => {
    const { loaded, space } = opened(`method: { alpha: 40 }\n${search}`);
    const variant = variantOf(loaded, space, { ...space.defaults, "method.rank": 4 });
    expect(variant.loaded?.recipe.method).toMatchObject({ rank: 4, alpha: 40 });
  });

  test("that cannot be read says why", () => {
    const { loaded, space } = opened(search);
    const { loaded: none, problems } = variantOf(loaded, space, { ...space.defaults, "method.rank": 0 });
    expect(none).toBeNull();
    expect(problems[0]?.detail).toContain("method.rank");
  });
});

test("every end and every listed value is read before anything is spent", () => {
  const sound = opened(search);
  expect(() => requireValidSpace(sound.loaded, sound.space)).not.toThrow();
  const high = opened("search: { space: { training.learning_rate: { from: 1e-4, to: 20 } } }\n");
  expect(() => requireValidSpace(high.loaded, high.space)).toThrowError(
    /training\.learning_rate the value 20/,
  );
  const steps = opened(
    "training: { steps: 100, warmup: 50 }\nsearch: { space: { training.steps: [100, 20] } }\n",
  );
  expect(() => requireValidSpace(steps.loaded, steps.space)).toThrowError(
    expect.objectContaining({ code: "SEARCH_VALUE_REFUSED", message: expect.stringContaining("warm-up") }),
  );
});
