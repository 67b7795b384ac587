// What was typed when a session ended by itself: it waits in this page for whoever signs in again as the same user. Free of React.

import { session } from "./session";

const kept = new Map<string, unknown>();
let whose = "";

/** It is nobody else's, and not theirs any more once they have left. */
session.listen(() => {
  const is = session.now()?.email ?? session.lostBy();
  if (is !== whose) kept.clear();
  whose = is;
});

export const drafts = {
  /** What was typed here, if something waits. */
  of: <T>(at: string) => kept.get(at) as T | undefined,
  /** Once nobody is signed in: before that, whoever closes a form wants nothing of it. */
  keep: (at: string, draft: unknown) => void (session.lostBy() && !session.now() && kept.set(at, draft)),
  forget: (at: string) => void kept.delete(at),
};
