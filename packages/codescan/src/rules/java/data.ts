/** @file Java: objects and documents that are read from outside. */
import { anyOf } from "../../engine/language.ts";
import type { Rule } from "../../rule.ts";
import { calls, reaches } from "../matches.ts";

/** Classes that may be read are listed somewhere. */
function isLimited(text: string): boolean {
  return anyOf(
    /ObjectInputFilter|setObjectInputFilter|resolveClass|ValidatingObjectInputStream/,
    /LookAheadObjectInputStream|SerialKiller/,
  ).test(text);
}

/** A reader of objects that knows its classes. */
function registers(set: ReadonlyMap<string, unknown>): boolean {
  return set.get("RegistrationRequired") === true;
}

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
      ...[
        "readObject",
        "readUnshared",
        "XMLDecoder",
        "XStream",
        "Yaml",
        "fromXML",
        "deserialize",
        "autoType",
      ],
      ...[
        "DefaultTyping",
        "JsonTypeInfo",
        "readClassAndObject",
        "readObjectOrNull",
        "jsonToJava",
        "asObject",
        "parse",
      ],
      ...["getObject", "unmarshal", "ObjectInput", "HessianInput", "Hessian2Input", "BurlapInput"],
    ],
    match: [
      calls(
        "ObjectInputStream.readObject ObjectInputStream.readUnshared XMLDecoder.readObject HessianInput.readObject " +
          "Hessian2Input.readObject BurlapInput.readObject FSTObjectInput.readObject ObjectInput.readObject " +
          "Kryo.readClassAndObject Kryo.readObject Kryo.readObjectOrNull",
        ({ receiver, here }) =>
          receiver.set !== undefined && !isLimited(here.text) && !registers(receiver.set),
      ),
      calls(
        "XStream.fromXML XStream.unmarshal",
        ({ here }) => !/allowTypes|addPermission|setupDefaultSecurity/.test(here.text),
      ),
      calls("Yaml.load Yaml.loadAll Yaml.loadAs", ({ here }) => !/SafeConstructor/.test(here.text)),
      calls(".enableDefaultTyping", ({ here }) => !/PolymorphicTypeValidator/.test(here.text)),
      calls(".activateDefaultTyping", ({ args: [checked] }) => /LaissezFaire/.test(checked?.path ?? "")),
      calls("JsonTypeInfo", ({ named }) => /Id\.(CLASS|MINIMAL_CLASS)$/.test(named.get("use")?.path ?? "")),
      calls(
        "SerializationUtils.deserialize JsonReader.jsonToJava " +
          "FSTConfiguration.asObject YamlReader.read YamlConfig.load",
      ),
      reaches(
        "code",
        2,
        "JSON.parseObject JSON.parse JSONObject.parseObject JSON.parseArray",
        [0],
        ({ here, args }) => {
          return /autoType|SupportAutoType/i.test(here.text) || args.length === 1;
        },
      ),
      // a message's object is read from its bytes
      calls("ObjectMessage.getObject"),
    ],
    bad: [
      "class A { Object read(InputStream in) throws Exception { ObjectInputStream o = new " +
        "ObjectInputStream(in); return o.readObject(); } }",
      "class A { Object read(InputStream in) throws Exception { try (ObjectInputStream o = new " +
        "ObjectInputStream(in)) { return o.readObject(); } } }",
      "import org.yaml.snakeyaml.Yaml;\nclass A { Object read(String text) { Yaml yaml = new Yaml(); return yaml.load(text); } }",
      "class A { void set() { ObjectMapper mapper = new ObjectMapper(); mapper.enableDefaultTyping(); } }",
      "class A { Object read(InputStream in) { Kryo kryo = new Kryo(); return kryo.readClassAndObject(new Input(in)); } }",
      "class A { void onMessage(Message m) throws Exception { ObjectMessage o = (ObjectMessage) m; use(o.getObject()); } }",
    ],
    good: [
      "class A { private void readObject(ObjectInputStream in) throws Exception { in.defaultReadObject(); name = (String) in.readObject(); } }",
      "class A { Object read(InputStream in) { Kryo kryo = new Kryo(); kryo.setRegistrationRequired(true); return kryo.readObject(new Input(in), Item.class); } }",
      'class A { Object read(InputStream in) throws Exception { ObjectInputStream o = new ObjectInputStream(in); o.setObjectInputFilter(ObjectInputFilter.Config.createFilter("a.B;!*")); return o.readObject(); } }',
      "class A { Item read(InputStream in) throws Exception { return new ObjectMapper().readValue(in, Item.class); } }",
      "import org.yaml.snakeyaml.Yaml;\nclass A { Object read(String text) { return new Yaml(new SafeConstructor(new LoaderOptions())).load(text); } }",
    ],
  },
];
