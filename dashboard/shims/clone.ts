// Stands for rfdc: a copy of a packet, whose payload is not copied. Nobody changes it.
const clone = <T>(value: T): T => {
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(clone) as T;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, clone(one)])) as T;
};
export default clone;
