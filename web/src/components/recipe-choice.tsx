/** @file Selects the recipe of a view from those that this server may plan and the caller may start. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { ask, type Reply } from "../data/api.ts";
import { go, linkTo, location } from "../location.ts";
import { Failure } from "./failure.tsx";

/** The recipes, and the models that plans can use. */
export type Recipes = Reply<"/api/tunewise/v1/recipes", "get">;
/** A recipe with its settings, or the problem with reading it. */
export type Recipe = Recipes["recipes"][number];

/** Loads the recipes, and shows the one named in the address, or the first. */
export function RecipeChoice({
  view,
  title,
  children,
}: {
  /** The first part of the address's path. */
  readonly view: string;
  readonly title: string;
  readonly children: (recipe: Recipe, models: readonly string[]) => ComponentChildren;
}) {
  const found = useSignal<Recipes | null>(null);
  const failure = useSignal<Error | null>(null);
  useEffect(() => {
    ask("get", "/api/tunewise/v1/recipes")
      .then((recipes) => {
        found.value = recipes;
      })
      .catch((error: Error) => {
        failure.value = error;
      });
  }, []);
  const { recipes = [], models = [] } = found.value ?? {};
  const asked = location.value.path[1];
  const recipe = asked === undefined ? recipes[0] : recipes.find(({ name }) => name === asked);
  return (
    <>
      <div class="row">
        <h1>{title}</h1>
        {recipes.length > 0 && (
          <label class="row">
            <span class="quiet">Recipe</span>
            <select
              value={recipe?.name ?? ""}
              onChange={(event) => go(linkTo([view, event.currentTarget.value]))}
            >
              {recipe === undefined && <option value="">choose one</option>}
              {recipes.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <Failure error={failure.value} />
      {found.value !== null && recipes.length === 0 && (
        <p>
          There is no recipe here that you may plan. <code>tunewise serve --recipe FILE</code> names the
          recipes; planning and starting one takes the right to write in the project of its runs.
        </p>
      )}
      {recipes.length > 0 && recipe === undefined && <p>There is no recipe {asked} here.</p>}
      {recipe?.problem != null && (
        <p role="alert" class="failure">
          {recipe.problem}
        </p>
      )}
      {recipe?.problem === null && children(recipe, models)}
    </>
  );
}
