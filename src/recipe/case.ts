/** @file Converts keys between the file's snake_case and TypeScript's camelCase. */

/** `learningRate` to `learning_rate`, at the type level. */
type SnakeName<Name extends string> = Name extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeName<Tail>}`
  : Name;

/** The same value with every key in snake_case. */
export type SnakeKeys<Value> = Value extends readonly (infer Item)[]
  ? readonly SnakeKeys<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value as SnakeName<Key & string>]: SnakeKeys<Value[Key]> }
    : Value;

/** Converts the keys of a validated file to camelCase; the inverse of `snakeKeys`. Values are unchanged. */
export function camelKeys<Value>(file: SnakeKeys<Value>): Value {
  return renameKeys(file, (key) =>
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  ) as Value;
}

/** Converts keys to the file's snake_case. */
export function snakeKeys<Value>(value: Value): SnakeKeys<Value> {
  return renameKeys(value, (key) =>
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  ) as SnakeKeys<Value>;
}

function renameKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [rename(key), renameKeys(item, rename)]);
  return Object.fromEntries(entries);
}
