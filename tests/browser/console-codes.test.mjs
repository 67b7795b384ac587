// One-time codes in the console: led to where they are needed, begun, asked for, and ended, one's own and another's.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";

import { barriers, consoleStage, openPage, picture, show, signIn } from "./console.mjs";

const built = consoleStage({ history: false, env: { KITH_ACCOUNTS_TOTP_ROLES: "admin" } });

/** As long as a code is shown. */
const STEP_MS = 30_000;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code that an app shows for a secret (RFC 6238). */
function codeOf(secret) {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS)));
  const tag = createHmac("sha1", key).update(step).digest();
  const number = tag.readUInt32BE(tag.at(-1) & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

const links = (page) => page.locator("nav a");
const needed = (page) => page.getByText("Your role must have one-time codes");
const press = (page, name) => page.getByRole("main").getByRole("button", { name, exact: true }).click();
const typed = (page, label) => page.getByRole("main").getByLabel(label, { exact: true });

/** Signs in with a recovery code, which counts once. */
async function comeBack(page) {
  await page.goto(`${built.kith.url}/console/users`);
  await page.getByLabel("E-mail address").fill("ann@shop.example");
  await page.getByLabel("Password").fill(built.password);
  await page.keyboard.press("Enter");
  await page.getByLabel("One-time code").fill(built.recovery.pop());
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Users", level: 1 }).waitFor();
}

test("whoever must have codes is led to them, and then to where they wanted to go", async () => {
  const { page, close } = await openPage(built, { width: 360 });
  await signIn(built, page);
  await needed(page).waitFor();
  const other = await page.context().newPage();
  await other.goto(`${built.kith.url}/console/people`);
  await needed(other).waitFor();
  await show(built, page, "/events?range=30d");
  await needed(page).waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
  assert.deepEqual(await links(page).allTextContents(), ["Kith", "API keys", "Your account"]);
  assert.deepEqual(await barriers(page), []);
  await typed(page, "Your password").fill("a wrong one");
  await press(page, "Begin");
  await page.getByRole("alert").getByText("credentials_wrong").waitFor();
  await typed(page, "Your password").fill(built.password);
  await page.keyboard.press("Enter");
  await page.getByRole("img", { name: /QR code/ }).waitFor();
  assert.deepEqual(await barriers(page), []);
  await picture(page, "codes-begun");
  const secret = await page.getByRole("region", { name: "Secret, to type" }).textContent();
  await page.getByText("Other ways").click();
  assert.ok((await page.getByRole("link", { name: /Open in an app/ }).getAttribute("href")).includes(`secret=${secret}`));
  await typed(page, "The code that the app shows").fill("12345");
  await press(page, "Confirm");
  await page.getByRole("alert").getByText("totp_wrong").waitFor();
  await typed(page, "The code that the app shows").fill(codeOf(secret));
  await page.keyboard.press("Enter");
  const codes = page.getByRole("region", { name: "Recovery codes" });
  built.recovery = (await codes.textContent()).split("\n");
  assert.equal(built.recovery.length, 10);
  assert.deepEqual(await barriers(page), []);
  await picture(page, "codes-recovery");
  const saved = page.waitForEvent("download");
  await press(page, "Save as a file");
  assert.equal((await saved).suggestedFilename(), "kith-recovery-codes.txt");
  await press(page, "I have kept them");
  await page.getByRole("heading", { name: "Events", level: 1 }).waitFor();
  assert.match(page.url(), /\/events\?range=30d$/);
  await other.getByRole("heading", { name: "People", level: 1 }).waitFor();
  assert.ok((await links(page).count()) > 10);
  // The browser itself says what was refused.
  await close(/status of (400|403)/);
});

test("an administrator sees who has codes, and ends those of whoever has lost them", async () => {
  const { page, close } = await openPage(built);
  await comeBack(page);
  const password = "correct horse battery";
  const max = await enrolled("max@shop.example", password, page);
  assert.equal((await max.signIn()).code, "totp_required");
  await page.reload();
  const row = page.getByRole("row", { name: /max@shop\.example/ });
  await row.getByRole("cell", { name: "on", exact: true }).waitFor();
  await row.getByRole("button").click();
  const window = page.getByRole("dialog");
  assert.deepEqual(await barriers(page), []);
  await window.getByRole("button", { name: "End one-time codes" }).click();
  await window.getByText("For whoever has lost the app").waitFor();
  await window.getByRole("button", { name: "End one-time codes" }).click();
  await row.getByRole("cell", { name: "–", exact: true }).waitFor();
  assert.ok((await max.signIn()).access_token);
  await close(/status of 400/);
});

test("one's own codes end with a password and a code, and where they are needed begin anew", async () => {
  const { page, close } = await openPage(built);
  await comeBack(page);
  await show(built, page, "/account");
  await typed(page, "Your password").fill(built.password);
  await typed(page, "One-time code").fill("000000");
  await press(page, "End one-time codes");
  await page.getByRole("alert").getByText("totp_wrong").waitFor();
  assert.deepEqual(await barriers(page), []);
  await typed(page, "One-time code").fill(built.recovery.pop());
  await press(page, "End one-time codes");
  await page.getByRole("button", { name: "Begin", exact: true }).waitFor();
  await show(built, page, "/events");
  await needed(page).waitFor();
  await close(/status of (400|403)/);
});

/** A user with codes, whom the page's administrator has added. */
async function enrolled(email, password, page) {
  const token = await page.evaluate(() => JSON.parse(sessionStorage.getItem("kith.session")).token);
  const post = async (path, by, body) => {
    const answer = await fetch(built.kith.url + path, { method: "POST", headers: by ? { authorization: `Bearer ${by}` } : {}, body: body instanceof URLSearchParams ? body : JSON.stringify(body) });
    return answer.json();
  };
  const signIn = () => post("/user/token", "", new URLSearchParams({ username: email, password }));
  await post("/user", token, { email, password, roles: ["marketer"] });
  const { access_token: own } = await signIn();
  const { secret } = await post("/user-account/totp", own, { password });
  await post("/user-account/totp/confirm", own, { code: codeOf(secret) });
  return { signIn };
}
