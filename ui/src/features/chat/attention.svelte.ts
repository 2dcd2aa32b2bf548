/** Whether the agent looks at this page: it is visible, and its window has the focus. */
class Attention {
  #on = $state(false);

  /** Visible and focused. */
  get on(): boolean {
    return this.#on;
  }

  /** Follows the page. */
  start(): () => void {
    const look = (): void => {
      this.#on = document.visibilityState === 'visible' && document.hasFocus();
    };
    look();
    document.addEventListener('visibilitychange', look);
    addEventListener('focus', look);
    addEventListener('blur', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      removeEventListener('focus', look);
      removeEventListener('blur', look);
    };
  }
}

export const attention = new Attention();
