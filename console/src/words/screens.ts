// The words of single screens.

export const events = {
  title: "Events", about: "What happened, newest first. A click opens an event.",
  type: "Type", source: "Source", where: "Filter", whereHint: "properties.price >= 10 AND utm.source EXISTS", apply: "Apply", clear: "Clear", columns: "Columns",
  columnsHint: "properties.price, device.type", histogram: "Events over time", list: "Events", more: "Load more",
  time: "Time", person: "Person", none: "No events in this range", noneHint: "Widen the range, or take a filter away.", warnings: "Warnings",
  received: "Received", session: "Session", nobody: "nobody", link: "Copy link", raw: "Whole document", properties: "Properties",
};

export const overview = {
  title: "Overview", about: "What happened, who was there, and whether everything is taken in.",
  events: "Events", people: "People", sessions: "Sessions", online: "Active in the last 5 minutes", before: "against the time before", noBefore: "nothing before", wasBefore: (many: number) => `${many.toLocaleString("en-US")} before`,
  overTime: "Events over time", pages: "Top pages", sources: "Campaign sources", referrers: "Referrers", types: "Event types", countries: "Countries", devices: "Devices",
  nothing: "Nothing", intake: "Intake since the server started", kept: "Payloads kept", refused: "Refused", failed: "Failed", health: "Health", well: "Takes payloads", unwell: "Refuses payloads",
  by: (many: number) => `${many.toLocaleString("en-US")} ${many === 1 ? "person" : "people"}`,
  first: "Nothing was sent in this range.", begin: "Send the first event",
};

export const live = {
  title: "Live", about: "Every event as it is kept, and every payload that is refused, from now on.",
  pause: "Pause", go: "Go on", clear: "Empty the list", only: "Show", all: "Everything", kept: "Kept", refused: "Refused", listening: "Listening", connecting: "Connecting…", ended: "The line is closed", rested: "Rested: nobody looked",
  waiting: "Waiting for what happens next.", hint: "This line sends an event:", leftOut: (many: number) => `${many.toLocaleString("en-US")} left out: more than are shown`, rate: "At most", perSecond: (many: string) => `${many} a second`, stands: "The list stands still while you point at it. Events has all that was kept.",
  held: (many: number) => `${many.toLocaleString("en-US")} waiting`, stream: "What happens", showing: (many: number, most: number) => `${many.toLocaleString("en-US")} shown, ${most.toLocaleString("en-US")} at most`, unknown: "unknown source",
};

export const people = {
  title: "People", about: "Found by any id, an e-mail address, or a trait.", find: "Find", label: "Id, e-mail address, or traits.plan = pro", did: "Did in this range", didHint: "type = order finds who ordered.",
  hint: "data.pii.firstname = Ann finds by any trait.", none: "Nobody found", noneHint: "People appear with their first event.", id: "Person", email: "E-mail", visits: "Visits", seen: "Last seen", first: "First seen", ids: "Ids", more: "Load more", list: "People",
};

export const person = {
  identity: "Identity", lists: "Lists", noLists: "On no list yet.",
  when: "When", what: "What", about: "About", view: "View", timeline: "Timeline", traits: "Traits", ids: "Ids", consents: "Consents", raw: "Document", gone: "There is no such person.", goneHint: "They may have been erased, or the id is another installation's.",
  seen: "First seen", last: "Last visit", visits: "Visits", origin: "Set", byEvent: "by event", unknown: "not recorded",
  noTraits: "No traits yet.", noConsents: "No consents were given.", noEvents: "No events.", consent: "Consent", granted: "Granted", revoke: "Until", session: "Session", noSession: "Without a session", events: (many: number) => `${many} ${many === 1 ? "event" : "events"}`,
  trait: "Trait", value: "Value", export: "Export", erase: "Erase", eraseTitle: "Erase this person?", eraseText: "The profile, every id, all sessions and all events, in every file. This cannot be undone.", confirm: "Type the id to confirm", erasing: "Erasing…", erased: "Erased. The report:", older: "Older events",
  report: { sessions: "Sessions", tail_rounds: "Rounds of the tail", events_in_files: "Events in files", files: "Files rewritten", files_removed: "Files removed", event_ids: "Event ids", tables_left: "Tables that the database did not vacuum", named_in: "Set up with one of the ids in it" } as Record<string, string>,
};

