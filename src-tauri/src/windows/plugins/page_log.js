// Runs in the plugin's own page before any script of its own: its errors and console lines reach
// the people who write the plugin. It holds nothing that the page could not do by itself.
(function (config) {
  'use strict';
  if (window === window.top || window.parent !== window.top || location.origin !== config.origin) return;
  const shown = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return value.stack ? value.name + ': ' + value.message + '\n' + value.stack : String(value);
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      return String(value);
    }
  };
  const tell = (level, text) => {
    try {
      window.parent.postMessage({ source: 'trunkline-log', level, text: String(text).slice(0, config.lineLimit) }, '*');
    } catch {
      // A line that cannot be told is no reason to stop the page.
    }
  };
  for (const [name, level] of [['log', 'info'], ['info', 'info'], ['debug', 'info'], ['warn', 'warn'], ['error', 'error']]) {
    const own = console[name];
    console[name] = (...values) => {
      own.apply(console, values);
      tell(level, values.map(shown).join(' '));
    };
  }
  // The sandbox keeps these from doing anything, without a word to anybody.
  for (const [name, answer] of [['alert', undefined], ['confirm', false], ['prompt', null], ['print', undefined]]) {
    window[name] = () => {
      tell('dialog', name);
      return answer;
    };
  }
  window.open = (address) => {
    tell('popup', new URL(address ?? '', document.baseURI).href);
    return null;
  };
  window.addEventListener('click', (event) => {
    const link = event.defaultPrevented ? null : event.target.closest?.('a[target],area[target]');
    if (link && !['', '_self'].includes(link.target)) tell('popup', link.href);
  });
  window.addEventListener('error', (event) => {
    if (event instanceof ErrorEvent) tell('error', event.message + ' (' + event.filename + ':' + event.lineno + ')');
    else if (event.target !== window) tell('error', 'could not be loaded: ' + (event.target.src || event.target.href || ''));
  }, true);
  window.addEventListener('unhandledrejection', (event) => tell('error', 'unhandled rejection: ' + shown(event.reason)));
  window.addEventListener('securitypolicyviolation', (event) => {
    tell('refused', event.blockedURI + ' (' + event.effectiveDirective + ')');
  });
})
