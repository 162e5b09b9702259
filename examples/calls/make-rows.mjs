/**
 * @file Writes the rows of this example: `node make-rows.mjs`. The same rows every time.
 *
 * Messages to an invented shop, each with four tools on offer: some need one call, some two, some none. The test rows have
 * wordings of their own and other values, so that memorized sentences do not help.
 */
import { writeFileSync } from "node:fs";

let state = 20261203;
/** A whole number below `limit`: Park and Miller's generator. */
function below(limit) {
  state = (state * 48271) % 2147483647;
  return state % limit;
}
const one = (list) => list[below(list.length)];

const text = (description) => ({ type: "string", description });
const tool = (name, description, properties) => ({
  type: "function",
  function: {
    name,
    description,
    parameters: { type: "object", properties, required: Object.keys(properties), additionalProperties: false },
  },
});
const reasons = ["broken", "wrong size", "not needed", "late"];
const tools = [
  tool("order_status", "Where an order is", { order: text("such as L-2041") }),
  tool("return_order", "Starts a return", { order: text("such as L-2041"), reason: { type: "string", enum: reasons } }),
  tool("stock", "How many of a product are left", { product: text("its name"), town: text("town of the shop") }),
  tool("book_repair", "Books a repair", { product: text("its name"), day: text("a weekday") }),
];

/** Values and wordings: the first list of each pair is for training and validation, the second for the test; a third one
 *  is for validation alone. */
const products = [
  ["kettle", "toaster", "desk lamp", "heater", "drill", "hedge trimmer", "radio", "sewing machine", "fan", "iron"],
  ["blender", "projector", "lawn mower", "record player", "rice cooker", "floor lamp"],
];
const towns = [
  ["Ashwick", "Belmere", "Corden", "Duncombe", "Fenley", "Holt"],
  ["Marbury", "Roswell", "Tamworth", "Weyford"],
];
const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
const said = {
  broken: [["it arrived broken", "it is broken"], ["it does not work at all", "it came in pieces"]],
  "wrong size": [["it is the wrong size", "it is too big"], ["it does not fit", "it is too small for me"]],
  "not needed": [["I do not need it any more", "I no longer want it"], ["I changed my mind", "I have no use for it"]],
  late: [["it came too late", "it was late"], ["it arrived a week after it was needed", "it took far too long"]],
};

const order = () => `L-${1000 + below(9000)}`;

