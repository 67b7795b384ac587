// The words of what people keep: questions, dashboards, lists.

/** So many, in one word or the other. */
export const many = (count: number, one: string, more: string) => `${count.toLocaleString("en-US")} ${count === 1 ? one : more}`;

export const kept = {
  saveTitle: "Save this view", name: "Name", note: "Note", onDashboard: "Put it on a dashboard", none: "None", newDashboard: "New dashboard", dashboardName: "Name of the dashboard",
  save: "Save", saveChanges: "Save changes", saveNew: "Save as a new one", savedAlone: "The view is saved, but it is not on the dashboard:", isSaved: "It is saved. Everybody who signs in finds it.", toSaved: "Saved questions", toDashboard: "To the dashboard", close: "Close",
  questions: "Saved questions", questionsAbout: "Views that somebody has given a name, for everybody to open.", find: "Find by name, note, owner or kind", noQuestions: "Nothing is saved yet",
  noQuestionsHint: "Save stands above every list, chart and answer.", nothingFound: "Nothing of this name", view: "Kind", owner: "Owner", changed: "Changed", actions: "Change", edit: "Change", editNamed: (name: string) => `Change ${name}`,
  remove: "Remove", removeQuestion: "Remove this question?", removeQuestionText: "Links to it lead nowhere from then on. One that stands on a dashboard stays.",
  dashboards: "Dashboards", dashboardsAbout: "Saved questions beside each other, with one range and one filter for all.", noDashboards: "No dashboard yet", noDashboardsHint: "Save a chart and put it on a new one, or begin with an empty one.",
  tiles: "Questions", make: "Make it", cancel: "Cancel", layOut: "Lay out", settings: "Settings", removeDashboard: "Remove this dashboard?", removeDashboardText: "Its questions stay. Links to it lead nowhere from then on.", goneDashboard: "There is no such dashboard.", goneDashboardHint: "It may have been removed.",
  emptyDashboard: "There is nothing on it yet", emptyDashboardHint: "Lay out adds saved questions; Save on any view does, too.", whereAll: "Filter for all", whereHint: "source = shop AND utm.source EXISTS", apply: "Apply",
  addQuestion: "Saved question", choose: "Choose one", add: "Add", range: "Range", usualRange: "As whoever looks has it", refresh: "Asks anew", refreshes: { "0": "When somebody says so", "30": "Every 30 seconds", "60": "Every minute", "300": "Every 5 minutes", "3600": "Every hour" } as Record<string, string>, refreshEvery: (seconds: number) => `Every ${many(seconds, "second", "seconds")}`,
  gone: "Removed", goneHint: "This question was removed.", noView: "This version has no such view.", tile: (name: string) => `What ${name} shows`, layoutOf: (name: string) => `Place of ${name}`,
  earlier: "Earlier", later: "Later", narrower: "Narrower", wider: "Wider", lower: "Lower", higher: "Higher", takeOff: "Take off",
};

export const lists = {
  title: "Lists", about: "People whom somebody has put together. They follow mergers, and whoever is erased leaves them.", add: "New list", none: "No list yet", noneHint: "Put people on one from their page, from a search, or by their ids.",
  name: "Name", note: "Note", people: "People", owner: "Owner", changed: "Changed", ids: "Ids", idsHint: "Any id that each ever had, one a line. They may be added later, too.", make: "Make the list", save: "Save changes", remove: "Remove", removeTitle: "Remove this list?",
  removeText: "The people stay.", gone: "There is no such list.", goneHint: "It may have been removed.", members: "Members", nobody: "Nobody is on it", nobodyHint: "Add people by their ids, or from their pages.", person: "Person", email: "E-mail", added: "Added", last: "Last visit", takeOff: "Take off", takeOffNamed: (name: string) => `Take off ${name}`, addIds: "Add people",
  addAct: "Add", more: "Load more", change: "Change", result: (added: number, unknown: number) => `${many(added, "id is", "ids are")} new on it${unknown ? `; ${many(unknown, "leads", "lead")} to nobody` : ""}.`,
  putOn: "Put on a list", which: "List", newList: "New list", newName: "Name of the list", done: "On the list now.", actions: "Take off", to: "To the list", on: "Lists", count: (count: number) => many(count, "person", "people"), csv: "CSV",
};

export const catalogue = {
  title: "Catalogue", about: "Which events there are, which fields they have, and what is in them.", types: "Event types", fields: "Fields", find: "Find a type or a field", type: "Type", events: "Events", people: "People", first: "First seen", last: "Last seen", sources: "Sources",
  hide: "Hide what is stale", staleHint: (days: number) => `Stale: not seen in the last ${days} days of the range`, none: "No events in this range", noneFound: "Nothing of this name", field: "Field", filled: "Filled", kinds: "Types", examples: "Examples", of: "Of type", all: "all types",
  read: (read: number, all: number) => (read < all ? `The newest ${read.toLocaleString("en-US")} of ${all.toLocaleString("en-US")} events` : many(all, "event", "events")), drifts: "changed", since: (kind: string, since: string) => `${kind} since ${since}`, leftOut: (count: number) => `${many(count, "value", "values")} of further fields left out`, show: "Fields", events_: "Events", top: "Values", view: "View",
  changes: "Changes", changesAbout: "A field changes when its values become of another type: a price that was a number and is a text now. Sums, filters and rules that read it miss what came since.", changesOf: (path: string) => `${path} has changed`,
  nothingChanged: "No field has changed its type", nothingChangedHint: "Fields of events are compared with themselves, of each type and source.", was: "Was", is: "Is", sinceWhen: "Since", counted: "Seen as", act: "What to do", source: "Source",
  readSince: (at: string) => `since ${at}`, leftOutChanges: (count: number) => `${many(count, "value", "values")} left out: more than can be compared`, draft: "Draft a schema", draftOf: (type: string, source: string) => `Draft a schema of ${type} from ${source}`, eventsOf: (type: string, source: string) => `Events ${type} from ${source}`,
};
