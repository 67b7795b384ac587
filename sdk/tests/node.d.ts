// The little of Node that tests use; its whole types would also be seen by the script's own code.
declare module "node:fs" {
  export function readFileSync(path: string, encoding: "utf8"): string;
  export function readdirSync(path: string, options?: object): string[];
}
