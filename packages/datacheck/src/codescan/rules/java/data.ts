/** @file Java rules: deserialization of untrusted objects and documents. */

import type { CallSeen, Here } from "../../engine/seen.ts";
import { itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { calls, reaches, words } from "../matches.ts";

/** A list of permitted classes. */
const limits =
  /ObjectInputFilter|resolveClass|ValidatingObjectInputStream|LookAheadObjectInputStream|SerialKiller/;

/** A deserializer created here that accepts any class. */
function isUnlimited({ receiver: { set }, here }: CallSeen): boolean {
  return set !== undefined && set.get("RegistrationRequired") !== true && !fileSays(here, limits);
}

/** Whether a YAML reader creates only plain values. For a reader created elsewhere, the whole file is searched. */
function madeWithSafety({ made }: Value, here: Here): boolean {
  const safety = /SafeConstructor/;
  return made?.kind === "call" ? safety.test(here.text.slice(made.start, made.end)) : fileSays(here, safety);
}

/**
 * Whether the bytes come from a caller or an untrusted source. Kryo takes them as an argument, other readers hold them.
 */
function isFed({ path, receiver, args: [input] }: CallSeen): boolean {
  const { level, roots } = path.startsWith("Kryo.") ? (input ?? receiver) : receiver;
  return level > 0 || roots.length > 0;
}

/** Rules on data. */
export const javaDataRules: readonly Rule[] = [
  {
    id: "java/object-stream-own",
    cwe: 502,
    title: "Java deserialization without a class filter",
    severity: "medium",
    why: "Anyone who can modify the file or store can run code here.",
    fix: "Call in.setObjectInputFilter(filter), or read JSON into a specific class",
    literals: ["readObject", "readUnshared", "readClassAndObject"],
    match: [
      calls(
        "ObjectInputStream.readObject ObjectInputStream.readUnshared XMLDecoder.readObject HessianInput.readObject " +
          "Hessian2Input.readObject BurlapInput.readObject FSTObjectInput.readObject Kryo.readClassAndObject",
        (seen) => isUnlimited(seen) && !isFed(seen),
      ),
    ],
  },
  {
    id: "java/object-stream",
    cwe: 502,
    title: "Deserialization of untrusted data",
    severity: "high",
    why: "Deserialization creates objects of any class on the class path and runs their methods.",
    fix: "Read JSON into a specific class, or set an ObjectInputFilter with an allowlist of classes",
    literals: words(
      "readObject readUnshared XMLDecoder XStream Yaml fromXML deserialize autoType DefaultTyping " +
        "JsonTypeInfo readClassAndObject readObjectOrNull jsonToJava asObject parse setReturningObjFlag " +
        "EnabledForExtensions setTrust ActiveMQConnectionFactory SearchControls RedisSerializer " +
        "ServiceExporter allowIf getObject unmarshal ObjectInput HessianInput Hessian2Input BurlapInput",
    ),
    match: [
      calls(
        "ObjectInputStream.readObject ObjectInputStream.readUnshared XMLDecoder.readObject HessianInput.readObject " +
          "Hessian2Input.readObject BurlapInput.readObject FSTObjectInput.readObject ObjectInput.readObject " +
          "Kryo.readClassAndObject Kryo.readObject Kryo.readObjectOrNull",
        (seen) => isUnlimited(seen) && isFed(seen),
      ),
      calls(
        "XStream.fromXML XStream.unmarshal",
        ({ here }) =>
          !fileSays(here, /allowTypes|addPermission|setupDefaultSecurity/) ||
          fileSays(here, /AnyTypePermission\.ANY/),
      ),
      calls(
        "Yaml.load Yaml.loadAll Yaml.loadAs Yaml.parse",
        ({ receiver, here }) => !madeWithSafety(receiver, here),
      ),
      calls(".enableDefaultTyping", ({ here }) => !fileSays(here, /PolymorphicTypeValidator/)),
      calls(".activateDefaultTyping", ({ args: [checked] }) => /LaissezFaire/.test(checked?.path ?? "")),
      calls("JsonTypeInfo", ({ named }) => /Id\.(CLASS|MINIMAL_CLASS)$/.test(named.get("use")?.path ?? "")),
      calls(
        "SerializationUtils.deserialize JsonReader.jsonToJava JdkSerializationRedisSerializer RedisSerializer.java " +
          "FSTConfiguration.asObject YamlReader.read YamlConfig.load HttpInvokerServiceExporter RmiServiceExporter " +
          "SimpleHttpInvokerServiceExporter RmiBasedExporter HessianServiceExporter BurlapServiceExporter",
      ),
      // permits every class named in a bean's JSON
      calls(".allowIfBaseType .allowIfSubType", ({ args: [kind] }) =>
        /^Object(\.class)?$/.test(kind?.path ?? ""),
      ),
      calls(".setReturningObjFlag .setEnabledForExtensions .setTrustAllPackages", ({ args: [on] }) =>
        is(on, true),
      ),
      calls(".setTrustedPackages", ({ args: [names] }) => {
        return is(names, null) || itemsOf(names).some((one) => is(one, "*"));
      }),
      calls(
        "ActiveMQConnectionFactory",
        ({ here }) => !aroundSays(here, /setTrustedPackages\(|setTrustAllPackages\(/),
      ),
      calls("SearchControls super", ({ args, path, here }) => {
        return (
          args.length === 6 &&
          is(args[4], true) &&
          (path !== "super" || fileSays(here, /extends\s+SearchControls/))
        );
      }),
      reaches(
        "code",
        2,
        "JSON.parseObject JSON.parse JSONObject.parseObject JSON.parseArray",
        [0],
        ({ here, args }) => {
          return (
            fileSays(here, /autoType|SupportAutoType/i) || args.length === 1 || args[1]?.constant === null
          );
        },
      ),
      // deserializes the message's object
      calls("ObjectMessage.getObject"),
    ],
  },
];
