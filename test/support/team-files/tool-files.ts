/** @file Files with calls of tools, in the shapes of eleven programs and data sets. The rows are our own. */
import { lines, rows } from "../data-files.ts";
import { parquetOf } from "./nested-parquet.ts";
import { shopToolNames, shopTools, type TeamFile, visit } from "./team-file.ts";

const openaiTools = shopTools.map((tool) => ({ type: "function", function: tool }));
const system = "You help customers of a shop.";

/** Two calls in one turn, and the results; every third row ends with text. */
function openaiRow(at: number): object {
  const { order, town, question, place, answer } = visit(at);
  const call = (id: string, name: string, given: object): object => ({
    id,
    type: "function",
    function: { name, arguments: JSON.stringify(given) },
  });
  const calls = [
    call(`call_a${at}`, "order_status", { order }),
    call(`call_b${at}`, "stock", { product: "lamp", town }),
  ];
  return {
    messages: [
      { role: "system", content: system },
      { role: "user", content: question },
      { role: "assistant", content: null, tool_calls: calls },
      { role: "tool", tool_call_id: `call_a${at}`, content: JSON.stringify({ place }) },
      { role: "tool", tool_call_id: `call_b${at}`, content: "3" },
      { role: "assistant", content: answer },
      { role: "user", content: "And the next one?" },
      at % 3 === 1
        ? { role: "assistant", content: `There is no order after ${order}.` }
        : {
            role: "assistant",
            tool_calls: [call(`call_c${at}`, "order_status", { order: order + 1 })],
          },
    ],
    tools: openaiTools,
    parallel_tool_calls: true,
  };
}

/** `messages` as a list of structs with all fields, and `tools` as a JSON text. */
function hfRow(at: number): Record<string, unknown> {
  const { order, question, place, answer } = visit(at);
  const call = { type: "function", function: { name: "order_status", arguments: { order } } };
  return {
    messages: [
      { role: "user", content: question, tool_calls: null, name: null },
      { role: "assistant", content: null, tool_calls: [call], name: null },
      { role: "tool", content: place, tool_calls: null, name: "order_status" },
      { role: "assistant", content: answer, tool_calls: null, name: null },
    ],
    tools: JSON.stringify(openaiTools),
  };
}

const hermesPrompt = [
  "You are a function calling AI model. You are provided with function signatures within <tools> </tools> XML tags.",
  "You may call one or more functions to assist with the user query. Don't make assumptions about their values.",
  `<tools>\n${JSON.stringify(openaiTools)}\n</tools>`,
  "For each function call return a json object with name and arguments within <tool_call> </tool_call> tags:",
  "<tool_call>\n{'arguments': <args-dict>, 'name': <function-name>}\n</tool_call>",
].join("\n");

function hermesRow(at: number): object {
  const { order, question, place, answer } = visit(at);
  const call = JSON.stringify({ arguments: { order }, name: "order_status" });
  return {
    id: `h${at}`,
    conversations: [
      { from: "system", value: hermesPrompt },
      { from: "human", value: question },
      { from: "gpt", value: `<tool_call>\n${call}\n</tool_call>` },
      { from: "tool", value: `<tool_response>\n${JSON.stringify({ place })}\n</tool_response>` },
      { from: "gpt", value: answer },
    ],
    category: "Shop",
    task: "Find an order",
  };
}

function glaiveRow(at: number): object {
  const { order, question, place, answer } = visit(at);
  const [tool] = shopTools;
  return {
    system: `SYSTEM: You are a helpful assistant with access to the following functions. Use them if required -\n${JSON.stringify(tool, null, 4)}\n`,
    chat: `USER: ${question}\n\n\nASSISTANT: <functioncall> {"name": "order_status", "arguments": '{"order": ${order}}'} <|endoftext|>\n\n\nFUNCTION RESPONSE: ${JSON.stringify({ place })}\n\n\nASSISTANT: ${answer} <|endoftext|>\n\n\nUSER: Thank you.\n\n\nASSISTANT: You are welcome, and good luck with order ${order}. <|endoftext|>\n\n\n`,
  };
}

function xlamRow(at: number): object {
  const { order, town, question } = visit(at);
  const plainTools = shopTools.map(({ name, description, parameters }) => ({
    name,
    description,
    parameters: Object.fromEntries(
      Object.entries(parameters.properties).map(([key, { description: what, type }]) => [
        key,
        { description: what, type: type === "string" ? "str" : "int", default: "" },
      ]),
    ),
  }));
  return {
    id: at,
    query: question,
    answers: JSON.stringify([
      { name: "order_status", arguments: { order } },
      { name: "stock", arguments: { product: "tent", town } },
    ]),
    tools: JSON.stringify(plainTools),
  };
}

