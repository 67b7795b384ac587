// Around every screen: the menu, the range and the zone, the palette, the keys.

import { fetchAll, Fence, Link, Outlet, screenAt, useAddress } from "./router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";

import { line } from "../api/line";
import { may } from "../session/session";
import { leave } from "../session/entering";
import { Button, Empty, Loading, Page, Problem } from "../ui/basics";
import { shell as words } from "../words/en";
import { MENU, OWN, SAVABLE, SCREENS } from "./menu";
import { Now, sayAll, useZone } from "./place";
import { RangePicker } from "./ranges";
import css from "./shell.module.css";
import { useKeys } from "./keys";
import { nextTheme, theme } from "./theme";
import { shown } from "../time/zone";
import { useDown, useLacksCodes, useOpens, usePreferences, useSession } from "./using";

const Palette = lazy(() => import("./palette"));
const KeysHelp = lazy(() => import("./keys-help"));
const Save = lazy(() => import("../ui/save"));
const OwnAccount = screenAt("/account");

/** Screens that no range has a say in. */
const TIMELESS = ["/live", "/sql", "/sources", "/redirects", "/keys", "/users", "/system", "/account", "/people/", "/welcome", "/saved", "/lists", "/quarantine", "/computed-traits", "/rules", "/held"];
/** How long after the first screen the others are fetched. */
const FETCH_MS = 1500;

export function Shell() {
  const path = useAddress().path;
  const { now, renew } = useNow(path);
  const [open, setOpen] = useState<"palette" | "keys" | "menu" | "save" | null>(null);
  const save = () => (sayAll(), setOpen("save"));
  useKeys({ palette: () => setOpen("palette"), help: () => setOpen("keys"), renew, save: () => SAVABLE.includes(path) && save() });
  useEffect(() => setOpen(null), [path]);
  useEffect(() => {
    const timer = setTimeout(() => void fetchAll(), FETCH_MS);
    return () => clearTimeout(timer);
  }, []);
  const moment = useMemo(() => ({ now, renew }), [now]);
  const roles = useSession()?.roles ?? [];
  const screen = SCREENS.find((one) => one.path !== "/" && path.startsWith(one.path));
  const isTheirs = !screen || may(roles, screen.roles);
  // Whoever must have one-time codes first begins them where they wanted to go, and is there when they have.
  const isFirst = useLacksCodes() && !OWN.includes(path);
  const isTimeless = isFirst || ["/dashboards", "/audiences"].includes(path) || TIMELESS.some((start) => path.startsWith(start));
  const isSavable = isTheirs && !isFirst && SAVABLE.includes(path);
  return (
    <Now value={moment}>
      <div className={css.shell}>
        <a className={css.skip} href="#content">{words.skip}</a>
        <Menu isOpen={open === "menu"} />
        <div className={css.main}>
          <header className={css.bar}>
            <div className={css.words}>
              <Button onClick={() => setOpen(open === "menu" ? null : "menu")} aria-expanded={open === "menu"} data-menu><Lines />{words.menu}</Button>
              <Find onClick={() => setOpen("palette")} />
            </div>
            {isSavable && <Button onClick={save} aria-keyshortcuts="s">{words.save}</Button>}
            {!isTimeless && <RangePicker />}
          </header>
          <Offline />
          <main id="content" className={css.content} tabIndex={-1}>
            <Suspense fallback={<Loading />}><Fence key={path} show={(error, again) => <Wrong error={error} reset={again} />}>{isFirst && OwnAccount ? <OwnAccount /> : isTheirs ? <Outlet otherwise={<NotFound />} /> : <NotTheirs />}</Fence></Suspense>
          </main>
        </div>
      </div>
      <Suspense>
        {open === "palette" && <Palette onClose={() => setOpen(null)} />}
        {open === "keys" && <KeysHelp onClose={() => setOpen(null)} />}
        {open === "save" && <Save path={path} onClose={() => setOpen(null)} />}
      </Suspense>
    </Now>
  );
}

/** When somebody came to this screen, or asked anew: what has happened up to then is there. While Kith cannot be reached it stays, and so does what is there. */
function useNow(path: string) {
  const [at, setAt] = useState(() => ({ path, now: new Date() }));
  if (at.path !== path) setAt({ path, now: line.downSince() ? at.now : new Date() });
  return { now: at.now, renew: () => setAt({ path, now: new Date() }) };
}

/** Nothing flickers when Kith cannot be reached: what is there stays, and this says of when it is. */
function Offline() {
  const since = useDown();
  const zone = useZone();
  return since && <p role="status" className={css.offline}>{words.offline(shown(since, zone, "minute").slice(11))}</p>;
}

const Lines = () => <span aria-hidden="true">☰</span>;

function Find({ onClick }: { onClick: () => void }) {
  return <Button data-find onClick={onClick} aria-keyshortcuts="Control+K"><span>{words.find}</span><kbd>Ctrl K</kbd></Button>;
}

function Menu({ isOpen }: { isOpen: boolean }) {
  const now = useSession();
  const opens = useOpens();
  if (!now) return null;
  const parts = MENU.map(({ name, screens }) => ({ name, screens: screens.filter(opens) })).filter(({ screens }) => screens.length > 0);
  return (
    <nav className={css.side} data-open={isOpen || undefined} aria-label={words.menu}>
      <Link to="/" className={css.brand}><img src="/console/icon.svg" alt="" />Kith</Link>
      {parts.map((part) => (
        <div key={part.name} className={css.part}>
          <h2>{part.name}</h2>
          {part.screens.map((screen) => (
            <Link key={screen.path} to={screen.path} className={css.link}>
              <svg viewBox="0 0 24 24" aria-hidden="true"><path d={screen.icon} /></svg>{screen.name}
            </Link>
          ))}
        </div>
      ))}
      <Account email={now.email} />
    </nav>
  );
}

function Account({ email }: { email: string }) {
  usePreferences();
  return (
    <div className={css.account}>
      <span title={email}>{email}</span>
      <Link to="/account" className={css.link}>{words.account}</Link>
      <Button kind="plain" onClick={nextTheme}>{words.themes[theme()]}</Button>
      <Button kind="plain" onClick={() => void leave()}>{words.signOut}</Button>
    </div>
  );
}

export function NotFound() {
  return <Page title={words.nothing}><Empty title={words.nothingHere}><Link to="/">{words.back}</Link></Empty></Page>;
}

function NotTheirs() {
  return <Page title={words.nothing}><Empty title={words.notYours}><Link to="/">{words.back}</Link></Empty></Page>;
}

export function Wrong({ error, reset }: { error: unknown; reset: () => void }) {
  return <Page title={words.wrong}><Problem error={error} again={reset} /></Page>;
}
