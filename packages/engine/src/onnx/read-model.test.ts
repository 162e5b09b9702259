import { MessageWriter } from "@tunewise/core/format";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readForeignModel, UnfitModel } from "./read-model.ts";
import { OnnxWriter } from "./writer.ts";

const dims = (...sizes: readonly (number | string)[]): MessageWriter =>
  sizes.reduce(
    (shape: MessageWriter, size) =>
      shape.message(
        1,
        typeof size === "number" ? new MessageWriter().integer(1, size) : new MessageWriter().text(2, size),
      ),
    new MessageWriter(),
  );

const port = (name: string, type: number, shape: MessageWriter): MessageWriter =>
  new MessageWriter()
    .text(1, name)
    .message(2, new MessageWriter().message(1, new MessageWriter().integer(1, type).message(2, shape)));

const model = (graph: MessageWriter): Uint8Array =>
  new MessageWriter().integer(1, 10).message(7, graph).encode();

const elsewhere = (): MessageWriter => new MessageWriter().text(8, "w").integer(14, 1);
const inAttribute = (field: number, value: MessageWriter): MessageWriter =>
  new MessageWriter().message(5, new MessageWriter().message(field, value));

test("ports with sizes that are known and unknown; weights listed as inputs are none", () => {
  const graph = new MessageWriter()
    .message(5, new MessageWriter().text(8, "w"))
    .message(11, port("input_ids", 7, dims("batch", "length")))
    .message(11, port("w", 1, dims(2)))
    .message(12, port("last_hidden_state", 1, dims("batch", "length", 384)));
  expect(readForeignModel(model(graph))).toEqual({
    inputs: [{ name: "input_ids", type: 7, shape: [null, null] }],
    outputs: [{ name: "last_hidden_state", type: 1, shape: [null, null, 384] }],
  });
});

test("what is written here is read here", () => {
  const onnx = new OnnxWriter();
  onnx.node("Add", ["x", onnx.constant([1], [], "float32")], {}, "y");
  const ports = { shape: ["B", 3], type: "float32" } as const;
  const bytes = onnx.encode([{ name: "x", ...ports }], [{ name: "y", ...ports }]);
  expect(readForeignModel(bytes).outputs).toEqual([{ name: "y", type: 1, shape: [null, 3] }]);
});

describe("weights in other files are refused wherever they hide", () => {
  const sparse = (): MessageWriter => new MessageWriter().message(1, elsewhere());
  const nested = new MessageWriter().message(1, inAttribute(6, new MessageWriter().message(5, elsewhere())));
  test.each<[string, Uint8Array]>([
    ["a weight", model(new MessageWriter().message(5, elsewhere()))],
    [
      "a path without its mark",
      model(
        new MessageWriter().message(
          5,
          new MessageWriter().message(13, new MessageWriter().text(1, "location")),
        ),
      ),
    ],
    ["a sparse weight", model(new MessageWriter().message(15, sparse()))],
    ["an attribute", model(new MessageWriter().message(1, inAttribute(5, elsewhere())))],
    ["one of many in an attribute", model(new MessageWriter().message(1, inAttribute(10, elsewhere())))],
    ["a sparse attribute", model(new MessageWriter().message(1, inAttribute(22, sparse())))],
    [
      "a branch",
      model(new MessageWriter().message(1, inAttribute(6, new MessageWriter().message(5, elsewhere())))),
    ],
    ["a branch of a branch", model(new MessageWriter().message(1, inAttribute(11, nested)))],
    [
      "a function",
      new MessageWriter()
        .message(7, new MessageWriter())
        .message(25, new MessageWriter().message(7, inAttribute(5, elsewhere())))
        .encode(),
    ],
  ])("%s", (_, bytes) => {
    expect(() => readForeignModel(bytes)).toThrow("keeps weights in other files");
  });
});

test("no graph, two graphs, a graph for training and graphs without end are refused", () => {
  expect(() => readForeignModel(new Uint8Array(0))).toThrow("holds 0 graphs");
  expect(() =>
    readForeignModel(
      new MessageWriter().message(7, new MessageWriter()).message(7, new MessageWriter()).encode(),
    ),
  ).toThrow("holds 2 graphs");
  expect(() => readForeignModel(new MessageWriter().message(20, new MessageWriter()).encode())).toThrow(
    "training",
  );
  let graph = new MessageWriter();
  for (let depth = 0; depth < 40; depth++) graph = new MessageWriter().message(1, inAttribute(6, graph));
  expect(() => readForeignModel(model(graph))).toThrow("more than 32 deep");
});

test("any bytes give ports or a refusal in words", () => {
  const sound = model(
    new MessageWriter().message(5, new MessageWriter().text(8, "w")).message(12, port("y", 1, dims("b", 3))),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc
          .tuple(fc.nat(sound.length - 1), fc.nat(255))
          .map(([at, byte]) => sound.map((old, i) => (i === at ? byte : old))),
        fc.nat(sound.length).map((length) => sound.subarray(0, length)),
      ),
      (bytes) => {
        try {
          readForeignModel(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(UnfitModel);
        }
      },
    ),
    { numRuns: 500 },
  );
});
