/** @file Java: objects and documents that are read from outside. */
import { anyOf } from "../../engine/language.ts";
import type { Rule } from "../../rule.ts";
import { sourceAround } from "../inside.ts";
import { calls } from "../matches.ts";

const xmlReaders =
  "DocumentBuilder.parse " +
  "SAXParser.parse " +
  "XMLReader.parse SAXBuilder.build SAXReader.read " +
  " XMLInputFactory.createXMLStreamReader " +
  "XMLInputFactory.createXMLStreamReader XMLInputFactory.createXMLEventReader " +
  "TransformerFactory.newTransformer SchemaFactory.newSchema " +
  "DocumentBuilder.parse";

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
  {
    id: "java/xml-entities",
    cwe: 611,
    title: "XML read with entities from elsewhere",
    severity: "high",
    why: "A document can name files and addresses that the reader then fetches.",
    fix: 'factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true)',
    literals: [
      "DocumentBuilderFactory",
      "SAXParserFactory",
      "SAXBuilder",
      "SAXReader",
      "XMLReaderFactory",
      "XMLInputFactory",
      "TransformerFactory",
      "SchemaFactory",
    ],
    match: [
      calls(xmlReaders, ({ here, path }) => {
        const closed = anyOf(
          /disallow-doctype-decl|external-general-entities|FEATURE_SECURE_PROCESSING/,
          /ACCESS_EXTERNAL_|SUPPORT_DTD|IS_SUPPORTING_EXTERNAL_ENTITIES|setEntityResolver/,
          /setXMLResolver|setExpandEntityReferences\(\s{0,5}false/,
        );
        if (closed.test(here.text)) return false;
        return !/newTransformer|newSchema/.test(path) || /StreamSource\(|ransform\(/.test(sourceAround(here));
      }),
    ],
    bad: [
      "class A { Document read(InputStream in) throws Exception { DocumentBuilderFactory f = " +
        "DocumentBuilderFactory.newInstance(); DocumentBuilder b = f.newDocumentBuilder(); return " +
        "b.parse(in); } }",
      "class A { void read(InputStream in, DefaultHandler h) throws Exception { " +
        "SAXParserFactory.newInstance().newSAXParser().parse(in, h); } }",
      "class A { Object read(String file) throws Exception { return new SAXReader().read(file); } }",
    ],
    good: [
      'class A { Document read(InputStream in) throws Exception { DocumentBuilderFactory f = DocumentBuilderFactory.newInstance(); f.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true); return f.newDocumentBuilder().parse(in); } }',
      "class A { void read(InputStream in) throws Exception { XMLInputFactory f = " +
        "XMLInputFactory.newInstance(); f.setProperty(XMLInputFactory.SUPPORT_DTD, false); " +
        "f.createXMLStreamReader(in); } }",
    ],
  },
];
