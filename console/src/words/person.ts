// The words of a person's page: who they were made of, and what they have agreed to.

export const identity = {
  merges: "Mergers", lanes: "Picture", noMerges: "Nobody was ever merged into this person.", when: "When", who: "Who became one", why: "Evidence", state: "State", actions: "Take back", holds: "holds", undone: (when: string) => `taken back ${when}`,
  undo: "Take back", undoNamed: (id: string) => `Take back the merger of ${id}`, undoing: "Taking it back…", cancel: "Cancel",
  passed: (source: string) => `by a link of ${source}`, decided: (who: string) => `decided by ${who}`, source: (source: string) => `source ${source}`, event: (id: string) => `event ${id}`,
  ids: "Ids that lead here", id: "Id", was: "What it was", wases: { own: "their own", merged: "merged", brought: "brought by a source" } as Record<string, string>,
  recognised: "Recognised by", noIdentifiers: "Nothing names this person.", namespace: "Namespace", hash: "Hash", under: "Named first under", apart: "Said to be other people",
  undoTitle: "Take this merger back?", undoText: "Both people stand again as their own events make them, and nothing unites them from then on. This cannot be undone by a click.",
  livedOn: "Lived on, as they were", ended: "Ended, as they were", name: "Name", email: "E-mail", visits: "Visits", last: "Last visit",
  isUndone: (people: number) => `It is taken back. ${people.toLocaleString("en-US")} people stand now:`, toldApart: (events: number) => `${events.toLocaleString("en-US")} events that came since were told apart by the id that they came with.`,
  untold: "No event tells whose this is; it stays with the first:",
};

export const consents = {
  now: "Consents now", none: "No consents were given.", consent: "Consent", state: "State", granted: "Granted", denied: "Denied", expired: "Expired", since: "Since", until: "Until", version: "Version", purposes: "Purposes",
  history: "Every word of it", when: "When", source: "Source", event: "Event", others: "all others", hidden: (many: number) => `${many.toLocaleString("en-US")} hidden from your role`,
};

export const quarantine = {
  title: "Undecided", about: "Identifiers that would unite two people, and unite nobody until somebody has decided.", none: "Nobody waits for a decision.", when: "Since", namespace: "Namespace", visitor: "Who named it", holder: "Who has it", reason: "Why nobody was united", source: "Source", event: "Event",
  reasons: { public: "The source may not say so", ids_max: "Somebody would have too many ids", merges_a_day_max: "Too many mergers in a day" } as Record<string, string>,
  actions: "Decide", decide: "Decide", decideNamed: (one: string, other: string) => `Decide on ${one} and ${other}`, title2: "Are they one person?", unite: "Unite: they are one", never: "Never: they are two", others: (many: number) => `${many.toLocaleString("en-US")} more wait because of the same identifier:`,
  othersChoices: { "": "they go on waiting", unite: "unite them as well", never: "they are never one either" } as Record<string, string>, othersLabel: "The others", close: "Close", total: (many: number) => `${many.toLocaleString("en-US")} wait`, done: (many: number) => `${many.toLocaleString("en-US")} decided.`, apart: "These differ in what a person has one of, and were not united:", known: "Known by the same identifier", cancel: "Cancel",
};
