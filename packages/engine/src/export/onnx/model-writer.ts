/**
 * @file An ONNX writer for a complete model: sizes are computed inside the graph, weights are declared by name and
 *   stored later.
 */

import type { MessageWriter } from "@tunewise/core/format";
import type { Dim } from "../../graph/shape.ts";
import { OnnxWriter, type Port } from "../../onnx/writer.ts";
import type { PlannedTensor } from "../export-plan.ts";

/** `Cast` code of float32. */
const float32 = 1;

/** Writes a self-contained model, which needs only its inputs. */
export class ModelWriter extends OnnxWriter {
  readonly weights: PlannedTensor[] = [];
  private readonly sizeNames = new Map<string, string>();

  /** Names a symbolic size: an int64 tensor with one element. */
  nameSize(dim: string, name: string): void {
    this.sizeNames.set(dim, name);
  }

  /** An int64 tensor of sizes, computed by nodes if they are symbolic. */
  override dims(dims: readonly Dim[]): string {
    if (dims.every((dim) => typeof dim === "number")) return this.constant(dims, [dims.length], "int64");
    const key = dims.join(",");
    const known = this.sizeNames.get(key);
    if (known !== undefined) return known;
    const parts = dims.map((dim) => this.size(dim));
    const name = this.node("Concat", parts, { axis: 0 });
    this.sizeNames.set(key, name);
    return name;
  }

  /** Declares a weight and returns the name of its float32 values. */
  weight(tensor: PlannedTensor): string {
    if (tensor.type === "f32") {
      this.weights.push(tensor);
      return tensor.name;
    }
    const stored = `${tensor.name}.stored`;
    this.weights.push({ ...tensor, name: stored });
    return this.node("Cast", [stored], { to: float32 }, tensor.name);
  }

  /** The graph without its weights. */
  modelGraph(inputs: readonly Port[], outputs: readonly Port[]): MessageWriter {
    if (this.sizes.length > 0) throw new Error("Internal: a whole model asks for sizes from outside");
    return this.graph(inputs, outputs);
  }

  /** A size as an int64 tensor with one element: sums of products of names and numbers. */
  private size(dim: Dim): string {
    if (typeof dim === "number") return this.constant([dim], [1], "int64");
    const known = this.sizeNames.get(dim);
    if (known !== undefined) return known;
    const [operation, parts] = dim.includes("+") ? ["Add", dim.split("+")] : ["Mul", dim.split("*")];
    if (parts.length === 1) {
      if (/^\d+$/.test(dim)) return this.constant([Number(dim)], [1], "int64");
      throw new Error(`Internal: the size ${dim} has no name`);
    }
    const name = parts
      .map((part) => this.size(part))
      .reduce((a, b) => this.node(operation as string, [a, b]));
    this.sizeNames.set(dim, name);
    return name;
  }
}
