// The script tag, for new pages; those of the reference get the rest when they need it.
import { warn } from "./guard.js";
import { loadPart } from "./load.js";
import { startScript } from "./start.js";

startScript((lent) => void loadPart("reference").then((part) => part(lent as never)).catch(warn));
