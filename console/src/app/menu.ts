// Every screen: its address, its name, its place in the menu, and whose it is.

import { menu as words } from "../words/en";

export type Screen = { path: string; name: string; icon: string; roles: readonly string[]; keys?: string };
export type Part = { name: string; screens: readonly Screen[] };

const ALL: readonly string[] = [];
const CONFIGURE = ["admin", "developer"] as const;
const ADMIN = ["admin"] as const;

export const MENU: readonly Part[] = [
  {
    name: words.look,
    screens: [
      { path: "/", name: words.overview, icon: "M4 13h6V4H4zM14 20h6V4h-6zM4 20h6v-4H4z", roles: ALL, keys: "g o" },
      { path: "/live", name: words.live, icon: "M3 12h4l3-8 4 16 3-8h4", roles: ALL, keys: "g l" },
      { path: "/events", name: words.events, icon: "M4 6h16M4 12h16M4 18h10", roles: ALL, keys: "g e" },
      { path: "/people", name: words.people, icon: "M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.500-7 8-7s8 3 8 7", roles: ALL, keys: "g p" },
      { path: "/sessions", name: words.sessions, icon: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2", roles: ALL, keys: "g s" },
      { path: "/lists", name: words.lists, icon: "M4 6h9M4 12h9M4 18h6M17 9v10M12 14h10", roles: ALL, keys: "g i" },
      { path: "/catalogue", name: words.catalogue, icon: "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11", roles: ALL, keys: "g y" },
      { path: "/sql", name: words.sql, icon: "M5 7l4 5-4 5M12 17h7", roles: ALL, keys: "g q" },
    ],
  },
  {
    name: words.understand,
    screens: [
      { path: "/dashboards", name: words.dashboards, icon: "M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z", roles: ALL, keys: "g d" },
      { path: "/saved", name: words.saved, icon: "M6 4h12v16l-6-4-6 4z", roles: ALL, keys: "g v" },
      { path: "/trends", name: words.trends, icon: "M4 17l5-6 4 3 7-8M15 6h5v5", roles: ALL, keys: "g t" },
      { path: "/funnel", name: words.funnel, icon: "M4 5h16l-6 8v6l-4-2v-4z", roles: ALL, keys: "g f" },
      { path: "/retention", name: words.retention, icon: "M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5", roles: ALL, keys: "g r" },
      { path: "/paths", name: words.paths, icon: "M5 6h4c6 0 4 12 10 12M5 18h4c2 0 3-1 4-3M19 6c-2 0-3 1-4 3", roles: ALL, keys: "g w" },
      { path: "/stickiness", name: words.stickiness, icon: "M4 20V9h4v11M10 20V4h4v16M16 20v-7h4v7", roles: ALL },
      { path: "/lifecycle", name: words.lifecycle, icon: "M12 4v16M4 12h16M12 4l3 3M12 4L9 7M6 15c2 3 10 3 12 0", roles: ALL },
    ],
  },
  {
    name: words.define,
    screens: [
      { path: "/audiences", name: words.audiences, icon: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 20c0-4 3-7 7-7s7 3 7 7M17 8l2 2 4-4", roles: ALL, keys: "g a" },
      { path: "/computed-traits", name: words.computedTraits, icon: "M18 5H7l6 7-6 7h11", roles: ALL },
      { path: "/rules", name: words.rules, icon: "M4 6h10M18 6h2M4 12h2M10 12h10M4 18h10M18 18h2M14 4v4M6 10v4M14 16v4", roles: CONFIGURE, keys: "g u" },
      { path: "/held", name: words.held, icon: "M5 4h14v16H5zM9 9h6M9 13h6M3 20L21 4", roles: CONFIGURE },
    ],
  },
  {
    name: words.setUp,
    screens: [
      { path: "/sources", name: words.sources, icon: "M12 4v10M8 10l4 4 4-4M5 20h14", roles: CONFIGURE, keys: "g c" },
      { path: "/redirects", name: words.redirects, icon: "M9 15l6-6M11 6l2-2a4 4 0 0 1 6 6l-2 2M13 18l-2 2a4 4 0 0 1-6-6l2-2", roles: CONFIGURE },
      { path: "/keys", name: words.keys, icon: "M14 10a4 4 0 1 0-4-4 4 4 0 0 0 4 4zM11.500 8.500L4 16v4h4v-3h3v-3", roles: ALL },
      { path: "/users", name: words.users, icon: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21c0-4 3-7 7-7s7 3 7 7M16 4a4 4 0 0 1 0 7M22 21c0-3-1.500-5.500-4-6.500", roles: ADMIN },
      { path: "/quarantine", name: words.quarantine, icon: "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM16 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 20c0-4 3-7 6-7s4 2 4 2 1-2 4-2 6 3 6 7", roles: ["admin", "maintainer"] },
      { path: "/audit", name: words.audit, icon: "M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3", roles: ADMIN },
      { path: "/system", name: words.system, icon: "M4 5h16v6H4zM4 14h16v6H4zM8 8h.01M8 17h.01", roles: ALL, keys: "g h" },
    ],
  },
];

export const SCREENS: readonly Screen[] = MENU.flatMap((part) => part.screens);

/** What somebody looks after themselves: it opens also for whoever must have one-time codes first. */
export const OWN: readonly string[] = ["/account", "/keys"];

/** Views that can be kept: their whole state stands in the address. */
export const SAVABLE: readonly string[] = ["/events", "/sessions", "/people", "/sql", "/trends", "/funnel", "/retention", "/paths", "/stickiness", "/lifecycle"];
