/** How long a page has to live before it is loaded anew, ms: one that cannot even begin would do nothing else. */
const LIVED = 10_000;

/**
 * A piece of the program that could not be loaded once is missing for as long as the page lives. Nothing is lost by
 * loading the page anew: calls, ringing and what was typed into conversations are the core's.
 */
export function reloadWithoutPieces(reload = (): void => location.reload()): void {
  addEventListener('vite:preloadError', () => {
    if (performance.now() > LIVED) reload();
  });
}