export const sessions = {
  title: "Sessions", about: "Visits, newest first.", had: "With such an event", id: "Session", began: "Began", lasted: "Lasted", events: "Events", person: "Person", device: "Device", place: "Place", campaign: "Campaign", status: "Status", none: "No sessions in this range", noneHint: "Widen the range, or take a filter away.", more: "Load more", list: "Sessions", 
};

export const sql = {
  title: "SQL", about: "One SELECT over events, profiles and sessions, in DuckDB's dialect.", run: "Run", cancel: "Cancel", editor: "Question", schema: "Tables", history: "History", noHistory: "Questions that you run are remembered here.", copyCall: "Copy as an API call", tabs: "Tabs", newTab: "New tab", closeTab: "Close this tab", draft: (at: number) => `Tab ${at}`, show: "Shown as", chart: "Chart", noChart: "There is no chart of this", noChartHint: "A chart needs a column of times or names, and one of numbers.",
  format: "Download", rows: "Result", cut: "More rows than are shown: the server cut them off.", none: "No rows.", keys: "Ctrl Enter runs what is selected, or the statement at the cursor.", cancelled: "Cancelled.", formats: { csv: "CSV", json: "JSON", jsonl: "JSON lines", parquet: "Parquet", arrow: "Arrow" } as Record<string, string>, insert: "Insert", idle: "Run a question to see its rows.", narrowed: "The dashboard's range and filter hold for its events.", most: (many: number) => `The first ${many.toLocaleString("en-US")} are shown; a download has all.`,
};

export const sources = {
  actions: "Try", title: "Sources", about: "Who may send: a shop, an app, a backend.", add: "New source", none: "No source yet", name: "Name", id: "Id", type: "Doors", remove: "Remove", removeTitle: "Remove this source?", removeText: "What it has sent stays. Nothing that it sends from now on is taken in.", on: "On", off: "Off", last: "Last event", events: "Events, 7 days", test: "Send a test event", sent: "It was kept. It is among the events now.", page: "For a web page", shell: "From a shell", show: "Show its events", never: "never", tab: "Try it", state: "State",
};

export const redirects = {
  title: "Links", about: "Links that record an event and lead on.", add: "New link", none: "No link yet", noneHint: "A link in a letter or a post says who followed it. It needs a source with the door for links.", name: "Name", url: "Leads to", event: "Event type", source: "Source", noSource: "There is no source with the door for links yet.", address: "Address", save: "Save", remove: "Remove", removeTitle: "Remove this link?", removeText: "Whoever follows it from now on finds nothing.", title2: "Link", props: "Properties", propsHint: "JSON; payload@params.campaign takes a part of the query.", badJson: "The properties are no JSON object.",
};

export const apiKeys = {
  actions: "Revoke",
   title: "API keys", about: "What programs show instead of signing in. A key may no more than whoever made it.", add: "New key", none: "No key yet", noneHint: "A program that reads or asks Kith needs one.", name: "Name", scopes: "Opens", expires: "Valid for", used: "Last used", owner: "Made by", revoke: "Revoke", revokeTitle: "Revoke this key?", revokeText: "Whatever uses it is refused from now on.", made: "Your new key", madeText: "It is shown only now. Kith keeps its hash.", days: { "30": "30 days", "90": "90 days", "365": "1 year", "": "Until revoked" } as Record<string, string>, never: "never", until: "Until", always: "until revoked", make: "Make the key", wanted: "Choose at least one thing that it opens.",
};

export const users = {
  title: "Users", about: "Who may sign in, and what they may do.", add: "New user", name: "Name", email: "E-mail address", password: "Password", passwordHint: "Empty: as it was. For somebody new: no sign-in with a password.", roles: "Roles", enabled: "May sign in", last: "Last sign-in", never: "never", save: "Save", remove: "Remove", removeTitle: "Remove this user?", removeText: "Their tokens and keys end at once.", disabled: "Disabled", active: "Active", state: "State", user: "User", codes: "One-time codes", codesOn: "on", codesOff: "–", endCodes: "End one-time codes", endCodesTitle: "End this user's one-time codes?", endCodesText: "For whoever has lost the app and the recovery codes: their password alone lets them in, until they begin anew.", wantedRole: "Somebody without a role may do nothing.",
};

