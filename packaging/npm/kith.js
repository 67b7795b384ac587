#!/usr/bin/env node
// Starts the program that the package for this kind of machine carries, and ends as it does.

"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");

/** What stops a program, or means something to it: passed on, since only this process is told. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

function program() {
  const carrier = `@kith/server-${process.platform}-${process.arch}`;
  try {
    return require.resolve(`${carrier}/kith`);
  } catch {
    console.error(`kith: ${carrier} is not installed: there is none for this machine, or npm was told to leave out what is optional`);
    process.exit(1);
  }
}

const child = spawn(program(), process.argv.slice(2), { stdio: "inherit" });
for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`kith: ${error.message}`);
  process.exit(1);
});
// A shell calls the end by a signal so.
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
