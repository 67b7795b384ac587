// Reads and writes the page's cookies.
import { possibly } from "./guard.js";

export function readCookie(name: string): string | undefined {
  return possibly(() => {
    const found = ("; " + document.cookie).split("; " + name + "=")[1];
    return found && decodeURIComponent(found.split("; ")[0]!);
  });
}

/** Without a life the cookie ends with the browser, without a domain it is this host's alone. */
export function writeCookie(name: string, value: string, seconds?: number, domain?: string): void {
  possibly(() => {
    const life = seconds === undefined ? "" : "; Max-Age=" + seconds;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    const shared = domain ? "; Domain=" + domain : "";
    document.cookie =
      name + "=" + encodeURIComponent(value) + "; Path=/" + life + shared + "; SameSite=Lax" + secure;
  });
}
