// The browser's own.
export const AbortController = globalThis.AbortController;
export const AbortSignal = globalThis.AbortSignal;
export default { AbortController, AbortSignal };
