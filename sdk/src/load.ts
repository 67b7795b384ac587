// Loads parts from where this script came from.
import { own } from "./nonce.js";
import type { LoadPart } from "./parts.js";

/** The name of each part under which it can be kept for ever. */
declare const PARTS: Record<string, string>;

/**
 * As modules, which bring the nonce of this script with them, and whose integrity a page can demand
 * by an import map. A page that has kept this script over a change of versions asks for a file that
 * is gone: what is there now will do, unless the page says what this script must be. Its parts are those
 * that belong to it then, and the page knows what they must be.
 */
export const loadPart: LoadPart = async (name) => {
  // Older pages name the folder alone.
  const folder = own!.src.replace(/\/tracker$/, "$&/");
  const from = (file: string) => import(new URL(file + ".js", folder).href);
  return (await from(PARTS[name]!).catch(() => from(own!.integrity ? PARTS[name]! : name))).default;
};
