declare module "virtual:roles" {
  // From docs/roles.md, which a test compares with the daemon.
  export const rules: Record<string, { two: boolean; roles: string[] }>;
}
