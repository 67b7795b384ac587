// Makes the client's types from the interface's document, as the repository holds it.
//
// The binary prints the document, and the binary has this page in it: one of the two must come first. The document
// that a Rust test compares with the binary's word for word lies in the repository, so the types need no binary,
// and are still the binary's.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import openapi, { astToString } from "openapi-typescript";

const DOCUMENT = "../tests/admin/snapshots/integration__admin__openapi__openapi.snap";
const TYPES = "src/api/kith.d.ts";

/** The JSON after the snapshot's own head. */
const document = readFileSync(DOCUMENT, "utf8").split(/^---$/m).slice(2).join("---");
const types = astToString(await openapi(JSON.parse(document)));
mkdirSync("src/api", { recursive: true });
writeFileSync(TYPES, types);
