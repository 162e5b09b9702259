/**
 * @file Regular expressions over bytes, and their derivatives: what may follow a byte is an expression again. So a text
 *   is followed byte by byte without building an automaton first, and equal states are one object.
 *
 * @source Brzozowski 1964 (doi 10.1145/321239.321249), section 3; similar expressions unified as in Owens et al. 2009
 *   (doi 10.1017/S0956796808007090), section 4.1
 */

/** An expression. Equal ones of a pool are the same object. */
export interface Expression {
  /** Counts from 0 in the order of creation. */
  readonly id: number;
  /** Whether the empty text matches. */
  readonly isNullable: boolean;
  readonly form: Form;
  /** Derivatives found so far, by byte. */
  readonly after: (Expression | undefined)[];
}

type Form =
  | { readonly kind: "nothing" }
  | { readonly kind: "empty" }
  | { readonly kind: "bytes"; readonly ranges: Ranges }
  | { readonly kind: "literal"; readonly whole: WholeText; readonly from: number }
  | { readonly kind: "sequence"; readonly first: Expression; readonly rest: Expression }
  | { readonly kind: "either"; readonly options: readonly Expression[] }
  | { readonly kind: "repeat"; readonly item: Expression; readonly min: number; readonly max: number };

/** A text of a pool, of which a literal is the rest from some byte on: so following a long text copies nothing. */
interface WholeText {
  readonly pool: ExpressionPool;
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** First and last byte of each range. */
export type Ranges = readonly (readonly [number, number])[];

/** Thrown when an expression has more states than it may. */
export class TooManyExpressions extends Error {}

/**
 * Most alternatives at once, not counting those that begin with a literal: those part after some bytes, and others may
 * stay side by side, so that each byte costs as many steps.
 */
const alternativesMost = 128;

/** Makes expressions and their derivatives, at most `most` of them. */
export class ExpressionPool {
  /** Matches no text. */
  readonly nothing: Expression;
  /** Matches the empty text. */
  readonly empty: Expression;
  private readonly known = new Map<string, Expression>();
  private readonly texts = new Map<string, WholeText>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
    this.nothing = this.make("nothing", { kind: "nothing" }, false);
    this.empty = this.make("empty", { kind: "empty" }, true);
  }

  /** An empty pool with the same limit. */
  renewed(): ExpressionPool {
    return new ExpressionPool(this.most);
  }

  /** One byte of some ranges. */
  bytes(...ranges: Ranges): Expression {
    return this.make(`b${ranges.join()}`, { kind: "bytes", ranges }, false);
  }

  /** Exactly these bytes, or a text in UTF-8. */
  literal(text: string | Uint8Array): Expression {
    const bytes = typeof text === "string" ? Buffer.from(text, "utf8") : text;
    const key = Buffer.from(bytes).toString("latin1");
    const whole = this.texts.get(key) ?? { pool: this, number: this.texts.size, bytes };
    this.texts.set(key, whole);
    return this.rest(whole, 0);
  }

  /** One after the other. */
  sequence(...parts: readonly Expression[]): Expression {
    return parts.reduceRight((rest, first) => this.pair(first, rest), this.empty);
  }

  /** One of several. */
  either(...options: readonly Expression[]): Expression {
    const flat = options.flatMap((one) => (one.form.kind === "either" ? one.form.options : [one]));
    const byId = new Map(flat.filter((one) => one !== this.nothing).map((one) => [one.id, one]));
    const kept = [...byId.values()].sort((a, b) => a.id - b.id);
    const [only = this.nothing] = kept;
    if (kept.length <= 1) return only;
    if (kept.length > alternativesMost && kept.filter(isOpen).length > alternativesMost) {
      throw new TooManyExpressions();
    }
    const isNullable = kept.some((one) => one.isNullable);
    return this.make(`e${kept.map(({ id }) => id).join()}`, { kind: "either", options: kept }, isNullable);
  }

  optional(item: Expression): Expression {
    return this.either(item, this.empty);
  }

  /** @param item that does not match the empty text */
  repeat(item: Expression, min: number, max: number): Expression {
    if (item === this.nothing) return min === 0 ? this.empty : this.nothing;
    if (max <= 0) return this.empty;
    if (item.isNullable) throw new Error("Internal: a repeated expression matches the empty text");
    const form: Form = { kind: "repeat", item, min, max };
    return this.make(`r${item.id} ${min} ${max}`, form, min === 0);
  }

