/**
 * @file Regular expressions over bytes, and their derivatives.
 *
 * The derivative by a byte is the expression for what may follow that byte. A text is matched byte by byte without
 * building an automaton first, and equal states are the same object.
 *
 * @source Brzozowski 1964 (doi 10.1145/321239.321249), section 3; similar expressions unified as in Owens et al. 2009
 *   (doi 10.1017/S0956796808007090), section 4.1
 */
import { TextTable } from "./text-table.ts";

/** An expression. Equal expressions of a pool are the same object until the pool evicts them. */
export interface Expression {
  /** Counts from 0 in the order of creation; never reused. */
  readonly id: number;
  /** Whether the empty text matches. */
  readonly isNullable: boolean;
  readonly form: Form;
  /** Derivatives computed so far, by byte. */
  after: (Expression | undefined)[] | null;
}

type Form =
  | { readonly kind: "nothing" }
  | { readonly kind: "empty" }
  | { readonly kind: "bytes"; readonly ranges: Ranges }
  | { readonly kind: "literal"; readonly whole: WholeText; readonly from: number }
  | { readonly kind: "choice"; readonly among: Choice }
  | { readonly kind: "sequence"; readonly first: Expression; readonly rest: Expression }
  | { readonly kind: "either"; readonly options: readonly Expression[] }
  | { readonly kind: "repeat"; readonly item: Expression; readonly min: number; readonly max: number };

/** A text of a pool. A literal is a suffix of such a text, so that matching a long text copies nothing. */
interface WholeText {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** First and last byte of each range. */
export type Ranges = readonly (readonly [number, number])[];

/** A choice among many texts, each with the expression that follows it. */
export interface TextChoice {
  readonly number: number;
  readonly table: TextTable;
  readonly texts: readonly WholeText[];
  /** What follows each text, by the text's index in the given list; the caller fills it from the last to the first. */
  readonly rests: Expression[];
}

/**
 * The remaining texts of a choice: those at `low` to before `high` in sorted order whose index in the given list is
 * between `from` and `until`, inclusive.
 */
interface Choice {
  readonly of: TextChoice;
  readonly low: number;
  readonly high: number;
  /** Number of bytes matched so far, which these texts share. */
  readonly depth: number;
  readonly from: number;
  readonly until: number;
}

/** Thrown when an expression exceeds a limit; the message completes a sentence about the schema. */
export class TooManyExpressions extends Error {}

/** Estimated bytes in memory: an expression with its map entry, each of its options, a table of derivatives. */
const bytesOf = { expression: 400, option: 24, derivatives: 2100 } as const;

/**
 * Maximum number of parallel alternatives, not counting those that begin with a literal. Literals diverge after a few
 * bytes. Other alternatives can all stay possible, and then every byte costs one step for each of them.
 */
export const maxAlternatives = 128;

/**
 * Creates expressions and their derivatives. Expressions created before `seal` are kept. All later ones are evicted as
 * soon as they take more than `maxBytes`, and are created again on demand.
 */
export class ExpressionPool {
  /** Matches no text. */
  readonly nothing: Expression;
  /** Matches the empty text. */
  readonly empty: Expression;
  private base: ReadonlyMap<string, Expression> = new Map();
  /** Expressions with smaller ids are never evicted. */
  private baseEnd = 0;
  private known = new Map<string, Expression>();
  private withDerivatives: Expression[] = [];
  private readonly texts = new Map<string, WholeText>();
  private readonly maxBytes: number;
  private count = 0;
  private choices = 0;
  /** Estimated bytes of the expressions created since `seal` or the last eviction; before `seal`, of all. */
  private used = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
    this.nothing = this.make("nothing", { kind: "nothing" }, false);
    this.empty = this.make("empty", { kind: "empty" }, true);
  }

  /** Keeps all expressions created so far; returns their estimated bytes. */
  seal(): number {
    const { used } = this;
    [this.base, this.known, this.baseEnd, this.used] = [this.known, new Map(), this.count, 0];
    return used;
  }

  /** One byte from any of the ranges. */
  bytes(...ranges: Ranges): Expression {
    return this.make(`b${ranges.join()}`, { kind: "bytes", ranges }, false);
  }