function apigenRow(at: number): object {
  const { order, question, place, answer } = visit(at);
  return {
    system: `${system}\n\n# Policy\nNever promise a date.`,
    conversations: [
      { from: "human", value: question },
      { from: "function_call", value: JSON.stringify({ name: "order_status", arguments: { order } }) },
      { from: "observation", value: JSON.stringify({ place }) },
      { from: "gpt", value: answer },
      { from: "human", value: "Thank you." },
      { from: "gpt", value: `You are welcome. Keep the number ${order}.` },
    ],
    tools: JSON.stringify(shopTools),
  };
}

/** Calls in Python's syntax, and tools as JSON inside the system text; names contain spaces. */
function toolaceRow(at: number): object {
  const { order, town, question, place, answer } = visit(at);
  const named = [
    { ...shopTools[0], name: "Order Status" },
    { ...shopTools[1], name: "stock.count" },
  ];
  return {
    system: `You are an expert in composing functions. You are given a question and a set of possible functions. If none of the functions can be used, point it out.\nHere is a list of functions in JSON format that you can invoke:\n${JSON.stringify(named)}. \nShould you decide to return the function call(s). \nPut it in the format of [func1(params_name=params_value, params_name2=params_value2...), func2(params)]\n\nNO other text MUST be included. \n`,
    conversations: [
      { from: "user", value: question },
      {
        from: "assistant",
        value: `[Order Status(order=${order}), stock.count(product="lamp, small", town="${town}")]`,
      },
      { from: "tool", value: JSON.stringify([{ name: "Order Status", results: { place } }]) },
      { from: "assistant", value: answer },
    ],
  };
}

function mistralRow(at: number): object {
  const { order, question, place, answer } = visit(at);
  const id = `D68lH${String(1000 + at)}`;
  return {
    messages: [
      { role: "system", content: system },
      { role: "user", content: question },
      {
        role: "assistant",
        content: "",
        tool_calls: [
          { id, type: "function", function: { name: "order_status", arguments: JSON.stringify({ order }) } },
        ],
      },
      { role: "tool", content: JSON.stringify({ place }), tool_call_id: id },
      { role: "assistant", content: answer, weight: 1 },
    ],
    tools: openaiTools,
  };
}

function anthropicRow(at: number): object {
  const { order, question, place, answer, thought } = visit(at);
  return {
    system,
    tools: shopTools.map(({ name, description, parameters }) => ({
      name,
      description,
      input_schema: parameters,
    })),
    messages: [
      { role: "user", content: question },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: thought, signature: `EqQ${at}` },
          { type: "text", text: "I look it up." },
          { type: "tool_use", id: `toolu_${at}`, name: "order_status", input: { order } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: `toolu_${at}`, content: [{ type: "text", text: place }] },
        ],
      },
      { role: "assistant", content: [{ type: "text", text: answer }] },
    ],
  };
}

function geminiRow(at: number): object {
  const { order, question, place, answer } = visit(at);
  return {
    systemInstruction: { role: "system", parts: [{ text: system }] },
    contents: [
      { role: "user", parts: [{ text: question }] },
      { role: "model", parts: [{ functionCall: { name: "order_status", args: { order } } }] },
      {
        role: "function",
        parts: [{ functionResponse: { name: "order_status", response: { content: place } } }],
      },
      { role: "model", parts: [{ text: answer }] },
    ],
    tools: [
      {
        functionDeclarations: shopTools.map(({ name, description, parameters }) => ({
          name,
          description,
          parameters: { ...parameters, type: "OBJECT" },
        })),
      },
    ],
  };
}

/** Messages as a chat of the AI SDK stores them: a call and its result are one part. */
function aiSdkRow(at: number): object {
  const { order, question, place, answer, thought } = visit(at);
  return {
    id: `chat_${at}`,
    messages: [
      { id: `u${at}`, role: "user", parts: [{ type: "text", text: question }] },
      {
        id: `a${at}`,
        role: "assistant",
        metadata: { model: "m" },
        parts: [
          { type: "step-start" },
          { type: "reasoning", text: thought, state: "done" },
          {
            type: "tool-order_status",
            toolCallId: `call_${at}`,
            state: "output-available",
            input: { order },
            output: { place },
          },
          { type: "step-start" },
          { type: "text", text: answer, state: "done" },
        ],
      },
    ],
  };
}

