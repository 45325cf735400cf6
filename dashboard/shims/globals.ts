// Names of Node that mqtt.js and its streams expect to find.
import { Buffer } from "./buffer";

const scope = globalThis as unknown as Record<string, unknown>;
scope["Buffer"] ??= Buffer;
scope["global"] ??= globalThis;
scope["process"] ??= {
  env: {}, version: "", versions: {}, browser: true,
  nextTick: (act: (...values: unknown[]) => void, ...values: unknown[]) => queueMicrotask(() => act(...values)),
};
scope["setImmediate"] ??= (act: (...values: unknown[]) => void, ...values: unknown[]) => setTimeout(act, 0, ...values);
