/** @file C# rules: deserialization of untrusted objects and documents. */
import type { AssignSeen, CallSeen } from "../../engine/seen.ts";
import { carries } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is, isA } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { assigns, calls, reaches, words } from "../matches.ts";

const formatters =
  "BinaryFormatter SoapFormatter NetDataContractSerializer LosFormatter ObjectStateFormatter BinaryMessageFormatter " +
  "FsPickler FsPickler.CreateBinarySerializer() FsPickler.CreateJsonSerializer() FsPickler.CreateXmlSerializer() " +
  "JavaScriptSerializer TypelessContractlessStandardResolver SharpSerializer BinarySerializer";
const reads = formatters
  .split(" ")
  .filter((name) => name !== "JavaScriptSerializer")
  .flatMap((name) => {
    const made = name.endsWith("()") ? [name] : [name, `${name}()`];
    return made.flatMap((one) =>
      ["Deserialize", "UnsafeDeserialize", "ReadObject", "Read", "UnPickle", "UnPickleOfString"].map(
        (method) => `${one}.${method}`,
      ),
    );
  })
  .join(" ");

/** With a type resolver, the JavaScript serializer can create any object. */
function hasResolver({ receiver }: CallSeen): boolean {
  const { made } = receiver;
  return made?.kind === "call" && made.args.length > 0;
}

function isLoose({ value }: AssignSeen): boolean {
  return (
    isA(value, /TypeNameHandling\.(All|Auto|Objects|Arrays)$/) ||
    (typeof value.constant === "number" && value.constant > 0)
  );
}

const closed =
  /DtdProcessing\.(Prohibit|Ignore)|XmlResolver\s{0,3}=\s{0,3}null|ProhibitDtd\s{0,3}=\s{0,3}true/;