/** Each kind of row: wordings, and what the assistant does. `$1`, `$2` are the values. */
const kinds = [
  {
    weight: 5,
    values: () => [order()],
    wordings: [
      ["Where is order $1?", "Has $1 been sent yet?", "I am waiting for order $1.", "Status of $1, please.",
        "Can you tell me where my parcel $1 is?", "When does $1 arrive?"],
      ["Any news about $1?", "My order number is $1 and nothing has come so far.", "Could you look up $1 for me?"],
    ],
    calls: ([id]) => [["order_status", { order: id }]],
    result: () => ({ state: one(["packed", "on its way", "delivered"]), day: one(days) }),
    answer: ({ state, day }) => (state === "packed" ? `It is packed and leaves on ${day}.`
      : state === "delivered" ? `It was delivered on ${day}.` : `It is on its way and arrives on ${day}.`),
  },
  {
    weight: 5,
    values: (part) => { const reason = one(reasons); return [order(), one(said[reason][part]), reason]; },
    wordings: [
      ["I want to send back $1, $2.", "Please take back order $1: $2.", "How do I return $1? I ask because $2.",
        "Return $1 please, $2.", "I am not happy with $1, $2. I would like to return it."],
      ["About $1: $2, so I want my money back.", "$1 goes back to you, $2.", "Can I give $1 back? I mean, $2."],
    ],
    calls: ([id, , reason]) => [["return_order", { order: id, reason }]],
    result: () => ({ label: `R${100 + below(900)}` }),
    answer: ({ label }) => `The return is registered. Please put label ${label} on the parcel.`,
  },
  {
    weight: 5,
    values: (part) => [one(products[part]), one(towns[part])],
    wordings: [
      ["Do you have a $1 in $2?", "Is the $1 in stock in your $2 shop?", "How many of the $1 are left in $2?",
        "I would like to buy a $1 in $2, is there one?", "$2 shop: any $1 left?"],
      ["I am coming to $2 tomorrow. Can I get a $1 there?", "Does $2 still sell the $1?",
        "Before I drive to $2: is a $1 on the shelf?"],
    ],
    calls: ([product, town]) => [["stock", { product, town }]],
    result: () => ({ left: below(9) }),
    answer: ({ left }) => (left === 0 ? "Sorry, none is left there." : `Yes, ${left} ${left === 1 ? "is" : "are"} left.`),
  },
  {
    weight: 5,
    values: (part) => [one(products[part]), one(days)],
    wordings: [
      ["My $1 needs a repair, can I come on $2?", "Book a repair for my $1 on $2.", "Could you mend my $1 on $2?",
        "The $1 stopped working. Is $2 free for a repair?", "On $2 I could bring my $1 to be repaired."],
      ["Something rattles in the $1. Would $2 suit you to fix it?", "I need someone to look at my $1, best on $2.",
        "Is it possible to have the $1 fixed this $2?"],
    ],
    calls: ([product, day]) => [["book_repair", { product, day }]],
    result: () => ({ time: `${9 + below(8)}:00` }),
    answer: ({ time }) => `It is booked for ${time}.`,
  },
  {
    weight: 2,
    values: () => [order(), order()],
    wordings: [
      ["Where are orders $1 and $2?", "Status of $1 and of $2, please."],
      ["Could you look up both $1 and $2?", "I wait for two parcels, $1 and $2."],
    ],
    calls: ([first, second]) => [["order_status", { order: first }], ["order_status", { order: second }]],
  },
  {
    weight: 4,
    values: () => [],
    wordings: [
      ["Hello!", "Thank you very much.", "Good morning.", "That was all, goodbye.", "Are you a machine?",
        "Thanks for your help.", "Hi there, is anybody reading this?", "Can you write a poem?", "Hey!", "Nice to meet you.",
        "Sorry, wrong window.", "One moment please.", "I have a question.", "Tell me a joke.", "What is the weather like?"],
      ["Good evening!", "Great, that helps a lot.", "Bye for now.", "Do you like music?", "Who am I talking to?",
        "Never mind, I found it myself.", "What can you do for me?", "You are very kind."],
      ["How are you today?", "That is all for now.", "Perfect, thanks.", "Is this the Larkhall shop?", "See you."],
    ],
    calls: () => [],
    reply: "Hello, this is Larkhall. I can look up orders, returns, stock and repairs. What do you need?",
  },
];
const weighted = kinds.flatMap((kind) => Array(kind.weight).fill(kind));

/** `part`: 0 for training, 1 for the test, 2 for validation. Every third row of training goes on to the answer. */
function rowOf(part, isLong) {
  const kind = one(weighted);
  const values = kind.values(part % 2);
  const question = one(kind.wordings[part] ?? kind.wordings[0]).replaceAll(/\$(\d)/g, (_, at) => values[at - 1]);
  const calls = kind.calls(values).map(([name, parameters], at) => ({
    id: `call_${at + 1}`,
    type: "function",
    function: { name, arguments: JSON.stringify(parameters) },
  }));
  const messages = [{ role: "user", content: question }];
  if (calls.length === 0) messages.push({ role: "assistant", content: kind.reply });
  else messages.push({ role: "assistant", content: null, tool_calls: calls });
  if (isLong && kind.result !== undefined) {
    const result = kind.result();
    messages.push({ role: "tool", tool_call_id: calls[0].id, content: JSON.stringify(result) });
    messages.push({ role: "assistant", content: kind.answer(result) });
  }
  return { messages, tools };
}

/** No question twice, except for greetings. */
const seen = new Set();
function rows(count, part) {
  const list = [];
  while (list.length < count) {
    const row = rowOf(part, part === 0 && list.length % 3 === 2);
    const [{ content }] = row.messages;
    const isGreeting = row.messages[1].tool_calls === undefined;
    const repeats = list.filter(({ messages }) => messages[0].content === content).length;
    if (seen.has(content) && (!isGreeting || repeats > 1)) continue;
    seen.add(content);
    list.push(row);
  }
  return list;
}

for (const [name, count, part] of [
  ["train", 240, 0],
  ["validation", 30, 2],
  ["test", 100, 1],
]) {
  writeFileSync(`${name}.jsonl`, rows(count, part).map((row) => `${JSON.stringify(row)}\n`).join(""));
}