export const audit = {
  title: "Audit log", about: "Who did what, when, and from where.", who: "Who", action: "Action", kind: "Of what", id: "Which", at: "When", from: "Address", status: "Answer", detail: "Detail", none: "Nothing was done in this range", any: "any", more: "Load more", export: "Export as CSV", open: "Entry", before: "Before", after: "After", list: "Entries", apply: "Apply",
};

export const system = {
  machine: "Machine", disk: "Disk left", memory: "Memory left", process: "Taken by this server", processNote: "without what answers questions", leftOf: (part: string, all: string) => `${part} of ${all}`, scarce: "scarce", waits: "Events that wait for a file", inFiles: "History in files",
  filesOf: (files: number, place: string) => `${files.toLocaleString("en-US")} files ${place}`, places: { folder: "in the data folder", s3: "on S3" } as Record<string, string>, databases: { sqlite: "SQLite, in the data folder", postgresql: "PostgreSQL" } as Record<string, string>, configuration: (version: number) => `Configuration ${version}`,
  nodes: "Servers that run", nodeName: "Server", seen: "Seen", works: "Works with configuration", state: "State", thisOne: "answers this", behind: "behind", current: "current", erasures: "Erasures", noErasures: "Nobody was erased yet.", asked: "Asked for", done: "Done", removed: "What was removed", isDone: "done", goesOn: "goes on",
  jobs: "Jobs", job: "Job", runs: "Runs", failures: "Failures", lastWell: "Went well last", leases: "Leases", backups: "Backups", backupsText: "A backup is a folder, made by this command beside the running server. Kith keeps no list of them: a backup must be of use when the server is not there.",
  labels: "Labels",
   title: "System", about: "What the server says about itself.", version: "Version", well: "Takes payloads", unwell: "Refuses payloads", payloads: "Payloads", kept: "Kept", refusals: "Refused and failed", reason: "Reason", many: "Payloads", outcome: "Outcome", none: "None was refused since the server started.", tail: "Tail", tailEvents: "Events that wait", queue: "Payloads in the queue", held: "Sessions held back", lake: "Lake", files: "Files", bytes: "Bytes", flushed: "Events moved into files", compacted: "Files merged", expired: "Events removed by age", speed: "How long it takes", median: "Median", most: "99 of 100", measured: "Measured", track: "From request to answer", fold: "Folding a round", commit: "Committing a round", flush: "Moving the tail into files", all: "All metrics", storage: "Storage", up: "up", down: "down", node: "On several nodes, these are the figures of the one that answers.", metric: "Metric", value: "Value", find: "Find a metric",
};

export const account = {
  title: "Your account", about: "Your name, your password and your one-time codes.", name: "Name", save: "Save", saved: "Saved.", old: "Password until now", fresh: "New password", change: "Change the password", signedOut: "All of your sessions end with it; you will sign in anew.", who: "You",
};

export const codes = {
  title: "One-time codes", needed: "Your role must have one-time codes, and you have none yet. Begin them here; what you wanted to see opens as soon as you have them.", about: "Beside the password, signing in then asks for six digits that an app shows (TOTP: any authenticator has them). Nothing is asked for before you have confirmed the first.",
  provider: "You sign in with a provider, which asks for what it wants.", password: "Your password", begin: "Begin", take: "Let your app look at the picture, or type the secret into it. Both are shown only now.", picture: "Picture for the app's camera (QR code)", secret: "Secret, to type", others: "Other ways", uri: "Address, for programs that take it", open: "Open in an app on this device", first: "The code that the app shows", confirm: "Confirm",
  on: "On", asked: "Signing in asks for a code.", recovery: "Signing in asks for a code from now on. Keep these ten where the app is not: each lets in once in the place of a code, and they are shown only now.", recoveryCodes: "Recovery codes", file: "kith-recovery-codes.txt", save: "Save as a file", kept: "I have kept them", end: "End one-time codes",
};

export const welcome = {
  title: "Welcome to Kith", about: "Three steps to the first event.", notYours: "Administrators and developers set up what sends.", one: "Your source", oneText: "Whatever sends events says which source it is.", two: "Send something", twoText: "Put this into a web page, or run the line in a shell.", three: "See it arrive", waiting: "Waiting for your first event…", arrived: "It has arrived.", next: "To the overview", person: "Look at the person", noSource: "There is no source yet.", make: "Make one", choose: "Source",
};
