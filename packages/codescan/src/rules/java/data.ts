/** @file Java: objects and documents that are read from outside. */
import { anyOf } from "../../engine/language.ts";
import type { Rule } from "../../rule.ts";
import { calls } from "../matches.ts";

/** Rules on data. */
export const javaDataRules: readonly Rule[] = [
  {
    id: "java/object-stream",
    cwe: 502,
    title: "Objects read from bytes that anybody may write",
    severity: "high",
    why: "Reading makes objects of any class on the path, whose methods run at once.",
    fix: "Read JSON into a class of your own, or set an ObjectInputFilter with a list of classes",
    literals: [
      "readObject",
      "readUnshared",
      "XMLDecoder",
      "XStream",
      "Yaml(",
      "enableDefaultTyping",
      "activateDefaultTyping",
      "fromXML",
      "deserialize",
      "JsonTypeInfo",
      "autoType",
      "readClassAndObject",
    ],
    match: [
      calls(
        "ObjectInputStream.readObject ObjectInputStream.readUnshared XMLDecoder.readObject",
        ({ here }) =>
          !anyOf(
            /ObjectInputFilter|setObjectInputFilter|resolveClass|ValidatingObjectInputStream/,
            /LookAheadObjectInputStream/,
          ).test(here.text),
      ),
      calls(
        "XStream.fromXML",
        ({ here }) => !/allowTypes|addPermission|setupDefaultSecurity/.test(here.text),
      ),
      calls("Yaml.load Yaml.loadAll", ({ here }) => !/SafeConstructor/.test(here.text)),
      calls(
        ".enableDefaultTyping .activateDefaultTyping",
        ({ here }) => !/PolymorphicTypeValidator/.test(here.text),
      ),
      calls("SerializationUtils.deserialize"),
    ],
    bad: [
      "class A { Object read(InputStream in) throws Exception { ObjectInputStream o = new " +
        "ObjectInputStream(in); return o.readObject(); } }",
      "class A { Object read(InputStream in) throws Exception { try (ObjectInputStream o = new " +
        "ObjectInputStream(in)) { return o.readObject(); } } }",
      "import org.yaml.snakeyaml.Yaml;\nclass A { Object read(String text) { Yaml yaml = new Yaml(); return yaml.load(text); } }",
      "class A { void set() { ObjectMapper mapper = new ObjectMapper(); mapper.enableDefaultTyping(); } }",
    ],
    good: [
      'class A { Object read(InputStream in) throws Exception { ObjectInputStream o = new ObjectInputStream(in); o.setObjectInputFilter(ObjectInputFilter.Config.createFilter("a.B;!*")); return o.readObject(); } }',
      "class A { Item read(InputStream in) throws Exception { return new ObjectMapper().readValue(in, Item.class); } }",
      "import org.yaml.snakeyaml.Yaml;\nclass A { Object read(String text) { return new Yaml(new SafeConstructor(new LoaderOptions())).load(text); } }",
    ],
  },
];
