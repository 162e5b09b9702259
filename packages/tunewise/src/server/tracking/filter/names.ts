/**
 * @file Other names of what filters speak of.
 *
 * @source mlflow/mlflow mlflow/utils/search_utils.py, SearchUtils: entities and their other names
 */

/** What stands before the dot of a name. */
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

/** The entity of a word; a name without one is an attribute. `undefined` for a word that is none. */
export function entityOf(word: string | null): Entity | undefined {
  if (word === null) return "attribute";
  return Object.hasOwn(entities, word) ? entities[word] : undefined;
}
