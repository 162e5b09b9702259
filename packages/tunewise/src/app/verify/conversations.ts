/** @file The built-in test conversations: systems, several turns, tools, and texts that tokenizers split differently. */
import type { Conversation, JsonObject, Message } from "@tunewise/core/rows";

const user = (content: string): Message => ({ role: "user", content });
const assistant = (content: string): Message => ({ role: "assistant", content });
const system = (content: string): Message => ({ role: "system", content });

const weather: JsonObject = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Returns the weather of a city.",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer" } },
      required: ["city"],
    },
  },
};

const called: Message = {
  role: "assistant",
  content: "",
  toolCalls: [{ id: "call00001", name: "get_weather", arguments: { city: "Zürich", days: 2 } }],
};

const long = Array.from({ length: 24 }, (_, at) => `Item ${at + 1}: ${at * 37 + 5} units.`).join("\n");

/** The conversations, the most common form first. */
export const builtInConversations: readonly Conversation[] = [
  { messages: [user("The scanner does not start.")] },
  { messages: [system("Answer in one sentence."), user("Why is the sky blue?")] },
  { messages: [user("Hello"), assistant("Hello. How can I help?"), user("Name three rivers.")] },
  { messages: [user("What is the weather in Paris?")], tools: [weather] },
  {
    messages: [
      user("And in Zürich?"),
      called,
      { role: "tool", name: "get_weather", toolCallId: "call00001", content: '{"degrees": 21}' },
    ],
    tools: [weather],
  },
  {
    messages: [
      system("You sort tickets."),
      user("My card was swallowed."),
      assistant("cards"),
      user("I was charged twice: 1,234.50 EUR."),
    ],
  },
  { messages: [user("  Leading and trailing spaces.  \n")] },
  { messages: [user("Two\n\nparagraphs,\ta tab,   three spaces")] },
  { messages: [user("Grüße aus Köln: façade, naïve, Ελλάδα, Москва")] },
  { messages: [user("東京の天気は？ 서울 날씨 🙂👩‍👩‍👧")] },
  { messages: [user("def f(x):\n    return {'a': x ** 2, \"b\": [1, 2]}")] },
  { messages: [user('{"id": 12345678, "price": 0.25, "tags": ["a", "b"], "note": null}')] },
  { messages: [user("It's what we'll do, isn't it? They'RE here.")] },
  { messages: [system('Be brief. Write <b>bold</b> & quote "words".'), user("2024-11-03T07:08:09Z")] },
  { messages: [user("a"), assistant("b"), user("c"), assistant("d"), user("e")] },
  { messages: [user(`Sum these:\n${long}`)] },
  { messages: [system(`Stock list.\n${long}`), user("Which item has the most units?")] },
  { messages: [user("AAAAAAAAAAAAAAAA 00000000 ........ --------")] },
  { messages: [user("Translate: I would like to return this item because it arrived damaged.")] },
  { messages: [user("https://example.com/a/b?c=1&d=%20#e  user@example.com")] },
];
