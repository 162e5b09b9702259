/**
 * @file The AI SDK's prompts, tools and results in OpenAI's chat format. The SDK's types are written out, so that the
 * package needs the SDK only where an application uses it; tests compare them with those of `@ai-sdk/provider`.
 *
 * @source vercel/ai packages/provider/src/language-model/v3, version 3 of the specification
 */

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Returns an object as it is, and an empty one for anything else. */
function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Messages of OpenAI's chat format. A tool message of several results becomes one message for each. */
export function chatMessages(prompt: unknown): Fields[] {
  return listOf(prompt).flatMap((message): Fields[] => {
    const { role, content } = message;
    if (role === "system") return [{ role, content: textIn(content) }];
    const parts = listOf(content);
    const textOf = (type: string): string =>
      parts.map((part) => (part["type"] === type ? textIn(part["text"]) : "")).join("");
    if (role === "tool") return parts.filter(({ type }) => type === "tool-result").map(resultMessage);
    if (role === "user") {
      const isText = parts.every(({ type }) => type === "text");
      return [{ role, content: isText ? textOf("text") : parts.map(userPart) }];
    }
    const calls = parts.filter(({ type }) => type === "tool-call").map(callOf);
    const reasoning = textOf("reasoning");
    return [
      {
        role,
        content: textOf("text"),
        ...(reasoning !== "" && { reasoning_content: reasoning }),
        ...(calls.length > 0 && { tool_calls: calls }),
      },
    ];
  });
}

/** Files keep their kind without their data. */
function userPart(part: Fields): Fields {
  const { type, text, mediaType } = part;
  return type === "text" ? { type, text: textIn(text) } : { type: `file: ${textIn(mediaType)}` };
}

function callOf({ toolCallId, toolName, input }: Fields): Fields {
  const given = typeof input === "string" ? input : JSON.stringify(input ?? {});
  return { id: textIn(toolCallId), type: "function", function: { name: textIn(toolName), arguments: given } };
}

function resultMessage({ toolCallId, toolName, output }: Fields): Fields {
  const { type, value, reason } = fieldsOf(output);
  const isText = type === "text" || type === "error-text";
  const content = isText
    ? textIn(value)
    : type === "execution-denied"
      ? textIn(reason)
      : JSON.stringify(value ?? null);
  return { role: "tool", tool_call_id: textIn(toolCallId), name: textIn(toolName), content };
}

/** Tools of OpenAI's chat format. Tools of a vendor, which run on its servers, are left out. */
export function chatTools(tools: unknown): Fields[] {
  return listOf(tools)
    .filter(({ type }) => type === "function")
    .map(({ name, description, inputSchema }) => ({
      type: "function",
      function: {
        name,
        ...(typeof description === "string" && { description }),
        parameters: fieldsOf(inputSchema),
      },
    }));
}
