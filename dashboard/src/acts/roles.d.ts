declare module "virtual:actions" {
  // From config/alarms/catalogue.toml: by condition, or kind of machine and condition.
  export const actions: Record<string, string>;
}
declare module "virtual:roles" {
  // From docs/roles.md, which a test compares with the daemon.
  export const rules: Record<string, { two: boolean; roles: string[] }>;
}
