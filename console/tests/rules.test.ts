// What screens of rules stand on: places in documents, differences, and who names whom.

import { expect, test } from "vitest";

import { differences, get, put } from "../src/questions/places";
import { parse, write } from "../src/api/json";
import { united } from "../src/questions/tried";
import { uses } from "../src/questions/uses";
import { meant, typed } from "../src/rules/constant";
import { functions } from "../src/rules/functions";
import { posted } from "../src/rules/kind";
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
  expect(differences(before, { a: 1, b: { c: "y" }, tags: ["one", "two"] })).toEqual([{ place: "b.c", before: "x", after: "y" }, { place: "tags.1", before: null, after: "two" }]);
  expect(differences(undefined, { a: false })).toEqual([{ place: "a", before: null, after: false }]);
});

test("who would become one is told once, whoever of the payload it is with", () => {
  expect(united([{ unites: [] }])).toEqual([]);
  expect(united([{ unites: ["ann", "bob"] }, { unites: [] }, { unites: ["bob", "eve"] }])).toEqual(["ann", "bob", "eve"]);
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
