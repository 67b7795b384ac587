// The words that every page has. All words of the console are in this folder; a second language is objects of the same shapes.

export const states = {
  loading: "Loading", again: "Try again", copy: "Copy", copied: "Copied", close: "Close", unsaved: "What you have typed here is not stored.", goOn: "Go on", discard: "Close without it",
  away: "Nothing of this is here while Kith cannot be reached.",
  overtaken: "Somebody else has changed it since you opened it, or made one of this id. Open it anew to see what it is now.",
  gone: "It is not there. Somebody may have removed it since you opened this.",
  unreachable: "Kith does not answer. Is the server running, and the network there?",
};

export const menu = {
  look: "Look", understand: "Understand", define: "Define", setUp: "Set up",
  audiences: "Audiences", computedTraits: "Computed traits", rules: "Rules", held: "Held events",
  dashboards: "Dashboards", saved: "Saved", lists: "Lists", catalogue: "Catalogue", quarantine: "Undecided",
  overview: "Overview", live: "Live", events: "Events", people: "People", sessions: "Sessions", sql: "SQL",
  trends: "Trends", funnel: "Funnel", retention: "Retention", paths: "Paths", stickiness: "Stickiness", lifecycle: "Lifecycle",
  sources: "Sources", redirects: "Links", keys: "API keys", users: "Users", audit: "Audit log", system: "System",
};

export const shell = {
  save: "Save", offline: (since: string) => `Kith cannot be reached since ${since}. What you see is of before; it goes on by itself.`,
  skip: "Skip to content", menu: "Menu", find: "Find", account: "Your account", signOut: "Sign out",
  nothing: "Not found", nothingHere: "There is nothing at this address.", notYours: "None of your roles opens this screen.", back: "To the overview", wrong: "Something went wrong",
  themes: { system: "Colours: system", light: "Colours: light", dark: "Colours: dark" },
};

export const keys = {
  title: "Keys",
  all: [
    ["Ctrl K", "Find a screen, a person, a type"], ["?", "This list"], ["r", "Ask everything anew"], ["s", "Save this view"],
    ["[", "The range before"], ["]", "The range after"], ["-", "A wider range"],
  ] as [string, string][],
};

export const palette = {
  title: "Find", label: "A screen, an id, an e-mail address, a type", found: "Found", screen: "Screen",
  people: "People", events: "Events", person: (text: string) => `Person ${text}`, type: (text: string) => `Events of type ${text}`,
};

export const ranges = {
  title: "Range of time", back: "The range before", on: "The range after", out: "A wider range", renew: "Ask anew",
  from: "From", to: "Until", show: "Show", recent: "Recent", zone: "Time zone",
  called: {
    "1h": "Last hour", "24h": "Last 24 hours", today: "Today", yesterday: "Yesterday", "7d": "Last 7 days", "30d": "Last 30 days",
    "90d": "Last 90 days", "12mo": "Last 12 months",
  } as Record<string, string>,
};

export const entry = {
  title: "Sign in", email: "E-mail address", password: "Password", code: "One-time code",
  codeHint: "From your authenticator, or a recovery code.", enter: "Sign in", entering: "Signing in…", provider: "Sign in with your provider",
};

export const answers = {
  asCall: "As an API call", asSql: "As SQL", took: (milliseconds: number) => `${milliseconds} ms`,
  rows: (many: number) => `${many.toLocaleString("en-US")} ${many === 1 ? "row" : "rows"}`, csv: "CSV", png: "PNG", table: "Table",
  openSql: "Open in SQL",
};
