/** @file Runs a program on typed arrays without copies: the runtime reads and writes them in place. */
import { type Binding, elementCount, evaluateShape } from "../graph/shape.ts";
import { operatorDomain } from "../jit/operators.ts";
import { addressOf, type Pointer } from "../native/library.ts";
import { cText, guarded, type Native, native, pointers } from "../native/runtime.ts";
import type { Program } from "../onnx/program.ts";
import { elementTypes, type Port } from "../onnx/writer.ts";

/** Inputs or outputs of a program; views into larger buffers are allowed. */
export type Numbers = Float32Array | BigInt64Array | Uint16Array | Uint8Array;

/** Arrays by the name of the port. */
export type Feeds = Readonly<Record<string, Numbers>>;

/** A program loaded into the runtime. */
export interface Session {
  readonly program: Program;
  /**
   * Runs the program once. `outputs` are written in place; an array longer than needed is an error, because its stale
   * tail would be read as data.
   */
  run(binding: Binding, inputs: Feeds, outputs: Feeds): Promise<void>;
  /** The same synchronously, for operators that run their own programs. */
  runNow(binding: Binding, inputs: Feeds, outputs: Feeds): void;
  close(): Promise<void>;
}

/** Options of a session. */
export interface RuntimeOptions {
  /** Threads per program, at least 1. */
  readonly threads: number;
  /** Whether the program contains its weights, as exported files do; they are then prepacked once for all runs. */
  readonly containsWeights?: boolean;
  /** The domain of blockwise attention, for programs that need it. */
  readonly attention?: Pointer;
}

const allOptimizations = 99;

/**
 * Loads a program.
 *
 * Prepacking is off unless the program contains its weights, because it would store a second copy of weights that are
 * inputs. Threads do not spin between runs, because several sessions share the cores. Subnormal numbers are flushed to
 * zero, also in this thread (in JavaScript: below 1e-307). Masked scores produce them, and an operation on one takes
 * about 100 times as long as on other numbers.
 *
 * @throws {TunewiseError} `ENGINE_RUNTIME_FAILED`
 */
export async function createSession(program: Program, options: RuntimeOptions): Promise<Session> {
  return openSession(program, options);
}

/**
 * Loads a program synchronously; see `createSession`.
 *
 * @throws {TunewiseError} `ENGINE_RUNTIME_FAILED`
 */
export function openSession(program: Program, options: RuntimeOptions): Session {
  const runtime = native();
  const session = guarded(() => load(runtime, program, options));
  // all layers of a batch pass the same binding object
  const bound = new WeakMap<Binding, BoundProgram>();
  let closed = false;
  const runNow: Session["runNow"] = (binding, inputs, outputs) => {
    if (closed) throw new Error("Internal: a closed program was run");
    const known = bound.get(binding) ?? bind(program, binding);
    bound.set(binding, known);
    const given = known.inputs.map((one) => tensorOf(one, inputs[one.port.name]));
    given.push(...known.sizes);
    const results = known.outputs.map((one) => tensorOf(one, outputs[one.port.name]));
    guarded(() => run(runtime, session, given, results));
  };
  return {
    program,
    runNow,
    run: async (binding, inputs, outputs) => {
      // lets pending work, such as Ctrl-C and progress, run before each program
      await new Promise<void>((next) => setImmediate(next));
      runNow(binding, inputs, outputs);
    },
    close: async () => {
      if (!closed) runtime.functions.releaseSession(session.handle);
      closed = true;
    },
  };
}

/** A session and its port names as C strings, which must stay referenced because native addresses point to them. */
interface LoadedSession {
  readonly handle: Pointer;
  readonly texts: readonly Uint8Array[];
  readonly inputNames: BigUint64Array;
  readonly outputNames: BigUint64Array;
}

