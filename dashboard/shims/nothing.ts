// Stands for what only Node uses of mqtt.js: sockets of the operating system, proxies, worker timers.
export const setTimeout = globalThis.setTimeout.bind(globalThis);
export const setInterval = globalThis.setInterval.bind(globalThis);
export const clearTimeout = globalThis.clearTimeout.bind(globalThis);
export const clearInterval = globalThis.clearInterval.bind(globalThis);
export default {};
