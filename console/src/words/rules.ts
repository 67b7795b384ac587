// The words of rules for events, and of what is computed.

import { many } from "./kept";

export const rules = {
  title: "Rules for events", about: "What events mean. A payload passes them in this order, and each counts from the next payload on.", kinds: "Kinds of rules", count: (count: number) => many(count, "rule", "rules"), on: (count: number) => `${count.toLocaleString("en-US")} on`,
  find: "Find by anything it says", nothingFound: "Nothing says this", name: "Name", note: "Note", enabled: "On", id: "Id", tags: "Tags", type: "Event type", source: "Source", order: "Order", condition: "Only where", all: "all", state: "State", isOn: "On", isOff: "Off", version: "Version", changed: "Changed", listHint: "One a line, or with commas between", lineHint: "One a line", emptyAll: "Empty: all events",
  onMisfit: "What does not fit", misfits: { flag: "is kept and marked", quarantine: "is kept apart", refuse: "is refused" } as Record<string, string>,
  rule: "Rule", form: "Form", text: "JSON", view: "Shown as", save: "Save", saved: "Saved.", remove: "Remove", removeTitle: (name: string) => `Remove ${name}?`, removeText: "It does nothing from the next payload on. What it has done stays.", usedText: "It is named by:", notMade: "There is no such rule.", gone: "It may have been removed.",
  choose: "Choose one", removeRow: (name: string) => `Remove: ${name}`, addPair: "Add a pair", badJson: "This is no JSON.", badObject: "This is no JSON object.",
  warming: "asks history", live: "live", back: "All of them", open: "Open",
};

export const trying = {
  title: "Try it on a payload", told: "What it would do", about: "Nothing is kept. The rule counts as on, as it stands in the form.", payload: "Payload", assume: "Assume consents", consents: "What they are taken to have agreed to", consentsHint: "{\"news\": true, \"ads\": false}; {}: nothing was ever asked", take: "Take the latest such event", noneSeen: "No such event was seen.", run: "Try it", events: "Events, as they would be kept", event: (type: string) => `Event ${type}`, profile: "The profile", place: "Place", before: "By the rules of now", after: "With this rule", value: "Value now",
  same: "Nothing changes: the rules of now do the same.", notKept: "not kept", isNew: "new", nobody: "No profile would change.", unites: (count: number) => (count === 1 ? "One more person would become one with them first:" : `${count} more people would become one with them first:`), warnings: "Warnings", whole: "The whole event", persons: { known: "Somebody who is known", new: "Somebody new", linked: "Somebody who is only named", nobody: "Nobody's" } as Record<string, string>,
};

export const versions = {
  title: "Versions", none: "Nothing was changed yet.", when: "When", who: "Who", what: "What", version: "Version", changes: "Changes", made: "made", changed: "changed", removed: "removed", show: (version: number) => `What version ${version} has changed`, place: "Place", before: "Before", after: "After", same: "Nothing that counts.", notYours: "Your role sees what counts now, and not what was before.",
};

export const usage = { title: "Used by", none: "Nothing names it.", name: "Name", kind: "Kind", kinds: { audiences: "Audience" } as Record<string, string> };

export const held = {
  title: "Held events", about: "Events that did not fit and are kept apart, for 30 days: to be looked at, mended and let in.", none: "No event is kept apart.", noneHint: "A validator or a tracking plan may say that what does not fit is kept apart.", when: "Happened", type: "Event type", source: "Source", person: "Person", faults: "What does not fit", actions: "Open", open: "Open", openNamed: (type: string, when: string) => `Open ${type} of ${when}`, total: (count: number) => many(count, "event", "events"), only: "Event type", apply: "Apply",
  properties: "Properties", context: "Context", letIn: "Let it in", remove: "Remove", removeTitle: "Remove this event?", removeText: "It was never part of history, and will not be.", released: "It is let in: it happened when it did, and was received now.", still: "It does not fit yet. It stays here as you have mended it.", isKept: "An event with this id is kept already. This one was not kept again, and does not wait any more.", received: "Received",
};

