// The words of audiences: who is in them, and why.

export const audiences = {
  title: "Audiences", about: "People of whom a condition holds, at every moment.", add: "New audience", none: "No audience yet", noneHint: "Who ordered twice in a month, who has not come for 90 days, who has agreed to letters: say it, look how many they are, and keep it.",
  find: "Find by anything it says", nothingFound: "Nothing says this", name: "Name", note: "Note", id: "Id", idHint: "Stands in conditions and in events. Empty: Kith draws one.", members: "Members", state: "State", off: "off", enabled: "On", other: "Other audience", both: "In both", share: "Of this one", noOthers: "There is no other audience.", live: "live", warming: "asks history", filling: "updates", sticky: "Whoever enters stays", stickyBadge: "sticky", changed: "Changed", version: "Version",
  back: "All audiences", edit: "Change", remove: "Remove", removeText: "Everybody leaves it. What it has told of who entered and left stays in history.", gone: "There is no such audience.", goneHint: "It may have been removed.",
  view: "View", tabs: { members: "Members", time: "Over time", overlap: "Overlap", rule: "Condition", versions: "Versions", uses: "Used by" }, condition: "Condition", counts: "Counts now", until: "Until history was asked, this one counts:", untilNone: "Until history was asked, nobody is in it.", warmingNote: (people?: number, of?: number) => `History is being asked for what the condition needs, and collecting goes on.${of ? ` ${people?.toLocaleString("en-US")} of ${of.toLocaleString("en-US")} people are done.` : ""}`,
  person: "Person", since: "Since", why: "Why", whyNamed: (id: string) => `Why ${id} is in it`, nobody: "Nobody is in it", nobodyHint: "Whoever fulfils the condition enters in the same moment.", more: "Load more", csv: "CSV",
  size: "Size over time", entered: "Entered", left: "Left", overTime: "Who entered and who left", byEvents: "As the events audience-entered and audience-left tell it. A bar opens its people.",
  keep: "Keep it", save: "Save", shown: "Shown as", builder: "Builder", text: "Text", textHint: 'DID "order" AT LEAST 2 TIMES WITHIN 30d AND profile@traits.plan = "pro"',
};

export const preview = {
  title: "Try it on history", about: "Nothing is stored. The same is asked of history that will count for everybody.", run: "How many now?", people: "People looked at", members: "It holds of", then: "A month ago", enter: "Would enter", leave: "Would leave", sample: "Some of them", cut: "There are more people than are looked at for whoever waits.", nobody: "It holds of nobody.", empty: "Say first what must hold.", stale: "The condition has changed since.",
};

export const building = {
  whole: "What must hold", joined: { "AND": "all of these", "OR": "any of these", "NOT OR": "none of these", "NOT AND": "not all of these" } as Record<string, string>, holds: "Holds",
  adds: { did: "They did", field: "A field of theirs", inside: "An audience or a list", group: "A group", text: "In words" } as Record<string, string>, add: "Add", part: (path: string) => `Part ${path}`, removePart: (path: string) => `Remove part ${path}`,
  did: "What they did", dids: { "": "did", FIRST: "did, the first time", LAST: "did, the last time", NOT: "did not" } as Record<string, string>, type: "Event type", where: "Of which holds", whereHint: "event@properties.total >= 10", with: "And of that one", withHint: "event@utm.source = \"google\"", step: (at: number) => `Step ${at}`, thens: { "": "and then", NOT: "and then not" } as Record<string, string>, addStep: "+ What followed", removeStep: (at: number) => `Remove step ${at}`, often: "How often", times: { "": "at all", "AT LEAST": "at least", "AT MOST": "at most", EXACTLY: "exactly" } as Record<string, string>, many: "Times", when: "When", whens: { ever: "ever", within: "within the last", between: "between" } as Record<string, string>, within: "Within", withinHint: "30d, 12h, 1y", from: "From", to: "Before", midnight: "Midnight, UTC",
  field: "Field", fieldHint: "traits.plan, consents.mail, computed.spent", is: "Compared", value: "With", inside: "They are", insides: { "": "in", NOT: "not in" } as Record<string, string>, of: "Of what", ofs: { AUDIENCE: "Audience", LIST: "List" } as Record<string, string>, choose: "Choose one", text: "In words", textHint: "As a text says it: profile@traits.seen > now.offset(\"-30d\")", not: "does not hold",
};

export const why = {
  why: "Why", ofNamed: (name: string) => `Why: ${name}`, holds: "holds", missing: "is missing", unseen: "is hidden from you", done: (found: number, wanted: number) => `${found.toLocaleString("en-US")} of ${wanted.toLocaleString("en-US")} counted`, at: "at", of: { all: "all of", any: "any of", not: "not" } as Record<string, string>, more: (count: number) => `and ${count.toLocaleString("en-US")} more`,
};

export const standing = {
  tab: "Audiences", title: "Audiences", none: "There is no audience yet.", isIn: "in", isOut: "not in", since: "since", event: "by event", byTime: "by time or the rule", changes: (moment: string) => `may be otherwise on ${moment}, should nothing happen`, computed: "Computed traits", noComputed: "Nothing is computed of them.", name: "Name", value: "Value", guess: "about", guessHint: "Of more than 512 events the older ones are known as sums only.", only: "Show", all: "All", mine: "In",
};
