// Lets one tab at a time send what all tabs share.
import { read, remove, write } from "./store.js";
import { uuid } from "./uuid.js";

/** Long enough for a request. Should work take longer, events being sent are claimed besides. */
const LEASE_MS = 30000;

/** Does the work when no other tab does such work, and says whether it was done. */
export async function exclusively(name: string, work: () => Promise<void>): Promise<boolean> {
  try {
    await navigator.locks.request("kith-" + name, work);
    return true;
  } catch {
    // Pages without https and sandboxed frames have no locks.
    return lease("kith-lock:" + name, work);
  }
}

/** A lease in the storage that tabs share. */
async function lease(key: string, work: () => Promise<void>): Promise<boolean> {
  if (parseInt(read(key) ?? "") > Date.now()) return false;
  const me = uuid();
  write(key, Date.now() + LEASE_MS + " " + me);
  // Two tabs may both have found it free: the one that wrote last has it.
  await new Promise((done) => setTimeout(done, 30 + Math.random() * 30));
  if (!read(key)?.endsWith(me)) return false;
  await work();
  remove(key);
  return true;
}
