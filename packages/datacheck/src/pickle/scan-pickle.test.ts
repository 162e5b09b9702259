/**
 * @file Pickles written byte by byte: attacks are named, weights pass, and damaged files yield faults without throwing.
 */
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PickleReport } from "./report.ts";
import { tellPickles } from "./report.ts";
import { scanPickle } from "./scan-pickle.ts";

const raw = (text: string): Uint8Array => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
const word = (value: number, size: number): string =>
  Array.from({ length: size }, (_, i) => String.fromCharCode((value / 256 ** i) & 255)).join("");
const short = (text: string): string => `\x8c${word(text.length, 1)}${text}`;
const stackGlobal = (module: string, name: string): string => `${short(module)}${short(name)}\x93`;
const global = (module: string, name: string): string => `c${module}\n${name}\n`;
/** A call of an import with one text. */
const call = (target: string, text = "x"): string => `\x80\x04${target}${short(text)}\x85R.`;

/** A zip member: name, text, and changes to the local header or to both headers. */
function zip(
  members: readonly (readonly [string, string])[],
  change: { name?: string; flags?: number; method?: number } = {},
): Uint8Array {
  let [body, list] = ["", ""];
  const { flags = 0, method = 0 } = change;
  for (const [name, text] of members) {
    const packed = method === 8 ? String.fromCharCode(...deflateRawSync(raw(text))) : text;
    const sizes = `${word(0, 4)}${word(packed.length, 4)}${word(text.length, 4)}`;
    const local = change.name ?? name;
    list += `PK\x01\x02${word(20, 2)}${word(20, 2)}${word(flags, 2)}${word(method, 2)}${word(0, 4)}${sizes}`;
    list += `${word(name.length, 2)}${word(0, 12)}${word(body.length, 4)}${name}`;
    body += `PK\x03\x04${word(20, 2)}${word(flags, 2)}${word(method, 2)}${word(0, 4)}${sizes}`;
    body += `${word(local.length, 2)}${word(0, 2)}${local}${packed}`;
  }
  const end = `PK\x05\x06${word(0, 4)}${word(members.length, 2)}${word(members.length, 2)}`;
  return raw(`${body}${list}${end}${word(list.length, 4)}${word(body.length, 4)}${word(0, 2)}`);
}
function tar(name: string, text: string): Uint8Array {
  const header = `${name.padEnd(124, "\0")}${text.length.toString(8).padStart(11, "0")}\0`.padEnd(257, "\0");
  return raw(
    `${`${header}ustar`.padEnd(512, "\0")}${text.padEnd(512 * Math.ceil(text.length / 512), "\0")}`.padEnd(
      4096,
      "\0",
    ),
  );
}
const array = (kind: string, text: string): Uint8Array => {
  const header = `{'descr': '${kind}', 'fortran_order': False, 'shape': (1,), }\n`;
  return raw(`\x93NUMPY\x01\x00${word(header.length, 2)}${header}${text}`);
};
const unsafe = (report: PickleReport): string[] => report.unsafe.map(({ name }) => name);
const faults = (report: PickleReport): string[] => report.faults.map(({ reason }) => reason);

/** The tensors of a torch file, as torch writes them. */
const weights = [
  `\x80\x02${global("collections", "OrderedDict")}q\x00)Rq\x01(X\x01\x00\x00\x00wq\x02`,
  `${global("torch._utils", "_rebuild_tensor_v2")}q\x03((X\x07\x00\x00\x00storageq\x04`,
  `${global("torch", "FloatStorage")}q\x05X\x01\x00\x00\x000q\x06X\x03\x00\x00\x00cpuq\x07K\x04tq\x08QK\x00`,
  `K\x02\x85q\x09K\x01\x85q\x0a\x89${global("collections", "OrderedDict")})RtRq\x0bu.`,
].join("");

describe("what is imported", () => {
  test.each<[string, string, string[]]>([
    ["os.system", call(stackGlobal("os", "system")), ["os.system"]],
    ["posix.system of protocol 0", "cposix\nsystem\n(S'ls'\ntR.", ["posix.system"]],
    ["builtins.eval", call(global("builtins", "eval")), ["builtins.eval"]],
    ["__builtin__.exec", call(global("__builtin__", "exec")), ["__builtin__.exec"]],
    ["runpy", call(stackGlobal("runpy", "_run_code")), ["runpy._run_code"]],
    ["socket", call(stackGlobal("socket", "create_connection")), ["socket.create_connection"]],
    [
      "numpy.testing",
      call(stackGlobal("numpy.testing._private.utils", "runstring")),
      ["numpy.testing._private.utils.runstring"],
    ],
    ["pip.main", call(stackGlobal("pip", "main")), ["pip.main"]],
    [
      "a chain of attrgetter",
      `\x80\x04${stackGlobal("operator", "attrgetter")}${short("system")}\x85R${stackGlobal("os", "path")}\x85R.`,
      ["operator.attrgetter", "os.path"],
    ],
    ["builtins.getattr", call(stackGlobal("builtins", "getattr")), ["builtins.getattr"]],
    ["INST of protocol 0", "(S'ls'\nios\nsystem\n.", ["os.system"]],
    ["OBJ", "(cos\nsystem\nS'ls'\no.", ["os.system"]],
    ["NEWOBJ", `\x80\x02${global("subprocess", "Popen")})\x81.`, ["subprocess.Popen"]],
    [
      "names from the memo",
      `\x80\x04${short("os")}\x94${short("system")}\x9400h\x00h\x01\x93.`,
      ["os.system"],
    ],
    ["names from text memos", `Vos\np7\n0Vsystem\np8\n0g7\ng8\n\x93.`, ["os.system"]],
    [
      "a name behind a dot",
      call(stackGlobal("collections", "OrderedDict.fromkeys")),
      ["collections.OrderedDict.fromkeys"],
    ],
    ["a name made while reading", `\x80\x04${short("os")}K\x05\x93.`, ["os.?"]],
    ["extensions", "\x80\x02\x82\x05.", ["?.extension 5"]],
    [
      "attributes of an import",
      `\x80\x02${global("collections", "OrderedDict")}}b.`,
      ["? (attributes of an import are changed)"],
    ],
    [
      "a pickle in a pickle",
      `\x80\x04\x95${word(9, 8)}B${word(call(global("os", "system")).length, 4)}${call(global("os", "system"))}.`,
      ["os.system"],
    ],
    ["a second pickle behind the first", `\x80\x02N.${call(global("os", "system"))}`, ["os.system"]],
    ["weights", weights, []],
  ])("%s", (_, text, expected) => {
    const report = scanPickle(raw(text), "a.pkl");
    expect(unsafe(report)).toEqual(expected);
    expect(faults(report)).toEqual([]);
  });

  test("also before a stream breaks", () => {
    const report = scanPickle(raw(call(global("os", "system")).slice(0, -2)), "a.pkl");
    expect([unsafe(report), faults(report)]).toEqual([["os.system"], ["the pickle ends without its STOP"]]);
  });
});

