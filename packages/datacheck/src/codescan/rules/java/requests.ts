/** @file Java rules: input of request handlers, and the pages they select. */
import { carries, hole, isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is, isA, shaped } from "../conditions.ts";
import { aroundSays, fileSays, perFile, sourceAround } from "../inside.ts";
import { calls, words } from "../matches.ts";

const megabytes8 = 8_388_608;
const units: Readonly<Record<string, number>> = { "": 1, B: 1, KB: 1024, MB: 1_048_576, GB: 1_073_741_824 };

/** Whether a limit allows more than 8 MB. */
function isWide(value: Value | undefined): boolean {
  const { constant } = value ?? {};
  if (typeof constant === "number") return constant > megabytes8 || constant === -1;
  const [, number, unit = ""] = /^(-?\d{1,12})\s?([KMG]?B)?$/i.exec(String(constant ?? "")) ?? [];
  return (
    number !== undefined &&
    (number === "-1" || Number(number) * (units[unit.toUpperCase()] ?? 1) > megabytes8)
  );
}

/** Names of the entity classes in a file. */
const entitiesOf = perFile((text) => {
  const names = new Set<string>();
  const marks =
    /@(?:Entity|Document|Table|PersistenceCapable)\b(?:\([^)]{0,200}\))?[\s\w@()."=,]{0,300}?\bclass\s+(\w{1,80})/g;
  for (const [, name] of text.slice(0, 100_000).matchAll(marks)) if (name !== undefined) names.add(name);
  return names;
});

const changes =
  /^(save|update|delete|remove|create|add|insert|transfer|edit|change|set|post|submit|upload|register|buy)/i;

/** Rules on requests. */
export const javaRequestRules: readonly Rule[] = [
  {
    id: "java/upload-unbounded",
    cwe: 770,
    title: "Upload size not limited",
    severity: "low",
    why: "A few large uploads can exhaust memory or disk space.",
    fix: "Set a limit: factory.setMaxFileSize(DataSize.ofMegabytes(8))",
    literals: words(
      "setMaxUploadSize setMaxFileSize setMaxRequestSize setSizeMax setFileSizeMax MultipartConfig",
    ),
    match: [
      calls(
        ".setMaxUploadSize .setMaxUploadSizePerFile .setMaxFileSize .setMaxRequestSize .setSizeMax .setFileSizeMax",
        ({ args: [size] }) => isWide(size),
      ),
      calls("DataSize.ofMegabytes", ({ args: [size], here, start }) => {
        const before = here.text.slice(Math.max(0, start - 60), start);
        return Number(size?.constant ?? 0) > 8 && /Max(File|Request|Upload)Size\(\s{0,5}$/.test(before);
      }),
      calls(
        "MultipartConfig",
        ({ named }) => isWide(named.get("maxFileSize")) || isWide(named.get("maxRequestSize")),
      ),
    ],
  },
  {
    id: "java/fields-from-outside",
    cwe: 915,
    title: "Mass assignment: request fields bound to a database entity",
    severity: "low",
    why: "A client can set fields that no form shows, such as a role, a price or an owner.",
    fix: "Bind a DTO that has only the allowed fields, and copy them",
    literals: ["Entity", "@Document", "BeanUtils", "PropertyUtils", "populate"],
    match: [
      {
        defines: ({ made, here }) => {
          if (!here.answers) return false;
          const entities = entitiesOf(here);
          return made.parameters.some(({ type, name }) => {
            const given = here.text.slice(made.start, made.end).slice(0, 600).split(` ${name}`)[0] ?? "";
            const isFound = /@(PathVariable|AuthenticationPrincipal|SessionAttribute)\b[^,]{0,80}$/.test(
              given,
            );
            return !isFound && entities.has(type.replace(/<.{0,100}$/, "").trim());
          });
        },
      },
      calls(
        "BeanUtils.populate BeanUtilsBean.populate PropertyUtils.setProperty PropertyUtils.setSimpleProperty",
      ),
      calls(
        "BeanUtils.setProperty BeanUtilsBean.setProperty " +
          "PropertyUtils.setNestedProperty BeanWrapperImpl.setPropertyValue " +
          "BeanWrapper.setPropertyValue .setPropertyValues",
        ({ args }) =>
          args.some(({ level, constant }, position) => position < 2 && level > 0 && constant === undefined) ||
          args.length === 3,
      ),
    ],
  },
  {
    id: "java/escaping-off",
    cwe: 79,
    title: "Template auto-escaping disabled",
    severity: "medium",
    why: "User input becomes part of the page, including its scripts.",
    fix: "Keep auto-escaping on, and mark only individual values as safe",
    literals: ["escapeHTML", "AutoEscaping", "autoEscaping", "EscapingStrategy.NOOP", "escapeXml"],
    match: [
      calls(".escapeHTML .autoEscaping .setAutoEscaping .setEscapeXml", ({ args: [on] }) => is(on, false)),
      calls(
        ".setAutoEscapingPolicy",
        ({ args: [policy] }) => /DISABLE_AUTO_ESCAPING_POLICY$/.test(policy?.path ?? "") || is(policy, 20),
      ),
      calls(".with", ({ args }) => args.some((one) => isA(one, /EscapingStrategy\.NOOP$/))),
    ],
  },
  {
    id: "java/view-from-outside",
    cwe: 94,
    title: "View name from untrusted input",
    severity: "high",
    why: "Thymeleaf evaluates expressions in view names. An attacker who controls the name can run code.",
    fix: "Take the view name from an allowlist",
    literals: ["@Controller"],
    match: [
      {
        returns: ({ value, here }) =>
          here.answers &&
          carries(value, "code") === 2 &&
          (isBuilt(value) || value.shape === hole || value.shape === undefined) &&
          fileSays(here, /@Controller\b/) &&
          !fileSays(here, /@ResponseBody/) &&
          !aroundSays(here, /ResponseEntity|HttpServletResponse/) &&
          /^\s{0,9}(public\s+|protected\s+|private\s+)?String\s/.test(
            sourceAround(here).replace(/^(\s{0,20}@\w{1,40}(\([^)]{0,200}\))?){0,6}/, ""),
          ) &&
          !shaped(value, /^(redirect|forward):/),
      },
    ],
  },
  {
    id: "java/any-method",
    cwe: 352,
    title: "State-changing handler accepts GET requests",
    severity: "low",
    why: "Without a method, the handler also answers GET requests, which CSRF tokens do not protect.",
    fix: 'Restrict the method: @PostMapping("/transfer")',
    literals: ["@RequestMapping"],
    match: [
      {
        defines: ({ made, here }) => {
          const head = here.text.slice(Math.max(0, made.start - 1), made.end).slice(0, 400);
          const [mark] = /@RequestMapping(\([^)]{0,200}\))?/.exec(head) ?? [];
          if (mark === undefined) return false;
          return !/method\s{0,3}=/.test(mark) && changes.test(made.name);
        },
      },
    ],
  },
];
