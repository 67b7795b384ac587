// The script under the names of the reference's: with all that pages made for it look for at once.
import startReference from "./parts/reference.js";
import { startScript } from "./start.js";

startScript(startReference);
