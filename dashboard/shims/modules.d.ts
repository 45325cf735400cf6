declare module "mqtt/lib/client" {
  import type { IClientOptions, MqttClient as Client } from "mqtt";
  const MqttClient: new (builder: (client: Client) => unknown, options: IClientOptions) => Client;
  export default MqttClient;
}
declare module "mqtt/lib/connect/ws" {
  import type { IClientOptions, MqttClient } from "mqtt";
  export const browserStreamBuilder: (client: MqttClient, options: IClientOptions) => unknown;
}
declare module "readable-stream/lib/internal/streams/legacy" {
  export const Stream: object;
}
declare module "readable-stream/lib/internal/streams/*" {
  const stream: new (options?: object) => unknown;
  export default stream;
}
