// Tests of the page: pure logic (tests/dashboard/unit) and real Chromium (tests/dashboard/*.test.ts). What they
// need from npm lies in node_modules here.
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { actions } from "./vite.config";

const modules = resolve(__dirname, "node_modules");
const from = (name: string, file: string) => ({ find: new RegExp(`^${name}$`), replacement: resolve(modules, name, file) });

export default defineConfig({
  root: resolve(__dirname, ".."),
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  resolve: { alias: [from("playwright-core", "index.mjs"), from("mqtt", "build/index.js"), from("axe-core", "axe.js"), from("vitest", "dist/index.js")] },
  plugins: [actions()],
  server: { fs: { strict: false } },
  test: { include: ["tests/dashboard/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 120_000, fileParallelism: false, pool: "forks", reporters: ["default"] },
});