  /** What may follow `byte` in the texts of an expression. */
  derivative(of: Expression, byte: number): Expression {
    const known = of.after[byte];
    if (known) return known;
    const found = this.derive(of.form, byte);
    of.after[byte] = found;
    return found;
  }

  /**
   * An expression with the same beginnings of up to `horizon` bytes, in which counts beyond that are the same: what is
   * found out for one state holds for all states that differ in such counts alone. With an endless horizon, the same
   * expression, which may be of another pool.
   */
  within(of: Expression, horizon: number, known: Map<Expression, Expression> = new Map()): Expression {
    const before = known.get(of);
    if (before) return before;
    const found = this.rebuild(of.form, horizon, (one) => this.within(one, horizon, known));
    known.set(of, found);
    return found;
  }

  private rebuild(form: Form, horizon: number, inner: (one: Expression) => Expression): Expression {
    switch (form.kind) {
      case "bytes":
        return this.bytes(...form.ranges);
      case "literal":
        return form.whole.pool === this
          ? this.rest(form.whole, form.from)
          : this.literal(form.whole.bytes.subarray(form.from));
      case "sequence":
        return this.sequence(...partsOf(form).map(inner));
      case "either":
        return this.either(...form.options.map(inner));
      case "repeat": {
        const max = form.max > horizon ? Number.POSITIVE_INFINITY : form.max;
        return this.repeat(inner(form.item), Math.min(form.min, horizon + 1), max);
      }
      default:
        return this[form.kind];
    }
  }

  private derive(form: Form, byte: number): Expression {
    switch (form.kind) {
      case "bytes":
        return form.ranges.some(([first, last]) => first <= byte && byte <= last) ? this.empty : this.nothing;
      case "literal":
        return form.whole.bytes[form.from] === byte ? this.rest(form.whole, form.from + 1) : this.nothing;
      case "sequence": {
        const { first, rest } = form;
        const inFirst = this.pair(this.derivative(first, byte), rest);
        return first.isNullable ? this.either(inFirst, this.derivative(rest, byte)) : inFirst;
      }
      case "either":
        return this.either(...form.options.map((one) => this.derivative(one, byte)));
      case "repeat": {
        const { item, min, max } = form;
        return this.pair(this.derivative(item, byte), this.repeat(item, Math.max(0, min - 1), max - 1));
      }
      default:
        return this.nothing;
    }
  }

  private rest(whole: WholeText, from: number): Expression {
    if (from >= whole.bytes.length) return this.empty;
    return this.make(`l${whole.number} ${from}`, { kind: "literal", whole, from }, false);
  }

  private pair(first: Expression, rest: Expression): Expression {
    if (rest === this.empty || first.form.kind !== "sequence") return this.join(first, rest);
    return partsOf(first.form).reduceRight((after, part) => this.join(part, after), rest);
  }

  /** @param first no sequence itself */
  private join(first: Expression, rest: Expression): Expression {
    if (first === this.nothing || rest === this.nothing) return this.nothing;
    if (first === this.empty) return rest;
    if (rest === this.empty) return first;
    const isNullable = first.isNullable && rest.isNullable;
    return this.make(`s${first.id} ${rest.id}`, { kind: "sequence", first, rest }, isNullable);
  }

  private make(key: string, form: Form, isNullable: boolean): Expression {
    const known = this.known.get(key);
    if (known) return known;
    if (this.known.size >= this.most) throw new TooManyExpressions();
    const made: Expression = { id: this.known.size, isNullable, form, after: [] };
    this.known.set(key, made);
    return made;
  }
}

/** Whether an alternative does not begin with a literal. */
function isOpen({ form }: Expression): boolean {
  return (form.kind === "sequence" ? form.first.form : form).kind !== "literal";
}

/** The parts of a sequence, which may be thousands: a loop, where calls would be too deep. */
function partsOf(form: Extract<Form, { readonly kind: "sequence" }>): Expression[] {
  const parts = [form.first];
  let { rest } = form;
  while (rest.form.kind === "sequence") {
    parts.push(rest.form.first);
    rest = rest.form.rest;
  }
  return [...parts, rest];
}
