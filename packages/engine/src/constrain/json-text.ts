/** @file JSON texts without a schema, as expressions over bytes: strings, numbers, any value. */
import type { Expression, ExpressionPool } from "./expression.ts";

/**
 * Maximum digits of a number's integer part, fraction and exponent, so that a model cannot extend a number forever. 15
 * digits are exact in float64.
 */
const digits = { whole: 15, fraction: 15, exponent: 2 } as const;

/** Maximum nesting of lists and objects in a value without a schema. */
const anyDepth = 5;

/** Expressions for JSON texts without whitespace, except for an optional space after a comma or a colon. */
export class JsonText {
  readonly pool: ExpressionPool;
  readonly integer: Expression;
  readonly number: Expression;
  private readonly character: Expression;
  private readonly space: Expression;
  private readonly anyKnown = new Map<number, Expression>();

  constructor(pool: ExpressionPool) {
    this.pool = pool;
    this.space = pool.optional(pool.literal(" "));
    this.character = characterOf(pool);
    const digit = pool.bytes([0x30, 0x39]);
    const whole = pool.either(
      pool.literal("0"),
      pool.sequence(pool.bytes([0x31, 0x39]), pool.repeat(digit, 0, digits.whole - 1)),
    );
    this.integer = pool.sequence(pool.optional(pool.literal("-")), whole);
    const fraction = pool.sequence(pool.literal("."), pool.repeat(digit, 1, digits.fraction));
    const sign = pool.optional(pool.either(pool.literal("+"), pool.literal("-")));
    const mark = pool.either(pool.literal("e"), pool.literal("E"));
    const exponent = pool.sequence(mark, sign, pool.repeat(digit, 1, digits.exponent));
    this.number = pool.sequence(this.integer, pool.optional(fraction), pool.optional(exponent));
  }

  get comma(): Expression {
    return this.pool.sequence(this.pool.literal(","), this.space);
  }

  /**
   * An object with all required keys and any of the others, in the given order.
   *
   * @param keys as JSON texts
   */
  object(keys: readonly string[], values: readonly Expression[], isRequired: readonly boolean[]): Expression {
    const { pool } = this;
    const choice = pool.among(keys.map((key) => Buffer.from(key, "utf8")));
    const last = keys.length - 1;
    // backwards: `until` is the last key that may come next, `mayEnd` whether the object may end instead
    let [until, mayEnd] = [last, true];
    const next = (at: number, ...before: Expression[]): Expression => {
      const entries = pool.sequence(...before, pool.chosen(choice, at, until));
      return mayEnd ? pool.optional(entries) : entries;
    };
    for (let at = last; at >= 0; at--) {
      const value = values[at] as Expression;
      choice.rests[at] = pool.sequence(pool.literal(":"), this.space, value, next(at + 1, this.comma));
      if (isRequired[at]) [until, mayEnd] = [at, false];
    }
    return pool.sequence(pool.literal("{"), next(0), pool.literal("}"));
  }

  /** One of the texts. */
  oneOf(texts: readonly string[]): Expression {
    const { pool } = this;
    const different = [...new Set(texts)].map((text) => Buffer.from(text, "utf8"));
    const choice = pool.among(different);
    choice.rests.push(...different.map(() => pool.empty));
    return pool.chosen(choice, 0, different.length - 1);
  }

  /** @param min and `max`: number of characters; an escape counts as one */
  string(min: number, max: number): Expression {
    const mark = this.pool.literal('"');
    return this.pool.sequence(mark, this.pool.repeat(this.character, min, max), mark);
  }

  /** A list whose items all match `item`. */
  list(item: Expression, min: number, max: number): Expression {
    const { pool } = this;
    const more = pool.repeat(pool.sequence(this.comma, item), Math.max(0, min - 1), max - 1);
    const items = max === 0 ? pool.empty : pool.sequence(item, more);
    return pool.sequence(pool.literal("["), min === 0 ? pool.optional(items) : items, pool.literal("]"));
  }

  /** A key with its value. */
  entry(key: Expression, value: Expression): Expression {
    return this.pool.sequence(key, this.pool.literal(":"), this.space, value);
  }

  /** An object with arbitrary keys, whose values all match `value`. */
  map(value: Expression): Expression {
    const { pool } = this;
    const entry = this.entry(this.string(0, Number.POSITIVE_INFINITY), value);
    const more = pool.repeat(pool.sequence(this.comma, entry), 0, Number.POSITIVE_INFINITY);
    return pool.sequence(pool.literal("{"), pool.optional(pool.sequence(entry, more)), pool.literal("}"));
  }

  /** Any value, with lists and objects nested up to `depth`. */
  any(depth: number = anyDepth): Expression {
    const found = this.anyKnown.get(depth) ?? this.makeAny(depth);
    this.anyKnown.set(depth, found);
    return found;
  }

  /** Any object. */
  anyObject(): Expression {
    return this.map(this.any(anyDepth - 1));
  }

  private makeAny(depth: number): Expression {
    const { pool } = this;
    const endless = Number.POSITIVE_INFINITY;
    const flat = [
      this.string(0, endless),
      this.number,
      ...["true", "false", "null"].map((one) => pool.literal(one)),
    ];
    if (depth === 0) return pool.either(...flat);
    const inner = this.any(depth - 1);
    return pool.either(...flat, this.list(inner, 0, endless), this.map(inner));
  }
}

/**
 * One character of a string: well-formed UTF-8 without control characters, or an escape that does not denote half of a
 * surrogate pair.
 *
 * @source RFC 8259, section 7; well-formed UTF-8: RFC 3629, section 4
 */
function characterOf(pool: ExpressionPool): Expression {
  const tail = pool.bytes([0x80, 0xbf]);
  const plain = pool.bytes([0x20, 0x21], [0x23, 0x5b], [0x5d, 0x7f]);
  const two = pool.sequence(pool.bytes([0xc2, 0xdf]), tail);
  const three = pool.either(
    pool.sequence(pool.bytes([0xe0, 0xe0]), pool.bytes([0xa0, 0xbf]), tail),
    pool.sequence(pool.bytes([0xe1, 0xec], [0xee, 0xef]), tail, tail),
    pool.sequence(pool.bytes([0xed, 0xed]), pool.bytes([0x80, 0x9f]), tail),
  );
  const four = pool.either(
    pool.sequence(pool.bytes([0xf0, 0xf0]), pool.bytes([0x90, 0xbf]), tail, tail),
    pool.sequence(pool.bytes([0xf1, 0xf3]), tail, tail, tail),
    pool.sequence(pool.bytes([0xf4, 0xf4]), pool.bytes([0x80, 0x8f]), tail, tail),
  );
  const hex = pool.bytes([0x30, 0x39], [0x41, 0x46], [0x61, 0x66]);
  const notD = pool.bytes([0x30, 0x39], [0x41, 0x43], [0x45, 0x46], [0x61, 0x63], [0x65, 0x66]);
  const code = pool.either(
    pool.sequence(notD, hex, hex, hex),
    pool.sequence(pool.bytes([0x44, 0x44], [0x64, 0x64]), pool.bytes([0x30, 0x37]), hex, hex),
  );
  const named = pool.either(...['"', "\\", "/", "b", "f", "n", "r", "t"].map((one) => pool.literal(one)));
  const escaped = pool.sequence(
    pool.literal("\\"),
    pool.either(named, pool.sequence(pool.literal("u"), code)),
  );
  return pool.either(plain, two, three, four, escaped);
}
