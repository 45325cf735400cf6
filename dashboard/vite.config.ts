// One self-contained index.html: script and style inlined, a classic script so that a server that
// sends no content type (mosquitto's http_dir) can serve it.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { resolve } from "node:path";
import { defineConfig, transformWithEsbuild, type Plugin } from "vite";

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
      // A line each: the verb, "W" or not, and the roles as the bits of a number.
      const lines = rows.slice(2).map((row) => {
        const [verb = "", two = "", ...marks] = cells(row);
        return `${verb} ${head.reduce((sum, _, i) => sum + (marks[i] === "y" ? 2 ** i : 0), 0).toString(36)} ${two}`;
      });
      return `const head = ${JSON.stringify(head.join(" "))}.split(" ");
export const rules = Object.fromEntries(${JSON.stringify(lines.join("\n"))}.split("\\n").map((line) => {
  const [verb, bits, two] = line.split(" ");
  return [verb, { two: two === "W", roles: head.filter((_, i) => parseInt(bits, 36) & (1 << i)) }];
}));`;
    },
  };
}

// What to do about an alarm in Japanese, from the catalogue of alarms: by condition, and by kind of machine
// and condition where the same condition is another thing there.
export function actions(): Plugin {
  const id = "virtual:actions";
  return {
    name: "actions",
    resolveId: (name) => (name === id ? `\0${id}` : null),
    load(name) {
      if (name !== `\0${id}`) return null;
      const found: Record<string, string> = {};
      for (const entry of readFileSync(resolve(__dirname, "../config/alarms/catalogue.toml"), "utf8").split(/^\[\[alarm\]\]$/m).slice(1)) {
        const text = (key: string) => new RegExp(`^${key} = "(.*)"$`, "m").exec(entry)?.[1] ?? "";
        const condition = text("condition");
        const action = text("action_ja");
        if (action === "") continue;
        if (!(condition in found)) found[condition] = action;
        else for (const kind of /^of = \[(.*)\]/m.exec(entry)?.[1]?.match(/[a-z]+/g) ?? []) found[`${kind}.${condition}`] = action;
      }
      return `export const actions = ${JSON.stringify(found)};`;
    },
  };
}

// Both catalogues in one text: gzip looks back 32 kB, and the second one's keys would lie beyond.
function catalogues(): Plugin {
  return {
    name: "catalogues",
    async load(id) {
      if (!id.endsWith("/src/text/catalogues.ts")) return null;
      const read = async (name: string): Promise<Record<string, string>> => {
        const file = resolve(__dirname, `src/text/${name}.ts`);
        this.addWatchFile(file);
        const { code } = await transformWithEsbuild(readFileSync(file, "utf8"), file);
        return (await import(`data:text/javascript,${encodeURIComponent(code)}`))[name];
      };
      const [en, ja] = [await read("en"), await read("ja")];
      const packed = Object.keys(en).sort().map((key) => `${key}\t${en[key]}\t${ja[key]}`).join("\n");
      return `const catalogues = { en: {}, ja: {} };
for (const line of ${JSON.stringify(packed)}.split("\\n")) {
  const [key, en, ja] = line.split("\\t");
  catalogues.en[key] = en;
  catalogues.ja[key] = ja;
}
export { catalogues };`;
    },
  };
}

// Parts of readable-stream that mqtt.js never comes to.
function streamParts(): Plugin {
  const left = /^\.\.?\/(.*\/)?(compose|from|add-abort-signal|duplexify|end-of-stream|validators|inspect|util)$/;
  return {
    name: "stream-parts",
    enforce: "pre",
    resolveId: (name, from) => (from && /readable-stream\/lib\//.test(from) && left.test(name) ? resolve(__dirname, "shims/stream_parts.ts") : null),
  };
}

// Shapes of uPlot's lines that no chart of the page has: what nothing names, the packer leaves out.
function chartParts(): Plugin {
  const left = ["uPlot.join = join;", "(paths.stepped = stepped);", "(paths.bars    = bars);", "(paths.spline  = monotoneCubic);"];
  return {
    name: "chart-parts",
    transform(code, id) {
      if (!/uPlot\.esm\.js$/.test(id)) return null;
      for (const line of left) {
        if (!code.includes(line)) throw new Error(`uPlot has no longer: ${line}`);
        code = code.replace(line, "");
      }
      return { code, map: null };
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
    minify: "terser", // 6 kB gzip less than esbuild's own
    terserOptions: { ecma: 2020, compress: { passes: 2 } },
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
      { find: /^readable-stream$/, replacement: resolve(__dirname, "shims/streams.ts") },
      { find: /^string_decoder\/$/, replacement: resolve(__dirname, "shims/stream_parts.ts") },
      { find: /^lru-cache$/, replacement: resolve(__dirname, "shims/lru.ts") },
      { find: /^rfdc\/default$/, replacement: resolve(__dirname, "shims/clone.ts") },
      { find: /^bl$/, replacement: resolve(__dirname, "node_modules/bl/BufferList.js") },
      { find: /^abort-controller$/, replacement: resolve(__dirname, "shims/abort.ts") },
      { find: /^buffer\/?$/, replacement: resolve(__dirname, "shims/buffer.ts") },
      { find: /^events\/?$/, replacement: resolve(__dirname, "node_modules/events/events.js") },
      { find: /^process\/?$/, replacement: resolve(__dirname, "node_modules/process/browser.js") },
    ],
  },
  plugins: [streamParts(), chartParts(), roles(), actions(), catalogues(), inline()],
});
