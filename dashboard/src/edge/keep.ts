// What this browser remembers: language, night, and readings taken by hand while offline. A browser
// that keeps nothing (private mode) is no fault; the page then says so where it matters.
export function keep(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(`cryobank.${key}`, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function kept(key: string): unknown {
  try {
    const text = localStorage.getItem(`cryobank.${key}`);
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
