/** Why something that a plugin asked for did not happen. */
export class SmartAgentError extends Error {
  override readonly name = 'SmartAgentError';
  /**
   * `not_embedded`, `timeout`, `bad_message` and `too_large` are found out in the page itself; all others are the
   * panel's words.
   */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
