/**
 * @file The one file that imports the native runtime: runs a program on typed arrays, without copies.
 */
import * as ort from "onnxruntime-node";
import { problem } from "../../problem/index.ts";
import { type Binding, elementCount, evaluateShape, shapeText } from "../graph/shape.ts";
import type { Program } from "../onnx/program.ts";
import type { Port } from "../onnx/writer.ts";

/** Numbers handed to or filled by a program; a view into a larger buffer is fine. */
export type Numbers = Float32Array | BigInt64Array;

/** Numbers by the name of the port. */
export type Feeds = Readonly<Record<string, Numbers>>;

/** A program loaded into the runtime. */
export interface Session {
  readonly program: Program;
  /**
   * Runs once. `outputs` are written in place; an array longer than needed is an error, because a stale tail
   * would read as data.
   */
  run(binding: Binding, inputs: Feeds, outputs: Readonly<Record<string, Float32Array>>): Promise<void>;
  close(): Promise<void>;
}

/** How sessions are made. */
export interface RuntimeOptions {
  /** Threads of a program, at least 1. */
  readonly threads: number;
}

/** The runtime's own failures, most often for lack of memory, in the words of the catalog. */
async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message.slice(0, 500) : "unknown";
    throw problem("ENGINE_RUNTIME_FAILED", { detail }, { cause });
  }
}

/**
 * Loads a program.
 *
 * Prepacking is off: it would hold a second copy of the weights, and they arrive as inputs anyway. Threads do not
 * spin between runs, because several sessions share the cores.
 *
 * @throws {TunewiseError} `ENGINE_RUNTIME_FAILED`
 */
export async function createSession(program: Program, options: RuntimeOptions): Promise<Session> {
  const native = await guarded(() =>
    ort.InferenceSession.create(program.bytes, {
      executionProviders: ["cpu"],
      graphOptimizationLevel: "all",
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      enableMemPattern: false,
      logSeverityLevel: 3,
      extra: { session: { disable_prepacking: "1", force_spinning_stop: "1" } },
    }),
  );
  return {
    program,
    run: async (binding, inputs, outputs) => {
      const feeds: Record<string, ort.Tensor> = {};
      for (const port of program.inputs) feeds[port.name] = tensor(port, binding, inputs[port.name]);
      for (const { name, dims } of program.sizes) {
        const values = BigInt64Array.from(evaluateShape(dims, binding), BigInt);
        feeds[name] = new ort.Tensor("int64", values, [dims.length]);
      }
      const fetches: Record<string, ort.Tensor> = {};
      for (const port of program.outputs) fetches[port.name] = tensor(port, binding, outputs[port.name]);
      await guarded(() => native.run(feeds, fetches));
    },
    close: () => native.release(),
  };
}

function tensor(port: Port, binding: Binding, data: Numbers | undefined): ort.Tensor {
  const shape = evaluateShape(port.shape, binding);
  if (data?.length !== elementCount(shape)) {
    const found = data ? `${data.length} numbers` : "nothing";
    throw new Error(`Internal: port ${port.name} ${shapeText(shape)} got ${found}`);
  }
  return data instanceof Float32Array
    ? new ort.Tensor("float32", data, shape)
    : new ort.Tensor("int64", data, shape);
}
