// Stands for lru-cache: topic aliases towards the broker, newest first, as mqtt.js asks them.
export class LRUCache<K, V> {
  private readonly max: number;
  private readonly held = new Map<K, V>(); // oldest first
  constructor(options: { max: number }) {
    this.max = options.max;
  }
  get size(): number {
    return this.held.size;
  }
  get(key: K): V | undefined {
    const value = this.held.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }
  set(key: K, value: V): void {
    this.held.delete(key);
    this.held.set(key, value);
    for (const oldest of this.held.keys()) {
      if (this.held.size <= this.max) break;
      this.held.delete(oldest);
    }
  }
  clear(): void {
    this.held.clear();
  }
  keys(): IterableIterator<K> {
    return [...this.held.keys()].reverse().values();
  }
}