  /** Exactly these bytes; a string is encoded as UTF-8. */
  literal(text: string | Uint8Array): Expression {
    const bytes = typeof text === "string" ? Buffer.from(text, "utf8") : text;
    return this.rest(this.whole(bytes), 0);
  }

  /** A choice among distinct texts; the caller must fill in what follows each of them. */
  among(texts: readonly Uint8Array[]): TextChoice {
    const whole = texts.map((bytes) => this.whole(bytes));
    this.charge(texts.length * bytesOf.expression);
    return { number: this.choices++, table: new TextTable(texts), texts: whole, rests: [] };
  }

  /** One of a choice's texts from index `from` to `until`, inclusive, with what follows it. */
  chosen(of: TextChoice, from: number, until: number): Expression {
    if (from === until)
      return this.pair(this.rest(of.texts[from] as WholeText, 0), of.rests[from] as Expression);
    const high = of.texts.length;
    return from > until ? this.nothing : this.choice({ of, low: 0, high, depth: 0, from, until });
  }

  /** All parts, one after the other. */
  sequence(...parts: readonly Expression[]): Expression {
    return parts.reduceRight((rest, first) => this.pair(first, rest), this.empty);
  }

  /** One of the options. */
  either(...options: readonly Expression[]): Expression {
    const flat = options.flatMap((one) => (one.form.kind === "either" ? one.form.options : [one]));
    const byId = new Map(flat.filter((one) => one !== this.nothing).map((one) => [one.id, one]));
    const kept = [...byId.values()].sort((a, b) => a.id - b.id);
    const [only = this.nothing] = kept;
    if (kept.length <= 1) return only;
    if (kept.length > maxAlternatives && kept.filter(isOpen).length > maxAlternatives) {
      throw new TooManyExpressions(`has more than ${maxAlternatives} alternatives that begin alike`);
    }
    const isNullable = kept.some((one) => one.isNullable);
    return this.make(`e${kept.map(({ id }) => id).join()}`, { kind: "either", options: kept }, isNullable);
  }

  optional(item: Expression): Expression {
    return this.either(item, this.empty);
  }

  /** @param item must not match the empty text */
  repeat(item: Expression, min: number, max: number): Expression {
    if (item === this.nothing) return min === 0 ? this.empty : this.nothing;
    if (max <= 0) return this.empty;
    if (item.isNullable) throw new Error("Internal: a repeated expression matches the empty text");
    const form: Form = { kind: "repeat", item, min, max };
    return this.make(`r${item.id} ${min} ${max}`, form, min === 0);
  }

  /** The derivative: what may follow `byte` in the texts that an expression matches. */
  derivative(of: Expression, byte: number): Expression {
    const known = of.after?.[byte];
    if (known) return known;
    const found = this.derive(of.form, byte);
    if (isSimple(of)) return found;
    if (!of.after) {
      of.after = [];
      this.charge(bytesOf.derivatives);
      this.withDerivatives.push(of);
    }
    of.after[byte] = found;
    return found;
  }

  /**
   * An expression with the same prefixes of up to `horizon` bytes, in which repeat counts above `horizon` are equal.
   * Results for one state then hold for all states that differ only in such counts. Sealed expressions are returned
   * unchanged: they are the same in all of these states.
   */
  within(of: Expression, horizon: number): Expression {
    if (of.id < this.baseEnd) return of;
    const { form } = of;
    if (form.kind === "sequence") {
      return this.sequence(...partsOf(form).map((part) => this.within(part, horizon)));
    }
    if (form.kind === "either") return this.either(...form.options.map((one) => this.within(one, horizon)));
    if (form.kind !== "repeat") return of;
    const max = form.max > horizon ? Number.POSITIVE_INFINITY : form.max;
    return this.repeat(form.item, Math.min(form.min, horizon + 1), max);
  }