export const kinds = {
  eventTypes: {
    said: { title: "Event types", about: "What an event type is called, which stage of the journey it stands for, and which of its properties are copied where.", add: "New event type", none: "Nothing was said of any type yet", noneHint: "Kith knows 65 types by itself; what is said here lies over that." },
    journey: "Stage of the journey", journeyHint: "awareness, consideration, purchase, retention, advocacy, one of your own, or by-visit", copied: "Copied properties", copiedHint: "traits.color from properties.color", to: "To", from: "From", builtIn: "What Kith does with the type by itself stays", retention: "Days that its events stay", retentionHint: "0: as the source says",
    byItself: "What Kith does by itself", nothingByItself: "Nothing: this type is your own.", tags: "Tags", profile: "Changes of the profile",
  },
  mappings: {
    said: { title: "Mappings", about: "What events of a type write into the profile.", add: "New mapping", none: "No mapping yet", noneHint: "A mapping may keep the last city, add up what was spent, or note what came first." },
    orderHint: "The lowest is applied first", changes: "Changes", addChange: "Add a change", change: (at: number) => `Change ${at}`, from: "From", isPlace: "is a place", valueHint: "The value itself, as JSON: 5, true, [\"a\"]. Anything else is a text, and so is \"5\"", op: "How", to: "Into",
    ops: { set: "set", set_if_missing: "set if missing", append: "append", remove: "remove", increment: "increment", min: "the least", max: "the greatest", first: "the first", last: "the last" } as Record<string, string>,
  },
  validators: { said: { title: "Validation", about: "What events of a type must look like, and what becomes of those that do not.", add: "New validator", none: "No validator yet", noneHint: "A schema says what must be there; what does not fit is marked, kept apart or refused." }, draft: "Draft from what was seen", draftAbout: "What the properties of these events have been so far, as a schema that all of them fit.", takeDraft: "Draft the schema", schema: "Schemas by place", schemaHint: "JSON Schema 2020-12, by the place that each is held against: event@properties, event@context" },
  trackingPlans: { said: { title: "Tracking plans", about: "What may come from a source at all.", add: "New tracking plan", none: "No tracking plan yet", noneHint: "With a plan, types that are not on it are marked, kept apart or refused." }, types: "Event types", typesHint: "One a line", others: "What is not on the plan" },
  reshapings: {
    said: { title: "Reshaping", about: "Events as they should have been sent: renamed, put into another shape, split into several.", add: "New reshaping", none: "Nothing is reshaped yet", noneHint: "A source that cannot be changed may be put right here, before anything else looks at its events." },
    orderHint: "Of those that are for an event, the lowest is applied", rules: "What becomes of it", rulesHint: "condition; rename: from, to; reshape_schema: templates of properties, context and session; mapping: event_type, session, profile; split: by, event_type, properties, keep",
  },
  functions: {
    said: { title: "Functions", about: "JavaScript for what templates cannot say: no clock, no chance, no network, bounded in time and memory.", add: "New function", none: "No function yet", noneHint: "A function gets an event and answers with an event, several, or none." },
    orderHint: "Those that are for an event are called one after the other, the lowest first", code: "Code", codeHint: "function transform(event), which answers with an event, a list of them, or null", tests: "Tests", addTest: "Add a test", test: (at: number) => `Test ${at}`, event: "Of this event", expected: "It must make", expectedHint: "An event, a list of them, or null; only what is said is compared",
  },
  currencies: {
    said: { title: "Currencies", about: "Amounts of several currencies, told in one by your own rates.", add: "New table", none: "No table yet", noneHint: "With rates by day, amounts add up whatever they were paid in." },
    base: "Base currency", baseHint: "In which amounts are told", amounts: "Amounts", addAmount: "Add an amount", amount: (at: number) => `Amount ${at}`, from: "Amount", currency: "Currency", into: "Into", types: "Event types", typesHint: "One a line; empty: all", rates: "Rates", ratesHint: "By currency, how much of the base one of it is from a day on",
  },
  privacy: {
    said: { title: "Privacy", about: "Fields that are kept only with a consent; without it they are gone before anything is stored.", add: "New rule of privacy", none: "No rule of privacy yet", noneHint: "A field may be removed, hashed or masked where nobody has agreed." },
    typeHint: "Empty: all events", fields: "Fields", addField: "Add a field", field: (at: number) => `Field ${at}`, place: "Field", action: "Without consent", actions: { remove: "it is removed", hash: "it is hashed", mask: "it is masked" } as Record<string, string>, consents: "Consents, all of them", purposes: "Purposes, each with a consent",
  },
  consentTypes: {
    said: { title: "Consent types", about: "What people may agree to, for forms and for rules of privacy.", add: "New consent type", none: "No consent type yet", noneHint: "A newsletter, analytics, calls: whatever people are asked for." },
    idHint: "As profiles have it; empty: made of the name", holds: "Holds for", holdsHint: "15m, 1h30m, 365d; empty: until it is taken back", forever: "until it is taken back", default: "Before anybody has said anything", defaults: { deny: "denied", grant: "granted" } as Record<string, string>, revokable: "May be taken back", required: "Nothing goes without it",
  },
  computedTraits: {
    said: { title: "Computed traits", about: "What is worked out of what people did: it changes with the event, and stays right through mergers.", add: "New computed trait", none: "No computed trait yet", noneHint: "How often somebody ordered, what was spent in 30 days, which category they like most." },
    id: "Name", idHint: "Stands in conditions: profile@computed.name", function: "What", functions: { count: "count", sum: "sum", average: "average", min: "least", max: "greatest", first: "first value", last: "last value", first_at: "when first", last_at: "when last", most_frequent: "most frequent", distinct: "how many distinct values", values: "the distinct values", halving: "halving over time", interests: "interests, halving", rfm: "lately, often, much (RFM)", formula: "a formula" } as Record<string, string>,
    of: "Of", ofHint: "Which place of the event; not for count, when first and when last", within: "Within the last", withinHint: "30d, 90m, 2y; empty: of all time", since: "Since", sinceHint: "A moment; instead of a window", typeHint: "Not for a formula", halfLife: "Half-life", halfLifeHint: "Of what halves: after that time each counts half", marks: "Marks", marksHint: "Of RFM: {\"recency\": [\"7d\", \"30d\"], \"frequency\": [2, 5], \"monetary\": [100]}; else null", formula: "Formula", formulaHint: "Of other traits: + - * /, min, max, round, coalesce, days_since", span: "Over", ever: "all time", lately: (span: string) => `the last ${span}`, from: (day: string) => `since ${day}`,
  },
};
