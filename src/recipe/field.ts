/**
 * @file Kinds of values a recipe key may have. Each says in words what is allowed, for errors and editors alike.
 */
import * as z from "zod";

/** Longest text a recipe value may hold, in characters; a system message is the longest thing people write. */
export const TEXT_LIMIT = 20_000;

/** Most entries of a list: labels of a large classification task. */
export const LIST_LIMIT = 2_000;

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number): z.ZodType<number> {
  const error = `a whole number from ${figure(least)} to ${figure(most)}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** A number from `least` to `most`, both allowed. */
export function decimal(least: number, most: number): z.ZodType<number> {
  const error = `a number from ${figure(least)} to ${figure(most)}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
}

/** A number above zero and at most `most`. */
export function positive(most: number): z.ZodType<number> {
  const error = `a number above 0 and up to ${figure(most)}`;
  return z.number({ error }).gt(0, { error }).max(most, { error });
}

/** A number from `least` up to but not including `limit`. */
export function below(least: number, limit: number): z.ZodType<number> {
  const error = `a number from ${figure(least)} to below ${figure(limit)}`;
  return z.number({ error }).min(least, { error }).lt(limit, { error });
}

/** `true` or `false`. */
export function flag(): z.ZodType<boolean> {
  return z.boolean({ error: "true or false" });
}

/** One line or more of text, not empty; `is` says what it stands for. */
export function text(is: string): z.ZodType<string> {
  return z.string({ error: is }).min(1, ofText(is)).max(TEXT_LIMIT, ofText(is));
}

/** Text that may be empty. */
export function anyText(is: string): z.ZodType<string> {
  return z.string({ error: is }).max(TEXT_LIMIT, ofText(is));
}

/** Text of a given form. `pattern` must be linear in the text's length. */
export function shaped(pattern: RegExp, is: string): z.ZodType<string> {
  return z.string({ error: is }).max(500, ofText(is)).regex(pattern, { error: is });
}

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): z.ZodType<Word> {
  return z.enum(words, { error: words.length > 3 ? `one of ${oneOf(words)}` : oneOf(words) });
}

/** A list of `item`s, each at most once checked elsewhere; `is` names them in the plural. */
export function list<Item>(item: z.ZodType<Item>, is: string): z.ZodType<readonly Item[]> {
  const error = `a list of ${is}`;
  const tooLong = `${error}, at most ${figure(LIST_LIMIT)}`;
  return z.array(item, { error }).max(LIST_LIMIT, onlyFor(Array.isArray, tooLong));
}

/** A length check of text. */
function ofText(error: string): { error: string } {
  return onlyFor((value) => typeof value === "string", error);
}

/**
 * A length check that looks at values of its own type alone. Without it zod 4.6 checks whatever has a key `length`,
 * and a recipe's `model: { length: {} }` breaks it. `when` is there, yet not in the checks' types.
 */
function onlyFor(fits: (value: unknown) => boolean, error: string): { error: string } {
  const check = { error, when: ({ value }: { value: unknown }) => fits(value) };
  return check;
}

/** Named texts, numbers and yes-or-no values, of any name. */
export function facts(is: string): z.ZodType<Readonly<Record<string, string | number | boolean>>> {
  const value = z.union([z.string().max(200), z.number(), z.boolean()], { error: is });
  return z.record(z.string().max(80), value, { error: is });
}

/** One of two forms; `is` names both. */
export function either<A, B>(a: z.ZodType<A>, b: z.ZodType<B>, is: string): z.ZodType<A | B> {
  return z.union([a, b], { error: is });
}

/** `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`;
}

/** Large round numbers with separators, so that zeros need not be counted. */
function figure(value: number): string {
  return Math.abs(value) >= 10_000 ? value.toLocaleString("en-US") : String(value);
}

/** A key that may be left out; editors show `description`, which ends with the unit where there is one. */
export function set<Value>(field: z.ZodType<Value>, fallback: Value, description: string): z.ZodType<Value> {
  // zod excludes `undefined` from defaults by a conditional type that a free type parameter cannot satisfy.
  return field.default(fallback as never).describe(description) as z.ZodType<Value>;
}

/** A key that may be left out or `null`; `description` says what that means. */
export function open<Value>(field: z.ZodType<Value>, description: string): z.ZodType<Value | null> {
  return set<Value | null>(field.nullable(), null, description);
}

/** A section all of whose keys have defaults, so that it may be left out. */
export function optionalSection<Value>(section: z.ZodType<Value>, description: string): z.ZodType<Value> {
  return section.prefault({} as never).describe(description) as z.ZodType<Value>;
}
