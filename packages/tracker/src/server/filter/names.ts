/**
 * @file Aliases of entities in filters.
 *
 * @source mlflow/mlflow mlflow/utils/search_utils.py, SearchUtils: entities and their other names
 */

/** Part of a name before the dot. */
export type Entity = "metric" | "param" | "tag" | "attribute" | "dataset";

const entities: Readonly<Record<string, Entity>> = {
  metric: "metric",
  metrics: "metric",
  param: "param",
  params: "param",
  parameter: "param",
  parameters: "param",
  tag: "tag",
  tags: "tag",
  attribute: "attribute",
  attributes: "attribute",
  attr: "attribute",
  run: "attribute",
  dataset: "dataset",
  datasets: "dataset",
};

/** Returns the entity of a word, an attribute without a word, and `undefined` for an unknown word. */
export function entityOf(word: string | null): Entity | undefined {
  if (word === null) return "attribute";
  return Object.hasOwn(entities, word) ? entities[word] : undefined;
}
