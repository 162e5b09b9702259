/**
 * @file Python's `strftime` in the C locale, for chat templates that print the date.
 *
 * @source Python documentation, library/datetime, "strftime() and strptime() Format Codes"
 */
const months = "January February March April May June July August September October November December".split(
  " ",
);
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** The date as the format says, in local time; codes it does not know stay as they are. */
export function strftime(date: Date, format: string): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const month = months[date.getMonth()] as string;
  const day = days[date.getDay()] as string;
  const hour12 = date.getHours() % 12 === 0 ? 12 : date.getHours() % 12;
  const newYear = new Date(date.getFullYear(), 0, 1);
  const dayOfYear = Math.round((startOfDay(date).getTime() - newYear.getTime()) / 86_400_000) + 1;
  const codes = new Map<string, string>([
    ["Y", String(date.getFullYear())],
    ["y", two(date.getFullYear() % 100)],
    ["m", two(date.getMonth() + 1)],
    ["d", two(date.getDate())],
    ["e", String(date.getDate()).padStart(2, " ")],
    ["B", month],
    ["b", month.slice(0, 3)],
    ["h", month.slice(0, 3)],
    ["A", day],
    ["a", day.slice(0, 3)],
    ["H", two(date.getHours())],
    ["I", two(hour12)],
    ["M", two(date.getMinutes())],
    ["S", two(date.getSeconds())],
    ["p", date.getHours() < 12 ? "AM" : "PM"],
    ["j", String(dayOfYear).padStart(3, "0")],
    ["F", `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`],
    ["T", `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`],
    ["%", "%"],
  ]);
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, bare: string, code: string) => {
    const text = codes.get(code);
    if (text === undefined) return whole;
    return bare === "" ? text : text.replace(/^[0 ]+(?=.)/, "");
  });
}

function startOfDay(date: Date): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}
