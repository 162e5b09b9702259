/** @file Converts keys of replies to snake_case. Names chosen by clients are values in lists, never keys. */

/** Returns a copy with the keys of all objects in snake_case. */
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
