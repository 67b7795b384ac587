// Documents are read and written to the last digit, in one place.

import { expect, test } from "vitest";

import { Exact, isSame, number, parse, write } from "../src/api/json";
import { cell, differences, get, leaves, put } from "../src/questions/places";

test("a document is written as it was read, whatever its numbers are", () => {
  for (const text of [
    '{"n":12345678901234567890,"list":[9007199254740993,-9007199254740993,0.1234567890123456789],"far":1e400,"near":1E-400}',
    '{"text":"12345678901234567890","quoted":"say \\"9007199254740993\\"","12345678901234567890":"key"}',
    '[1,0.5,-3,15,123456789012345,9007199254740992,1.7976931348623157e+308]',
    "123456789.12345678901",
  ]) expect(write(parse(text))).toBe(text);
});

test("what the browser keeps is its own number, and only what it would round is not", () => {
  for (const text of ["0", "-0.0", "5.0", "1e2", "100000000000000000000000", "1e21", "0.30000000000000004", "9007199254740992", "5e-324", "0.00000000000000000000001"]) expect(number(text), text).toBe(Number(text));
  for (const text of ["9007199254740993", "12345678901234567890", "0.1234567890123456789", "1e400", "1e-400", "100000000000000000000001"]) expect(String(number(text)), text).toBe(text);
  expect([isSame(number("9007199254740993"), 9007199254740992), isSame(number("9007199254740993"), new Exact("9007199254740993"))]).toEqual([false, true]);
});

test("what is no JSON is none with long numbers either", () => {
  for (const text of ["{12345678901234567890}", '"open 12345678901234567890', "12345678901234567890x", "[1234567890123456789,]", "01234567890123456789", "1-12345678901234567890", "", "1.2.345678901234567890"]) expect(() => parse(text), text).toThrow();
});

test("a long text beside a long number is read whole, however long it is", () => {
  for (const long of ["x".repeat(20_000_000), "two\\nlines ".repeat(1_000_000)]) {
    const text = `{"n":1234567890123456789,"text":"${long}"}`;
    expect(write(parse(text)) === text).toBe(true);
  }
});

test("a long number is one value of a document, like any other", () => {
  const rule = parse('{"a":{"n":9007199254740993}}') as never;
  expect(leaves(rule).map(([place, value]) => [place, cell(value)])).toEqual([["a.n", "9007199254740993"]]);
  expect([get(rule, "a.n.text"), write(put(rule, "b", 1))]).toEqual([undefined, '{"a":{"n":9007199254740993},"b":1}']);
  expect(differences(rule, parse('{"a":{"n":9007199254740993}}') as never)).toEqual([]);
  expect(differences(rule, parse('{"a":{"n":9007199254740992}}') as never).length).toBe(1);
});

/** Keys of what is kept in memory, and what only this browser keeps of its own: no documents. */
const OWN = ["api/json.ts", "session/session.ts", "questions/lines.ts", "ui/people-behind.tsx", "charts/chart.tsx", "screens/retention.tsx", "screens/paths.tsx", "screens/filters.tsx", "screens/trends.tsx", "screens/funnel.tsx", "screens/audit.tsx"];

test("nobody else reads or writes JSON", () => {
  const files = import.meta.glob<string>(["../src/**/*.{ts,tsx}", "!**/*.d.ts"], { query: "?raw", import: "default", eager: true });
  const strays = Object.entries(files).filter(([, text]) => /JSON\.(parse|stringify)|\.json\(\)/.test(text)).map(([path]) => path.replace("../src/", ""));
  expect(strays.sort()).toEqual([...OWN].sort());
});
