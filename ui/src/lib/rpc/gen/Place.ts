// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A place on the map, degrees as text: they are shown and passed on, never reckoned with.
 */
export type Place = {
  /**
   * -90 to 90.
   */
  latitude: string,
  /**
   * -180 to 180.
   */
  longitude: string,
  /**
   * What it is called.
   */
  name: string | null,
  /**
   * Postal address.
   */
  address: string | null,
};
