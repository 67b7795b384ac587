// Who has signed in: the token, kept for this tab and handed to others of the same browser that ask for it.

export type Session = { token: string; roles: string[]; email: string };

const KEY = "kith.session";
const CHANNEL = "kith.session";
/** How long a new tab waits for another one to hand over its session. */
const ANSWER_MS_MAX = 200;

type Message = { ask: true } | { session: Session } | { hasCodes: true } | { out: true };
type Listener = () => void;

let current: Session | null = read();
/** Not kept with the session: the next refusal says it again, and whether codes are needed may change. */
let lacksCodes = false;
/** Whose session has ended without their doing; empty where they have left. */
let lostBy = "";
const listeners = new Set<Listener>();
const channel = new BroadcastChannel(CHANNEL);

channel.onmessage = ({ data }: MessageEvent<Message>) => {
  if ("ask" in data) {
    if (current) channel.postMessage({ session: current } satisfies Message);
  } else if ("session" in data) {
    if (!current) set(data.session);
  } else if ("hasCodes" in data) {
    setLacksCodes(false);
  } else {
    leave();
  }
};

function read(): Session | null {
  const stored = sessionStorage.getItem(KEY);
  return stored ? (JSON.parse(stored) as Session) : null;
}

function set(session: Session | null) {
  current = session;
  lacksCodes = false;
  if (session) sessionStorage.setItem(KEY, JSON.stringify(session));
  else sessionStorage.removeItem(KEY);
  listeners.forEach((listener) => listener());
}

function leave() {
  lostBy = "";
  set(null);
}

function setLacksCodes(lacks: boolean) {
  if (lacksCodes === lacks || !current) return;
  lacksCodes = lacks;
  listeners.forEach((listener) => listener());
}

export const session = {
  now: () => current,
  /** Whether nothing but their own account opens, since their role must have one-time codes and they have none. */
  lacksCodes: () => lacksCodes,
  listen(listener: Listener) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  begin: (session: Session) => set(session),
  /** Ends it in every tab. */
  end() {
    if (!current) return;
    leave();
    channel.postMessage({ out: true } satisfies Message);
  },
  /** Something was refused for want of codes. */
  wantsCodes: () => setLacksCodes(true),
  /** They have codes, and every tab goes on. */
  hasCodes() {
    setLacksCodes(false);
    channel.postMessage({ hasCodes: true } satisfies Message);
  },
  /** The token counts no more: only this tab knows so far, the others will be told the same. */
  lost() {
    lostBy = current?.email ?? "";
    set(null);
  },
  lostBy: () => lostBy,
};

/** Asks the other tabs of this browser, and waits for the first answer. */
export async function adopt(): Promise<void> {
  if (current) return;
  await new Promise<void>((done) => {
    const stop = session.listen(done);
    channel.postMessage({ ask: true } satisfies Message);
    setTimeout(() => (stop(), done()), ANSWER_MS_MAX);
  });
}

/** Whether somebody with these roles may use what asks for one of `wanted`; an administrator may everything. */
export function may(roles: readonly string[], wanted: readonly string[]): boolean {
  return wanted.length === 0 || roles.includes("admin") || wanted.some((role) => roles.includes(role));
}
