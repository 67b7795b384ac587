// Under which names a tracker keeps things: those of the reference, and its own name behind them.
import type { Setup } from "./setup.js";
import { readCookie, writeCookie } from "./cookies.js";
import { read, remove, write } from "./store.js";

/** What one tracker keeps, apart from what others on the page do. */
export interface Keep {
  /** The name under which this tracker keeps it. */
  of(name: string): string;
  read(name: string): string | undefined;
  /** `may` not: in memory alone. */
  write(name: string, value: string, may?: boolean): boolean;
  fromCookie(name: string): string | undefined;
  setCookie(name: string, value: string, seconds?: number): void;
  /** From the storage alone. */
  erase(name: string): void;
  /** From storage and cookies alike; `here`: not what sites share, which may be newer than what it is forgotten for. */
  forget(name: string, here?: boolean): void;
  /** Sites of one domain share the cookies, so these say more than the site's own storage. */
  shared: boolean;
}

export function createKeep({ name, cookieDomain: domain }: Setup): Keep {
  const of = (plain: string) => (name ? plain + "." + name : plain);
  const erase = (plain: string) => remove(of(plain));

  function setCookie(plain: string, value: string, seconds?: number): void {
    // The host's own of this name would hide the one that sites share.
    if (domain) writeCookie(of(plain), "", -1);
    writeCookie(of(plain), value, seconds, domain);
  }

  return {
    of,
    read: (plain) => read(of(plain)),
    write: (plain, value, may) => write(of(plain), value, may),
    fromCookie: (plain) => readCookie(of(plain)),
    setCookie,
    erase,
    forget(plain, here) {
      erase(plain);
      writeCookie(of(plain), "", -1);
      // Another page may share it with other sites than this one does.
      for (let site = here ? "" : location.hostname; site; site = site.replace(/^[^.]+\.?/, "")) {
        writeCookie(of(plain), "", -1, site);
      }
    },
    shared: !!domain,
  };
}
