import { afterEach, expect, it, vi } from 'vitest';

import { reloadWithoutPieces } from '../src/lib/pieces';

afterEach(() => vi.restoreAllMocks());

it('a page that lacks a piece is loaded anew, but not one that cannot begin', () => {
  const reload = vi.fn();
  reloadWithoutPieces(reload);
  const lived = vi.spyOn(performance, 'now').mockReturnValue(500);
  dispatchEvent(new Event('vite:preloadError'));
  expect(reload).not.toHaveBeenCalled();
  lived.mockReturnValue(60_000);
  dispatchEvent(new Event('vite:preloadError'));
  expect(reload).toHaveBeenCalledOnce();
});
