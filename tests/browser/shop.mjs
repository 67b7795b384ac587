// The benchmark's shop as payloads: many types, few of them frequent; many people, few of them busy; visits of one to
// twenty events. The same as `benches/history/shop.rs` makes, of the last thirty days.

import { createWriteStream } from "node:fs";
import { once } from "node:events";

/** Types with how often they are, in thousandths. */
const TYPES = [
  ["page-view", 480], ["product-clicked", 170], ["product-details-page-view", 120], ["search", 70], ["product-added-to-cart", 60],
  ["product-removed-from-cart", 15], ["checkout-started", 20], ["order-completed", 12], ["sign-in", 20], ["sign-out", 8],
  ["newsletter-opened", 15], ["video-watched", 10],
];
const VISIT_EVENTS = 20;
/** Everybody who may come; one for so many events. */
const EVENTS_PER_PERSON = 33;
const DAYS = 30;
const DAY_MS = 86_400_000;
const CAMPAIGNS = ["newsletter", "search", "friends", "poster"];
const COUNTRIES = [["Poland", "PL", "Warsaw"], ["Germany", "DE", "Berlin"], ["Czechia", "CZ", "Prague"]];

/** Numbers from 0 to 1 that are the same in every run. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const person = (number) => `customer-${String(number).padStart(6, "0")}`;

/** Writes so many events into a file of JSON lines, a visit on each; what was sent, one after the other. */
export async function writeShop(path, { source, events, until }) {
  const random = dice(1);
  const people = Math.ceil(events / EVENTS_PER_PERSON);
  const begin = until - DAYS * DAY_MS;
  const file = createWriteStream(path);
  const sent = [];
  for (let visit = 0; sent.length < events; visit++) {
    // The third power makes some people busy and most of them rare; the square, most visits short.
    const who = person(Math.floor(random() ** 3 * people));
    const many = Math.min(Math.floor(random() ** 2 * VISIT_EVENTS) + 1, events - sent.length);
    const at = begin + (sent.length / events) * (DAYS * DAY_MS - 3_600_000);
    const payload = visitOf({ source, visit, who, many, at, random });
    sent.push(...payload.events.map(({ type, time, properties }) => ({ type, who, visit, at: Date.parse(time.insert), price: properties.price })));
    if (!file.write(`${JSON.stringify(payload)}\n`)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
  return sent;
}

function visitOf({ source, visit, who, many, at, random }) {
  const [country, code, city] = COUNTRIES[Math.floor(random() * COUNTRIES.length)];
  const campaign = CAMPAIGNS[Math.floor(random() * CAMPAIGNS.length)];
  const events = Array.from({ length: many }, (_, place) => {
    const product = Math.floor(random() * 5000);
    const path = `/shoes/${product % 40}`;
    return {
      type: kind(random), time: { insert: new Date(at + place * 20_000).toISOString() },
      properties: { id: `P${product}`, name: "Running shoe", category: ["shoes", "boots", "socks"][product % 3], price: (product % 200) + 0.5, quantity: 1 + (product % 3) },
      context: { page: { url: `https://shop.example${path}`, path, title: "Shoes" } },
    };
  });
  return {
    source: { id: source }, session: { id: `visit-${visit}` }, profile: { id: who },
    context: { utm: { source: campaign }, location: { country: { name: country, code }, city }, time: { tz: "Europe/Warsaw" } }, events,
  };
}

function kind(random) {
  let left = random() * 1000;
  for (const [type, share] of TYPES) {
    if (left < share) return type;
    left -= share;
  }
  return TYPES[0][0];
}
