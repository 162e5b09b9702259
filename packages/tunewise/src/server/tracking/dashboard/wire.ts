/** @file From values to bodies: keys are snake_case over HTTP. Keys that clients chose stand in lists, never as keys. */

/** The same value with the keys of its objects in snake_case. */
export function snakeKeys(value: object): object {
  return inSnake(value) as object;
}

function inSnake(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSnake);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [snake(key), inSnake(item)]));
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