  private derive(form: Form, byte: number): Expression {
    switch (form.kind) {
      case "bytes":
        return form.ranges.some(([first, last]) => first <= byte && byte <= last) ? this.empty : this.nothing;
      case "literal":
        return form.whole.bytes[form.from] === byte ? this.rest(form.whole, form.from + 1) : this.nothing;
      case "choice": {
        const { among } = form;
        const [low, high] = among.of.table.narrow(among.low, among.high, among.depth, byte);
        return this.choice({ ...among, low, high, depth: among.depth + 1 });
      }
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

  private whole(bytes: Uint8Array): WholeText {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    const known = this.texts.get(key);
    if (known) return known;
    const made = { number: this.texts.size, bytes };
    this.texts.set(key, made);
    this.charge(2 * bytes.length);
    return made;
  }

  private rest(whole: WholeText, from: number): Expression {
    if (from >= whole.bytes.length) return this.empty;
    return this.make(`l${whole.number} ${from}`, { kind: "literal", whole, from }, false);
  }

  /** A choice, trimmed to the texts that can still match. */
  private choice({ of, depth, from, until, ...range }: Choice): Expression {
    const [low, high] = of.table.trim(range.low, range.high, from, until);
    if (low >= high) return this.nothing;
    const at = of.table.order[low] as number;
    const whole = of.texts[at] as WholeText;
    if (high - low === 1) return this.pair(this.rest(whole, depth), of.rests[at] as Expression);
    if (whole.bytes.length === depth) {
      // the first text ends here, and the others start with it
      return this.either(
        of.rests[at] as Expression,
        this.choice({ of, low: low + 1, high, depth, from, until }),
      );
    }
    const form: Form = { kind: "choice", among: { of, low, high, depth, from, until } };
    return this.make(`c${of.number} ${low} ${high} ${depth} ${from} ${until}`, form, false);
  }

  private pair(first: Expression, rest: Expression): Expression {
    if (rest === this.empty || first.form.kind !== "sequence") return this.join(first, rest);
    return partsOf(first.form).reduceRight((after, part) => this.join(part, after), rest);
  }

  /** @param first must not be a sequence */
  private join(first: Expression, rest: Expression): Expression {
    if (first === this.nothing || rest === this.nothing) return this.nothing;
    if (first === this.empty) return rest;
    if (rest === this.empty) return first;
    const isNullable = first.isNullable && rest.isNullable;
    return this.make(`s${first.id} ${rest.id}`, { kind: "sequence", first, rest }, isNullable);
  }

  private make(key: string, form: Form, isNullable: boolean): Expression {
    const known = this.base.get(key) ?? this.known.get(key);
    if (known) return known;
    this.charge(bytesOf.expression + (form.kind === "either" ? bytesOf.option * form.options.length : 0));
    const made: Expression = { id: this.count++, isNullable, form, after: null };
    this.known.set(key, made);
    return made;
  }

  /** @throws {TooManyExpressions} before `seal` */
  private charge(bytes: number): void {
    this.used += bytes;
    if (this.used <= this.maxBytes) return;
    if (this.baseEnd === 0) throw new TooManyExpressions(`takes more than ${this.maxBytes} bytes`);
    this.used = bytes;
    this.known = new Map();
    for (const one of this.withDerivatives) one.after = null;
    this.withDerivatives = [];
  }
}

/** Whether computing the derivative is as fast as looking it up. */
function isSimple({ form }: Expression): boolean {
  const { kind } = form.kind === "sequence" ? form.first.form : form;
  return kind === "literal" || kind === "bytes" || kind === "empty" || kind === "nothing";
}

/** Whether an alternative can stay possible in parallel with others, because it does not begin with a literal. */
function isOpen({ form }: Expression): boolean {
  const first = form.kind === "sequence" ? form.first.form : form;
  if (first.kind === "either") return first.options.some(isOpen);
  return first.kind !== "literal" && first.kind !== "choice" && first.kind !== "empty";
}

/** The parts of a sequence. A loop, because recursion over thousands of parts would overflow the stack. */
function partsOf(form: Extract<Form, { readonly kind: "sequence" }>): Expression[] {
  const parts = [form.first];
  let { rest } = form;
  while (rest.form.kind === "sequence") {
    parts.push(rest.form.first);
    rest = rest.form.rest;
  }
  return [...parts, rest];
}