describe("archives", () => {
  const evil = call(global("os", "system"));
  test.each<[string, Uint8Array, string]>([
    [
      "a zip",
      zip([
        ["m/data.pkl", evil],
        ["m/data/0", "\x80\x02\xff\xff"],
      ]),
      "m/data.pkl",
    ],
    ["a packed zip", zip([["m/data.pkl", evil]], { method: 8 }), "m/data.pkl"],
    ["a zip in a zip", zip([["in.zip", String.fromCharCode(...zip([["x.bin", evil]]))]]), "in.zip/x.bin"],
    ["a pickle with a zip behind it", raw(evil + String.fromCharCode(...zip([["a", "b"]]))), ""],
    ["a tar", tar("pickle", evil), "pickle"],
    ["an array of objects", array("|O", evil), ""],
  ])("%s is opened", (_, bytes, member) => {
    const report = scanPickle(bytes, "model.pt");
    expect(report.unsafe.map((one) => [one.name, one.member])).toEqual([["os.system", member]]);
  });

  test.each<[string, Uint8Array]>([
    [
      "a zip of weights",
      zip([
        ["m/data.pkl", weights],
        ["m/data/0", "\x80\x02\xff\xff"],
        ["m/version", "3\n"],
      ]),
    ],
    ["an array of numbers", array("<f4", "\x80\x02cos\nsystem\n.")],
    ["safetensors under another name", raw(`${word(2, 8)}{}`)],
    ["GGUF", raw("GGUF\x03\0\0\0")],
  ])("%s passes", (_, bytes) => {
    const report = scanPickle(bytes, "model.bin");
    expect([unsafe(report), faults(report)]).toEqual([[], []]);
  });

  test.each<[string, Uint8Array, string]>([
    ["encrypted", zip([["a.pkl", weights]], { flags: 1 }), "encrypted"],
    ["two names", zip([["a.pkl", weights]], { name: "b.pkl" }), "its two headers name it differently"],
    [
      "an unknown packing",
      zip([["a.pkl", weights]], { method: 12 }),
      "packed in a way that is not read (12)",
    ],
    [
      "a bomb",
      zip([["a.pkl", "\0".repeat(2 ** 21)]], { method: 8 }).map((b) => b),
      "no instruction has the code 0",
    ],
    ["7z", raw("7z\xbc\xaf\x27\x1c"), "packed as 7z, which is not opened"],
    ["no list", raw("PK\x03\x04"), "a zip file without its list of members"],
    [
      "cut tar",
      tar("pickle", "x".repeat(4_000)).slice(0, 1_024),
      "a tar file whose member is cut off or has no size",
    ],
    ["text for a pickle", raw("~hello"), "no instruction has the code 126"],
  ])("%s is a fault", (_, bytes, reason) => {
    expect(faults(scanPickle(bytes, "a.pkl"))).toContain(reason);
  });
});

test("no bytes make it throw", () => {
  const seeds = [weights, call(stackGlobal("os", "system"))].map(raw);
  seeds.push(zip([["a.pkl", weights]]), tar("pickle", weights), array("|O", weights));
  const change = fc.tuple(fc.nat(400), fc.nat(255));
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.array(change, { maxLength: 6 }),
      fc.nat(600),
      (bytes, changes, length) => {
        const broken = bytes.slice(0, length + 1);
        for (const [at, value] of changes) broken[at % broken.length] = value;
        scanPickle(broken, "a.pkl");
      },
    ),
    { numRuns: 2_000 },
  );
});

test("what is said about them", () => {
  const reports = [
    scanPickle(zip([["m/data.pkl", weights]]), "good.bin"),
    scanPickle(raw("\x80\x02cos\nsystem\n."), "bad.bin"),
    scanPickle(raw("GGUF"), "model.gguf"),
  ];
  expect(tellPickles(reports).map(({ finding }) => [finding.code, finding.severity, finding.detail])).toEqual(
    [
      ["MODEL_PICKLE_UNSAFE", "warning", "bad.bin imports os.system at byte 2 (suspicious places: 1)"],
      [
        "MODEL_PICKLE",
        "note",
        "1 files of the model are pickles, which tunewise does not read; first good.bin",
      ],
    ],
  );
});
