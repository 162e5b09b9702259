/** @file The factory of values: equal values are the same object (hash consing), and shapes are checked on creation. */
import { operations } from "./operations.ts";
import type { Dim } from "./shape.ts";
import type { Attributes, ElementType, OperationName, Value, ValueMaker } from "./value.ts";

/** Creates values; equal ones are the same object. */
export class Graph implements ValueMaker {
  private readonly shared = new Map<string, Value>();
  private count = 0;

  /** An input, bound at run time. Names are unique in a graph. */
  input(name: string, shape: readonly Dim[], type: ElementType = "float32"): Value {
    const key = `input ${name}`;
    if (this.shared.has(key)) throw new Error(`Internal: two graph inputs are named ${name}`);
    return this.make(key, { op: "input", inputs: [], attributes: {}, shape, type, name, data: null });
  }

  /** A small constant tensor. */
  constant(data: readonly number[], shape: readonly number[] = [], type: ElementType = "float32"): Value {
    const key = `constant ${type} [${shape}] ${data.join(" ")}`;
    return this.make(key, { op: "constant", inputs: [], attributes: {}, shape, type, name: "", data });
  }

  /** The result of an operation; its row in the table checks the shapes. */
  apply(op: OperationName, inputs: readonly Value[], attributes: Attributes = {}): Value {
    const key = `${op} ${inputs.map((value) => value.id)} ${JSON.stringify(attributes)}`;
    const known = this.shared.get(key);
    if (known) return known;
    for (const value of inputs) {
      if (value.graph !== this) throw new Error(`Internal: ${op} mixes values of two graphs`);
    }
    const { shape, type } = operations[op].infer(inputs, attributes);
    return this.make(key, { op, inputs, attributes, shape, type: type ?? "float32", name: "", data: null });
  }

  private make(key: string, fields: Omit<Value, "graph" | "id">): Value {
    const known = this.shared.get(key);
    if (known) return known;
    const value = { graph: this, id: this.count++, ...fields };
    this.shared.set(key, value);
    return value;
  }
}
