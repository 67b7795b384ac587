// What screens of rules stand on: places in documents, differences, and who names whom.

import { expect, test } from "vitest";

import { differences, get, put } from "../src/questions/places";
import { parse, write } from "../src/api/json";
import { besides, drawnAnew, paired, renamed } from "../src/questions/tried";
import { uses } from "../src/questions/uses";
import { meant, typed } from "../src/rules/constant";
import { functions } from "../src/rules/functions";
import { posted } from "../src/rules/kind";
import { ofLines } from "../src/rules/lines";
import { mappings } from "../src/rules/mappings";
import { privacy } from "../src/rules/privacy";
import { reshapings } from "../src/rules/reshapings";

test("a value is put where it belongs and nothing else changes", () => {
  const rule = { name: "Spent", settings: [{ action: "hash" }, { action: "mask" }] };
  expect(put(rule, "settings.1.action", "remove")).toEqual({ name: "Spent", settings: [{ action: "hash" }, { action: "remove" }] });
  expect(put(rule, "config.condition", "a")).toEqual({ ...rule, config: { condition: "a" } });
  expect([get(rule, "settings.0.action"), get(rule, "settings.7.action"), get(rule, "name.x")]).toEqual(["hash", undefined, undefined]);
});

test("documents differ where a value is another one, and what is empty is not there", () => {
  const before = { a: 1, b: { c: "x" }, tags: ["one"], note: "" };
  expect(differences(before, { a: 1, b: { c: "y" }, tags: ["one", "two"] })).toEqual([{ place: "b.c", before: "x", after: "y" }, { place: "tags.1", before: undefined, after: "two" }]);
  expect(differences(undefined, { a: false, b: null, c: [], d: "" })).toEqual([{ place: "a", before: undefined, after: false }]);
});

test("where all is meant, what is empty is something, and a key with a dot is none of two", () => {
  const told = (before: Parameters<typeof differences>[0], after: typeof before) => differences(before, after, true).map(({ place, before, after }) => [place, before, after]);
  expect(told({}, { x: "", n: null, l: [], o: {} })).toEqual([["l", undefined, []], ["n", undefined, null], ["o", undefined, {}], ["x", undefined, ""]]);
  expect(told({ "a.b": 1, c: null }, { a: { b: 1 }, c: null })).toEqual([['["a.b"]', 1, undefined], ["a.b", undefined, 1]]);
  const event = { properties: { "a b": 1, "c.d": [{ 'e"]': 2 }], f: 3 } };
  expect(['properties["a b"]', 'properties["c.d"][0]["e\\"]"]', "properties.f", 'properties["f"]', "properties.c.d"].map((place) => get(event, place))).toEqual([1, 2, 3, 3, undefined]);
});

test("who names something is found in whatever names it", () => {
  const known = {
    audiences: [{ id: "vip", name: "VIP", condition: 'DID "order" AND IN AUDIENCE "staff" AND profile@computed.spent > 1' }, { id: "loud", name: "Loud", condition: 'profile@consents.mail EXISTS AND DID "orders"' }, { id: "other", name: "Other", condition: "profile@consents.mail-2 EXISTS" }],
    "computed-traits": [{ id: "spent", event_type: "order", where: "" }],
    privacy: [{ id: "mail", name: "Mail", event_type: null, settings: [{ consents: [{ id: "mail", name: "mail" }] }] }],
    mappings: [{ id: "m", name: "Map", event_type: { id: "order", name: "order" }, config: { condition: "profile@computed.spent > 5" } }],
    "tracking-plans": [{ id: "shop", name: "Plan", event_types: ["order"] }],
  };
  const of = (kind: string, id: string) => uses(kind, id, known).map((one) => `${one.kind} ${one.id}`);
  expect(of("event-types", "order")).toEqual(["audiences vip", "computed-traits spent", "mappings m", "tracking-plans shop"]);
  expect(of("audiences", "staff")).toEqual(["audiences vip"]);
  expect(of("computed-traits", "spent")).toEqual(["audiences vip", "mappings m"]);
  expect(of("consent-types", "mail")).toEqual(["audiences loud", "privacy mail"]);
  expect(of("mappings", "m")).toEqual([]);
});

test("quotes of either kind name it", () => {
  const known = (condition: string) => ({ mappings: [{ id: "m", name: "M", event_type: null, config: { condition } }] });
  for (const quote of ['"', "'"]) {
    expect(uses("event-types", "order", known(`DID ${quote}order${quote}`)).length, quote).toBe(1);
    expect(uses("audiences", "vip", known(`NOT IN AUDIENCE${quote}vip${quote}`)).length, quote).toBe(1);
  }
  for (const condition of [`DID 'orders'`, `DID 'order"`, `IN AUDIENCE 'vip-2'`]) expect([...uses("event-types", "order", known(condition)), ...uses("audiences", "vip", known(condition))], condition).toEqual([]);
});