/** Rules on data. */
export const csharpDataRules: readonly Rule[] = [
  {
    id: "csharp/object-stream",
    cwe: 502,
    title: "Deserialization of untrusted data",
    severity: "high",
    why: "Deserialization can instantiate any reachable class and run its code.",
    fix: "Use JsonSerializer.Deserialize<Item>(text) with a specific class",
    literals: words(
      "Formatter NetDataContract FsPickler TypeNameHandling JavaScriptSerializer TypeFilterLevel " +
        "XamlReader ResourceReader Typeless SharpSerializer DataContractResolver SimpleTypeResolver " +
        "JSON.ToObject XmlSerializer DataContractSerializer DataContractJsonSerializer " +
        "JavaScriptTypeResolver BadlyNamedTypeProperty BinarySerializer BadInput JSONParameters " +
        "BlacklistChecking",
    ),
    match: [
      calls(reads, ({ here }) => !aroundSays(here, /\.Binder\s{0,3}=|SerializationBinder\b/)),
      calls("JavaScriptSerializer().Deserialize JavaScriptSerializer().DeserializeObject", hasResolver),
      calls("JavaScriptSerializer", ({ args: [resolver] }) => isA(resolver, /^SimpleTypeResolver\(\)/)),
      assigns(
        /^TypeNameHandling$/,
        (seen) => isLoose(seen) && !aroundSays(seen.here, /(SerializationBinder|\.Binder)\s{0,3}=/),
      ),
      assigns(/^TypeFilterLevel$/, ({ value }) => isA(value, /TypeFilterLevel\.Full$/)),
      assigns(/^(typeFilterLevel|\w{1,20}FilterLevel)$/, ({ value }) => value.constant === "Full"),
      assigns(/^BadListTypeChecking$/, ({ value }) => is(value, false)),
      reaches(
        "code",
        2,
        "XamlReader.Parse XamlReader.Load XamlServices.Parse XamlServices.Load ResXResourceReader ResourceReader",
      ),
      reaches(
        "code",
        2,
        "JSON.ToObject JSON.ToDynamic BsonSerializer.Deserialize MessagePackSerializer.Typeless.Deserialize",
      ),
      // the class itself is attacker-controlled
      reaches(
        "code",
        1,
        "XmlSerializer DataContractSerializer DataContractJsonSerializer",
        [0],
        ({ args: [type] }) => isA(type, /Type\.GetType\(\)|\.GetType\(\)$/),
      ),
      calls("JSON.ToObject", ({ here }) => fileSays(here, /BadListTypeChecking\s{0,3}=\s{0,3}false/)),
      {
        // a resolver that returns any named type
        defines: ({ made, here }) =>
          made.name === "ResolveName" && fileSays(here, /:\s{0,3}DataContractResolver\b/),
      },
    ],
  },
  {
    id: "csharp/xml-entities",
    cwe: 611,
    title: "XML external entities (XXE) enabled",
    severity: "high",
    why: "A document can name files and URLs that the parser then fetches.",
    fix: "Set settings.DtdProcessing = DtdProcessing.Prohibit and settings.XmlResolver = null",
    literals: words(
      "DtdProcessing ProhibitDtd XmlUrlResolver XmlTextReader TrustedXslt XsltSettings " +
        "XmlPreloadedResolver",
    ),
    match: [
      assigns(/^DtdProcessing$/, ({ value }) => isA(value, /DtdProcessing\.Parse$/)),
      assigns(/^ProhibitDtd$/, ({ value }) => is(value, false)),
      assigns(
        /^XmlResolver$/,
        ({ value, path }) =>
          isA(value, /^Xml(Url|Preloaded)Resolver\b/) && /^Xml|^\.|doc|reader|settings/i.test(path),
      ),
      calls(
        "XmlTextReader",
        ({ args: [text], here }) => carries(text, "code") > 0 && !aroundSays(here, closed),
      ),
      calls(
        "XslCompiledTransform().Load XslTransform().Load",
        ({ args: [, settings], here }) =>
          isA(settings, /XsltSettings\.TrustedXslt$/) ||
          (settings !== undefined && aroundSays(here, /new XsltSettings\(\s{0,3}true/)),
      ),
    ],
  },
  {
    id: "csharp/memory-unchecked",
    cwe: 119,
    title: "Memory access without a bounds check",
    severity: "low",
    why: "The access can read or overwrite memory outside the buffer.",
    fix: "Use AsSpan(start, length), which checks both values against the array's length",
    literals: ["MemoryMarshal", "Marshal.", "Unsafe.", "Buffer.MemoryCopy"],
    match: [
      reaches("size", 2, "Marshal.Copy Marshal.AllocHGlobal Buffer.MemoryCopy Unsafe.CopyBlock Unsafe.Add", [
        "*",
      ]),
      calls("MemoryMarshal.CreateSpan MemoryMarshal.CreateReadOnlySpan"),
    ],
  },
  {
    id: "csharp/style-sheet-scripts",
    cwe: 94,
    title: "XSLT stylesheets with script execution enabled",
    severity: "medium",
    why: "The author of the stylesheet can run code in this process.",
    fix: "Use new XsltSettings(false, false)",
    literals: ["XsltSettings"],
    match: [
      calls("XsltSettings", ({ args: [, scripts] }) => is(scripts, true)),
      assigns(/^EnableScript$/, ({ value }) => is(value, true)),
    ],
  },
  {
    id: "csharp/document-unchecked",
    cwe: 112,
    title: "Untrusted XML parsed without schema validation",
    severity: "low",
    why: "Unexpected content in the document reaches the program.",
    fix: "Set settings.ValidationType = ValidationType.Schema and call settings.Schemas.Add(...)",
    literals: ["XmlReader.Create"],
    match: [
      calls("XmlReader.Create", ({ args: [from], here }) => {
        return (
          carries(from, "code") === 2 &&
          !aroundSays(here, /ValidationType\.Schema|Schemas\.Add|ProcessInlineSchema/)
        );
      }),
    ],
  },
];
