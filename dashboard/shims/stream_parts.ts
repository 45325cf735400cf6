// Stands for the parts of readable-stream that the page's socket never comes to: made from iterators,
// ended by signals, decoded to strings, looked at by a debugger.
const never = (): never => {
  throw new Error("this part of the streams is not in the page");
};
export const addAbortSignal = never;
export const validateObject = never;
export const validateInteger = never;
export class StringDecoder {
  constructor() {
    never();
  }
}
export const debuglog = () => (): void => undefined;
export const inspect = (value: unknown): string => String(value);
export const format = (...values: unknown[]): string => values.map(String).join(" ");
export default never;
