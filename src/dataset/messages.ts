/**
 * @file Values of a row on their way to messages: text checks, roles, message lists.
 */
import type { Complaint } from "./complaint.ts";
import type { Message } from "./example.ts";
import { MAX_FIELD_LENGTH, MAX_MESSAGES } from "./limits.ts";
import { type Fields, fieldOf, isFields, kindOf } from "./record.ts";

/** Names of roles as data sets write them; `from` in ShareGPT files uses the second group. */
const roles: ReadonlyMap<string, Message["role"]> = new Map([
  ["system", "system"],
  ["user", "user"],
  ["assistant", "assistant"],
  ["tool", "tool"],
  ["human", "user"],
  ["gpt", "assistant"],
  ["chatgpt", "assistant"],
  ["bot", "assistant"],
  ["model", "assistant"],
  ["observation", "tool"],
  ["function", "tool"],
  ["developer", "system"],
]);

/** Whether a converter answered with a complaint. */
export function isComplaint(value: unknown): value is Complaint {
  return typeof value === "object" && value !== null && "code" in value && "reason" in value;
}

/**
 * The text of a field, or a complaint: `DATA_FIELD_MISSING`, `DATA_FIELD_TYPE`, `DATA_FIELD_TOO_LONG`,
 * `DATA_TEXT_INVALID`.
 *
 * @param loose numbers and booleans are taken as text too, as label columns of tables have them
 */
export function textOf(value: unknown, name: string, loose = false): string | Complaint {
  if (value === undefined || value === null) {
    return { code: "DATA_FIELD_MISSING", reason: `${name} is ${kindOf(value)}` };
  }
  if (typeof value === "string") return checkText(value, name);
  if (loose && (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")) {
    return String(value);
  }
  return { code: "DATA_FIELD_TYPE", reason: `${name} is ${kindOf(value)}, not text` };
}

/** The text itself unless a tokenizer could not take it as it stands. */
function checkText(text: string, name: string): string | Complaint {
  if (text.length > MAX_FIELD_LENGTH) {
    const reason = `${name} has ${text.length} characters, more than ${MAX_FIELD_LENGTH}`;
    return { code: "DATA_FIELD_TOO_LONG", reason };
  }
  if (text.includes("\0")) return { code: "DATA_TEXT_INVALID", reason: `${name} holds a NUL character` };
  if (/[\ud800-\udfff]/u.test(text)) {
    return { code: "DATA_TEXT_INVALID", reason: `${name} holds half a surrogate pair` };
  }
  return text;
}

/**
 * A list of messages as `role`/`content` or `from`/`value`; complaints as `textOf`, and `DATA_ROLE_UNKNOWN`.
 */
export function messagesOf(value: unknown, name: string): Message[] | Complaint {
  if (!Array.isArray(value)) {
    const code = value === undefined || value === null ? "DATA_FIELD_MISSING" : "DATA_FIELD_TYPE";
    return { code, reason: `${name} is ${kindOf(value)}, not a list of messages` };
  }
  if (value.length > MAX_MESSAGES) {
    return { code: "DATA_FIELD_TOO_LONG", reason: `${name} has ${value.length} messages` };
  }
  const messages: Message[] = [];
  for (const [index, item] of value.entries()) {
    const message = messageOf(item, `${name}[${index}]`);
    if (isComplaint(message)) return message;
    messages.push(message);
  }
  return messages;
}

function messageOf(item: unknown, name: string): Message | Complaint {
  if (!isFields(item))
    return { code: "DATA_FIELD_TYPE", reason: `${name} is ${kindOf(item)}, not an object` };
  const roleName = fieldOf(item, "role") ?? fieldOf(item, "from");
  if (typeof roleName !== "string") {
    return { code: "DATA_FIELD_MISSING", reason: `${name}.role is ${kindOf(roleName)}` };
  }
  const role = roles.get(roleName.toLowerCase());
  if (role === undefined) {
    return { code: "DATA_ROLE_UNKNOWN", reason: `${name}.role is ${JSON.stringify(roleName.slice(0, 40))}` };
  }
  const content = contentOf(item, name);
  return typeof content === "string" ? { role, content } : content;
}

/** Content as text, or as a list of text parts joined; other parts (images) cannot be trained on here. */
function contentOf(message: Fields, name: string): string | Complaint {
  const content = fieldOf(message, "content") ?? fieldOf(message, "value");
  if (!Array.isArray(content)) return textOf(content, `${name}.content`);
  let text = "";
  for (const [index, part] of content.entries()) {
    const place = `${name}.content[${index}]`;
    if (!isFields(part) || fieldOf(part, "type") !== "text") {
      return { code: "DATA_FIELD_TYPE", reason: `${place} is not a text part` };
    }
    const piece = textOf(fieldOf(part, "text"), `${place}.text`);
    if (typeof piece !== "string") return piece;
    text += piece;
  }
  return text;
}
