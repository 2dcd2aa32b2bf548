// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One question of a sign-in under way.
 */
export type Challenge = {
  /**
   * Where the code was sent, as far as the platform shows it.
   */
  sent_to: string | null,
  /**
   * It can be sent once more.
   */
  can_resend: boolean,
  /**
   * The last answer was wrong.
   */
  wrong: boolean,
  /**
   * The platform's own words. Text from outside.
   */
  words: string | null, } & ({ "kind": "code" } | { "kind": "register_app",
  /**
   * To be typed into the app. A secret until the app has it.
   */
  secret: string | null,
  /**
   * The same to be scanned: a picture as `data:image/...`.
   */
  picture: string | null, } | { "kind": "phone" });
