// What React needs to know of what is free of it.

import { useSyncExternalStore } from "react";

import { session } from "../session/session";

export const useSession = () => useSyncExternalStore(session.listen, session.now);
