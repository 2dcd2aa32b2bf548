// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How packets travel.
 */
export type IceRoute = {
  /**
   * Local candidate type (`relay`).
   */
  local: string,
  /**
   * Remote candidate type (`host`, `srflx`, `relay`).
   */
  remote: string,
  /**
   * Transport to the relay (`udp`).
   */
  protocol: string,
};