test("an event type is named wherever somebody did it, first or last, and wherever it followed", () => {
  const named = (condition: string) => uses("event-types", "order", { audiences: [{ id: "a", name: "A", condition }] }).length;
  for (const condition of ['DID LAST "order" WITH (event@utm.source = "google")', 'DID NOT LAST "order"', 'DID "cart" THEN "order"', 'DID "cart" THEN WITHIN 1h "order"', 'DID "cart" THEN NOT "order"', 'DID "cart" THEN NOT WITHIN 1h30m "order"', 'did "cart" then "visit" then\n"order" within 30d']) expect(named(condition), condition).toBe(1);
  for (const condition of ['DID "cart" THEN "orders"', 'DID LAST "cart" WITH (event@page_path = "order")', 'DID "cart" THEN WITHIN 1h "visit"']) expect(named(condition), condition).toBe(0);
});

const shop = { id: "shop", name: "shop" };
const product = { id: "properties.sku", name: "properties.title" };

test("only what a field names is its id: what a rule says itself stays as it is", () => {
  const about = { id: "r", name: "R", version: 3, created: "2026-01-05", changed: "2026-01-06", owner: "ann", event_type: { id: "order", name: "order" }, event_source: shop };
  expect(posted(reshapings.fields, { ...about, reshaping: { reshape_schema: { properties: { product } } } })).toEqual({ id: "r", name: "R", event_type: "order", event_source: "shop", reshaping: { reshape_schema: { properties: { product } } } });
  const tests = [{ name: "t", event: { properties: { product: { id: "7", name: "x" } } }, expected: [{ id: "7", name: "x" }] }];
  expect(posted(functions.fields, { event_type: null, event_source: null, tests })).toEqual({ event_type: null, event_source: null, tests });
  const settings = [{ action: "hash", field: { value: "event@properties.email" }, consents: [{ id: "mail", name: "mail" }], purposes: ["a"] }];
  expect(posted(privacy.fields, { event_type: null, settings })).toEqual({ event_type: null, settings: [{ ...settings[0], consents: ["mail"] }] });
  const changes = [{ event: { value: { id: "1", name: "x" }, ref: false }, op: "set", profile: { value: "profile@traits.e", ref: true } }];
  expect(posted(mappings.fields, { event_to_profile: changes })).toEqual({ event_to_profile: changes });
});

test("a value that is typed is what it says, and is typed again the same", () => {
  for (const [text, value] of [["5", 5], ["true", true], ["null", null], ['"5"', "5"], ["gold", "gold"], ['["a", 1]', ["a", 1]], ["", ""], ["5 apples", "5 apples"], ['"', '"']] as const) {
    expect(meant(text), text).toEqual(value);
    expect(meant(typed(meant(text))), text).toEqual(value);
  }
  expect([typed("gold"), typed("5"), typed(5), typed(parse("9007199254740993") as never)]).toEqual(["gold", '"5"', "5", "9007199254740993"]);
  expect(write(meant("9007199254740993"))).toBe("9007199254740993");
});

test("what stood on a line stays whole, and with commas between are only those that hold none", () => {
  expect(ofLines(" a, b\n\nc ,\n", [])).toEqual(["a", "b", "c"]);
  expect(ofLines("price: 1,5\na,b", ["price: 1,5"])).toEqual(["price: 1,5", "a", "b"]);
  expect(ofLines("price: 1,5\norder, paid", [], true)).toEqual(["price: 1,5", "order, paid"]);
});

test("each person of a payload is beside themselves, and what was drawn anew is the same", () => {
  const turn = (...ids: string[]) => ({ person: "new", profile: null, events: ids.map((id) => ({ id, type: id.slice(0, 1) })) });
  const [now, then] = [[turn("a1", "b1"), turn("c1")], [turn("a2"), turn("c2")]];
  expect(besides(now, then).map(({ now, then }) => [now?.events[0]?.id, then?.events[0]?.id])).toEqual([["a1", "a2"], ["c1", "c2"]]);
  expect(besides([], [])).toEqual([{ now: undefined, then: undefined }]);
  const names = drawnAnew(paired(now[0]?.events ?? [], then[0]?.events ?? []));
  expect(renamed({ id: "a2", properties: { event: "a2", of: ["b1", 5, parse("9007199254740993") as never], text: "not a2" } }, names)).toEqual({ id: "a1", properties: { event: "a1", of: ["b1", 5, parse("9007199254740993")], text: "not a2" } });
});
