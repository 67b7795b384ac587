import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where Kith is while the console is being worked on. */
const KITH = "http://127.0.0.1:8686";
/** Addresses of Kith that the console asks. */
const ADDRESSES = ["/api", "/user", "/users", "/sql", "/event", "/profile", "/session", "/health", "/metrics", "/info", "/track"];

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  build: {
    target: "es2022",
    // Strict policy: nothing stands in the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: Object.fromEntries(ADDRESSES.map((address) => [address, KITH])) },
});
