// One self-contained index.html: script and style inlined, a classic script so that a server that
// sends no content type (mosquitto's http_dir) can serve it.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

const outDir = process.env["PAGE_OUT"] ?? "../build/page";

function inline(): Plugin {
  return {
    name: "inline-all",
    enforce: "post",
    generateBundle(_options, bundle) {
      const html = bundle["index.html"];
      if (!html || html.type !== "asset") return;
      let text = String(html.source);
      let script = "";
      let style = "";
      for (const [name, part] of Object.entries(bundle)) {
        if (part.type === "chunk") script += part.code;
        else if (name.endsWith(".css")) style += String(part.source);
        else continue;
        delete bundle[name];
      }
      text = text
        .replace(/\s*<script[^>]*src=[^>]*><\/script>/g, "")
        .replace(/\s*<link[^>]*stylesheet[^>]*>/g, "");
      // A function as replacement, since code may hold "$&".
      const safe = script.trim().replace(/<\/script/g, "<\\/script");
      text = text
        .replace("</head>", () => `<style>${style.trim()}</style></head>`)
        .replace("</body>", () => `<script>${safe}</script></body>`);
      html.source = text;
    },
    closeBundle() {
      const file = resolve(__dirname, outDir, "index.html");
      const packed = gzipSync(readFileSync(file), { level: 9 });
      writeFileSync(`${file}.gz`, packed);
      const kB = packed.length / 1000;
      console.log(`index.html: ${kB.toFixed(1)} kB gzip of at most 180`);
      if (kB > 180) {
        rmSync(file);
        throw new Error("the page is larger than 180 kB gzip");
      }
    },
  };
}

// Who may give which command, from the page that a test compares with the daemon.
function roles(): Plugin {
  const id = "virtual:roles";
  return {
    name: "roles",
    resolveId: (name) => (name === id ? `\0${id}` : null),
    load(name) {
      if (name !== `\0${id}`) return null;
      const rows = readFileSync(resolve(__dirname, "../docs/roles.md"), "utf8").split("\n").filter((l) => l.startsWith("|"));
      const cells = (row: string) => row.split("|").slice(1, -1).map((c) => c.trim().replace(/`/g, ""));
      const head = cells(rows[0] ?? "").slice(2);
      const rules = Object.fromEntries(rows.slice(2).map((row) => {
        const [verb = "", two = "", ...marks] = cells(row);
        return [verb, { two: two === "W", roles: head.filter((_, i) => marks[i] === "y") }];
      }));
      return `export const rules = ${JSON.stringify(rules)};`;
    },
  };
}

export default defineConfig({
  root: __dirname,
  base: "./",
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2020",
    cssCodeSplit: false,
    assetsInlineLimit: 1_000_000,
    modulePreload: false,
    reportCompressedSize: false,
    commonjsOptions: { include: [/node_modules/], transformMixedEsModules: true },
    rollupOptions: { output: { format: "iife", inlineDynamicImports: true } },
  },
  define: { global: "globalThis" },
  // mqtt.js as its sources, without what only Node uses: a third smaller than its browser bundle.
  resolve: {
    alias: [
      { find: /^(ws|worker-timers)$/, replacement: resolve(__dirname, "shims/nothing.ts") },
      { find: /^debug$/, replacement: resolve(__dirname, "shims/debug.ts") },
      { find: /^abort-controller$/, replacement: resolve(__dirname, "shims/abort.ts") },
      { find: /^buffer\/?$/, replacement: resolve(__dirname, "node_modules/buffer/index.js") },
      { find: /^events\/?$/, replacement: resolve(__dirname, "node_modules/events/events.js") },
      { find: /^process\/?$/, replacement: resolve(__dirname, "node_modules/process/browser.js") },
      { find: /^string_decoder\/?$/, replacement: resolve(__dirname, "node_modules/string_decoder/lib/string_decoder.js") },
    ],
  },
  plugins: [roles(), inline()],
});
