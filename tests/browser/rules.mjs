// What a company says of its events and its people, for the tests of the screens that show it.

import { SOURCE } from "./kith.mjs";

/** The types of events that the shop's history is of, and what is made of them. */
export async function setRules(api, url) {
  await api.post("/api/computed-traits", { id: "spent", description: "Everything together", function: "sum", event_type: "order", of: "properties.sum" });
  await api.post("/api/audiences", { id: "buyers", name: "Buyers", description: "Whoever bought for 20 or more", condition: 'DID "order" WHERE (event@properties.sum >= 20) WITHIN 30d' });
  await api.post("/event-type/mapping", { event_type: "order", name: "Order", description: "Somebody has paid", enabled: true, journey: "purchase", index_schema: { "traits.sum": "properties.sum" } });
  await api.post("/event-to-profile", { id: "last-sum", name: "Last sum", event_type: "order", enabled: true, event_to_profile: [{ event: { value: "event@properties.sum" }, op: "set", profile: { value: "profile@traits.sum" } }] });
  await api.post("/consent/type", { id: "letters", name: "Letters", revokable: true, auto_revoke: "365d" });
  await api.post("/consent/compliance/field", { id: "notes", name: "Notes", enabled: true, settings: [{ action: "mask", field: { value: "event@properties.note" }, consents: ["letters"] }] });
  await api.post("/api/tracking-plans", { id: SOURCE, name: "The shop", enabled: false, event_types: ["page-view", "order", "sign-up"], on_misfit: "refuse" });
  await api.post("/event-validator", { id: "payments", name: "Payments", event_type: "payment", enabled: true, on_misfit: "quarantine", validation: { json_schema: { "event@properties": { type: "object", required: ["id"] } } } });
  await pays(url, { sum: 5 });
}

/** An event that must have an id. */
export async function pays(url, properties, type = "payment") {
  const body = JSON.stringify({ source: { id: SOURCE }, session: { id: "at-the-till" }, events: [{ type, properties }] });
  return (await fetch(`${url}/track`, { method: "POST", body })).json();
}
