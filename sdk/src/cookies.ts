// Reads and writes the page's cookies.
import { possibly } from "./guard.js";

export function readCookie(name: string): string | undefined {
  return possibly(() => {
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(name + "="));
    return found && decodeURIComponent(found.slice(name.length + 1));
  });
}

/** Without a life the cookie ends with the browser. */
export function writeCookie(name: string, value: string, seconds?: number): void {
  possibly(() => {
    const life = seconds === undefined ? "" : "; Max-Age=" + seconds;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie =
      name + "=" + encodeURIComponent(value) + "; Path=/" + life + "; SameSite=Lax" + secure;
  });
}
