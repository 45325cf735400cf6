// What a page subscribes to below cryobank/v1/{site}/, besides its own replies.
export const kSubscriptions = ["service/#", "device/#", "alarm/#", "job/#", "course/#", "worklist/#", "plan/#", "container/#", "event/#", "journal/checkpoint", "page/+"];
// Points come again before they are old; all else is not sent twice.
export const qosOf = (below: string): 0 | 1 => (below === "device/#" ? 0 : 1);
