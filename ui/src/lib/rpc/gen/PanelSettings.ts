// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Settings of the panel itself.
 */
export type PanelSettings = {
  /**
   * `system`, `light` or `dark`.
   */
  theme: string,
  /**
   * `system`, or a language of the catalogue: `en`, `ru`.
   */
  language: string,
  /**
   * The close button leaves the panel in the tray.
   */
  close_to_tray: boolean,
  /**
   * The web view is dropped a minute after the panel went to the tray.
   */
  drop_view_in_tray: boolean,
  /**
   * The small window opens for an incoming contact.
   */
  incoming_window: boolean,
  /**
   * Desktop notification for an incoming contact.
   */
  notifications: boolean,
};
