/** @file C# rules: deserialization of untrusted objects and documents. */
import type { AssignSeen, CallSeen } from "../../engine/seen.ts";
import { carries } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is, isA } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { assigns, calls, reaches } from "../matches.ts";

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
    literals: [
      ...[
        "Formatter",
        "NetDataContract",
        "FsPickler",
        "TypeNameHandling",
        "JavaScriptSerializer",
        "TypeFilterLevel",
      ],
      ...[
        "XamlReader",
        "ResourceReader",
        "Typeless",
        "SharpSerializer",
        "DataContractResolver",
        "SimpleTypeResolver",
      ],
      ...[
        "JSON.ToObject",
        "XmlSerializer",
        "DataContractSerializer",
        "DataContractJsonSerializer",
        "JavaScriptTypeResolver",
      ],
      ...["BadlyNamedTypeProperty", "BinarySerializer", "BadInput", "JSONParameters", "BlacklistChecking"],
    ],
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
    bad: [
      "class A { object Read(Stream s) { var f = new BinaryFormatter(); return f.Deserialize(s); } }",
      "class A { object Read(string text) { return new LosFormatter().Deserialize(text); } }",
      "class A { object Read(string t) { return JsonConvert.DeserializeObject(t, new JsonSerializerSettings { TypeNameHandling = TypeNameHandling.All }); } }",
      "class A { object Read(string t) { var s = new JavaScriptSerializer(new SimpleTypeResolver()); return s.DeserializeObject(t); } }",
      "class A { object Read(Stream s) { NetDataContractSerializer n = new NetDataContractSerializer(); return n.ReadObject(s); } }",
    ],
    good: [
      "class A { Item Read(Stream s) { return JsonSerializer.Deserialize<Item>(s); } }",
      "class A { Item Read(string t) { return JsonConvert.DeserializeObject<Item>(t, new JsonSerializerSettings { TypeNameHandling = TypeNameHandling.None }); } }",
      "class A { Item Read(string t) { var s = new JavaScriptSerializer(); return s.Deserialize<Item>(t); } }",
      "class A { Item Read(Stream s) { var x = new XmlSerializer(typeof(Item)); return (Item)x.Deserialize(s); } }",
    ],
  },
  {
    id: "csharp/xml-entities",
    cwe: 611,
    title: "XML external entities (XXE) enabled",
    severity: "high",
    why: "A document can name files and URLs that the parser then fetches.",
    fix: "Set settings.DtdProcessing = DtdProcessing.Prohibit and settings.XmlResolver = null",
    literals: [
      "DtdProcessing",
      "ProhibitDtd",
      "XmlUrlResolver",
      "XmlTextReader",
      "TrustedXslt",
      "XsltSettings",
      "XmlPreloadedResolver",
    ],
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
    bad: [
      "class A { void Read(string text) { var s = new XmlReaderSettings(); s.DtdProcessing = DtdProcessing.Parse; XmlReader.Create(new StringReader(text), s).Read(); } }",
      "class A { void Read(string text) { XmlDocument d = new XmlDocument(); d.XmlResolver = new XmlUrlResolver(); d.LoadXml(text); } }",
      "class A { void Read(string text) { var r = new XmlTextReader(new StringReader(text)); while (r.Read()) { } } }",
    ],
    good: [
      "class A { void Read(string text) { var s = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null }; XmlReader.Create(new StringReader(text), s).Read(); } }",
      "class A { void Read(string text) { XmlDocument d = new XmlDocument { XmlResolver = null }; d.LoadXml(text); } }",
      "class A { void Read(string text) { var r = new XmlTextReader(new StringReader(text)); r.DtdProcessing = DtdProcessing.Prohibit; while (r.Read()) { } } }",
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
    bad: [
      "class A { Span<int> Get(ref int first) { return MemoryMarshal.CreateSpan(ref first, 4); } }",
      'class A { void Go(HttpRequest request) { Marshal.AllocHGlobal(request.Form["n"]); } }',
    ],
    good: [
      "class A { Span<int> Get(int[] all) { return all.AsSpan(0, 4); } }",
      "class A { void Go() { var p = Marshal.AllocHGlobal(64); Marshal.FreeHGlobal(p); } }",
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
    bad: [
      "class A { void Go() { var s = new XsltSettings(false, true); Use(s); } }",
      "class A { void Go() { var s = new XsltSettings(); s.EnableScript = true; } }",
    ],
    good: ["class A { void Go() { var s = new XsltSettings(false, false); Use(s); } }"],
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
    bad: [
      'class A : IHttpHandler { public void ProcessRequest(HttpContext c) { var text = c.Request.QueryString["x"]; XmlReader.Create(new StringReader(text)); } }',
    ],
    good: ["class A { void Go(string text) { XmlReader.Create(new StringReader(text)); } }"],
  },
];
