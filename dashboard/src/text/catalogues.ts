// Both catalogues. The page is built with them packed into one text (vite.config.ts): each key once,
// and what is said in one language beside what is said in the other.
import { en } from "./en";
import { ja } from "./ja";

export const catalogues: Record<"en" | "ja", Record<string, string>> = { en, ja };
