/**
 * @file What a pickle may import: what weights are rebuilt with, and nothing that can call, open or look up at will.
 */

const allowed: Readonly<Record<string, string>> = {
  builtins: "set frozenset list dict tuple int long float str bytes bytearray complex bool slice range",
  collections: "OrderedDict defaultdict Counter deque",
  copyreg: "_reconstructor",
  _codecs: "encode",
  datetime: "datetime date time timedelta timezone",
  argparse: "Namespace",
  torch:
    "Size device dtype Tensor float16 float32 float64 bfloat16 half float double int8 int16 int32 int64 uint8 bool " +
    "complex64 complex128 float8_e4m3fn float8_e5m2 strided FloatStorage DoubleStorage HalfStorage BFloat16Storage " +
    "LongStorage IntStorage ShortStorage CharStorage ByteStorage BoolStorage ComplexFloatStorage " +
    "ComplexDoubleStorage QInt8Storage QUInt8Storage QInt32Storage UntypedStorage per_tensor_affine " +
    "per_channel_affine",
  "torch.storage": "UntypedStorage TypedStorage",
  "torch._utils":
    "_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_with_state " +
    "_rebuild_qtensor _rebuild_sparse_tensor _rebuild_meta_tensor_no_storage",
  "torch._tensor": "_rebuild_from_type_v2",
  "torch.nn.parameter": "Parameter",
  "torch.serialization": "_get_layout",
  numpy: "dtype ndarray",
  "numpy.core.multiarray": "_reconstruct scalar",
  "numpy.core.numeric": "_frombuffer",
};

const names = new Set(
  Object.entries(allowed).flatMap(([module, list]) => list.split(" ").map((name) => `${module}.${name}`)),
);

/** Other names of the same modules: those of Python 2, and of NumPy 2. */
const same: Readonly<Record<string, string>> = {
  __builtin__: "builtins",
  copy_reg: "copyreg",
  "numpy._core.multiarray": "numpy.core.multiarray",
  "numpy._core.numeric": "numpy.core.numeric",
};

/** Whether an import is of the list. */
export function isAllowed(module: string, name: string): boolean {
  const known = Object.hasOwn(same, module) ? (same[module] ?? module) : module;
  return names.has(`${known}.${name}`);
}
