// What a page says to the script, and what the server answers.

/** Anything that JSON can hold under names. */
export type Properties = Record<string, unknown>;

/** What of the page and the browser goes along. */
export interface ContextOptions {
  /** Address, title and referrer of the page, with each event. Default: true. */
  page?: boolean;
  /** Name, language and user agent of the browser. Default: true. */
  browser?: boolean;
  /** Sizes of screen and window. Default: true. */
  screen?: boolean;
  /** The campaign in the page's address (`utm_…`). Default: true. */
  utm?: boolean;
  /** The profile handed over in the page's address (`__tr_pid`, `__tr_src`). Default: true. */
  tracardiPass?: boolean;
  /** Google Analytics' id, from the cookie `_ga`. Default: false. */
  ga?: boolean;
  /** All cookies of the page that scripts can read. Default: false. */
  cookies?: boolean;
  /** The whole localStorage of the page. Default: false. */
  storage?: boolean;
  /** How long the page took to load, with each event. Default: false. */
  performance?: boolean;
  /** Where the visitor is, as another server sees it. Default: false. */
  location?: boolean | LocationOptions;
}

/** Who is asked for the visitor's place; `data` makes Kith's form of the answer. */
export interface LocationOptions {
  url: string;
  data?: (answer: Properties) => unknown;
}

/** An event that the visitor triggers on elements with `data-tracardi-tag="<tag>"`. */
export interface Trigger {
  tag: string;
  trigger: "onVisible" | "onTextSelect" | "onMouseOver";
  data: { event: string; properties?: Properties };
}

/** JSON that is fetched once, kept in localStorage under `storage`, and sent as `context[key]`. */
export interface External {
  url: string;
  method?: string;
  body?: unknown;
  storage: string;
  key: string;
}

/** Options of one event. Further keys go along with it. */
export interface TrackOptions {
  /** Send at once, in a request of its own. */
  fire?: boolean;
  /** Send as a beacon: nobody hears the answer, and the page may be left. */
  asBeacon?: boolean;
  /** Laid over the context of the event. */
  context?: Properties;
  /** The consent that it needs: as if its type were listed in `categories`. */
  category?: string;
  [option: string]: unknown;
}

/** What the server answers. */
export interface Answer {
  task: string;
  ux: Ux[];
  response: Properties;
  events: string[];
  profile: { id: string | null; [field: string]: unknown };
  session: { id: string | null };
  errors: unknown[];
  warnings: unknown[];
}

/** An element that the server puts into the page. */
export interface Ux {
  tag: string;
  props?: Record<string, unknown>;
  content?: string;
}

/** What is posted to `/track`. */
export interface Payload {
  source: { id: string };
  session: { id: string };
  profile: { id: string } | null;
  device?: { id: string };
  context: Properties;
  options: Properties;
  /** When it was sent, by the browser's clock. */
  sentAt: string;
  events: Properties[];
}

/** What is measured by itself. Everything is off unless it is asked for. */
export interface AutoOptions {
  /**
   * `page-view` for the page, and for every further view that it shows: history, hash, and pages
   * that come back from the browser's cache.
   */
  views?: boolean;
  /** `link-clicked` for links to other hosts, and `file-downloaded` for files. */
  links?: boolean;
  /** Clicks on elements with `data-kith-event="<type>"`; `data-kith-<name>` become properties. */
  clicks?: boolean;
  /**
   * `form-submitted` for forms that match a selector, with the fields that are named, several values
   * of one name as a list; never passwords, cards, hidden and files, nor anything in
   * `[data-kith-private]`.
   */
  forms?: Record<string, string[]>;
  /** `page-scrolled`, once when the view ends: how far down the visitor came, in per cent. */
  scroll?: boolean;
  /** `visible-time`, once when the view ends: for how many seconds it could be seen. */
  time?: boolean;
  /** `page-error` for errors of the page's scripts, at most ten a page. */
  errors?: boolean;
}

/** Grants and refusals: of everything, or one by one. Only `true` grants. */
export type Consent = boolean | Record<string, boolean>;

/** How a page is set up. */
export interface InitOptions {
  /** Where Kith is: events go to `<url>/track`. Empty: where the page is, whatever its `<base>` says. */
  url: string;
  /** Where events go below `url`, if the server was told another address. Default: `/track`. */
  path?: string;
  /** The id of the event source. */
  source: string;
  /** Send as this profile, whatever is stored. */
  profile?: string;
  context?: ContextOptions;
  /**
   * Store and send nothing before `kith.consent(…)`. A name: that consent is the one needed, whatever
   * others are given. Default: false.
   */
  consent?: boolean | string;
  /**
   * Consents that certain events need besides: `{marketing: ["ad-*", "newsletter-opened"]}`. Such
   * events wait until `kith.consent({marketing: true})`, and are dropped when it is false.
   */
  categories?: Record<string, string[]>;
  /** What is measured by itself. */
  auto?: AutoOptions;
  /**
   * Sees each event before it is kept, and may change it; nothing or `false`: it is dropped. It does not see
   * a refusal, which says nothing else.
   */
  beforeSend?: (event: Properties) => Properties | false | null | undefined;
  /** Keys of queries whose values are never sent, in no address of an event nor within one: `["token"]`. */
  maskQuery?: string[];
  /**
   * Share visitor and visit with the other sites of this domain, such as `shop.example` for
   * `www.shop.example`; a refusal counts on all of them. Default: this host alone.
   */
  cookieDomain?: string;
  /** Do nothing when the browser says Do Not Track or Global Privacy Control. Default: false. */
  respectDoNotTrack?: boolean;
  /** Events of this page load. */
  events?: [type: string, properties?: Properties][];
  triggers?: Trigger[];
  /** Domains: links to them hand the profile over. */
  trackExternalLinks?: string[];
  external?: External[];
  /** Options of every payload, such as `{debugger: true}`. */
  options?: Properties | (() => Properties | undefined);
  /** Put elements that the server sends (`ux`) into the page. Default: true. */
  ux?: boolean;
  /** The nonce of the page's Content-Security-Policy. Default: that of the script's own element. */
  nonce?: string;
  /** Called before anything is tracked. */
  onInit?: (ids: Ids) => void;
  /** Called with every answer, and what it answers. */
  onAnswer?: (answer: Answer, payload: Payload) => void;
}

/** The ids in use. */
export interface Ids {
  session?: string | undefined;
  profile?: string | undefined;
}

/** What a page can do. */
export interface Kith {
  /** Starts. Once: for a second source there is `tracker`. */
  init(options: InitOptions): void;
  /**
   * Something happened. Resolves with the answer that its event got; with nothing when there will
   * be none, or none came within ten seconds. Never rejects.
   */
  track(type: string, properties?: Properties, options?: TrackOptions): Promise<Answer | undefined>;
  /** The visitor said who they are. Plain texts for e-mail and phone are the main ones. */
  identify(traits: Properties): Promise<Answer | undefined>;
  /**
   * The visitor agrees or does not. Named consents also go to the profile; those that are not named
   * stay as they are, there and here. `false` takes back all of them.
   */
  consent(consent: Consent): void;
  /** The visitor signs out: whoever comes next is somebody else, in a visit of their own. */
  reset(): void;
  /** The ids in use; none before consent. */
  ids(): Ids;
  /** Another tracker of this page, by its name, with a source and ids of its own. */
  tracker(name: string): Kith;
  /** Calls with the script as soon as it is there. */
  ready(call: (kith: Kith) => void): void;
}