function load(
  runtime: Native,
  program: Program,
  { threads, containsWeights = false, attention }: RuntimeOptions,
): LoadedSession {
  const options = runtime.make("createSessionOptions");
  try {
    runtime.call("disableMemoryPattern", options);
    runtime.call("setOptimizationLevel", options, allOptimizations);
    runtime.call("setIntraOpThreads", options, threads);
    runtime.call("setInterOpThreads", options, 1);
    const switches = ["force_spinning_stop", "set_denormal_as_zero"];
    for (const key of containsWeights ? switches : ["disable_prepacking", ...switches]) {
      runtime.call("addSessionConfigEntry", options, `session.${key}`, "1");
    }
    // otherwise the bytes could also be parsed as the runtime's own format, which it does not validate first
    runtime.call("addSessionConfigEntry", options, "session.load_model_format", "ONNX");
    const domain = program.hasOwnOperators ? operatorDomain() : null;
    if (domain !== null) runtime.call("addOperatorDomain", options, domain);
    if (program.hasBlockAttention) {
      if (attention === undefined) throw new Error("Internal: attention in blocks without its operators");
      runtime.call("addOperatorDomain", options, attention);
    }
    const { bytes } = program;
    const at = [runtime.environment, bytes, bytes.length, options] as const;
    const handle = runtime.make("createSessionFromArray", ...at);
    const inputs = [...program.inputs, ...program.sizes].map(({ name }) => cText(name));
    const outputs = program.outputs.map(({ name }) => cText(name));
    const names = { inputNames: pointers(inputs), outputNames: pointers(outputs) };
    return { handle, texts: [...inputs, ...outputs], ...names };
  } finally {
    runtime.functions.releaseSessionOptions(options);
  }
}

/** A port with its shape under one binding. */
interface Bound {
  readonly port: Port;
  readonly shape: BigInt64Array;
  readonly count: number;
}

/** All ports under one binding, and the size inputs that belong to it. */
interface BoundProgram {
  readonly inputs: readonly Bound[];
  readonly outputs: readonly Bound[];
  readonly sizes: readonly Tensor[];
}

function bind(program: Program, binding: Binding): BoundProgram {
  const bound = (port: Port): Bound => {
    const shape = evaluateShape(port.shape, binding);
    return { port, shape: BigInt64Array.from(shape, BigInt), count: elementCount(shape) };
  };
  const sizes = program.sizes.map(({ name, dims }) => {
    const values = BigInt64Array.from(evaluateShape(dims, binding), BigInt);
    return tensorOf(bound({ name, shape: [dims.length], type: "int64" }), values);
  });
  return { inputs: program.inputs.map(bound), outputs: program.outputs.map(bound), sizes };
}

/** An array with its shape, checked against the port. */
interface Tensor {
  readonly data: Numbers;
  readonly shape: BigInt64Array;
  readonly type: number;
}

const arrayTypes = { float32: Float32Array, int64: BigInt64Array, bfloat16: Uint16Array, uint8: Uint8Array };

function tensorOf({ port, shape, count }: Bound, data: Numbers | undefined): Tensor {
  const fits = data instanceof arrayTypes[port.type];
  if (!fits || data.length !== count) {
    const found = data ? `${data.length} numbers` : "nothing";
    throw new Error(`Internal: port ${port.name} [${shape.join(", ")}] got ${found}`);
  }
  return { data, shape, type: elementTypes[port.type] };
}

function run(
  runtime: Native,
  { handle, inputNames, outputNames }: LoadedSession,
  given: readonly Tensor[],
  results: readonly Tensor[],
): void {
  const tensors = [...given, ...results];
  const made: Pointer[] = [];
  try {
    for (const { data, shape, type } of tensors) {
      const at = [runtime.memory, addressOf(data), data.byteLength, shape, shape.length, type] as const;
      made.push(runtime.make("createTensor", ...at));
    }
    const inputs = BigUint64Array.from(made.slice(0, given.length));
    const outputs = BigUint64Array.from(made.slice(given.length));
    // passes arrays instead of addresses: an array referenced only by address may be collected while the program runs
    const [from, to] = [
      [inputNames, inputs, inputs.length] as const,
      [outputNames, outputs.length, outputs] as const,
    ];
    runtime.call("run", handle, null, ...from, ...to);
  } finally {
    for (const value of made) runtime.functions.releaseValue(value);
    tensors.length = 0; // a use after the run keeps the arrays from being collected before
  }
}
