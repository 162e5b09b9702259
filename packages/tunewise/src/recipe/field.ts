/** @file Types of recipe values. Each describes in words what is allowed, for errors and editors. */
import * as z from "zod";

/** Max. characters of a text value; system messages are the longest in practice. */
export const TEXT_LIMIT = 20_000;

/** Max. entries of a list, such as the labels of a large classification task. */
export const LIST_LIMIT = 2_000;

/** An integer from `min` to `max`. */
export function integer(min: number, max: number): z.ZodType<number> {
  const error = `a whole number from ${figure(min)} to ${figure(max)}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A number from `min` to `max`, inclusive. */
export function decimal(min: number, max: number): z.ZodType<number> {
  const error = `a number from ${figure(min)} to ${figure(max)}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

/** A number above 0, up to `max`. */
export function positive(max: number): z.ZodType<number> {
  const error = `a number above 0 and up to ${figure(max)}`;
  return z.number({ error }).gt(0, { error }).max(max, { error });
}

/** A number from `min` (inclusive) to `limit` (exclusive). */
export function below(min: number, limit: number): z.ZodType<number> {
  const error = `a number from ${figure(min)} to below ${figure(limit)}`;
  return z.number({ error }).min(min, { error }).lt(limit, { error });
}

/** `true` or `false`. */
export function flag(): z.ZodType<boolean> {
  return z.boolean({ error: "true or false" });
}

/** A non-empty text; `is` describes it in errors. */
export function text(is: string): z.ZodType<string> {
  return z.string({ error: is }).min(1, ofText(is)).max(TEXT_LIMIT, ofText(is));
}

/** A text that may be empty. */
export function anyText(is: string): z.ZodType<string> {
  return z.string({ error: is }).max(TEXT_LIMIT, ofText(is));
}

/** A text that matches a pattern; matching must take linear time. */
export function shaped(pattern: RegExp, is: string): z.ZodType<string> {
  return z.string({ error: is }).max(500, ofText(is)).regex(pattern, { error: is });
}

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): z.ZodType<Word> {
  return z.enum(words, { error: words.length > 3 ? `one of ${oneOf(words)}` : oneOf(words) });
}

/** A list of `item`s; `is` names them in the plural. Duplicates are checked by other rules. */
export function list<Item>(item: z.ZodType<Item>, is: string): z.ZodType<readonly Item[]> {
  const error = `a list of ${is}`;
  const tooLong = `${error}, at most ${figure(LIST_LIMIT)}`;
  return z.array(item, { error }).max(LIST_LIMIT, onlyFor(Array.isArray, tooLong));
}

/** A length check for text. */
function ofText(error: string): { error: string } {
  return onlyFor((value) => typeof value === "string", error);
}

/**
 * A length check restricted to values of its type. Otherwise zod 4.6 checks anything with a key `length` and fails on a
 * recipe's `model: { length: {} }`. `when` exists but is missing from the types.
 */
function onlyFor(fits: (value: unknown) => boolean, error: string): { error: string } {
  const check = { error, when: ({ value }: { value: unknown }) => fits(value) };
  return check;
}

/** A record of texts, numbers and booleans. */
export function facts(is: string): z.ZodType<Readonly<Record<string, string | number | boolean>>> {
  const value = z.union([z.string().max(200), z.number(), z.boolean()], { error: is });
  return z.record(z.string().max(80), value, { error: is });
}

/** Max. characters of a chat template; the longest in use have about 20,000. */
export const CHAT_TEMPLATE_LIMIT = 100_000;

/** A chat template: its name, its file or its text. */
export function chatTemplate(is: string): z.ZodType<string> {
  const error = `${is}, at most ${figure(CHAT_TEMPLATE_LIMIT)} characters`;
  return z.string({ error }).min(1, ofText(error)).max(CHAT_TEMPLATE_LIMIT, ofText(error));
}

/** JSON values by the name of a variable. */
export function variables(is: string): z.ZodType<Readonly<Record<string, unknown>>> {
  const name = z.string().regex(/^[A-Za-z_]\w{0,63}$/, { error: is });
  const value = z.unknown().refine(isFiniteJson, { error: is });
  return z.record(name, value, { error: is });
}

/** Whether no number is NaN or infinite, which YAML can write and JSON cannot. */
function isFiniteJson(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "object" || value === null || Object.values(value).every(isFiniteJson);
}

/** Numbers by name. */
export function numbers(value: z.ZodType<number>, is: string): z.ZodType<Readonly<Record<string, number>>> {
  return z.record(z.string().min(1).max(200), value, { error: is });
}

/** One of two types; `is` describes both. */
export function either<A, B>(a: z.ZodType<A>, b: z.ZodType<B>, is: string): z.ZodType<A | B> {
  return z.union([a, b], { error: is });
}

/** `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`;
}

/** Formats large numbers with separators. */
function figure(value: number): string {
  return Math.abs(value) >= 10_000 ? value.toLocaleString("en-US") : String(value);
}

/** An optional key with a default. Editors show `description`, followed by the default unless it is stated there. */
export function set<Value>(field: z.ZodType<Value>, fallback: Value, description: string): z.ZodType<Value> {
  const isSaid = fallback === null || fallback === "" || description.includes("Default: ");
  const shown = Array.isArray(fallback) && fallback.length === 0 ? "none" : String(fallback);
  const described = isSaid ? description : `${description} Default: ${shown}.`;
  // zod excludes `undefined` from defaults by a conditional type that a free type parameter cannot satisfy.
  return field.default(fallback as never).describe(described) as z.ZodType<Value>;
}

/** An optional key that defaults to `null`; `description` says what that means. */
export function open<Value>(field: z.ZodType<Value>, description: string): z.ZodType<Value | null> {
  return set<Value | null>(field.nullable(), null, description);
}

/** An optional section, all of whose keys have defaults. */
export function optionalSection<Value>(section: z.ZodType<Value>, description: string): z.ZodType<Value> {
  return section.prefault({} as never).describe(description) as z.ZodType<Value>;
}

/** Error of a value that is not a section. */
export const mapping: { readonly error: string } = { error: "a section with keys below it" };
