// The words of the screens that answer questions.

export const understand = {
  ask: "Show", all: "Everything", any: "any event", remove: "Remove", time: "Time", people: "People", others: "All others", total: "Total", nobody: "Nobody did that in this range.",
  by: "Break down by", byHint: "A field: type, utm.source, traits.plan", now: "Traits as they are now", interval: "Every", filter: "Of", filterHint: "type = order",
  build: "Build this filter", byHand: "This filter says more than rows can. It stays, and what you add must hold as well.", addCondition: "Add a condition", joined: "Which must hold", allOf: "All of them", anyOf: "Any of them", filterText: "The filter", use: "Use it",
  condition: (at: number) => `Condition ${at}`, field: "Field", is: "Compared", valueIs: "With", stars: "A * stands for anything, \\* is a star.", comparisons: { "=": "is", "!=": "is not", ">": "more than", ">=": "at least", "<": "less than", "<=": "at most", CONTAINS: "contains", "STARTS WITH": "starts with", "ENDS WITH": "ends with", EXISTS: "is there", "NOT EXISTS": "is missing" } as Record<string, string>,
  intervals: { auto: "Fits the range", minute: "Minute", hour: "Hour", day: "Day", week: "Week", month: "Month" } as Record<string, string>,
  read: (many: number) => `${many.toLocaleString("en-US")} ${many === 1 ? "row" : "rows"} read`,
};

export const trends = {
  title: "Trends", about: "How much happens over time, and of what. A point or a number opens its people.",
  letter: (letter: string) => `Series ${letter}`, series: "Series", add: "Add a series", measure: "Measure", field: "Field", fieldHint: "properties.price", percentile: "Percentile",
  measures: { count: "Events", people: "People", sessions: "Sessions", per_person: "Events per person", sum: "Sum of", average: "Average of", median: "Median of", percentile: "Percentile of", min: "Smallest", max: "Largest", distinct: "Distinct values of" } as Record<string, string>,
  formula: "Formula", formulaHint: "A / B, 100 * (B - A) / A", smooth: "Moving average", smooths: { "": "None", "3": "3 intervals", "7": "7 intervals", "14": "14 intervals", "30": "30 intervals" } as Record<string, string>,
  averaged: (name: string) => `${name}, averaged`, compare: "Compare with the time before", before: "before", shown: "Shown as", lines: "Lines", bars: "Bars", table: "Table", values: "Numbers", value: "Value",
};

export const funnel = {
  title: "Funnel", about: "How many people go from step to step. Every number opens its people.", step: (at: number) => `Step ${at}`, add: "Add a step", stepHint: "type = order", notYet: "A funnel has two steps at least.",
  window: "Within", windows: { "3600": "1 hour", "86400": "1 day", "604800": "7 days", "2592000": "30 days" } as Record<string, string>,
  order: "Order", orders: { ordered: "In this order", unordered: "In any order", strict: "One right after the other" } as Record<string, string>,
  without: "Without, in between", withoutHint: "type = refund", ofFirst: "of the first", ofBefore: "of the one before", lost: "Fell out", group: "Group",
  times: "Time to convert", upTo: "Up to", median: "Half took at most", average: "On average", p90: "Nine of ten took at most", took: (from: string, to: string | null) => (to ? `${from} to ${to}` : `${from} and more`),
  instead: "Where they went instead", after: "After", nothing: "Nothing more", none: "Nobody fell out here.",
};

export const retention = {
  title: "Retention", about: "How many of those who began come back. Every number opens its people.", first: "First", again: "Comes back", cohort: "First in", size: "People", periods: "Periods", shown: "Shown as", percent: "Percent", counts: "Counts",
  who: "Begins", whos: { first: "The first time", recurring: "Each time" } as Record<string, string>,
};

export const paths = {
  title: "Paths", about: "What people do one after the other, within a session. Every number opens its people.", point: "Points", pointHint: "type, page_path", start: "Beginning with", end: "Ending with", anywhere: "anywhere", length: "Points at most",
  collapse: "The same point in a row is one", leaveOut: "Left out", leaveOutHint: "Points with commas between", replace: "Renamed", replaceHint: "One rule a line: /[0-9]+ => /…", cleaning: "Cleaning rules", path: "Path", times: "Times", nothing: "No paths in this range.", alone: "No path leads on from its first point.", picture: "Ways", links: "From point to point", whole: (many: number) => `Show all ${many}`, step: "Step", from: "From", to: "To",
};

export const stickiness = {
  title: "Stickiness", about: "On how many days, weeks or months of the range people did something. Every number opens its people.",
  on: (many: number, interval: string) => `${many} ${interval}${many === 1 ? "" : "s"}`, share: "of all", intervals: "Different ones",
};

export const lifecycle = {
  title: "Lifecycle", about: "Who does something for the first time, again, after a while, and no more. Every number opens its people.",
  states: { new: "New", returning: "Returning", resurrecting: "Back after a while", dormant: "Gone" } as Record<string, string>,
};

export const behind = {
  title: (many: number) => `${many.toLocaleString("en-US")} ${many === 1 ? "person" : "people"}`, loading: "People", open: (name: string) => `People behind ${name}`, list: "The people behind this number", id: "Person", email: "E-mail", visits: "Visits", seen: "Last seen", first: "First seen", more: "Load more", removed: "Their record was removed.", nobody: "Nobody",
  save: "Save as list", name: "Name of the list", saved: "Saved.",
};
