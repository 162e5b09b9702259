/** @file Values of secrets, drawn with a seed. */

export const lower = "abcdefghijklmnopqrstuvwxyz";
export const upper = lower.toUpperCase();
export const digits = "0123456789";
export const marks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
export const alphanumeric = lower + upper + digits;

/** A random text of the given length. */
export const lot = (draw, length, from = alphanumeric) =>
  Array.from({ length }, () => from[Math.floor(draw() * from.length)]).join("");
export const pick = (draw, list) => list[Math.floor(draw() * list.length)];
export const between = (draw, least, most) => least + Math.floor(draw() * (most - least + 1));
export const hex = (draw, length) => lot(draw, length, "0123456789abcdef");
export const base64 = (text) => Buffer.from(text, "latin1").toString("base64");
export const bytes = (draw, length) =>
  base64(Array.from({ length }, () => String.fromCharCode(draw() * 256)).join(""));
export const uuid = (draw) => [8, 4, 4, 4, 12].map((length) => hex(draw, length)).join("-");

const words =
  `Winter Summer Autumn Falcon Dragon Coffee Berlin Monkey Silver Garden Purple Thunder Rocket Banana Tiger
  Lisbon Copper Marble Velvet Hammer Pepper Saturn Castle Orange Wizard Bridge Forest Guitar`.split(/\s+/);
const leet = (text) => text.replace(/a/g, "4").replace(/e/g, "3").replace(/o/g, "0").replace(/s/g, "5");

/** A typical password chosen by a person. */
export function humanPassword(draw) {
  const [one, other, mark] = [pick(draw, words), pick(draw, words), pick(draw, [..."!?#$%&*+@"])];
  return pick(draw, [
    `${one}-${between(draw, 2015, 2027)}${mark}`,
    `${one}${between(draw, 10, 999)}${mark}`,
    `${leet(one)}${mark}${between(draw, 10, 99)}`,
    `${one.toLowerCase()}${mark}${other}${between(draw, 1, 99)}`,
    `${one}_${other}_${between(draw, 10, 99)}${mark}`,
    `${leet(one.toLowerCase())}${leet(other)}${mark}${between(draw, 1, 9)}`,
  ]);
}

/** A password drawn from all printable characters. */
export const randomPassword = (draw, length = between(draw, 8, 20)) =>
  lot(draw, length, alphanumeric + marks);

/** A password without characters that a shell or a URL would have to escape. */
export const plainPassword = (draw) =>
  pick(draw, [humanPassword, (next) => `${lot(next, between(next, 10, 18))}`])(draw).replace(
    /[@?#$%&*/!]/g,
    "x",
  );
export const bothPasswords = (draw) =>
  pick(draw, [humanPassword, (next) => lot(next, between(next, 10, 18))])(draw);
export const strong = (draw) => pick(draw, [humanPassword, randomPassword])(draw);
export const apiKey = (draw) => lot(draw, between(draw, 24, 44));