const called = "user assistant[order_status] tool assistant";

/** Files with calls of tools. */
export const toolFiles: readonly TeamFile[] = [
  {
    name: "openai-tools.jsonl",
    kind: "tools",
    shape: "OpenAI's fine-tuning: `messages` with several calls per turn, `tools`, `parallel_tool_calls`",
    content: () => lines(rows(40, openaiRow)),
    expected: {
      reading: "chat",
      task: "tools",
      turns: "system user assistant[order_status,stock] tool tool assistant user assistant[order_status]",
      tools: shopToolNames,
    },
  },
  {
    name: "hf-tools.parquet",
    kind: "tools",
    shape: "Hugging Face: messages with arguments as objects, `tools` as JSON text, in Parquet",
    content: () => parquetOf(rows(40, hfRow)),
    expected: { reading: "chat", task: "text", turns: called, tools: shopToolNames },
  },
  {
    name: "hermes.json",
    kind: "tools",
    shape: "Hermes: `<tools>`, `<tool_call>` and `<tool_response>` in ShareGPT's turns",
    content: () => JSON.stringify(rows(40, hermesRow), null, 2),
    expected: {
      reading: "chat",
      task: "text",
      turns: `system? ${called}`,
      tools: shopToolNames,
      markup: "<tool",
    },
  },
  {
    name: "glaive.json",
    kind: "tools",
    shape: "Glaive: one text with `USER:`, `ASSISTANT:`, `<functioncall>` and `FUNCTION RESPONSE:`",
    content: () => JSON.stringify(rows(40, glaiveRow)),
    expected: {
      reading: "chat",
      task: "text",
      turns: `system? ${called} user assistant`,
      tools: ["order_status"],
      markup: "<|endoftext|>",
    },
  },
  {
    name: "xlam.json",
    kind: "tools",
    shape: "xLAM: `query`, `answers` with calls as JSON text, `tools` as JSON text",
    content: () => JSON.stringify(rows(40, xlamRow)),
    expected: {
      reading: "pair",
      columns: { prompt: "query", completion: "answers" },
      task: "tools",
      turns: "user assistant[order_status,stock]",
      tools: shopToolNames,
    },
  },
  {
    name: "apigen-mt.json",
    kind: "tools",
    shape: "APIGen-MT and LLaMA-Factory: turns `function_call` and `observation`, `tools` as text, `system`",
    content: () => JSON.stringify(rows(40, apigenRow)),
    expected: {
      reading: "chat",
      task: "text",
      turns: `system ${called} user assistant`,
      tools: shopToolNames,
    },
  },
  {
    name: "toolace.jsonl",
    kind: "tools",
    shape: "ToolACE: calls in Python's syntax, the list of functions inside the system text",
    content: () => lines(rows(40, toolaceRow)),
    expected: {
      reading: "chat",
      task: "text",
      turns: "system? user assistant[Order Status,stock.count] tool assistant",
      tools: ["Order Status", "stock.count"],
      markup: "[Order Status(",
    },
  },
  {
    name: "mistral.jsonl",
    kind: "tools",
    shape: "Mistral's fine-tuning: ids of nine characters, `weight`",
    content: () => lines(rows(40, mistralRow)),
    expected: { reading: "chat", task: "text", turns: `system ${called}`, tools: shopToolNames },
  },
  {
    name: "anthropic.jsonl",
    kind: "tools",
    shape: "Anthropic: content blocks `thinking`, `tool_use` and `tool_result`, `input_schema`",
    content: () => lines(rows(40, anthropicRow)),
    expected: {
      reading: "chat",
      task: "text",
      turns: "system user assistant+thought[order_status] tool assistant",
      tools: shopToolNames,
    },
  },
  {
    name: "gemini.jsonl",
    kind: "tools",
    shape: "Gemini: `contents` of parts, `functionCall`, `functionResponse`, `functionDeclarations`",
    content: () => lines(rows(40, geminiRow)),
    expected: { reading: "chat", task: "text", turns: `system ${called}`, tools: shopToolNames },
  },
  {
    name: "ai-sdk.jsonl",
    kind: "tools",
    shape: "AI SDK: parts of `UIMessage`, with a call and its result in one part `tool-NAME`",
    content: () => lines(rows(40, aiSdkRow)),
    expected: {
      reading: "chat",
      task: "text",
      turns: "user assistant+thought[order_status] tool assistant",
    },
  },
];
